"""The institution's root: a signed statement of which keys speak for it, and in which role.

Root version 1 is signed by its own keys (self-signed, carried in the enrolment kit); a later version is
signed by a threshold of the version before and of its own.
"""

from dataclasses import dataclass
from typing import Final, Self

from sync.canonical import decode, encode
from sync.fields import Fields
from sync.reasons import refused
from sync.signing import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, SigningKey, verify

VERSION: Final = 1
MAX_ROOT_BYTES: Final = 64 << 10
MAX_KEYS: Final = 32


@dataclass(frozen=True, slots=True)
class Root:
    """Which keys speak for the institution.

    officer  roster, bounds, grants, closes, adoptions
    daily    acknowledgements, messages, reference data
    release  program updates
    """

    institution_id: bytes
    version: int
    threshold: int
    root_keys: tuple[bytes, ...]
    officer: tuple[bytes, ...]
    daily: tuple[bytes, ...]
    release: tuple[bytes, ...]

    def statement(self) -> bytes:
        """Give the bytes that the root keys sign."""
        return encode(
            {
                "v": VERSION,
                "institution": self.institution_id,
                "version": self.version,
                "threshold": self.threshold,
                "root": self.root_keys,
                "officer": self.officer,
                "daily": self.daily,
                "release": self.release,
            }
        )

    def signed_by(self, *keys: SigningKey) -> bytes:
        """Give the file: the statement and a signature by each of ``keys``."""
        statement = self.statement()
        signatures = [key.sign("root", self.institution_id, statement) for key in keys]
        return encode({"statement": statement, "signatures": signatures})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a root file and check that a threshold of its own keys signed it.

        raises  TrustError BAD_SIGNATURE, NON_CANONICAL, UNKNOWN_VERSION
        """
        outer = Fields.of_bytes(data, "the root statement", limit_bytes=MAX_ROOT_BYTES)
        statement = outer.raw("statement", limit=MAX_ROOT_BYTES)
        signatures = outer.each("signatures", _signature, limit=MAX_KEYS)
        outer.finish()
        fields = Fields(decode(statement, limit_bytes=MAX_ROOT_BYTES), "the root statement")
        fields.version(VERSION)
        root = cls(
            institution_id=fields.raw("institution", size=16),
            version=fields.whole("version", low=1),
            threshold=fields.whole("threshold", low=1, high=MAX_KEYS),
            root_keys=fields.each("root", _key, limit=MAX_KEYS),
            officer=fields.each("officer", _key, limit=MAX_KEYS),
            daily=fields.each("daily", _key, limit=MAX_KEYS),
            release=fields.each("release", _key, limit=MAX_KEYS),
        )
        fields.finish()
        root._check(statement, signatures)
        return root

    def _check(self, statement: bytes, signatures: tuple[bytes, ...]) -> None:
        if len(signatures) < self.threshold or len(signatures) > len(self.root_keys):
            raise refused("BAD_SIGNATURE", "The root statement has too few signatures.")
        for key, signature in zip(self.root_keys, signatures, strict=False):
            verify(key, signature, "root", self.institution_id, statement)


def _key(value: object) -> bytes:
    if type(value) is not bytes or len(value) != PUBLIC_KEY_BYTES:
        raise refused("NON_CANONICAL", "A public key has 32 bytes.")
    return value


def _signature(value: object) -> bytes:
    if type(value) is not bytes or len(value) != SIGNATURE_BYTES:
        raise refused("NON_CANONICAL", "A signature has 64 bytes.")
    return value
