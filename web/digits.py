"""Numbers as people type them: local digits, and the separators of their language beside the English ones."""

import re
import unicodedata
from typing import Final

from babel.numbers import get_decimal_symbol, get_group_symbol

_SPACES: Final = re.compile("[\\s\u200e\u200f\u061c'\N{RIGHT SINGLE QUOTATION MARK}]")
_LOCAL: Final = str.maketrans({"\N{ARABIC DECIMAL SEPARATOR}": ".", "\N{ARABIC THOUSANDS SEPARATOR}": ""})
_LOCAL_MARKS: Final = re.compile("[\N{ARABIC DECIMAL SEPARATOR}\N{ARABIC THOUSANDS SEPARATOR}]")


class TwoMeaningsError(ValueError):
    """What was typed can mean two amounts, because two languages write separators differently."""


def plain_digits(text: str) -> str:
    """Give ``text`` with every decimal digit of any script (Arabic, Devanagari …) as 0 to 9."""
    return "".join(
        str(unicodedata.decimal(sign)) if not sign.isascii() and sign.isdecimal() else sign for sign in text
    )


def plain_number(text: str, locale: str) -> str:
    """Give a typed number with a point for decimals and nothing for thousands.

    Taken are the separators of ``locale`` and the English ones. What is no number by either is given back as
    it stands, for the reader of amounts to refuse.

    raises   TwoMeaningsError where both readings hold and differ: 1,234 may be a thousand or one and a bit
    """
    text = _SPACES.sub("", plain_digits(text))
    if _LOCAL_MARKS.search(text):
        return text.translate(_LOCAL)
    english = _reading(text, ",", ".")
    local = _reading(text, get_group_symbol(locale), get_decimal_symbol(locale))
    if english is not None and local is not None and english != local:
        raise TwoMeaningsError(text)
    return local or english or text


def _reading(text: str, group: str, point: str) -> str | None:
    """Give ``text`` as a plain number if these separators stand where they may, else None."""
    sign, number = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, marked, decimals = number.partition(point)
    if marked and not (decimals.isdecimal() or not decimals):
        return None
    parts = whole.split(group) if not _SPACES.fullmatch(group) else [whole]
    if not all(part.isdecimal() for part in parts) and not (parts == [""] and decimals):
        return None
    if len(parts) > 1 and not _is_grouped(parts):
        return None
    return f"{sign}{''.join(parts)}{'.' + decimals if marked else ''}"


def _is_grouped(parts: list[str]) -> bool:
    """Whether groups are of three digits, or of two before the last one as in India (12,34,567)."""
    first, *between, last = parts
    sizes = {len(part) for part in between}
    return (1 <= len(first) <= 3 and len(last) == 3 and sizes <= {3}) or (  # noqa: PLR2004 - digits of a group
        1 <= len(first) <= 2 and len(last) == 3 and sizes <= {2}  # noqa: PLR2004 - as above
    )
