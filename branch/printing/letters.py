"""Letters as a printer knows them: code pages, and what stands for a letter that a page does not have."""

import unicodedata
from typing import Final

ESCPOS_PAGES: Final = {
    "cp437": 0, "cp850": 2, "cp860": 3, "cp863": 4, "cp865": 5, "cp1252": 16, "cp866": 17, "cp852": 18,
    "cp858": 19,
}  # fmt: skip
"""Code pages of ESC/POS printers, with the number that ``ESC t`` selects them by."""

UTF8: Final = "utf-8"
ENCODINGS: Final = (*ESCPOS_PAGES, "ascii", UTF8)
"""What a printer can be set to: UTF-8 only for those that read it (text printers, files)."""

MISSING: Final = "?"
_STANDS_FOR: Final = {
    "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{MINUS SIGN}": "-", "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ", "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"', "\N{MIDDLE DOT}": "-", "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i", "\N{LATIN SMALL LETTER O WITH STROKE}": "o",
    "\N{LATIN SMALL LETTER ENG}": "ng", "\N{LATIN CAPITAL LETTER ENG}": "Ng",
}  # fmt: skip
_INVISIBLE: Final = frozenset({"Cf", "Mn"})
_COMMANDS: Final = frozenset({"Cc"})
"""What a printer would take for a command, should a name from older books hold any: it is left out."""


def encoded(text: str, encoding: str) -> bytes:
    """Give the bytes of ``text``: a letter that the page lacks loses its accents, or is a question mark."""
    return b"".join(_letter(letter, encoding) for letter in text)


def can_write(text: str, encoding: str) -> bool:
    """Tell whether every letter of ``text`` can be read on paper, if need be without its accents."""
    return MISSING.encode() not in encoded(text.replace(MISSING, ""), encoding)


def _letter(letter: str, encoding: str) -> bytes:
    if unicodedata.category(letter) in _COMMANDS:
        return b""
    for tried in (letter, _STANDS_FOR.get(letter, letter), _without_accents(letter)):
        try:
            return tried.encode(encoding)
        except UnicodeEncodeError:
            continue  # the next form of it may be on the page
    return b"" if unicodedata.category(letter) in _INVISIBLE else MISSING.encode()


def _without_accents(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in base if not unicodedata.combining(part)) or letter
