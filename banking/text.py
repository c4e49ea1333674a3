"""Text as people type it: brought to one form, and refused where it could not be read again."""

import unicodedata
from functools import lru_cache

from banking.errors import MissingError, TextNotAllowedError, TextTooLongError
from ledger.joiners import without_joiners

LONGEST_NAME = 120
LONGEST_NOTE = 500
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_LETTERS_WITHOUT_PARTS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe", "ŋ": "n", "þ": "th"}
)


def clean(text: str, field: str, limit: int = LONGEST_NAME) -> str:
    """Give ``text`` in NFC without blanks around it.

    field    the field's name, for the refusal
    limit    characters
    raises   TextNotAllowedError for control characters, NUL, unassigned ones and those that cannot be seen
             (such as turn the direction of a line), joiners inside words aside; TextTooLongError
    """
    stripped = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(letter) in _UNSEEN for letter in without_joiners(stripped)):
        raise TextNotAllowedError(field=field)
    if len(stripped) > limit:
        raise TextTooLongError(field=field, limit=limit)
    return stripped


def require(text: str, field: str, limit: int = LONGEST_NAME) -> str:
    """Clean ``text`` and refuse it when nothing is left.

    raises   MissingError, and as ``clean``
    """
    cleaned = clean(text, field, limit)
    if not cleaned:
        raise MissingError(field=field)
    return cleaned


def bare_reference(text: str) -> str:
    """Give a reference of a bank or of mobile money as it is compared: in capitals, without any blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def folded(text: str) -> str:
    """Give ``text`` as it is compared in a search: no accents, no capitals, no joiners."""
    return text.lower() if text.isascii() else _without_accents(text)


@lru_cache(maxsize=20_000)  # a search folds every name of the branch, and the next letter does it again
def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFKD", without_joiners(text.casefold()))
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return bare.translate(_LETTERS_WITHOUT_PARTS)


def digits_of(text: str) -> str:
    """Give only the digits of ``text``, as telephone numbers and document numbers are compared."""
    if text.isascii():
        return "".join(filter(str.isdigit, text))
    return "".join(str(unicodedata.digit(character)) for character in text if character.isdigit())
