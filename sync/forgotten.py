"""Request and answer for a home whose passphrase nobody remembers (protocol, section 1).

The request carries the master key as the recovery slot wraps it: only the recovery identity opens it. The
answer carries the master key under a code that headquarters makes (80 bits); it is bound to institution,
device and the request's nonce. Neither holds a signing key: headquarters can recover data, never a signature.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from sync.canonical import encode
from sync.fields import Fields
from sync.home import Home, write_durably
from sync.keyslots import KeySlots, PassphraseSlot, RecoverySlot
from sync.kit import CODE_WORK, tidy_code
from sync.reasons import refused

VERSION: Final = 1
_ASKING: Final = b"SATCHASK"
_ANSWERING: Final = b"SATCHANS"
_NONCE_BYTES: Final = 16
_LIMIT_BYTES: Final = 1 << 16
_NONCE_FILE: Final = "forgotten.nonce"


@dataclass(frozen=True, slots=True)
class Request:
    """What a laptop says of itself without being opened; nothing of it is secret."""

    institution_id: bytes
    device: int
    nonce: bytes
    slot: RecoverySlot

    def to_bytes(self) -> bytes:
        """Give the file."""
        return _ASKING + encode(
            {
                "v": VERSION,
                "institution": self.institution_id,
                "device": self.device,
                "nonce": self.nonce,
                "recipient": self.slot.recipient,
                "sealed": self.slot.sealed,
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read the file; TrustError NOT_SATCHEL, NON_CANONICAL."""
        if not data.startswith(_ASKING):
            raise refused("NOT_SATCHEL", "This is not a request of a laptop that nobody can open.")
        fields = Fields.of_bytes(data[len(_ASKING) :], "the request", limit_bytes=_LIMIT_BYTES)
        fields.version(VERSION)
        request = cls(
            fields.raw("institution", size=16),
            fields.whole("device", low=1),
            fields.raw("nonce", size=_NONCE_BYTES),
            RecoverySlot(fields.text("recipient", limit=128), fields.raw("sealed", limit=4096)),
        )
        fields.finish()
        return request

    def answer(self, identity: str, code: str) -> bytes:
        """Open the slot with the recovery identity and wrap the master key for this request alone.

        raises  TrustError NOT_FOR_US where the slot is under another recovery key
        """
        master = self.slot.unwrap(identity)
        if master is None:
            raise refused("NOT_FOR_US", "The recovery key is not the one that this laptop knows.")
        bound = _bound(self.institution_id, self.device, self.nonce)
        slot = PassphraseSlot.wrap(master, bound, tidy_code(code), CODE_WORK)
        return _ANSWERING + encode({"v": VERSION, "slot": slot.as_plain()})


def write_request(home: Home) -> Request:
    """Make the request of a home, without its passphrase; answers to earlier requests are worth nothing then.

    raises  TrustError NO_HOME, BAD_KEYSLOTS; NOT_FOR_US where the home has no recovery slot
    """
    facts = home.facts()
    slots = KeySlots.from_bytes(home.keyslots.read_bytes()).slots
    slot = next((one for one in slots if isinstance(one, RecoverySlot)), None)
    if slot is None:
        raise refused("NOT_FOR_US", "This home knows no recovery key of headquarters.")
    nonce = os.urandom(_NONCE_BYTES)
    write_durably(home.root / _NONCE_FILE, nonce)
    return Request(facts.institution_id, facts.device, nonce, slot)


def open_answer(home: Home, data: bytes, code: str) -> tuple[bytes, bool]:
    """Give the master key out of headquarters' answer to the newest request of this home.

    It is told beside it whether the home still has the number that it asked under: where the power went after
    it took the new one, the same answer opens it once more.

    raises  TrustError NOT_SATCHEL, NON_CANONICAL; NOT_FOR_US for another laptop's answer, for one to an
            earlier request, and where nothing was asked; WRONG_CODE
    """
    if not data.startswith(_ANSWERING):
        raise refused("NOT_SATCHEL", "This is not an answer of headquarters for a laptop.")
    fields = Fields.of_bytes(data[len(_ANSWERING) :], "the answer", limit_bytes=_LIMIT_BYTES)
    fields.version(VERSION)
    slot = fields.optional("slot", PassphraseSlot.from_plain)
    fields.finish()
    facts, asked = home.facts(), home.root / _NONCE_FILE
    nonce = asked.read_bytes() if asked.exists() else b""
    bound = None if slot is None else _asked_by(slot.name, facts.institution_id, nonce)
    if slot is None or slot.work != CODE_WORK or bound is None:
        raise refused("NOT_FOR_US", "It does not answer the newest request of this laptop.")
    master = slot.unwrap(tidy_code(code))
    if master is None:
        raise refused("WRONG_CODE", "Nothing was opened.")
    return master, bound == facts.device


def forget_request(home: Home) -> None:
    """Let no answer count any more: the home was opened."""
    (home.root / _NONCE_FILE).unlink(missing_ok=True)


def read_file(file: Path) -> bytes:
    """Read a request or an answer; TrustError IO_ERROR where it cannot be read."""
    try:
        with file.open("rb") as source:
            return source.read(_LIMIT_BYTES + 1)
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=str(file)) from fault


def _asked_by(name: str, institution_id: bytes, nonce: bytes) -> int | None:
    """Give the device that asked with ``nonce``; None where an answer is bound to something else."""
    device = name.split(" ")[1] if name.count(" ") == 2 else ""  # noqa: PLR2004 - what _bound writes
    is_ours = nonce and device.isdecimal() and name == _bound(institution_id, int(device), nonce)
    return int(device) if is_ours else None


def _bound(institution_id: bytes, device: int, nonce: bytes) -> str:
    return f"{institution_id.hex()} {device} {nonce.hex()}"
