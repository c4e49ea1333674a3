"""Acts: everything that can be done by name, each with typed fields, a permission and one function.

The command line and files of acts go through the same registry, so that what a page does can be done without
one: by a script, from paper, or where no browser runs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias, TypeVar

from sqlalchemy.orm import Session

from ledger.money import Money
from schema.writing import act

T = TypeVar("T")
Read: TypeAlias = Callable[[Session, str, str], object]
"""Session, name of the field, its text; gives the value or raises a RuleError."""


class Place(StrEnum):
    """Where an act is done, and in which books it is written."""

    BRANCH = "branch"
    HQ = "hq"
    """Reference data of headquarters, which every branch receives."""
    HEAD_OFFICE = "head office"
    """The head office's own books and people, kept at headquarters."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How the text of a field becomes a value; ``name`` says in the manual what is typed."""

    name: str
    read: Read


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an act.

    reader    how it is read; None for a list of rows, which only a file can give
    required  whether it must be there
    many      may stand several times (``charge=A charge=B``), in a file as a list
    rows      the fields of each row of a list
    """

    name: str
    reader: Reader | None
    meaning: str
    required: bool = False
    many: bool = False
    rows: tuple["Field", ...] = ()


@dataclass(frozen=True)
class Values(Mapping[str, object]):
    """The fields of an act, read. A field that was not given is not there.

    second_id  the second person, who logged in beside the first; None when nobody did
    """

    fields: Mapping[str, object]
    second_id: int | None = None

    def __getitem__(self, name: str) -> object:
        return self.fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def one(self, name: str, kind: type[T]) -> T:
        """Give a required field; ``kind`` is what its reader gives."""
        value = self.fields[name]
        assert isinstance(value, kind), f"{name} is read as {type(value).__name__}"
        return value

    def maybe(self, name: str, kind: type[T]) -> T | None:
        """Give an optional field, or None."""
        return self.one(name, kind) if name in self.fields else None

    def many(self, name: str, kind: type[T]) -> list[T]:
        """Give a field that may stand several times; nothing given is an empty list."""
        found = self.fields.get(name, [])
        assert isinstance(found, list)
        assert all(isinstance(value, kind) for value in found), name
        return found

    def text(self, name: str) -> str:
        """Give an optional text; nothing given is empty."""
        return self.maybe(name, str) or ""

    def id(self, name: str) -> int:
        """Give a required reference, which its reader turned into a row's id."""
        return self.one(name, int)

    def money(self, name: str) -> Money | None:
        """Give an optional amount."""
        return self.maybe(name, Money)

    def decimal(self, name: str) -> Decimal | None:
        """Give an optional decimal number."""
        return self.maybe(name, Decimal)

    def day(self, session: Session, name: str = "on") -> date:
        """Give a date; where none was given, the open business day (without one: today)."""
        return self.maybe(name, date) or act(session).business_date


Result: TypeAlias = Mapping[str, object]
Run: TypeAlias = Callable[[Session, Values], Result]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done by name, such as ``loan.apply``.

    permission  asked of the acting user's role (``banking.users.PERMISSIONS``)
    at          where it is done
    run         does it; gives what can be written as JSON, amounts and dates included
    """

    name: str
    permission: str
    at: tuple[Place, ...]
    meaning: str
    fields: tuple[Field, ...]
    run: Run = field(repr=False)


def registered(*rooms: Sequence[Act]) -> dict[str, Act]:
    """Put the acts of all rooms under their names; two of one name are a fault of ours."""
    found: dict[str, Act] = {}
    for one in (one for room in rooms for one in room):
        assert found.setdefault(one.name, one) is one, f"two acts are called {one.name}"
    return dict(sorted(found.items()))
