"""Encryption for several readers: one version byte, then a standard age v1 file.

The version byte (1) stands outside so that a later suite can take its place; everything after it opens
with any age program.  Reading gives all of the plain bytes or none: nothing is handed on before the last
chunk has been authenticated.

age proves that nobody changed the bytes, not who wrote them: the signed manifest inside does that, and
names the readers, so that a bundle passed on by one of them does not pass for one sent to us.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import pyrage

from sync.reasons import refused

SUITE: Final = 1
"""age v1 with X25519 recipients."""
MAX_SEALED_BYTES: Final = 4 << 20
"""A segment as it lies in a volume."""
MAX_RECIPIENTS: Final = 64
RECIPIENT_ID_BYTES: Final = 8

_INTRODUCTION: Final = b"age-encryption.org/v1\n"
_STANZA: Final = b"-> "
_OURS: Final = b"-> X25519 "
_MAC_LINE: Final = b"--- "
_MAC_LINE_BYTES: Final = 47
_MAX_STANZAS: Final = MAX_RECIPIENTS + 1
"""age programs may add one stanza that means nothing, to keep readers tolerant."""
_MAX_HEADER_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Identity:
    """An age key pair.  ``secret`` is AGE-SECRET-KEY-1…, ``recipient`` is age1…."""

    secret: str = field(repr=False)
    recipient: str

    @staticmethod
    def generate() -> "Identity":
        """A new one, from the operating system's randomness."""
        return Identity.of(str(pyrage.x25519.Identity.generate()))

    @staticmethod
    def of(secret: str) -> "Identity":
        """The key pair of AGE-SECRET-KEY-1…; TrustError BAD_KEYSLOTS for any other text."""
        try:
            return Identity(secret, str(pyrage.x25519.Identity.from_str(secret).to_public()))
        except pyrage.IdentityError as fault:
            raise refused("BAD_KEYSLOTS", "This is not an age identity.") from fault


@dataclass(frozen=True, slots=True)
class Opened:
    """What was inside, and for how many X25519 readers it was encrypted."""

    plain: bytes
    recipients: int


def recipient_id(recipient: str) -> bytes:
    """Eight bytes that name a reader in the signed manifest: the beginning of SHA-256 of ``age1…``."""
    return sha256(recipient.encode("ascii")).digest()[:RECIPIENT_ID_BYTES]


def seal(plain: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt ``plain`` for 1 to 64 readers (``age1…``); any one of them can open it."""
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise refused(
            "LIMIT_RECIPIENTS", f"{len(recipients)} readers; from 1 to {MAX_RECIPIENTS} are possible."
        )
    try:
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    except pyrage.RecipientError as fault:
        raise refused("WRONG_RECIPIENT", "One of the readers' keys is not an age recipient.") from fault
    return bytes([SUITE]) + bytes(pyrage.encrypt(plain, keys))


def open_sealed(sealed: bytes, identities: Iterable[str]) -> Opened:
    """Decrypt with whichever of ``identities`` (``AGE-SECRET-KEY-1…``) fits.

    raises  TrustError LIMIT_SIZE, UNKNOWN_VERSION, LIMIT_RECIPIENTS; NOT_FOR_US where no identity fits,
            BAD_HEADER and BAD_STREAM where the bytes were changed or cut
    """
    if len(sealed) > MAX_SEALED_BYTES:
        raise refused("LIMIT_SIZE", f"A segment of {len(sealed)} bytes; at most {MAX_SEALED_BYTES}.")
    if not sealed:
        raise refused("BAD_HEADER", "A segment without a byte.")
    if sealed[0] != SUITE:
        raise refused("UNKNOWN_VERSION", f"Encryption suite {sealed[0]}.")
    age_file = sealed[1:]
    recipients = count_recipients(age_file)
    keys = [pyrage.x25519.Identity.from_str(identity) for identity in identities]
    try:
        return Opened(bytes(pyrage.decrypt(age_file, keys)), recipients)
    except pyrage.DecryptError as fault:
        raise refused(_code_of(str(fault))) from fault


def count_recipients(age_file: bytes) -> int:
    """How many X25519 stanzas the header has; read without any key.

    raises  TrustError BAD_HEADER, LIMIT_RECIPIENTS
    """
    if not age_file.startswith(_INTRODUCTION):
        raise refused("BAD_HEADER", "It does not begin as an age v1 file.")
    head = age_file[:_MAX_HEADER_BYTES]
    end = head.find(b"\n" + _MAC_LINE)
    if end < 0 or len(head) < end + 1 + _MAC_LINE_BYTES:
        raise refused("BAD_HEADER", "The header has no end.")
    lines = head[len(_INTRODUCTION) : end].split(b"\n")
    stanzas = [line for line in lines if line.startswith(_STANZA)]
    ours = sum(line.startswith(_OURS) for line in stanzas)
    if len(stanzas) > _MAX_STANZAS or ours > MAX_RECIPIENTS:
        raise refused("LIMIT_RECIPIENTS", f"{len(stanzas)} readers; at most {MAX_RECIPIENTS}.")
    return ours


def _code_of(fault: str) -> str:
    """The reason code for what the age library says; the header was found well formed before."""
    if "No matching keys" in fault:
        return "NOT_FOR_US"
    return "BAD_HEADER" if "eader" in fault or "age format" in fault else "BAD_STREAM"
