"""Collection sheets on paper: what stands where, for the page that is printed and for the PDF.

A sheet is cut into pages of thirty members; each page repeats the heading and has its own totals, the last
one those of the whole sheet and the lines to sign on. An amount that is due stands beside an empty box for
what was paid; where an account takes nothing the box is missing.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from banking.reports import paper as reports_paper
from banking.sheets.columns import WITHDRAWAL, Column
from banking.sheets.plan import SheetLineOf, SheetPlan
from ledger.errors import N_
from ledger.money import Money, total
from schema.meetings import CollectionSheet

MEMBERS_A_PAGE: Final = 30
SIGNATURES: Final = (N_("Center leader"), N_("Loan officer"), N_("Cashier"), N_("Verified by"))

_TEMPLATE: Final = Path(__file__).with_name("sheet.typ")
_FONTS: Final = Path(reports_paper.__file__).parent / "fonts"
_MANY_COLUMNS: Final = 6
_DIGIT_MM: Final = 2  # what a digit of a bold total takes, with room


@dataclass(frozen=True, slots=True)
class Words:
    """How amounts, days, instants and sentences are written for the reader."""

    say: Callable[..., str]
    amount: Callable[[Money], str]
    day: Callable[[date], str]
    instant: Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class PaperColumn:
    """A column: with a printed due and a box beside it, or the box alone."""

    heading: str
    has_due: bool


@dataclass(frozen=True, slots=True)
class PaperCell:
    """What stands in a cell; ``open`` is false where the member has no such account."""

    due: str
    open: bool
    has_due: bool


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A member's line; ``group`` is named on the first line of each group."""

    line: str
    name: str
    number: str
    group: str
    cells: tuple[PaperCell, ...]


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A page; totals are those of its own rows, by column."""

    stand: str
    total_name: str
    rows: tuple[PaperRow, ...]
    totals: tuple[PaperCell, ...]
    last: bool


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """A numbered sheet, ready to be set."""

    number: str
    place: str
    meeting: str
    as_at: str
    columns: tuple[PaperColumn, ...]
    pages: tuple[PaperPage, ...]
    total_name: str
    totals: tuple[PaperCell, ...]
    due_mm: int


def heading_of(column: Column, say: Callable[..., str]) -> str:
    """Name a column; money that is taken out says so."""
    if column.kind == WITHDRAWAL:
        return say(N_("Out: %(product)s"), product=column.title)
    return say(column.title)


def paper_of(sheet: CollectionSheet, plan: SheetPlan, words: Words) -> PaperSheet:
    """Lay a printed sheet out on its pages."""
    starts = range(0, len(plan.lines), MEMBERS_A_PAGE)
    parts = [plan.lines[start : start + MEMBERS_A_PAGE] for start in starts]
    say = words.say
    totals = _totals(plan.lines, plan.columns, words)
    officer = f" · {plan.officer}" if plan.officer else ""
    return PaperSheet(
        number=sheet.number,
        place=plan.place,
        meeting=say(N_("Meeting on %(day)s"), day=words.day(plan.meeting_on)) + officer,
        as_at=say(N_("Figures as at %(at)s"), at=words.instant(sheet.as_at)),
        columns=tuple(PaperColumn(heading_of(one, say), not one.optional) for one in plan.columns),
        pages=tuple(
            PaperPage(
                stand=say(N_("Page %(page)s of %(pages)s"), page=place, pages=len(parts)),
                total_name=say(N_("Total of this page")),
                rows=tuple(_rows(part, plan.columns, words)),
                totals=_totals(part, plan.columns, words),
                last=place == len(parts),
            )
            for place, part in enumerate(parts, 1)
        ),
        total_name=say(N_("Total of the sheet")),
        totals=totals,
        due_mm=2 + max((len(cell.due) for cell in totals), default=0) * _DIGIT_MM,
    )


def _rows(lines: Iterable[SheetLineOf], columns: Sequence[Column], words: Words) -> Iterable[PaperRow]:
    before = None
    for line in lines:
        group = line.group if line.group != before else ""
        before = line.group
        yield PaperRow(str(line.line), line.name, line.number, group, _cells(line, columns, words))


def _cells(line: SheetLineOf, columns: Sequence[Column], words: Words) -> tuple[PaperCell, ...]:
    found = []
    for column in columns:
        cell = line.cells.get(column.slot)
        due = words.amount(cell.due) if cell is not None and not column.optional else ""
        found.append(PaperCell(due, cell is not None, not column.optional))
    return tuple(found)


def _totals(lines: Sequence[SheetLineOf], columns: Sequence[Column], words: Words) -> tuple[PaperCell, ...]:
    found = []
    for column in columns:
        dues = total(line.cells[column.slot].due for line in lines if column.slot in line.cells)
        found.append(
            PaperCell("" if column.optional else words.amount(dues), open=True, has_due=not column.optional)
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page says beside the sheet: whose it is, when and by whom it was printed."""

    institution: str
    office: str
    currency: str
    footer: str
    lang: str
    mirrored: bool
    printed_at: datetime


def sheets_to_pdf(sheets: Sequence[PaperSheet], frame: Frame, say: Callable[..., str]) -> bytes:
    """Set sheets on A4, black on white, each page by itself readable when it is photocopied."""
    import typst  # noqa: PLC0415 - 80 MB of program, for those who print

    given = {
        "title": ", ".join(sheet.number for sheet in sheets),
        "institution": frame.institution,
        "office": f"{frame.office} · {frame.currency}",
        "footer": frame.footer,
        "lang": frame.lang[:2],
        "mirrored": frame.mirrored,
        "size": 7 if any(len(sheet.columns) > _MANY_COLUMNS for sheet in sheets) else 8,
        "nr": say(N_("No.")),
        "member": say(N_("Member")),
        "attendance": say(N_("PAL")),
        "due": say(N_("Due")),
        "paid": say(N_("Paid")),
        "key": say(N_("P present · LP late · A absent · L on leave")),
        "signatures": [say(name) for name in SIGNATURES],
        "sheets": [asdict(sheet) for sheet in sheets],
    }
    document = typst.compile(
        str(_TEMPLATE),
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"sheets": json.dumps(given, ensure_ascii=False)},
        timestamp=int(frame.printed_at.timestamp()),
    )
    assert isinstance(document, bytes)
    return document
