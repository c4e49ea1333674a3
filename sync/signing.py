"""Ed25519 signatures of this institution, each bound to what it was made for.

Every signature is over exactly

    b"satchel " + purpose + b" v1" + NUL + institution id (16 bytes) + SHA-256(signed bytes)

so that one made for a changeset never passes as one for a manifest, nor one institution's as another's.
Signing is deterministic (RFC 8032): no randomness, no clock.
"""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, Self, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError

from sync.reasons import refused

Purpose = Literal["changeset", "manifest", "volume", "roster", "ack", "enrol", "root", "release", "line"]
PURPOSES: Final[tuple[str, ...]] = get_args(Purpose)

INSTITUTION_ID_BYTES: Final = 16
PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
KEY_ID_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The secret half of a key pair.  ``seed`` (32 bytes) is the whole secret and never in a repr."""

    seed: bytes = field(repr=False)
    public: bytes

    @classmethod
    def generate(cls) -> Self:
        """A new key from the operating system's randomness."""
        return cls.from_seed(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The key of 32 secret bytes."""
        return cls(seed, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())

    def sign(self, purpose: Purpose, institution_id: bytes, data: bytes) -> bytes:
        """64 bytes over ``data``, good for ``purpose`` in this institution only."""
        return self.sign_digest(purpose, institution_id, hashlib.sha256(data).digest())

    def sign_digest(self, purpose: Purpose, institution_id: bytes, sha256: bytes) -> bytes:
        """As ``sign``, where the caller has the SHA-256 of the bytes already."""
        return _private(self.seed).sign(signed_message(purpose, institution_id, sha256))


def verify(public: bytes, signature: bytes, purpose: Purpose, institution_id: bytes, data: bytes) -> None:
    """Return when ``signature`` is ``public``'s over ``data``; else TrustError BAD_SIGNATURE."""
    verify_digest(public, signature, purpose, institution_id, hashlib.sha256(data).digest())


def verify_digest(
    public: bytes, signature: bytes, purpose: Purpose, institution_id: bytes, sha256: bytes
) -> None:
    """As ``verify``, where the caller has the SHA-256 of the bytes already.

    libsodium checks twice as fast as OpenSSL does, and takes nothing that OpenSSL would not: keys of small
    order, which sign anything, are refused as well.
    """
    message = signed_message(purpose, institution_id, sha256)
    try:
        if len(signature) != SIGNATURE_BYTES:
            raise ValueError
        crypto_sign_open(signature + message, public)
    except (CryptoError, ValueError) as fault:
        raise refused("BAD_SIGNATURE", f"It was to be the signature of a {purpose}.") from fault


def signed_message(purpose: Purpose, institution_id: bytes, sha256: bytes) -> bytes:
    """The bytes that Ed25519 sees; written out so that another program can check without ours."""
    assert purpose in PURPOSES, purpose
    assert len(institution_id) == INSTITUTION_ID_BYTES, "an institution id has 16 bytes"
    assert len(sha256) == hashlib.sha256().digest_size, "a SHA-256 has 32 bytes"
    return b"satchel " + purpose.encode("ascii") + b" v1\0" + institution_id + sha256


def key_id(public: bytes) -> bytes:
    """Eight bytes that name a public key outside the encryption: the beginning of its SHA-256."""
    return hashlib.sha256(public).digest()[:KEY_ID_BYTES]


def fingerprint20(*public_keys: bytes) -> str:
    """Twenty decimal digits (66 bits) of these keys in this order, for reading aloud."""
    digest = hashlib.sha256(b"satchel fingerprint v1\0")
    for public in public_keys:
        digest.update(len(public).to_bytes(4, "big") + public)
    return f"{int.from_bytes(digest.digest(), 'big') % 10**20:020d}"


@lru_cache(maxsize=16)
def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
