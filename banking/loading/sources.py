"""Files as rows: CSV, one sheet of a workbook, JSON lines. One row is held at a time wherever it can be.

What is wrong with a file as a whole (its bytes, its header) is reported once, and no row of it comes out.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from python_calamine import CalamineError, CalamineWorkbook

from banking.loading.cells import Cell
from banking.loading.report import WrongRow
from banking.loading.workbooks import broken_cells
from banking.workbook_bounds import UNREADABLE, Bounds, LargeWorkbookError, check_workbook

WORKBOOK_SUFFIXES: Final = frozenset({".xlsx", ".xlsm"})
NOT_READ_WHOLE: Final = frozenset(
    {
        "BROKEN_CSV",
        "DOUBLED_COLUMN",
        "DOUBLED_FILE",
        "ENCODING",
        "LINE_TOO_LONG",
        "MISSING_COLUMN",
        "NOT_READABLE",
        "NO_HEADER",
        "NOT_COMMAS",
        "NUL_BYTE",
        "UNKNOWN_COLUMN",
    }
)
"""Codes after which rows of a file may be missing from what was read."""

_BOUNDS: Final = Bounds(
    rows=1_048_576, columns=200, cells=5_000_000, unpacked=512 * 1024 * 1024, texts=4_000_000_000
)
"""Of a branch's books as a workbook: all rows that a sheet has, as long as not all columns are used."""

_BOM: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_LINE: Final = 1_000_000  # bytes
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its cells by heading. ``number`` counts as a person does, the header is 1."""

    file: str
    number: int
    cells: dict[str, Cell]


class UnreadableError(Exception):
    """A file that cannot be read on; carries what to tell the clerk."""

    def __init__(self, wrong: WrongRow) -> None:
        """Keep what is told."""
        super().__init__(wrong.message)
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Source:
    """A file or sheet that can be read again and again: its name, and its rows of bare cells, header first.

    ``open`` gives (row number, cells); it raises UnreadableError where the bytes end to make sense.
    """

    file: str
    open: Callable[[], Iterator[tuple[int, list[Cell]]]]


@dataclass(frozen=True, slots=True)
class _Fault:
    file: str

    def stop(self, row: int | None, code: str, message: str) -> UnreadableError:
        return UnreadableError(WrongRow(self.file, row, None, code, message))


def csv_source(path: Path) -> Source:
    """Give the rows of a CSV file in UTF-8, with or without byte order mark."""
    return Source(path.name, lambda: _csv_rows(path))


def workbook_sources(path: Path) -> list[Source]:
    """Give the sheets of a workbook. raises UnreadableError when it is none, or too large to be read."""
    try:
        check_workbook(path, _BOUNDS)
        workbook = CalamineWorkbook.from_path(str(path))
    except LargeWorkbookError as refusal:
        message = f"This workbook is not read: {refusal}."
        raise _Fault(path.name).stop(None, "LARGE_WORKBOOK", message) from None
    except (CalamineError, OSError, *UNREADABLE) as error:
        message = "This is not a workbook that can be read. Save it as .xlsx and try again."
        raise _Fault(path.name).stop(None, "NOT_A_WORKBOOK", message) from error
    broken = broken_cells(path)
    return [_sheet_source(workbook, name, broken.get(name, {})) for name in workbook.sheet_names]


def _sheet_source(workbook: CalamineWorkbook, name: str, broken: Mapping[tuple[int, int], str]) -> Source:
    def rows() -> Iterator[tuple[int, list[Cell]]]:
        sheet = workbook.get_sheet_by_name(name)
        for number, found in enumerate(sheet.to_python(skip_empty_area=False), start=1):
            row: list[Cell] = list(found)
            for (at_row, at_column), error in broken.items():
                if at_row == number and at_column < len(row):
                    row[at_column] = error
            yield number, row

    return Source(name, rows)


def _csv_rows(path: Path) -> Iterator[tuple[int, list[Cell]]]:
    fault = _Fault(path.name)
    number = 0
    with path.open("rb") as file:
        reader = csv.reader(_decoded_lines(_lines(file), fault, lambda _line: number + 1), strict=True)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                message = f"This row is no CSV: {error}. Check quotes and line ends; save it again as CSV."
                raise fault.stop(number + 1, "BROKEN_CSV", message) from error
            number += 1
            yield number, list(row)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Read line by line, and never more of one than a row may have."""
    return iter(lambda: file.readline(_LONGEST_LINE + 1), b"")


def _decoded_lines(lines: Iterable[bytes], fault: _Fault, row: Callable[[int], int]) -> Iterator[str]:
    """Decode line by line; ``row`` gives the row that a line (from 1) stands in, for the clerk."""
    for count, read in enumerate(lines, start=1):
        line = read
        if count == 1:
            if line.startswith(_UTF16_MARKS):
                message = "This file is in UTF-16. Save it as “CSV UTF-8” and try again."
                raise fault.stop(1, "ENCODING", message)
            line = line.removeprefix(_BOM)
        if b"\0" in line:
            raise fault.stop(row(count), "NUL_BYTE", "This row holds a NUL byte. Save it as “CSV UTF-8”.")
        if len(line) > _LONGEST_LINE:
            raise fault.stop(row(count), "LINE_TOO_LONG", "This row is longer than a row can be. Check it.")
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            shown = line[error.start : error.start + 1].hex()
            message = f"This row holds the byte {shown}, which is not UTF-8. Save the file as “CSV UTF-8”."
            raise fault.stop(row(count), "ENCODING", message) from error


