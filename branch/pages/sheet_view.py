"""A sheet with its draft as its page shows it: every cell as text, with the word that stands beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask_babel import gettext as _

from banking.sheets.columns import ATTENDANCE, CHARGE, LOAN, WITHDRAWAL, Column
from banking.sheets.control import explain_difference
from banking.sheets.keyed import EXCEPTION, NOT_KEYED, WRONG, KeyedCell, KeyedLine, KeyedSheet
from banking.sheets.sheets import PRINTED
from branch.sheet_paper import heading_of
from ledger.errors import N_
from ledger.money import Money, format_major
from web import work
from web.filters import money, told

WORDS: Final[Mapping[str, str]] = {
    "less": N_("less"),
    "more": N_("more"),
    "unpaid": N_("not paid"),
    "out": N_("out"),
    "fine": N_("fine"),
    "wrong": N_("wrong"),
}
"""What stands beside an amount that is not as due; translated where it is shown."""


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell. ``name`` is that of its field; ``due``, ``now`` and ``owed`` are minor units for the script.

    text   what the paper says, as it would be typed; ``owed`` is empty where there is no such bound
    """

    name: str
    kind: str
    typed: str
    text: str
    due: int
    now: int
    owed: str
    state: str


@dataclass(frozen=True, slots=True)
class LineView:
    """A row; ``cells`` has one place for each column. ``is_first``: of its group.

    ``usual`` is the mark that follows from the money.
    """

    line: int
    name: str
    number: str
    group_name: str
    is_first: bool
    mark_name: str
    mark: str
    usual: str
    cells: tuple[CellView | None, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetView:
    """What stands on a sheet's page."""

    id: int
    number: str
    state: str
    is_open: bool
    place: str
    officer: str
    meeting_on: date
    as_at: datetime
    reason: str
    headings: tuple[str, ...]
    lines: tuple[LineView, ...]


def plain_amount(amount: Money) -> str:
    """Write an amount as it is typed: 1250.00."""
    return format_major(amount, work.edition().currency.digits)


def view_of(keyed: KeyedSheet) -> SheetView:
    """Put a sheet and its draft into words."""
    sheet = keyed.sheet
    return SheetView(
        sheet.id,
        sheet.number,
        sheet.state,
        sheet.state == PRINTED,
        keyed.place,
        keyed.officer,
        sheet.meeting_on,
        sheet.as_at,
        sheet.reason,
        tuple(heading_of(column, _) for column in keyed.columns),
        tuple(_lines(keyed)),
    )


def _lines(keyed: KeyedSheet) -> Iterator[LineView]:
    before = None
    for line in keyed.lines:
        yield LineView(
            line.line,
            line.name,
            line.number,
            line.group,
            line.group != before,
            "" if line.is_group else f"{line.line}/{ATTENDANCE}",
            line.attendance_typed,
            line.attendance,
            tuple(_cell(line, line.cells.get(column.slot)) for column in keyed.columns),
            tuple(_notes(line, keyed.columns)),
        )
        before = line.group


def _cell(line: KeyedLine, cell: KeyedCell | None) -> CellView | None:
    if cell is None:
        return None
    return CellView(
        f"{line.line}/{cell.slot}",
        cell.kind,
        cell.typed,
        "" if cell.kind in {WITHDRAWAL, CHARGE} else plain_amount(cell.printed),
        cell.printed.minor,
        cell.due.minor,
        str(cell.balance.minor) if cell.kind == LOAN else "",
        _word(cell),
    )


def _word(cell: KeyedCell) -> str:
    """Name what is unusual about a cell, empty where nothing is: a key of ``WORDS``."""
    if cell.state == WRONG:
        return "wrong"
    if cell.state != EXCEPTION or not cell.typed:
        return ""
    if cell.kind in {WITHDRAWAL, CHARGE}:
        return "out" if cell.kind == WITHDRAWAL else "fine"
    if not cell.amount:
        return "unpaid"
    return "less" if cell.amount < cell.printed else "more"


def _notes(line: KeyedLine, columns: tuple[Column, ...]) -> Iterator[str]:
    for column in columns:
        cell = line.cells.get(column.slot)
        if cell is None:
            continue
        heading = heading_of(column, _)
        if cell.changed and cell.due != cell.printed:
            yield _(
                "changed: %(column)s was %(printed)s, now %(now)s",
                column=heading,
                printed=money(cell.printed),
                now=money(cell.due),
            )
        elif cell.changed:
            yield f"{heading}: {_(cell.changed)}"
        if cell.refusal is not None:
            yield f"{heading}: {told(cell.refusal)}"


@dataclass(frozen=True, slots=True)
class Blank:
    """A row that has cells which nobody keyed; ``at`` is what leads to the first of them."""

    line: int
    name: str
    at: str


@dataclass(frozen=True, slots=True)
class Look:
    """A cell to look at before posting: a sentence, what leads to it from the row box, its field's name."""

    at: str
    sentence: str
    name: str = ""


def where(line: KeyedLine, slot: str) -> str:
    """Give what is typed into the row box to come to a cell: its row, and its place after a point."""
    place = list(line.cells).index(slot) + 1
    return str(line.line) if place == 1 else f"{line.line}.{place}"


def blanks(keyed: KeyedSheet) -> list[Blank]:
    """List the rows with cells that nobody keyed, each once."""
    found: dict[int, Blank] = {}
    for line, cell in keyed.in_state(NOT_KEYED):
        found.setdefault(line.line, Blank(line.line, line.name, where(line, cell.slot)))
    return list(found.values())


def refused(keyed: KeyedSheet) -> list[Look]:
    """List the cells that cannot be posted."""
    return [
        Look(where(line, cell.slot), f"{line.name}: {told(cell.refusal)}")
        for line, cell in keyed.in_state(WRONG)
        if cell.refusal is not None
    ]


def warnings(keyed: KeyedSheet) -> list[Look]:
    """List the amounts that are asked about once."""
    return [
        Look(where(line, cell.slot), f"{line.name}: {told(cell.warning)}", f"{line.line}/{cell.slot}")
        for line in keyed.lines
        for cell in line.cells.values()
        if cell.warning is not None
    ]


def hints(keyed: KeyedSheet, counted: Money) -> list[Look]:
    """Say what could explain that the cash counted is not what the rows come to."""
    lines = {line.line: line for line in keyed.lines}
    return [
        Look("" if hint.line is None else where(lines[hint.line], hint.slot), hint.told(_, _shown))
        for hint in explain_difference(keyed, counted)
    ]


def _shown(fact: object) -> object:
    return f"{work.edition().currency.code} {money(fact)}" if isinstance(fact, Money) else fact
