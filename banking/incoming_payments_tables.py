"""The rows of a file, whether text or workbook, and where its headings stand."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from banking.bank_errors import StatementFileError
from banking.bank_files import MOST_BYTES, SEPARATORS

MOST_ROWS: Final = 10_000
MOST_UNPACKED_BYTES: Final = 100_000_000
"""A workbook is packed; more than this it does not unfold to."""
HEADING_ROWS: Final = 30
"""So far from the top are headings looked for: banks write their names and addresses above them."""
_MOST_COLUMNS: Final = 200
_SAFE_WHOLE: Final = 10**15  # from here on a spreadsheet has rounded the digits away
_WORKBOOK: Final = b"PK\x03\x04"
_OTHER_WORKBOOKS: Final = frozenset({"xl/workbook.bin", "content.xml"})
_PLACE: Final = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,8})([0-9]{1,20})[\"']")
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, IndexError, ValueError)
"""What a workbook that is cut, locked with a password or made by hand is met with."""
_ROW: Final = re.compile(rb"<(?:\w+:)?row[\s/>]")
_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s/>]")

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
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
            if unpacked > MOST_UNPACKED_BYTES:
                raise StatementFileError(reason=f"it unfolds to more than {MOST_UNPACKED_BYTES} bytes")
            _refuse_wide(packed)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        if sheet.height > MOST_ROWS + HEADING_ROWS or sheet.width > _MOST_COLUMNS:
            raise StatementFileError(reason=f"it has more than {MOST_ROWS} lines; take a shorter time")
        table = sheet.to_python(skip_empty_area=False)
    except (CalamineError, *_UNREADABLE) as fault:
        raise StatementFileError(reason=f"it is no workbook that can be read ({fault})") from None
    return [(number, [_cell(cell) for cell in row]) for number, row in enumerate(table, 1)]


def _refuse_wide(packed: zipfile.ZipFile) -> None:
    """Refuse a workbook with a cell far out, before the reader makes room for every cell up to there.

    One cell at the end of a sheet would ask for more memory than there is, which ends the whole program.

    raises   StatementFileError
    """
    names = packed.namelist()
    if _OTHER_WORKBOOKS & {name.casefold() for name in names}:
        raise StatementFileError(reason="it is a workbook of another kind; save it as .xlsx or CSV")
    for content in (packed.read(name) for name in names):
        if b"sheetData" not in content:
            continue
        if any(_is_far(*place.groups()) for place in _PLACE.finditer(content)) or any(
            len(_CELL.findall(row)) > _MOST_COLUMNS for row in _ROW.split(content)
        ):
            raise StatementFileError(
                reason=f"it has cells beyond row {MOST_ROWS} or column {_MOST_COLUMNS}; take them away"
            )


def _is_far(letters: bytes, digits: bytes) -> bool:
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - ord("A") + 1
    return column > _MOST_COLUMNS or int(digits) > MOST_ROWS + HEADING_ROWS


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
