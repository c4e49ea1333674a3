"""What every report is made of: a question, columns with kinds, rows, totals, and what it rests on.

A report of the catalogue is a query and its columns. Rows hold values in stored form, minor units and ISO
dates; the kind of a column says how a writer puts them down. JSON, CSV, workbooks and paper are made from
this and nothing else.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from ledger.errors import N_
from ledger.money import Money
from schema.reading import fetch

Row = Sequence[object]


class Kind(StrEnum):
    """How the values of a column are written."""

    TEXT = "text"
    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"
    DAY = "date"
    BLANK = "blank"
    """For the pen: empty on paper, left out elsewhere."""


@dataclass(frozen=True, slots=True)
class Link:
    """What the cells of a column open, where a page has a place for it.

    ``opens``     account (of the chart), entry, loan, savings, client, office; figure: an amount that opens
                  the account of its row; made_of: what a ratio is made of
    ``key``       name of the column that holds what is opened; empty: the cell itself
    ``office``    code of the one office that the figure is of, with all below it where ``sub_tree``
    ``compared``  the figure is of the day that is compared with
    """

    opens: str
    key: str = ""
    office: str = ""
    sub_tree: bool = False
    compared: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or a single figure of a report.

    ``name`` is its key in JSON and CSV. ``heading`` stands on paper; what has none is only in documents. The
    sum of an ``added`` column stands below it.
    """

    name: str
    heading: str
    kind: Kind = Kind.TEXT
    added: bool = False
    share: int = 0
    """What a column for the pen claims of a page's width, in letters."""
    link: Link | None = None
    said: bool = False
    """Its words are ours: paper and pages say them in the reader's language."""


def text(name: str, heading: str, opens: str = "", *, said: bool = False) -> Column:
    """Give a column of words; ``opens`` is what they are the number or code of (see ``Link``)."""
    return Column(name, heading, link=Link(opens) if opens else None, said=said)


def money(name: str, heading: str, *, added: bool = True, link: Link | None = None) -> Column:
    """Give a column of amounts (minor units)."""
    return Column(name, heading, Kind.MONEY, added, link=link)


def count(name: str, heading: str, *, added: bool = False) -> Column:
    """Give a column of whole numbers."""
    return Column(name, heading, Kind.COUNT, added)


def percent(name: str, heading: str) -> Column:
    """Give a column of percentages with two decimals."""
    return Column(name, heading, Kind.PERCENT)


def day(name: str, heading: str) -> Column:
    """Give a column of dates."""
    return Column(name, heading, Kind.DAY)


def blank(name: str, heading: str, share: int) -> Column:
    """Give a column that is filled in by hand, as wide as so many letters."""
    return Column(name, heading, Kind.BLANK, share=share)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Some rows of a table that have pages of their own, to be carried away and signed.

    ``number`` tells it from every other sheet, and from the same one with other figures. ``lines`` rows fit
    on a page; it is signed by those whom ``signatures`` names.
    """

    number: str
    heading: str
    first: int
    last: int
    lines: int
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a report: its columns, its rows in the order of printing, and sheets that cut them up."""

    name: str
    heading: str
    columns: tuple[Column, ...]
    rows: Sequence[Row] = ()
    sheets: tuple[Sheet, ...] = ()

    @property
    def totals(self) -> dict[str, int]:
        """The sums of the columns that are added up."""
        return {
            column.name: sum(_minor(row[place]) for row in self.rows)
            for place, column in enumerate(self.columns)
            if column.added
        }

    def records(self) -> list[dict[str, Any]]:
        """Give the rows by name of column, values as they are."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def _minor(value: object) -> int:
    return value if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the books, at the end of a day.

    ``as_of``      ``date.max`` is every entry
    ``start``      first day of what counts movements; None: since the books began
    ``office_id``  one office, with all below it where ``sub_tree``; None: all of them
    ``account``    a GL account by code, or a loan or savings account by number
    ``client``     by number; ``group`` by number or name, ``officer`` by name, ``product`` by code
    ``late``       with what was entered after ``as_of`` but counts before: the value date decides
    ``by_office``  a column for each office beside the sum: the same as ``columns`` offices
    ``columns``  offices, regions (offices with all below them) or consolidation; empty: the sum alone
    ``compare``  another day, that stands beside with the difference
    ``exception``  one query of the audit library by name, ``limits`` its parameters (``days=3 times=2``)
    ``adjustments``  what subsidies and inflation would have cost (minor units): no books hold it
    ``offices``    the offices meant (None: all); follows from ``office_id``
    """

    as_of: date
    start: date | None = None
    office_id: int | None = None
    sub_tree: bool = False
    account: str = ""
    client: str = ""
    group: str = ""
    officer: str = ""
    product: str = ""
    exception: str = ""
    limits: str = ""
    late: bool = False
    by_office: bool = False
    columns: str = ""
    compare: date | None = None
    adjustments: int | None = None
    offices: tuple[int, ...] | None = None

    @property
    def until(self) -> str:
        """The day asked for, as it is stored."""
        return self.as_of.isoformat()

    @property
    def since(self) -> str:
        """The first day that counts, as it is stored; before any other day without ``start``."""
        return "" if self.start is None else self.start.isoformat()

    @property
    def counted_by(self) -> str:
        """Name of the date that decides whether a transaction counts."""
        return "value_date" if self.late else "booked_on"

    def within(self, column: str) -> str:
        """Give the SQL condition that ``column`` is one of the offices."""
        if self.offices is None:
            return "1 = 1"
        return f"{column} IN ({', '.join(map(str, self.offices)) or '0'})"


