"""The institution's root: a signed statement of which keys speak for it, and in which role.

Root version 1 is signed by its own keys (self-signed, carried in the enrolment kit); a later version is
signed by a threshold of the version before and of its own. Versions only rise, by one. A statement that has
not enough signatures yet is a draft: it goes from one holder of a key to the next, each signs on a PC of
their own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from sync.canonical import Plain, decode, encode
from sync.fields import Fields
from sync.reasons import refused
from sync.signing import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, SigningKey, verify

VERSION: Final = 1
MAX_ROOT_BYTES: Final = 64 << 10
MAX_KEYS: Final = 32


class HQKeys(NamedTuple):
    """One device of headquarters: its number, its signing key, and its age recipient."""

    device: int
    signing_key: bytes
    recipient: str


@dataclass(frozen=True, slots=True)
class Root:
    """Which keys speak for the institution.

    officer  roster, bounds, grants, closes, adoptions
    daily    acknowledgements, messages, reference data
    release  program updates
    hq       the devices of headquarters, oldest first: the first one, and each that came back from a backup
    """

    institution_id: bytes
    version: int
    threshold: int
    root_keys: tuple[bytes, ...]
    officer: tuple[bytes, ...]
    daily: tuple[bytes, ...]
    release: tuple[bytes, ...]
    hq: tuple["HQKeys", ...] = ()

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
                **({"hq": [list[Plain](one) for one in self.hq]} if self.hq else {}),
            }
        )

    def signed_by(self, *keys: SigningKey) -> bytes:
        """Give the file: the statement and a signature by each of ``keys``."""
        draft = Draft(self, ())
        for key in keys:
            draft = draft.signed_by(key)
        return draft.to_bytes()

    @staticmethod
    def from_bytes(data: bytes) -> "Root":
        """Read a root file and check that a threshold of its own keys signed it.

        raises  TrustError BAD_SIGNATURE, NON_CANONICAL, UNKNOWN_VERSION
        """
        draft = Draft.from_bytes(data)
        if draft.signers(draft.root.root_keys) < draft.root.threshold:
            raise refused("BAD_SIGNATURE", "The root statement has too few signatures.")
        return draft.root

    def believes(self, signing_key: bytes) -> bool:
        """Whether a key may speak for headquarters."""
        return signing_key in self.daily or signing_key in self.officer

    @classmethod
    def read(cls, statement: bytes) -> Self:
        """Read a statement; nothing of it is believed yet."""
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
            hq=fields.each("hq", _hq_keys, limit=MAX_KEYS) if fields.holds("hq") else (),
        )
        fields.finish()
        return root


@dataclass(frozen=True, slots=True)
class Draft:
    """A root statement with the signatures that it has so far: (key, signature)."""

    root: Root
    signatures: tuple[tuple[bytes, bytes], ...]

    def signed_by(self, key: SigningKey) -> "Draft":
        """Add the signature of one holder; signing twice changes nothing."""
        signature = key.sign("root", self.root.institution_id, self.root.statement())
        others = tuple(one for one in self.signatures if one[0] != key.public)
        return Draft(self.root, (*others, (key.public, signature)))

    def signers(self, keys: Collection[bytes]) -> int:
        """Count how many of ``keys`` have signed; TrustError BAD_SIGNATURE where one of them did not."""
        statement, found = self.root.statement(), set()
        for key, signature in self.signatures:
            if key in keys:
                verify(key, signature, "root", self.root.institution_id, statement)
                found.add(key)
        return len(found)

    def to_bytes(self) -> bytes:
        """Give the file."""
        signatures = [list[Plain](one) for one in sorted(self.signatures)]
        return encode({"statement": self.root.statement(), "signatures": signatures})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a file without asking who signed; TrustError NON_CANONICAL, UNKNOWN_VERSION."""
        outer = Fields.of_bytes(data, "the root statement", limit_bytes=MAX_ROOT_BYTES)
        statement = outer.raw("statement", limit=MAX_ROOT_BYTES)
        signatures = outer.each("signatures", _signature, limit=MAX_KEYS)
        outer.finish()
        root = Root.read(statement)
        if len(signatures) > len(root.root_keys) + MAX_KEYS:
            raise refused("BAD_SIGNATURE", "The root statement has too many signatures.")
        keys = [*root.root_keys, *([b""] * len(signatures))]
        named = (
            one if isinstance(one, tuple) else (key, one) for key, one in zip(keys, signatures, strict=False)
        )
        return cls(root, tuple(named))


def follow(current: Root, data: bytes) -> Root:
    """Give the root that follows ``current``: signed by a threshold of it, and of its own.

    raises  TrustError ROOT_BEHIND where versions in between are missing, OTHER_INSTITUTION, BAD_SIGNATURE
    """
    draft = Draft.from_bytes(data)
    following = draft.root
    if following.institution_id != current.institution_id:
        raise refused("OTHER_INSTITUTION", "The keys of another institution.")
    if following.version != current.version + 1:
        raise refused("ROOT_BEHIND", f"Version {following.version} cannot follow {current.version}.")
    if draft.signers(current.root_keys) < current.threshold:
        raise refused("BAD_SIGNATURE", "Too few holders of the present root keys have signed.")
    return Root.from_bytes(data)


def _key(value: object) -> bytes:
    if type(value) is not bytes or len(value) != PUBLIC_KEY_BYTES:
        raise refused("NON_CANONICAL", "A public key has 32 bytes.")
    return value


def _signature(value: object) -> bytes | tuple[bytes, bytes]:
    """A key with its signature; the first roots carry signatures alone, in the order of the keys."""
    if isinstance(value, list) and len(value) == len(("key", "signature")):
        return _key(value[0]), _signature_bytes(value[1])
    return _signature_bytes(value)


def _signature_bytes(value: object) -> bytes:
    if type(value) is not bytes or len(value) != SIGNATURE_BYTES:
        raise refused("NON_CANONICAL", "A signature has 64 bytes.")
    return value


def _hq_keys(value: object) -> HQKeys:
    if not isinstance(value, list) or [type(part) for part in value] != [int, bytes, str]:
        raise refused("NON_CANONICAL", "A device of headquarters has number, key and recipient.")
    return HQKeys(value[0], _key(value[1]), value[2])
