"""Reports on paper: PDF, set by typst with our own letters, so that a page looks the same everywhere.

What stands in the books reaches the page as text and never as markup: it goes in beside the template as JSON.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from banking.reports.shape import Column, Kind, Report, Sheet, Table
from ledger.errors import N_
from ledger.money import Money, format_major

_HERE: Final = Path(__file__).parent
_PORTRAIT_COLUMNS: Final = 9  # a table with more lies across
_CROWDED_COLUMNS: Final = 12  # and one with more than these has small letters
_WIDEST: Final = 26  # letters: what a column of words may claim before it wraps
_WIDEST_ON_SHEETS: Final = 24
_NARROW: Final = 12  # letters: words so short need no share of the page
_FIGURES: Final = frozenset({Kind.MONEY, Kind.COUNT, Kind.PERCENT})
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What a page says beside the report: whose it is, in what currency, when it was printed and by whom.

    ``printed_at`` is what the footer says, ``made_at`` the same instant for the file itself. ``translate``
    gives a word of ours in the reader's language.
    """

    institution: str
    office: str
    currency: str
    digits: int
    printed_at: str
    printed_by: str
    made_at: datetime
    translate: Callable[[str], str] = str
    check_code: str = ""
    """Under which the report is kept as it was printed; empty: it is not."""


def to_pdf(report: Report, head: Letterhead) -> bytes:
    """Set a report on A4: portrait or across as its columns need, headings on each page, page x of y."""
    import typst  # noqa: PLC0415 - 80 MB of program, for those who print

    document = typst.compile(
        str(_HERE / "report.typ"),
        font_paths=[str(_HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(_page(report, head), ensure_ascii=False)},
        timestamp=int(head.made_at.timestamp()),
    )
    assert isinstance(document, bytes)
    return document


def _page(report: Report, head: Letterhead) -> dict[str, Any]:
    """Give everything that the template sets, as text."""
    say = head.translate
    sheets = report.table.sheets
    most = max(len(_printed(table)) for table in report.tables)
    by_office = [head.office] if head.office else []
    return {
        "institution": head.institution,
        "office": " · ".join(by_office),
        "title": say(report.title),
        "span": _span(report, say),
        "unit": head.currency,
        "size": 7 if most > _CROWDED_COLUMNS or sheets else 8,
        "flipped": most > _PORTRAIT_COLUMNS and not sheets,
        "figures": [
            [say(column.heading), shown(column, value, head.digits)] for column, value in report.figures
        ],
        "tables": [_table(table, head) for table in report.tables],
        "sheets": [_sheet(report.table, sheet, head) for sheet in sheets],
        "notes": [*report.notes],
        "empty": say(N_("There is nothing to show for this day.")),
        "footer": " · ".join(
            (
                head.institution,
                *by_office,
                *printed_words(head.printed_at, head.printed_by, head.check_code, say),
            )
        ),
        "stamp": say(N_("P present · A absent · L late. Figures as at {at}.")).format(at=head.printed_at),
        "page": say(N_("Page")),
        "of": say(N_("of")),
    }


def printed_words(at: str, who: str, code: str, say: Callable[[str], str] = str) -> list[str]:
    """Say when a report was printed, by whom, and under which check code it is kept."""
    words = [say(N_("printed {at} by {who}")).format(at=at, who=who)]
    return [*words, say(N_("check code {code}")).format(code=code)] if code else words


def _span(report: Report, say: Callable[[str], str]) -> str:
    asked = report.question
    if asked.as_of == date.max:
        return say(N_("every entry"))
    if asked.start is None:
        return say(N_("as at {day}")).format(day=day_words(asked.until))
    return f"{day_words(asked.since)} - {day_words(asked.until)}"


def day_words(iso: str) -> str:
    """Write a date as people read it: 22 Nov 2026."""
    day = date.fromisoformat(iso)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _printed(table: Table) -> list[tuple[int, Column]]:
    """Give the columns that stand on paper, with their places in the rows."""
    return [(place, column) for place, column in enumerate(table.columns) if column.heading]


def _table(table: Table, head: Letterhead) -> dict[str, Any]:
    """Give a table as the template sets it: every cell as text."""
    printed = _printed(table)
    rows = [[shown(column, row[place], head.digits) for place, column in printed] for row in table.rows]
    names = [column.name for column in table.columns]
    level = names.index("level") if "level" in names else None
    usage = names.index("usage") if "usage" in names else None
    indented = next((place for place, (_, column) in enumerate(printed) if column.name == "name"), 0)
    return {
        "heading": head.translate(table.heading) if table.heading else "",
        "columns": _columns(printed, rows, head, _WIDEST_ON_SHEETS if table.sheets else _WIDEST),
        "rows": [
            {
                "values": values,
                "level": row[level] if level is not None else 0,
                "strong": usage is not None and row[usage] == "header",
                "place": indented,
            }
            for values, row in zip(rows, table.rows, strict=True)
        ],
        "totals": _totals(table, printed, head),
    }


def _columns(
    printed: Sequence[tuple[int, Column]], rows: Sequence[Sequence[str]], head: Letterhead, widest: int
) -> list[dict[str, Any]]:
    """Give headings and widths: figures and short words take what they need, longer ones share the rest."""
    columns = []
    for place, (_, column) in enumerate(printed):
        longest = max((len(row[place]) for row in rows), default=0)
        heading = head.translate(column.heading)
        share = column.share
        if column.kind is Kind.TEXT and longest > _NARROW:
            share = min(longest, widest)
        columns.append({"heading": heading, "figure": column.kind in _FIGURES, "share": share})
    return columns


def _totals(table: Table, printed: Sequence[tuple[int, Column]], head: Letterhead) -> list[str]:
    sums = table.totals
    if not sums or not table.rows:
        return []
    cells = [shown(column, sums.get(column.name), head.digits) for _, column in printed]
    if not cells[0]:
        cells[0] = head.translate(N_("Total"))
    return cells


def _sheet(table: Table, sheet: Sheet, head: Letterhead) -> dict[str, Any]:
    """Give the rows of a sheet, cut into pages."""
    printed = _printed(table)
    own = table.rows[sheet.first : sheet.last]
    rows = [[shown(column, row[place], head.digits) for place, column in printed] for row in own]
    pages = [rows[first : first + sheet.lines] for first in range(0, len(rows), sheet.lines)]
    part = Table(table.name, "", table.columns, own)
    return {
        "number": sheet.number,
        "heading": sheet.heading,
        "pages": pages,
        "totals": _totals(part, printed, head),
        "signatures": [head.translate(name) for name in sheet.signatures],
    }


def shown(column: Column, value: object, digits: int) -> str:
    """Write a value as it stands on paper: amounts grouped, below zero in parentheses, zero as a dash."""
    if value is None or column.kind is Kind.BLANK:
        return ""
    if column.kind is Kind.MONEY:
        assert isinstance(value, int)
        return amount_words(value, digits)
    if column.kind is Kind.DAY:
        return day_words(str(value)) if value else ""
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def amount_words(minor: int, digits: int) -> str:
    """Write an amount with its thousands apart: 1,250.00, (3.50), and a dash for nothing."""
    if not minor:
        return "\N{EN DASH}"
    whole, point, part = format_major(Money(abs(minor)), digits).partition(".")
    grouped = f"{int(whole):,}{point}{part}"
    return f"({grouped})" if minor < 0 else grouped
