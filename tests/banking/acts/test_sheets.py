"""Collection sheets by name: printed, keyed from a file, accepted, counted, posted, by the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.acts import ActsRunner
from tests.support.branch_home import PASSPHRASE, Known, copy_homes, make_homes

DAY = "2026-11-22"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """A branch that each test gets a copy of."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_homes(folder)


@pytest.fixture
def homes(made: tuple[Path, Known], tmp_path: Path) -> Path:
    return copy_homes(made[0], tmp_path / "homes")


@pytest.fixture
def acts(homes: Path, capsys: pytest.CaptureFixture[str]) -> ActsRunner:
    return ActsRunner("branch", homes / "branch", PASSPHRASE, capsys)


def printed(acts: ActsRunner) -> str:
    """Print the sheet of the group's meeting today; gives its number."""
    made = acts.do("sheet.print", group="KIT-G-000001", meeting_on=DAY)
    assert (made["lines"], made["meeting_on"]) == (2, DAY)
    return str(made["sheet"])


def key(acts: ActsRunner, folder: Path, sheet: str, *rows: dict[str, object]) -> tuple[int, dict[str, Any]]:
    """Key rows from a file of acts."""
    file = folder / "rows.jsonl"
    file.write_text(json.dumps({"act": "sheet.key", "sheet": sheet, "rows": rows}) + "\n", encoding="utf-8")
    return acts.run("--file", str(file))


def test_a_sheet_by_name_from_paper_to_receipts(acts: ActsRunner, tmp_path: Path) -> None:
    """Printed, an exception keyed, the rest as due, counted blind, posted with a receipt for each amount."""
    sheet = printed(acts)
    shown = acts.do("sheet.show", sheet="1")
    assert [line["number"] for line in shown["lines"]] == ["KIT-C-000001", "KIT-C-000002"]
    due = shown["lines"][0]["cells"]["loan:WEEKLY:1"]["due"]
    assert shown["lines"][0]["cells"]["savings:SAVE"]["balance"] == "2500.00"
    exceptions = [
        {"line": 1, "slot": "savings:SAVE", "typed": "20.00"},
        {"line": 2, "slot": "loan:WEEKLY:1", "typed": "0"},
        {"line": 2, "slot": "attendance", "typed": "L"},
    ]
    status, _ = key(acts, tmp_path, sheet, *exceptions)
    assert status == 0
    standing = acts.do("sheet.accept", sheet=sheet)
    assert (standing["not_keyed"], standing["wrong"], standing["to_confirm"]) == (0, 0, [])
    assert acts.refused("sheet.post", sheet=sheet, counted="1.00", till=1) == [("", "CONTROL_TOTAL")]
    counted = f"{int(due.replace('.', '')) + 2000}"
    posted = acts.do("sheet.post", sheet=sheet, counted=f"{counted[:-2]}.{counted[-2:]}", till=1)
    assert (posted["state"], posted["value_date"], posted["cash_out"]) == ("posted", DAY, "0.00")
    assert [(one["line"], one["slot"], one["amount"]) for one in posted["receipts"]] == [
        (1, "loan:WEEKLY:1", due),
        (1, "savings:SAVE", "20.00"),
    ]
    assert all(one["receipt"].startswith("KIT-1-") for one in posted["receipts"])
    assert acts.refused("sheet.post", sheet=sheet, counted="0", till=1) == [("", "SHEET_CLOSED")]


def test_an_unusual_amount_is_confirmed_by_name(acts: ActsRunner, tmp_path: Path) -> None:
    """Refused until its cell is named; a cell that does not read as one is refused too."""
    sheet = printed(acts)
    key(acts, tmp_path, sheet, {"line": 1, "slot": "loan:WEEKLY:1", "typed": "9000"})
    key(acts, tmp_path, sheet, {"line": 2, "slot": "loan:WEEKLY:1", "typed": "0"})
    standing = acts.do("sheet.accept", sheet=sheet)
    assert standing["to_confirm"] == ["1/loan:WEEKLY:1"]
    asked = {"sheet": sheet, "counted": "9000.00", "till": 1}
    assert acts.refused("sheet.post", **asked) == [("", "WRONG_CELL")]
    assert acts.refused("sheet.post", **asked, confirmed="1") == [("confirmed", "BAD_VALUE")]
    assert acts.do("sheet.post", **asked, confirmed="1/loan:WEEKLY:1")["cash_in"] == "9000.00"


def test_a_cell_that_is_not_there_keeps_nothing_of_its_file(acts: ActsRunner, tmp_path: Path) -> None:
    """All rows of the act, or none."""
    sheet = printed(acts)
    status, document = key(
        acts,
        tmp_path,
        sheet,
        {"line": 1, "slot": "loan:WEEKLY:1", "typed": "1"},
        {"line": 9, "slot": "loan:WEEKLY:1", "typed": "1"},
    )
    assert status == 1
    assert [fault["code"] for fault in document["errors"]] == ["NO_SUCH_CELL"]
    assert acts.do("sheet.show", sheet=sheet)["lines"][0]["cells"]["loan:WEEKLY:1"]["typed"] == ""


def test_a_sheet_is_voided_by_name(acts: ActsRunner) -> None:
    """With its reason; the next one has the next number, and what is not there is said."""
    sheet = printed(acts)
    assert acts.refused("sheet.void", sheet=sheet) == [("reason", "MISSING")]
    assert acts.do("sheet.void", sheet=sheet, reason="torn") == {"sheet": sheet, "state": "void"}
    assert printed(acts) == "KIT-SH-000002"
    assert acts.refused("sheet.accept", sheet="77") == [("sheet", "NOT_FOUND")]
    assert acts.refused("sheet.print", meeting_on=DAY) == [("", "ONE_OWNER")]
