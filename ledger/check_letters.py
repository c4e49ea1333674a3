"""Short codes that people read out and type again: from a digest, with a letter that finds a mistake."""

from typing import Final

SIGNS: Final = "346789ACDEFGHJKMNPQRTVWXY"
"""Signs that are not taken for one another when they are written by hand or read out."""

_LENGTH: Final = 7
_GROUP: Final = 4


def check_code(digest: bytes, length: int = _LENGTH) -> str:
    """Give a code of so many signs from a digest, and its check letter, in groups: 7F3K-2QXD.

    The letter finds every wrong sign and every swap of neighbours. Seven signs are 32 bits: enough to find a
    paper, while the digest proves what it said.
    """
    number, signs = int.from_bytes(digest, "big"), ""
    for _place in range(length):
        number, rest = divmod(number, len(SIGNS))
        signs += SIGNS[rest]
    signs += next(letter for letter in SIGNS if _sum(signs + letter) == 0)
    return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))


def read_code(typed: str) -> str | None:
    """Give a code as it is stored, however it was typed; None where the check letter does not fit."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    if len(signs) <= _LENGTH or any(sign not in SIGNS for sign in signs) or _sum(signs):
        return None
    return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))


def _sum(signs: str) -> int:
    """Weigh the signs 1, 2, 1, 2, … from the end: both weights and their difference have no part of 25."""
    places = enumerate(reversed(signs))
    return sum(SIGNS.index(sign) * (1 + place % 2) for place, sign in places) % len(SIGNS)
