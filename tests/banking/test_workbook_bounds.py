"""Workbooks that would ask for more memory than there is are refused with words, by all that read them."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from banking.bank_errors import StatementFileError
from banking.incoming_payments_files import Layout, read_payments
from banking.incoming_payments_tables import MOST_UNPACKED_BYTES
from banking.loading.folders import find_sources


def book(write: Callable[[xlsxwriter.worksheet.Worksheet], object]) -> bytes:
    """Give a workbook with one sheet of clients."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        sheet = made.add_worksheet("clients")
        sheet.write_row(0, 0, ["number", "name"])
        write(sheet)
    return content.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """Put another part in the place of one of a workbook."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            new.writestr(one.filename, part if one.filename == name else old.read(one))
    return made.getvalue()


def sheet_of(rows: bytes) -> bytes:
    """Give the bytes of a sheet."""
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData>" + rows + b"</sheetData></worksheet>"
    )


BLANKS = MOST_UNPACKED_BYTES + 1
SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def far_cell() -> bytes:
    """Two cells, of which one stands at the end of the sheet."""
    return book(lambda sheet: sheet.write(1_048_575, 16_383, "x"))


def bomb() -> bytes:
    """A part of a hundred million blanks, packed into some kilobytes."""
    return with_part(book(lambda _: None), TEXTS, b" " * BLANKS)


def lying_bomb() -> bytes:
    """The same, where the list of parts says that it has one thousand bytes."""
    content = bytearray(bomb())
    true, at = BLANKS.to_bytes(4, "little"), 0
    while (at := content.find(true, at)) >= 0:
        content[at : at + 4] = (1_000).to_bytes(4, "little")
    return bytes(content)


def empty_rows() -> bytes:
    """More than a million rows without a cell and without a number."""
    return with_part(book(lambda _: None), SHEET, sheet_of(b"<row/>" * 1_100_000))


def unnumbered_cells() -> bytes:
    """One row of ten thousand cells that do not say where they stand."""
    return with_part(
        book(lambda _: None), SHEET, sheet_of(b"<row>" + b"<c><v>1</v></c>" * 10_000 + b"</row>")
    )


def long_texts() -> bytes:
    """One text of two million letters, to which half a million cells point."""
    cells = b"".join(b"<row>" + b'<c t="s"><v>0</v></c>' * 50 + b"</row>" for _ in range(10_000))
    text = b"<sst><si><t>" + b"x" * 2_000_000 + b"</t></si></sst>"
    return with_part(with_part(book(lambda _: None), SHEET, sheet_of(cells)), TEXTS, text)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (far_cell, "beyond row"),
        (empty_rows, "beyond row"),
        (unnumbered_cells, "beyond row"),
        (long_texts, "shorten it"),
    ],
)
def test_a_workbook_that_is_too_large_is_refused_whole(
    make: Callable[[], bytes], words: str, tmp_path: Path
) -> None:
    """As a list of payments, and as a branch's books."""
    content = make()
    assert len(content) < 5_000_000
    with pytest.raises(StatementFileError, match=words):
        read_payments(content, Layout(), 2, date(2026, 3, 31))
    path = tmp_path / "books.xlsx"
    path.write_bytes(content)
    found = find_sources(path)
    assert found.sources == {}
    assert [wrong.code for wrong in found.errors] == ["LARGE_WORKBOOK"]
    assert words in found.errors[0].message


@pytest.mark.parametrize("make", [bomb, lying_bomb])
def test_a_part_that_unfolds_without_end_is_not_unfolded(make: Callable[[], bytes]) -> None:
    """Whatever the workbook itself says of its size."""
    with pytest.raises(StatementFileError, match="unfolds to more than"):
        read_payments(make(), Layout(), 2, date(2026, 3, 31))


def test_a_cell_far_to_the_right_of_many_rows_is_too_much_for_a_branchs_books(tmp_path: Path) -> None:
    """Each of the two alone would be read."""
    path = tmp_path / "books.xlsx"
    path.write_bytes(book(lambda sheet: (sheet.write(200_000, 0, "x"), sheet.write(1, 100, "x"))))
    [wrong] = find_sources(path).errors
    assert "reach to row 200001 and column 101" in wrong.message
    path.write_bytes(book(lambda sheet: sheet.write(200_000, 0, "x")))
    assert list(find_sources(path).sources) == ["clients"]
