"""What is written on a disc or a stick by hand, and read out over the telephone."""

import hashlib
from typing import Final

from ledger.check_letters import SIGNS

_LENGTH: Final = 4
_PURPOSE: Final = b"satchel check letters v1\0"


def check_letters(bundle_id: bytes, last_hash: bytes | None) -> str:
    """Give four signs that both sides work out from a bundle: the same where it arrived whole.

    bundle_id  its sixteen random bytes
    last_hash  SHA-256 of the last changeset in it; None where it holds none

    They guard against a mistake, not against a liar: signatures do that.
    """
    digest = hashlib.sha256(_PURPOSE + bundle_id + (last_hash or b"")).digest()
    number, signs = int.from_bytes(digest[:8], "big"), ""
    for _place in range(_LENGTH):
        number, rest = divmod(number, len(SIGNS))
        signs += SIGNS[rest]
    return signs


def label_number(office_code: str, number: int | None, *, is_return: bool = False) -> str:
    """Name a bundle on its label: the branch's code and how many were written, such as KAM-0042.

    is_return  headquarters wrote it for the branch: KAM-R0042
    """
    return f"{office_code}-{'R' if is_return else ''}{number or 0:04d}"
