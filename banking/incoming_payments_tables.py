"""The rows of a file, whether text or workbook, and where its headings stand."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from banking.bank_errors import StatementFileError
from banking.bank_files import MOST_BYTES, SEPARATORS
from banking.workbook_bounds import UNREADABLE, Bounds, LargeWorkbookError, check_workbook

MOST_ROWS: Final = 10_000
MOST_UNPACKED_BYTES: Final = 100_000_000
"""A workbook is packed; more than this it does not unfold to."""
HEADING_ROWS: Final = 30
"""So far from the top are headings looked for: banks write their names and addresses above them."""
_MOST_COLUMNS: Final = 200
_SAFE_WHOLE: Final = 10**15  # from here on a spreadsheet has rounded the digits away
_WORKBOOK: Final = b"PK\x03\x04"
_BOUNDS: Final = Bounds(
    rows=MOST_ROWS + HEADING_ROWS,
    columns=_MOST_COLUMNS,
    cells=(MOST_ROWS + HEADING_ROWS) * _MOST_COLUMNS,
    unpacked=MOST_UNPACKED_BYTES,
    texts=1_000_000_000,
)

Cell: TypeAlias = "str | date | Decimal"
Rows: TypeAlias = list[tuple[int, Sequence[Cell]]]


def read_table(content: bytes) -> Rows:
    """Give the rows that are not blank, with their numbers from 1.

    raises   StatementFileError
    """
    if len(content) > MOST_BYTES:
        raise StatementFileError(reason=f"it has more than {MOST_BYTES} bytes")
    rows = _of_workbook(content) if content.startswith(_WORKBOOK) else _of_text(content)
    found: Rows = [(number, row) for number, row in rows if any(str(cell).strip() for cell in row)]
    if not found:
        raise StatementFileError(reason="it is empty")
    if len(found) > MOST_ROWS:
        raise StatementFileError(reason=f"it has more than {MOST_ROWS} lines; take a shorter time")
    return found


def find_header(
    rows: Rows | Sequence[tuple[int, Sequence[Cell]]],
    wanted: Mapping[str, Sequence[str]],
    needed: Sequence[str],
) -> tuple[int, dict[str, int]]:
    """Find the row with all needed headings: its place among ``rows``, and the place of each known column.

    wanted   the ways in which each column's heading is written; capitals do not count
    raises   StatementFileError
    """
    nearest: list[str] = []
    for at, (_number, row) in enumerate(rows[:HEADING_ROWS]):
        names = [str(cell).strip().casefold() for cell in row]
        found: dict[str, int] = {}
        for column, ways in wanted.items():
            places = [index for index, name in enumerate(names) if name in {way.casefold() for way in ways}]
            if len(places) > 1:
                raise StatementFileError(reason=f"two columns are called “{row[places[1]]}”")
            if places:
                found[column] = places[0]
        if all(column in found for column in needed):
            return at, found
        if len(found) > 0 and not nearest:
            nearest = [wanted[column][0] for column in needed if column not in found]
    missing = nearest or [wanted[needed[0]][0]]
    raise StatementFileError(reason=f"it has no column “{missing[0]}”")


def _of_text(content: bytes) -> Rows:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StatementFileError(reason="it is neither a workbook nor a text in UTF-8") from None
    if "\0" in text:
        raise StatementFileError(reason="it is no text")
    head = "".join(text.splitlines(keepends=True)[:HEADING_ROWS])
    separator = max(SEPARATORS, key=head.count)
    try:
        table = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        return list(enumerate(table, 1))
    except csv.Error as fault:
        raise StatementFileError(reason=f"it is no table ({fault})") from None


def _of_workbook(content: bytes) -> Rows:
    try:
        check_workbook(io.BytesIO(content), _BOUNDS)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        table = sheet.to_python(skip_empty_area=False)
    except LargeWorkbookError as refusal:
        raise StatementFileError(reason=str(refusal)) from None
    except (CalamineError, *UNREADABLE) as fault:
        raise StatementFileError(reason=f"it is no workbook that can be read ({fault})") from None
    return [(number, [_cell(cell) for cell in row]) for number, row in enumerate(table, 1)]


def _cell(found: object) -> Cell:
    if isinstance(found, datetime):
        return found.date()
    if isinstance(found, date):
        return found
    if isinstance(found, int | float) and not isinstance(found, bool):
        if abs(found) >= _SAFE_WHOLE:
            raise StatementFileError(reason=f"a spreadsheet keeps 15 digits of {found}; save it as text")
        return Decimal(repr(found)).normalize()
    return str(found)
