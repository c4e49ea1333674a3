"""Codes that are told by telephone: a bundle has arrived, or a range is wanted again.

16 digits in four groups: what it says (1), the sequence's last six, eight of an HMAC, and a check digit that
finds every mistyped digit and every swap of neighbours (Damm's). The HMAC is over the sequence and 40 bits of
the changeset's hash, under a key that only this device and headquarters can make: from their age keys, by
X25519. A code moves the start of the next bundle, and never a state: only a signed acknowledgement does that.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.replication import Setting, StoredChangeset
from sync import chain as chains
from sync.chain import ACKED, HEAD
from sync.changeset import Place
from sync.installation import Installation
from sync.reasons import refused
from sync.roster import Member
from sync.start_of_bundle import set_start

ARRIVED: Final = 1
"""Headquarters has everything up to the sequence: the next bundle may start after it."""
AGAIN: Final = 2
"""Headquarters has everything up to the sequence and lacks what follows: the next bundle starts after it."""
_SEQ_DIGITS: Final = 6
_MAC_DIGITS: Final = 8
_DIGITS: Final = 1 + _SEQ_DIGITS + _MAC_DIGITS + 1
_HASH_BYTES: Final = 5
_GROUP: Final = 4
_PURPOSE: Final = b"satchel telephone code v1\0"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_KEY_BYTES: Final = 32
_BECH32_BITS, _BYTE_BITS = 5, 8
_CHECKSUM_SIGNS: Final = 6
_DAMM: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """A code as it is read out, and what it says."""

    digits: str
    kind: int
    seq: int

    @property
    def grouped(self) -> str:
        """Four groups of four digits."""
        return " ".join(self.digits[at : at + _GROUP] for at in range(0, _DIGITS, _GROUP))


def code_for(installation: Installation, session: Session, reader: Member, *, again: bool) -> PhoneCode:
    """Make headquarters' code for a device: up to where its chain is in the books.

    raises  TrustError NOT_CLAIMED while nothing of the device has come
    """
    place = chains.watermark(session, reader.device, 0, HEAD)
    if place is None:
        raise refused("NOT_CLAIMED", f"Device {reader.device}.")
    kind = AGAIN if again else ARRIVED
    key = shared_key(installation.secrets.identity, reader.recipient)
    body = f"{kind}{_spelled(key, kind, reader.device, place)}"
    return PhoneCode(body + check_digit(body), kind, place.seq)


def take_code(installation: Installation, text: str) -> PhoneCode:
    """Let the next bundle of this branch start where a code of headquarters says; no state moves.

    raises  TrustError MISTYPED where the check digit is wrong, OTHER_CODE where the code is another's
    """
    digits = "".join(sign for sign in text if sign.isdigit())
    if len(digits) != _DIGITS or check_digit(digits[:-1]) != digits[-1]:
        raise refused("MISTYPED", f"It has {_DIGITS} digits, and the last one proves the others.")
    kind, ending = int(digits[0]), int(digits[1 : 1 + _SEQ_DIGITS])
    device = installation.facts.device
    with installation.exclusive() as session:
        key = shared_key(installation.secrets.identity, session.get_one(Setting, "hq_recipient").value)
        head = chains.watermark(session, device, 0, HEAD)
        for seq in range(ending, (head.seq if head else 0) + 1, 10**_SEQ_DIGITS):
            place = _place(session, device, seq)
            if place is None or f"{kind}{_spelled(key, kind, device, place)}" != digits[:-1]:
                continue
            confirmed = chains.watermark(session, device, 0, ACKED)
            if kind == AGAIN or confirmed is None or confirmed.seq < seq:
                set_start(session, device, place)
            return PhoneCode(digits, kind, seq)
    raise refused("OTHER_CODE")


def check_digit(digits: str) -> str:
    """Give the digit that finds one wrong digit and one swap of neighbours."""
    state = 0
    for digit in digits:
        state = int(_DAMM[state][int(digit)])
    return str(state)


def shared_key(identity: str, recipient: str) -> bytes:
    """Give the key that the holder of an age identity shares with the one of an age recipient."""
    secret = X25519PrivateKey.from_private_bytes(_bech32_bytes(identity))
    shared = secret.exchange(X25519PublicKey.from_public_bytes(_bech32_bytes(recipient)))
    return hashlib.sha256(_PURPOSE + shared).digest()


def _spelled(key: bytes, kind: int, device: int, place: Place) -> str:
    said = [kind.to_bytes(1, "big"), device.to_bytes(4, "big"), place.seq.to_bytes(8, "big")]
    tag = hmac.digest(key, b"".join(said) + place.hash[:_HASH_BYTES], hashlib.sha256)
    number = int.from_bytes(tag, "big") % 10**_MAC_DIGITS
    return f"{place.seq % 10**_SEQ_DIGITS:0{_SEQ_DIGITS}d}{number:0{_MAC_DIGITS}d}"


def _place(session: Session, device: int, seq: int) -> Place | None:
    sha256 = session.scalars(
        select(StoredChangeset.hash).where(
            StoredChangeset.device == device,
            StoredChangeset.chain == 0,
            StoredChangeset.seq == seq,
            StoredChangeset.state == "accepted",
        )
    ).first()
    return None if sha256 is None else Place(seq, sha256)


def _bech32_bytes(text: str) -> bytes:
    """Read the 32 bytes of a key as age writes it; keys come from our own files, so only the form is used."""
    signs = text.lower().rpartition("1")[2][:-_CHECKSUM_SIGNS]
    number = 0
    for sign in signs:
        number = number << _BECH32_BITS | _BECH32.index(sign)
    surplus = len(signs) * _BECH32_BITS - _KEY_BYTES * _BYTE_BITS
    return (number >> surplus).to_bytes(_KEY_BYTES, "big")
