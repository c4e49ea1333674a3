"""Files as a whole: bytes, headers, rows, each fault told once and by its row."""

import tracemalloc
from pathlib import Path

import pytest

from banking.loading.report import WrongRow
from banking.loading.sources import (
    Row,
    UnreadableError,
    csv_source,
    json_lines,
    rows_of,
    workbook_sources,
)
from tests.banking.loading.conftest import workbook

KNOWN = ("number", "name", "group")


def read(path: Path, content: bytes) -> tuple[list[Row], list[WrongRow]]:
    """Read a CSV file with the columns number, name (both needed) and group."""
    path.write_bytes(content)
    errors: list[WrongRow] = []
    return list(rows_of(csv_source(path), KNOWN, ("number", "name"), errors)), errors


def one_fault(tmp_path: Path, content: bytes) -> tuple[str, int | None, str | None]:
    """Give code, row and column of the only fault of a file."""
    _, errors = read(tmp_path / "clients.csv", content)
    assert len(errors) == 1, errors
    assert errors[0].file == "clients.csv"
    return errors[0].code, errors[0].row, errors[0].column


def test_rows_are_counted_as_a_person_counts(tmp_path: Path) -> None:
    """The header is row 1; blank rows and cells over more lines do not shift the count."""
    rows, errors = read(tmp_path / "c.csv", b'number,name\r\n1,"a\r\nb"\r\n\r\n,\r\n2,c\r\n')
    assert [(row.number, row.cells["number"]) for row in rows] == [(2, "1"), (5, "2")]
    assert errors == []


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    rows, errors = read(tmp_path / "c.csv", "\ufeffnumber,name\n1,Ä\n".encode())
    assert errors == []
    assert rows[0].cells == {"number": "1", "name": "Ä"}


def test_trailing_empty_columns_are_passed_over(tmp_path: Path) -> None:
    rows, errors = read(tmp_path / "c.csv", b"number,name,,\n1,a,,\n2\n")
    assert errors == []
    assert [row.cells for row in rows] == [{"number": "1", "name": "a"}, {"number": "2"}]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("number,name\n1,Zoé\n".encode("latin-1"), ("ENCODING", 2, None)),
        (b'number,name\n1,"a\nb"\n2,\xff\n', ("ENCODING", 3, None)),
        ("number,name\n1,a\n".encode("utf-16"), ("ENCODING", 1, None)),
        (b"number,name\n1,a\n2,b\0\n", ("NUL_BYTE", 3, None)),
        (b'number,name\n1,"a\n2,b\n', ("BROKEN_CSV", 2, None)),
        (b'number,name\n1,"a"b\n', ("BROKEN_CSV", 2, None)),
        (b"", ("NO_HEADER", 1, None)),
        (b",,\nnumber,name\n1,a\n", ("NO_HEADER", 1, None)),
        (b"number;name\n1;a\n", ("NOT_COMMAS", 1, None)),
        (b"number,name,nmae\n1,a,b\n", ("UNKNOWN_COLUMN", 1, "nmae")),
        (b"number,name,number\n1,a,1\n", ("DOUBLED_COLUMN", 1, "number")),
        (b"number\n1\n", ("MISSING_COLUMN", 1, "name")),
        (b"number,name\n1,a,b\n", ("NO_HEADING", 2, None)),
        (b"number,name\n1," + b"a" * 1_000_001 + b"\n", ("LINE_TOO_LONG", 2, None)),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_says_where(
    tmp_path: Path, content: bytes, fault: tuple[str, int | None, str | None]
) -> None:
    assert one_fault(tmp_path, content) == fault


def test_a_wrong_header_gives_no_rows(tmp_path: Path) -> None:
    """Cells under headings that are not understood would be told as wrong one by one, for no reason."""
    rows, errors = read(tmp_path / "c.csv", b"number,name,x\n1,a,b\n")
    assert rows == []
    assert len(errors) == 1


def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    """Rows come one at a time: reading 6 MB needs less than 1 MB."""
    path = tmp_path / "c.csv"
    path.write_bytes(b"number,name\n" + b"".join(b"%d,%s\n" % (n, b"n" * 50) for n in range(100_000)))
    errors: list[WrongRow] = []
    tracemalloc.start()
    try:
        count = sum(1 for _ in rows_of(csv_source(path), KNOWN, (), errors))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 100_000
    assert peak < 1_000_000 < path.stat().st_size


def test_failed_formulas_do_not_pass_for_empty_cells(tmp_path: Path) -> None:
    """The reader of workbooks shows them empty; here they stand as the error that a person sees."""
    import xlsxwriter  # noqa: PLC0415 - for this one cell

    path = tmp_path / "c.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("clients & more")
    sheet.write_row(0, 0, ["number", "name"])
    sheet.write_formula(1, 1, "=NA()", None, "#N/A")
    sheet.write(1, 0, "1")
    book.close()
    errors: list[WrongRow] = []
    rows = list(rows_of(workbook_sources(path)[0], KNOWN, (), errors))
    assert rows[0].cells == {"number": "1", "name": "#N/A"}


def test_rows_of_a_sheet_are_counted_from_its_top(tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsx", {"clients": [["number", "name"], [], ["1", "a"]]})
    errors: list[WrongRow] = []
    rows = list(rows_of(workbook_sources(path)[0], KNOWN, (), errors))
    assert [row.number for row in rows] == [3]


def test_a_workbook_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "c.xlsx"
    path.write_bytes(b"number,name\n")
    with pytest.raises(UnreadableError) as refusal:
        workbook_sources(path)
    assert refusal.value.wrong.code == "NOT_A_WORKBOOK"


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("{", "NOT_JSON", None),
        ("[1]", "NOT_JSON", None),
        ('{"number": "1"} {"number": "2"}', "NOT_JSON", None),
        ('{"nmae": "1"}', "UNKNOWN_COLUMN", "nmae"),
        ('{"name": "a", "name": "b"}', "DOUBLED_COLUMN", "name"),
        ('{"name": ["a"]}', "NOT_TEXT", "name"),
        ('{"name": true}', "NOT_TEXT", "name"),
        ("[" * 100_000, "NOT_JSON", None),
    ],
)
def test_a_wrong_line_of_json_is_told_and_the_others_are_read(
    tmp_path: Path, line: str, code: str, column: str | None
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(f'{{"number": "1"}}\n{line}\n\n{{"number": "3"}}\n', encoding="utf-8")
    errors: list[WrongRow] = []
    assert [row.number for row in json_lines(path, KNOWN, errors)] == [1, 4]
    assert [(wrong.row, wrong.code, wrong.column) for wrong in errors] == [(2, code, column)]


def test_numbers_of_json_keep_their_digits(tmp_path: Path) -> None:
    """An amount of JSON never passes through a float."""
    path = tmp_path / "t.jsonl"
    path.write_text('{"number": 12345678901234567.10, "name": 7, "group": null}', encoding="utf-8")
    assert next(json_lines(path, KNOWN, [])).cells == {
        "number": "12345678901234567.10",
        "name": "7",
        "group": "",
    }
