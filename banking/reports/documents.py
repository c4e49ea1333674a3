"""Reports as documents for other programs: JSON, CSV, XLSX.

Money is a decimal string in major units, dates are ISO. Text that a spreadsheet would take for a formula is
made harmless.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TextIO

from banking.reports.shape import Column, Definition, Kind, Question, Report, Table
from ledger.money import Money, format_major, parse_major

if TYPE_CHECKING:
    from _csv import Writer

_CSV_END: Final = "\r\n"
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_WIDEST_COLUMN = 60


def to_json(report: Report, digits: int) -> dict[str, Any]:
    """Give a report as a JSON document; ``digits`` are the decimals of the book's currency."""
    asked = report.question
    document: dict[str, Any] = {
        "report": report.name,
        "title": report.title,
        "start": None if asked.start is None else asked.start.isoformat(),
        "as_of": None if asked.as_of == date.max else asked.until,
    }
    document |= {column.name: _written(column, value, digits) for column, value in report.figures}
    for table in report.tables:
        columns = list(enumerate(written(table)))
        document[table.name] = [
            {column.name: _written(column, row[place], digits) for place, column in columns}
            for row in table.rows
        ]
    sums = report.table.totals
    document["totals"] = {
        column.name: _written(column, sums[column.name], digits)
        for column in report.table.columns
        if column.added
    }
    document["notes"] = list(report.notes)
    return document


def read_json(document: Mapping[str, Any], definition: Definition, digits: int) -> Report:
    """Give the report that ``to_json`` wrote, so that a kept one can be put on paper too."""
    as_of = date.max if document["as_of"] is None else date.fromisoformat(document["as_of"])
    start = document["start"] and date.fromisoformat(document["start"])
    figures = tuple((column, _read(column, document[column.name], digits)) for column in definition.figures)
    tables = tuple(
        replace(
            shape,
            columns=written(shape),
            rows=[
                tuple(_read(column, row[column.name], digits) for column in written(shape))
                for row in document[shape.name]
            ],
        )
        for shape in definition.tables
    )
    question = Question(as_of=as_of, start=start or None)
    return Report(definition.name, definition.title, question, figures, tables, tuple(document["notes"]))


def _read(column: Column, value: Any, digits: int) -> object:  # noqa: ANN401 - of JSON
    if value is None:
        return None
    if column.kind is Kind.MONEY:
        return parse_major(value, digits).minor
    return Decimal(value) if column.kind is Kind.PERCENT else value


def written(table: Table) -> tuple[Column, ...]:
    """Give the columns that documents hold: those for the pen stand last in a table and are left out."""
    return tuple(column for column in table.columns if column.kind is not Kind.BLANK)


def _written(column: Column, value: object, digits: int) -> object:
    """Write one value as JSON has it."""
    if value is None:
        return None
    if column.kind is Kind.MONEY:
        assert isinstance(value, int)
        return format_major(Money(value), digits)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value


def to_csv(report: Report, digits: int) -> str:
    """Give the report's first table as CSV with a header, lines ended by CRLF, no text a formula."""
    columns = list(enumerate(written(report.table)))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for _, column in columns])
    for row in report.table.rows:
        writer.writerow([_csv_cell(column, row[place], digits) for place, column in columns])
    return out.getvalue()


def _csv_cell(column: Column, value: object, digits: int) -> object:
    if value is None:
        return ""
    if column.kind is Kind.TEXT:
        return harmless(str(value))
    return _written(column, value, digits)


class _UnixLines:
    """Takes lines that end as CSV's do and writes them ended by LF."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, line: str) -> int:
        """Write one whole line; gives the characters, as files do."""
        return self._file.write(f"{line.removesuffix(_CSV_END)}\n")


def csv_rows(file: TextIO) -> "Writer":
    """Give what writes rows of CSV with lines ended by LF.

    Python quotes line ends inside a text only where they are those of the file: a CR that stood alone would
    begin a line of its own, and in it a formula.
    """
    return csv.writer(_UnixLines(file), lineterminator=_CSV_END)


def harmless(text: str) -> str:
    """Give text that no spreadsheet takes for a formula: an apostrophe before a leading sign."""
    return f"'{text}" if text.startswith(FORMULA_BEGINS) else text


def to_xlsx(
    report: Report, digits: int, *, institution: str = "", currency: str = "", printed: Sequence[str] = ()
) -> bytes:
    """Give a report as a workbook: heading, figures, tables. Amounts are numbers, text is never a formula.

    printed   when it was made and by whom, below the notes
    """
    import xlsxwriter  # noqa: PLC0415 - 42 modules, and few reports become workbooks

    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True})
    # a workbook wants a date of making, and reports do not read the clock
    made = datetime.combine(report.question.as_of, time())
    workbook.set_properties({"title": report.title, "created": made})
    sheet = workbook.add_worksheet("Report")
    money = workbook.add_format({"num_format": f"#,##0.{'0' * digits}" if digits else "#,##0"})
    bold = workbook.add_format({"bold": True})
    heading = workbook.add_format({"bold": True, "bottom": 1})
    sheet.write_string(0, 0, " · ".join(part for part in (institution, report.title, currency) if part), bold)
    sheet.write_string(1, 0, "as_of")
    sheet.write_string(1, 1, report.question.until)
    line = 2
    for column, value in report.figures:
        sheet.write_string(line, 0, column.name)
        _write_cell(sheet, (line, 1), column, value, digits, money)
        line += 1
    for number, table in enumerate(report.tables):
        line = _write_table(sheet, line + 1, table, digits, (heading, money))
        if not number:
            sheet.freeze_panes(line - len(table.rows), 0)
    for note in (*report.notes, *printed):
        line += 1
        sheet.write_string(line, 0, note)
    sheet.autofit(_WIDEST_COLUMN * 7)
    workbook.close()
    return out.getvalue()


def _write_table(sheet: Any, line: int, table: Table, digits: int, formats: tuple[Any, Any]) -> int:  # noqa: ANN401 - xlsxwriter has no types
    """Write names and rows; gives the line after them."""
    heading, money = formats
    columns = list(enumerate(written(table)))
    for place, column in columns:
        sheet.write_string(line, place, column.name, heading)
    for below, row in enumerate(table.rows, line + 1):
        for place, column in columns:
            _write_cell(sheet, (below, place), column, row[place], digits, money)
    return line + 1 + len(table.rows)


def _write_cell(
    sheet: Any,  # noqa: ANN401 - as above
    where: tuple[int, int],
    column: Column,
    value: object,
    digits: int,
    money: Any,  # noqa: ANN401 - as above
) -> None:
    if value is None:
        return
    if column.kind is Kind.MONEY:
        assert isinstance(value, int)
        sheet.write_number(*where, Decimal(value).scaleb(-digits), money)
    elif column.kind is not Kind.TEXT and isinstance(value, (int, Decimal)):
        sheet.write_number(*where, value)
    else:
        sheet.write_string(*where, str(value))
