"""The two letters that cannot be seen and still belong to names: the joiner and the non-joiner of Unicode.

Hindi, Persian, Sinhala and others are not written right without them. Source: The Unicode Standard, 23.2.
"""

import unicodedata
from typing import Final

JOINERS: Final = "\u200c\u200d"


def without_joiners(text: str) -> str:
    """Give ``text`` without the joiners inside its words; any other stays, and is refused as unseen."""
    if not any(joiner in text for joiner in JOINERS):
        return text
    return "".join(letter for place, letter in enumerate(text) if not _joins(text, place))


def _joins(text: str, place: int) -> bool:
    if text[place] not in JOINERS or not 0 < place < len(text) - 1:
        return False
    before, after = text[place - 1], text[place + 1]
    return not before.isascii() and _is_of_word(before) and _is_of_word(after)


def _is_of_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LM"