@dataclass(frozen=True, slots=True)
class Found:
    """What a query gives: its single figures, the rows of each table, what belongs to this answer alone."""

    figures: Sequence[object]
    tables: Sequence[Sequence[Row]]
    beside: tuple[Column, ...] = ()
    """Columns of the first table after those that it always has."""
    sheets: tuple[Sheet, ...] = ()
    notes: tuple[str, ...] = ()
    more: tuple[Table, ...] = ()
    """Tables after those that it always has."""


@dataclass(frozen=True, slots=True)
class Report:
    """An answer: the question, single figures, tables (the first one is the report's), and notes below."""

    name: str
    title: str
    question: Question
    figures: tuple[tuple[Column, object], ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    """Those of the notes that say what the figures rest on."""

    def figure(self, name: str) -> Any:  # noqa: ANN401 - of any kind
        """Give one of the single figures."""
        return next(value for column, value in self.figures if column.name == name)

    def records(self, table: str = "") -> list[dict[str, Any]]:
        """Give the rows of a table (the first one) by name of column."""
        found = next(one for one in self.tables if not table or one.name == table)
        return found.records()

    @property
    def table(self) -> Table:
        """The first table: what CSV holds."""
        return self.tables[0]


Find = Callable[[Session, Question], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An entry of the catalogue. Called with a session and the fields of a ``Question`` it gives the report.

    ``room``   where it stands in the list: books, cash, loans, savings, people, institution
    ``rule``   what it counts and how, for the documentation
    ``asks``   the fields of the question beside day and office that it heeds
    ``needs``  those without which it cannot answer
    ``without_start``  what an empty day of beginning means, for the form
    ``right``  the permission that it takes to see it
    ``kept``   whether the close of a month keeps it; long lists of movements are in the journal for ever
    ``tables`` empty tables: names, headings and columns
    """

    name: str
    title: str
    room: str
    rule: str
    find: Find
    tables: tuple[Table, ...]
    figures: tuple[Column, ...] = ()
    asks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    without_start: str = N_("empty: from the beginning")
    kept: bool = True
    right: str = "reports.see"

    def __call__(self, session: Session, **asked: Any) -> Report:  # noqa: ANN401 - the fields of Question
        """Answer a question."""
        question = Question(**asked)
        late = question.late and "late" in self.asks
        return self.answer(session, replace(question, late=late, offices=_offices(session, question)))

    def answer(self, session: Session, question: Question) -> Report:
        """Answer a question whose offices are known."""
        found = self.find(session, question)
        tables = [replace(shape, rows=rows) for shape, rows in zip(self.tables, found.tables, strict=True)]
        first = tables[0]
        tables[0] = replace(first, columns=(*first.columns, *found.beside), sheets=found.sheets)
        return Report(
            self.name,
            self.title,
            question,
            tuple(zip(self.figures, found.figures, strict=True)),
            (*tables, *found.more),
            found.notes,
        )


def _offices(session: Session, question: Question) -> tuple[int, ...] | None:
    """Give the offices that a question means: one, or one and all below it."""
    if question.office_id is None:
        return None
    return offices_below(session, question.office_id) if question.sub_tree else (question.office_id,)


def offices_below(session: Session, office_id: int) -> tuple[int, ...]:
    """Give an office and all below it, by their ids."""
    below: dict[int | None, list[int]] = {}
    for own, parent in fetch(session, "SELECT id, parent_id FROM office ORDER BY number"):
        below.setdefault(parent, []).append(own)
    found = [office_id]
    for one in found:  # grows while it is read
        found += [child for child in below.get(one, ()) if child not in found]
    return tuple(found)


def rows_of(things: Iterable[object], columns: Iterable[Column]) -> list[Row]:
    """Give the rows of things whose attributes have the names of the columns."""
    get = attrgetter(*(column.name for column in columns))
    return [tuple(stored(value) for value in get(thing)) for thing in things]


def stored(value: object) -> object:
    """Give a value in stored form."""
    if isinstance(value, Money):
        return value.minor
    if isinstance(value, date):
        return value.isoformat()
    return value
