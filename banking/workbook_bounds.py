"""How large a workbook from outside may be: told from its bytes, before the reader makes room for it.

The reader of workbooks makes room for every cell up to the farthest one, and unfolds whatever is packed. One
cell at the end of a sheet, or a part that unfolds without end, would ask for more memory than there is, which
ends the whole program. What a part says of its own size is not believed: it is unfolded piece by piece.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, IndexError, ValueError)
"""What a workbook that is cut, locked with a password or made by hand is met with."""

_OTHER_WORKBOOKS: Final = frozenset({"xl/workbook.bin", "content.xml"})
_PLACE: Final = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,8})([0-9]{1,20})[\"']")
_ROW: Final = re.compile(rb"<(?:\w+:)?row[\s/>]")
_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s/>]")
_TEXT_CELL: Final = re.compile(rb"\bt\s*=\s*[\"']s[\"']")
_TEXT: Final = re.compile(rb"<(?:\w+:)?si[\s/>]")
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_PIECE: Final = 1 << 20
_OVERLAP: Final = 200
"""Bytes that are seen twice where a text without a tag is longer than a piece."""
_LETTERS: Final = 26
_MOST_PARTS: Final = 10_000


class LargeWorkbookError(Exception):
    """A workbook that is not given to the reader; its one argument says why, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a workbook may have: rows, columns and cells of its largest sheet, and bytes when it is unfolded.

    ``texts`` bounds the bytes of all text cells, were every one as long as the longest.
    """

    rows: int
    columns: int
    cells: int
    unpacked: int
    texts: int


@dataclass(slots=True)
class _Sheet:
    """How far the cells of one part go, as far as it was read."""

    row: int = 0
    column: int = 0
    rows: int = 0
    cells: int = 0
    texts: int = 0
    longest: int = 0
    begun: int = 0
    has_cells: bool = False


def check_workbook(file: Path | BinaryIO, bounds: Bounds) -> None:
    """Look through a workbook without keeping it.

    raises   LargeWorkbookError; any of ``UNREADABLE`` for what is no workbook; OSError
    """
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        if len(parts) > _MOST_PARTS:
            raise LargeWorkbookError(f"it has more than {_MOST_PARTS} parts")
        if _OTHER_WORKBOOKS & {part.filename.casefold() for part in parts}:
            raise LargeWorkbookError("it is a workbook of another kind; save it as .xlsx or CSV")
        left, texts, longest = bounds.unpacked, 0, 0
        for part in parts:
            sheet = _Sheet()
            for piece in _pieces(packed, part, left, bounds):
                left -= len(piece)
                _look(piece, sheet, bounds)
            texts, longest = texts + sheet.texts, max(longest, sheet.longest)
        if texts * longest > bounds.texts:
            raise LargeWorkbookError(f"it has a text of {longest} bytes; shorten it")


def _pieces(packed: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, bounds: Bounds) -> Iterator[bytes]:
    """Unfold a part, cut before a tag each time."""
    unbounded = copy(part)
    unbounded.file_size = left + 2 * _PIECE  # what it says of its size, and so of its sum, may be a lie
    unbounded.CRC = None  # type: ignore[assignment]  # the reader of workbooks checks it
    kept = b""
    with packed.open(unbounded) as unfolded:
        for read in iter(lambda: unfolded.read(_PIECE), b""):
            left -= len(read)
            if left < 0:
                raise LargeWorkbookError(f"it unfolds to more than {bounds.unpacked} bytes")
            if not kept and read.startswith(_WIDE):
                raise LargeWorkbookError("its parts are not in UTF-8; save it again as .xlsx")
            whole = kept + read
            cut = whole.rfind(b"<")
            yield whole if len(whole) - cut > _PIECE else whole[: max(cut, 0)]
            kept = whole[-_OVERLAP:] if len(whole) - cut > _PIECE else whole[max(cut, 0) :]
    yield kept


def _look(piece: bytes, sheet: _Sheet, bounds: Bounds) -> None:
    for number, text in enumerate(_TEXT.split(piece)):
        if number or sheet.begun:
            sheet.begun = len(text) + (sheet.begun if number == 0 else 1)
        sheet.longest = max(sheet.longest, sheet.begun)
    sheet.has_cells = sheet.has_cells or b"sheetData" in piece
    if sheet.has_cells:
        _look_at_cells(piece, sheet, bounds)


def _look_at_cells(piece: bytes, sheet: _Sheet, bounds: Bounds) -> None:
    for place in _PLACE.finditer(piece):
        letters, digits = place.groups()
        sheet.row, sheet.column = max(sheet.row, int(digits)), max(sheet.column, _column(letters))
    rows = _ROW.split(piece)
    sheet.rows += len(rows) - 1
    for number, row in enumerate(rows):
        sheet.cells = len(_CELL.findall(row)) + (sheet.cells if number == 0 else 0)
        sheet.column = max(sheet.column, sheet.cells)
    sheet.texts += len(_TEXT_CELL.findall(piece))
    furthest = max(sheet.row, sheet.rows)
    if furthest > bounds.rows or sheet.column > bounds.columns:
        raise LargeWorkbookError(
            f"it has cells beyond row {bounds.rows} or column {bounds.columns}; take them away"
        )
    if furthest * sheet.column > bounds.cells:
        raise LargeWorkbookError(
            f"its cells reach to row {furthest} and column {sheet.column}, and that is more than"
            f" {bounds.cells} cells; take away those that stand far out, or save it as CSV"
        )


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters.upper():
        column = column * _LETTERS + letter - ord("A") + 1
    return column
