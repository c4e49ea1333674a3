"""Reports as documents for other programs: JSON, CSV, XLSX.

Money is a decimal string in major units, dates are ISO, ids do not appear. Text that a spreadsheet would take
for a formula is made harmless.
"""

import csv
import io
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Protocol

import xlsxwriter

from ledger.money import Money, format_major


class Report(Protocol):
    """A report: a frozen dataclass that names its title and the field that holds its rows."""

    @property
    def title(self) -> str:
        """What stands over the report."""

    @property
    def table(self) -> str:
        """Name of the field with the rows."""


_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_WIDEST_COLUMN = 60
_NO_DATE = date(1980, 1, 1)  # a workbook wants a date of making, and reports do not read the clock


def to_json(report: Report, digits: int) -> dict[str, Any]:
    """Give a report as a JSON document; ``digits`` are the decimals of the book's currency."""
    return {field.name: _json(getattr(report, field.name), digits) for field in _fields(report)}


def _fields(of: object) -> Any:  # noqa: ANN401 - dataclass fields
    assert is_dataclass(of)
    return fields(of)


def _json(value: object, digits: int) -> object:
    if isinstance(value, Money):
        return format_major(value, digits)
    if isinstance(value, (tuple, list)):
        return [_json(item, digits) for item in value]
    if is_dataclass(value):
        return {field.name: _json(getattr(value, field.name), digits) for field in _fields(value)}
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def rows_of(report: Report) -> tuple[list[str], list[list[object]]]:
    """Give the column names of a report's table, and its rows with their values as they are."""
    rows = getattr(report, report.table)
    if not rows:
        return [], []
    names = [field.name for field in _fields(rows[0])]
    return names, [[getattr(row, name) for name in names] for row in rows]


def to_csv(report: Report, digits: int) -> str:
    """Give the report's table as CSV with a header, lines ended by CRLF, no text a formula."""
    names, rows = rows_of(report)
    out = io.StringIO()
    writer = csv.writer(out)
    if names:
        writer.writerow(names)
    for row in rows:
        writer.writerow([_csv_cell(value, digits) for value in row])
    return out.getvalue()


def _csv_cell(value: object, digits: int) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    return _json(value, digits)


def harmless(text: str) -> str:
    """Give text that no spreadsheet takes for a formula: an apostrophe before a leading sign."""
    return f"'{text}" if text.startswith(_FORMULA_BEGINS) else text


def to_xlsx(report: Report, digits: int, *, institution: str = "", currency: str = "") -> bytes:
    """Give a report as a workbook: heading, totals, table. Amounts are numbers, text is never a formula."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True})
    as_of = getattr(report, "as_of", None) or _NO_DATE
    workbook.set_properties({"title": report.title, "created": datetime.combine(as_of, time())})
    sheet = workbook.add_worksheet("Report")
    money = workbook.add_format({"num_format": f"#,##0.{'0' * digits}" if digits else "#,##0"})
    bold = workbook.add_format({"bold": True})
    heading = workbook.add_format({"bold": True, "bottom": 1})
    sheet.write_string(0, 0, " · ".join(part for part in (institution, report.title, currency) if part), bold)
    line = 1
    for field in _fields(report):
        value = getattr(report, field.name)
        if not isinstance(value, tuple) and value is not None:
            sheet.write_string(line, 0, field.name)
            _write_cell(sheet, line, 1, value, digits, money)
            line += 1
    names, rows = rows_of(report)
    for column, name in enumerate(names):
        sheet.write_string(line + 1, column, name, heading)
    for below, row in enumerate(rows, line + 2):
        for column, value in enumerate(row):
            _write_cell(sheet, below, column, value, digits, money)
    sheet.freeze_panes(line + 2, 0)
    sheet.autofit(_WIDEST_COLUMN * 7)
    workbook.close()
    return out.getvalue()


def _write_cell(sheet: Any, line: int, column: int, value: object, digits: int, money: Any) -> None:  # noqa: ANN401 - a cell of xlsxwriter, which has no types
    if isinstance(value, Money):
        sheet.write_number(line, column, Decimal(value.minor).scaleb(-digits), money)
    elif isinstance(value, (int, Decimal)):
        sheet.write_number(line, column, value)
    elif value is not None:
        sheet.write_string(line, column, str(_json(value, digits)))
