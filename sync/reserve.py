"""Reserve numbers: device numbers kept for a replacement laptop, with codes that lie in the branch's safe.

A code is 16 signs of 32, 80 bits: nobody guesses it, and it can be read over a telephone. Whoever has it may
claim the number; headquarters believes the claim only after a person compared the fingerprint.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from typing import Final

from sync.kit import KIT_ID_BYTES, Reserve, tidy_code
from sync.reasons import refused

CODE_BYTES: Final = 10
CODE_SIGNS: Final = 16
_SIGNS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which are taken for one another."""
_GROUP: Final = 4
_LEAST_DIFFERENT: Final = 6
_BITS: Final = 5
_WITH_NUMBER: Final = re.compile(r"\s*(?:.*?(\d+)\s*[:=])?\s*([A-Za-z2-9 -]+?)\s*")


@dataclass(frozen=True, slots=True)
class ReserveCode:
    """A code as it was typed: ``device`` is the number printed before it, None where only the code was."""

    device: int | None
    secret: bytes


def new_code() -> str:
    """Make a code from the operating system's randomness."""
    return code_of(os.urandom(CODE_BYTES))


def code_of(secret: bytes) -> str:
    """Spell ten bytes as 16 signs."""
    number = int.from_bytes(secret, "big")
    signs = [_SIGNS[number >> _BITS * place & len(_SIGNS) - 1] for place in range(CODE_SIGNS)]
    return "".join(reversed(signs))


def secret_of(code: str) -> bytes:
    """Read 16 signs; TrustError WEAK_CODE for fewer, WRONG_CODE for more or for other signs."""
    signs = tidy_code(code)
    if len(signs) < CODE_SIGNS:
        raise refused("WEAK_CODE", f"It has {len(signs)} signs of {CODE_SIGNS}.")
    if len(signs) > CODE_SIGNS or not set(signs) <= set(_SIGNS):
        raise refused("WRONG_CODE", "A code has 16 letters and digits, without I, O, 0 and 1.")
    number = 0
    for sign in signs:
        number = number << _BITS | _SIGNS.index(sign)
    return number.to_bytes(CODE_BYTES, "big")


def grouped(code: str) -> str:
    """Write a code in groups of four, for paper."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def require_strong(code: str) -> None:
    """Refuse a code that is too weak for client data: TrustError WEAK_CODE."""
    signs = tidy_code(code)
    if len(signs) < CODE_SIGNS or len(set(signs)) < _LEAST_DIFFERENT:
        raise refused("WEAK_CODE", f"A kit with clients' data takes {CODE_SIGNS} letters chosen by chance.")


def read_code(text: str) -> ReserveCode:
    """Read what stands on the sheet: ``Reserve 3: ABCD-EFGH-JKLM-NPQR``, or the code alone."""
    match = _WITH_NUMBER.fullmatch(text.strip())
    if match is None:
        raise refused("WRONG_CODE", "A code has 16 letters and digits, without I, O, 0 and 1.")
    number, code = match.groups()
    return ReserveCode(int(number) if number else None, secret_of(code))


def kit_id_of(institution_id: bytes, device: int) -> bytes:
    """Name the claim of a reserve number: it is known without any kit."""
    named = b"satchel reserve kit v1\0" + institution_id + device.to_bytes(4, "big")
    return hashlib.sha256(named).digest()[:KIT_ID_BYTES]


def verifier(institution_id: bytes, reserve: Reserve) -> str:
    """Give what a laptop may keep of a code: it tells a wrong one, and cannot be turned back."""
    return hashlib.sha256(kit_id_of(institution_id, reserve.device) + reserve.secret).hexdigest()


def sheet(branch: str, institution: str, reserves: list[Reserve]) -> str:
    """Give the sheet for the branch's safe, as plain text."""
    lines = [
        f"{institution}: branch {branch}",
        "",
        "Reserve numbers. Keep this sheet in the safe, in a sealed envelope, away from the laptop.",
        "One of them brings a backup to life on another laptop, or lets this one go on after a fault.",
        "",
        *(f"Reserve {one.device}: {grouped(code_of(one.secret))}" for one in reserves),
        "",
        "Each code is good once. Strike it out when it was used.",
    ]
    return "\n".join(lines) + "\n"