def rows_of(
    source: Source, known: Iterable[str] | None, required: Iterable[str], errors: list[WrongRow]
) -> Iterator[Row]:
    """Give the rows of ``source`` under their headings; blank rows are passed over.

    known     headings that may stand; any other is an error that names it (None: any may stand)
    required  headings that must stand
    errors    gets what is wrong with the file; with a wrong header no row comes out
    """
    try:
        rows = source.open()
        found = next(rows, (1, []))[1]
        names = {str(cell).strip() for cell in found} if known is None else set(known)
        header = _header(source.file, found, names, list(required), errors)
        if header is None:
            return
        for number, cells in rows:
            row = _row(source.file, number, header, cells, errors)
            if row is not None:
                yield row
    except UnreadableError as unreadable:
        errors.append(unreadable.wrong)
    except OSError as error:
        errors.append(_unreadable(source.file, error))


def _unreadable(file: str, error: OSError) -> WrongRow:
    message = (
        f"This file cannot be read: {error.strerror or 'the disk failed'}. Check its name, or copy it again."
    )
    return WrongRow(file, None, None, "NOT_READABLE", message)


def _header(
    file: str, found: list[Cell], known: set[str], required: list[str], errors: list[WrongRow]
) -> list[str] | None:
    """Read the headings; an empty one stands over a column that must be empty."""
    names = [str(cell).strip() for cell in found]
    wrong: list[WrongRow] = []
    if not any(names):
        message = "Row 1 is empty. The first row must be the header; delete the rows above it."
        wrong.append(WrongRow(file, 1, None, "NO_HEADER", message))
    elif len(names) == 1 and any(mark in names[0] for mark in ";\t|") and names[0] not in known:
        message = "The columns are not separated by commas. Save the file as “CSV UTF-8” with commas."
        wrong.append(WrongRow(file, 1, None, "NOT_COMMAS", message))
    else:
        wrong += _header_faults(file, names, known, required)
    errors.extend(wrong)
    return None if wrong else names


def _header_faults(file: str, names: list[str], known: set[str], required: list[str]) -> Iterator[WrongRow]:
    seen: set[str] = set()
    for name in filter(None, names):
        if name in seen:
            message = f"The column “{name}” stands twice. Delete one of them."
            yield WrongRow(file, 1, name, "DOUBLED_COLUMN", message)
        elif name not in known:
            message = f"The column “{name[:_SHOWN]}” is not known. Known are: {', '.join(sorted(known))}."
            yield WrongRow(file, 1, name, "UNKNOWN_COLUMN", message)
        seen.add(name)
    for name in required:
        if name not in seen:
            message = f"The column “{name}” is missing; it is needed in every row."
            yield WrongRow(file, 1, name, "MISSING_COLUMN", message)


def _row(file: str, number: int, header: list[str], found: list[Cell], errors: list[WrongRow]) -> Row | None:
    if all(cell == "" or (isinstance(cell, str) and not cell.strip()) for cell in found):
        return None
    cells: dict[str, Cell] = {}
    for position, cell in enumerate(found):
        name = header[position] if position < len(header) else ""
        if name:
            cells[name] = cell
        elif str(cell).strip():
            message = f"“{str(cell)[:_SHOWN]}” stands in column {position + 1}, which has no heading."
            errors.append(WrongRow(file, number, None, "NO_HEADING", message))
    return Row(file, number, cells)


def json_lines(path: Path, known: Iterable[str], errors: list[WrongRow]) -> Iterator[Row]:
    """Give the rows of a JSON lines file: one object a line, its keys are the columns."""
    names, fault, done = set(known), _Fault(path.name), 0
    try:
        with path.open("rb") as file:
            for line in _decoded_lines(_lines(file), fault, lambda line: line):
                done += 1
                if line.strip():
                    row = _json_row(path.name, done, line, names, errors)
                    if row is not None:
                        yield row
    except UnreadableError as unreadable:
        errors.append(unreadable.wrong)
    except OSError as error:
        errors.append(_unreadable(path.name, error))


def _json_row(file: str, number: int, line: str, names: set[str], errors: list[WrongRow]) -> Row | None:
    def tell(column: str | None, code: str, message: str) -> None:
        errors.append(WrongRow(file, number, column, code, message))

    try:
        pairs: Any = json.loads(line, object_pairs_hook=_Pairs, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        tell(None, "NOT_JSON", "This line is not JSON. One object stands on each line.")
        return None
    if not isinstance(pairs, _Pairs):
        tell(None, "NOT_JSON", "This line is not a JSON object with the columns as keys.")
        return None
    cells: dict[str, Cell] = {}
    before = len(errors)
    for key, value in pairs:
        if key not in names:
            tell(
                key,
                "UNKNOWN_COLUMN",
                f"“{key[:_SHOWN]}” is not known. Known are: {', '.join(sorted(names))}.",
            )
        elif key in cells:
            tell(key, "DOUBLED_COLUMN", f"“{key}” stands twice in this line.")
        elif value is not None and not isinstance(value, str):
            tell(key, "NOT_TEXT", f"“{key}” must be a text or a number.")
        else:
            cells[key] = value or ""
    return Row(file, number, cells) if len(errors) == before else None


class _Pairs(list[tuple[str, Any]]):
    """The keys and values of a JSON object as they stand, doubled keys too."""
