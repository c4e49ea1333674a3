"""A chart of accounts from a file."""

from pathlib import Path

import pytest

from banking.loading import WrongRow, read_chart
from banking.standard import ChartRow

HEADER = "code,name,type,parent,usage\n"


def read(tmp_path: Path, rows: str) -> tuple[list[ChartRow], list[WrongRow]]:
    """Read a chart with these rows."""
    path = tmp_path / "chart.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return read_chart(path)


def test_a_chart_is_read_as_it_stands(tmp_path: Path) -> None:
    """An account that others stand under is a header where nothing is said."""
    rows, errors = read(
        tmp_path, "1000,Assets,asset,,\n1100,Cash,asset,1000,\n2000,Savings,liability,,detail\n"
    )
    assert errors == []
    assert rows == [
        ChartRow("1000", "Assets", "asset", "", "header"),
        ChartRow("1100", "Cash", "asset", "1000", "detail"),
        ChartRow("2000", "Savings", "liability", "", "detail"),
    ]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("1000,,asset,,\n", (2, "name", "MISSING")),
        ("1000,Assets,assets,,\n", (2, "type", "NOT_A_CHOICE")),
        ("1000,Assets,asset,,group\n", (2, "usage", "NOT_A_CHOICE")),
        ("1000,Assets,asset,NULL,\n", (2, "parent", "NULL_TEXT")),
        ("1000,A,asset,,\n1000,B,asset,,\n", (3, "code", "NUMBER_DOUBLED")),
        ("1000,A,asset,9,\n", (2, "parent", "UNKNOWN_ACCOUNT")),
        ("1000,A,asset,,detail\n1100,B,asset,1000,\n", (3, "parent", "NOT_A_HEADER")),
        ("1000,A,asset,,\n1100,B,income,1000,\n", (3, "parent", "OTHER_TYPE")),
        ("", (None, None, "NOTHING_TO_LOAD")),
    ],
)
def test_a_wrong_row_of_a_chart_is_named(
    tmp_path: Path, rows: str, fault: tuple[int | None, str | None, str]
) -> None:
    _, errors = read(tmp_path, rows)
    assert fault in [(told.row, told.column, told.code) for told in errors]


def test_accounts_that_stand_under_themselves_are_named(tmp_path: Path) -> None:
    """Whoever goes up from account to account must arrive at the top."""
    _, errors = read(tmp_path, "1000,A,asset,1100,header\n1100,B,asset,1000,header\n1200,C,asset,1200,\n")
    assert {told.code for told in errors} == {"IN_A_CIRCLE"}
    assert [told.row for told in errors] == [2, 3, 4]


def test_a_chart_of_another_program_is_refused_by_its_columns(shared_data: Path) -> None:
    """A chart with other headings is not guessed at: every heading that is not known is named."""
    rows, errors = read_chart(shared_data / "charts" / "coa_sample_data.csv")
    assert rows == []
    assert {"gl_code", "classification_enum"} <= {
        told.column for told in errors if told.code == "UNKNOWN_COLUMN"
    }
    assert {"code", "type"} == {told.column for told in errors if told.code == "MISSING_COLUMN"}


def test_a_chart_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert [told.code for told in read_chart(tmp_path / "none.csv")[1]] == ["NOT_READABLE"]
