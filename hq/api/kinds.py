"""Kinds of values that come in and go out: each reads text strictly, and says in JSON Schema what it takes.

The description is made of the same objects as the checks, so that neither can say more than the other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

Schema = Mapping[str, Any]

LARGEST_ID: Final = 2**63 - 1
LONGEST_TEXT: Final = 120
PLAIN: Final = r"^[^\u0000-\u001f\u007f]*$"
"""Text without characters that steer terminals; PostgreSQL keeps no NUL."""


class NotReadableError(Exception):
    """The text is not of the kind. Says what would be."""


class Kind(Protocol):
    """How the text of a parameter becomes a value."""

    def read(self, text: str) -> object:
        """Give the value.

        raises   NotReadableError
        """

    @property
    def schema(self) -> Schema:
        """What it takes, as JSON Schema."""


@dataclass(frozen=True, slots=True)
class Text:
    """Some words; ``pattern`` must hold for the whole of it (in Python and in ECMAScript alike)."""

    longest: int = LONGEST_TEXT
    shortest: int = 1
    pattern: str = PLAIN
    example: str = ""

    def read(self, text: str) -> str:
        """Give it as it is."""
        if not self.shortest <= len(text) <= self.longest:
            raise NotReadableError(f"It has {self.shortest} to {self.longest} characters.")
        if not re.search(self.pattern, text) or text.endswith("\n"):
            raise NotReadableError(f"It is written like {self.pattern}.")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise NotReadableError("It holds half a character.") from None
        return text

    @property
    def schema(self) -> Schema:
        """What it takes."""
        shape = {
            "type": "string",
            "minLength": self.shortest,
            "maxLength": self.longest,
            "pattern": self.pattern,
        }
        return shape | ({"example": self.example} if self.example else {})


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``least`` to ``most``."""

    least: int
    most: int

    def read(self, text: str) -> int:
        """Give the number."""
        if not re.fullmatch(r"-?[0-9]{1,19}", text, re.ASCII) or not self.least <= int(text) <= self.most:
            raise NotReadableError(f"It is a whole number from {self.least} to {self.most}.")
        return int(text)

    @property
    def schema(self) -> Schema:
        """What it takes."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Day:
    """A date as ISO writes it."""

    def read(self, text: str) -> date:
        """Give the date."""
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError:
            raise NotReadableError("It is a date such as 2026-01-31.") from None

    @property
    def schema(self) -> Schema:
        """What it takes."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: Sequence[str]

    def read(self, text: str) -> str:
        """Give the word."""
        if text not in self.words:
            raise NotReadableError(f"It is one of: {', '.join(self.words)}.")
        return text

    @property
    def schema(self) -> Schema:
        """What it takes."""
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, text: str) -> bool:
        """Give which it is."""
        if text not in {"true", "false"}:
            raise NotReadableError("It is true or false.")
        return text == "true"

    @property
    def schema(self) -> Schema:
        """What it takes."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class RowNumber:
    """An id of a row: digits, as text."""

    def read(self, text: str) -> int:
        """Give the id; a number that no table can hold is 0, which none has."""
        if not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII):
            raise NotReadableError("It is an id: digits.")
        return int(text) if int(text) <= LARGEST_ID else 0

    @property
    def schema(self) -> Schema:
        """What it takes."""
        return {"type": "string", "pattern": "^[0-9]{1,19}$"}


NUMBER: Final = Text(40)
"""A number that people know: of a client, an account, a receipt."""
CODE: Final = Text(20, pattern=r"^[A-Za-z0-9._-]+$", example="KIT")
AMOUNT: Final = Text(20, pattern=r"^[0-9]{1,12}([.][0-9]{1,6})?$", example="1250.00")
"""Money in major units."""
CURSOR: Final = Text(200_000, pattern=r"^[A-Za-z0-9_-]+$")
