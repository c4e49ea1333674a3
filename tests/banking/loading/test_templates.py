"""The mistakes in spreadsheets of real institutions: each kind is found and named, and nothing is changed."""

import csv
import re
from pathlib import Path

import pytest

from tests.banking.loading.conftest import CLIENTS, Branch, workbook

LOANS_TEMPLATE = "import_ImportLoanAccountsTest.csv"
SAVINGS_TEMPLATE = "import_ImportSavingsAccountsTest.csv"
CLIENTS_TEMPLATE = "import_ClientDataImportTest.csv"
OURS = {
    "*Account Number": "number",
    "*Customer Global ID": "client",
    "*Product Name": "product",
    "*Loan Amount": "principal",
    "*Interest Rate": "annual_rate",
    "*No. Of Installments": "installments",
    "*Disbursal Date": "disbursed_on",
    "Purpose": "purpose",
}
"""Headings of the template and the columns of ours that hold the same."""

NAMED: dict[str, tuple[str, str]] = {
    "customer not found": ("client", "UNKNOWN_CLIENT"),
    "missing product": ("product", "MISSING"),
    "Active and applicable product with name # not found": ("product", "UNKNOWN_PRODUCT"),
    "Missing loan amount": ("principal", "MISSING"),
    "The amount is invalid because the number of digits": ("principal", "AMOUNT_DIGITS"),
    "Interest rate is out of allowed range": ("annual_rate", "OUT_OF_RANGE"),
    "The interest rate is invalid as the number of digits": ("annual_rate", "RATE_DIGITS"),
    "Number of installments is out of allowed range": ("installments", "OUT_OF_RANGE"),
    "Invalid date: #": ("disbursed_on", "NOT_A_DATE"),
}
"""What a row of the template is there for, as it begins, and how we tell it.

Other rows are about what our files do not have: states, grace, sources of funds, collateral.
"""

Told = dict[str, list[tuple[str | None, str]]]
"""Column and code of the errors of each row of the template, by what the row is there for."""


def load_template(branch: Branch, template: Path, form: str) -> Told:
    """Load the template's rows under our headings, as CSV or as a workbook; nothing may be changed by it."""
    with template.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    header = [OURS.get(name.strip(), "") for name in rows[0]]
    product = "TestLoanProductForClient"
    ours = [
        [cell.replace(product, "WEEKLY") for cell, name in zip(row, header, strict=False) if name]
        for row in rows[1:]
    ]
    names = [name for name in header if name]
    branch.write("clients.csv", f"{CLIENTS}0002-000000003,Otieno,,,,,,,,,\n")
    if form == "csv":
        with (branch.folder / "loans.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *ours])
        path = branch.folder
    else:
        assert branch.load().errors == []
        sheet: list[list[object]] = [[*names], *([_as_number(cell) for cell in row] for row in ours)]
        path = workbook(branch.folder / "template.xlsx", {"loans": sheet})
    before = branch.contents()
    report = branch.load(path)
    assert branch.contents() == before
    return {
        row[-1].strip(): [(wrong.column, wrong.code) for wrong in report.errors if wrong.row == number]
        for number, row in enumerate(rows[1:], start=2)
    }


def _as_number(cell: str) -> object:
    """Make a number of what a spreadsheet would make one of."""
    return float(cell) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", cell) else cell


@pytest.fixture
def loans_template(shared_data: Path) -> Path:
    """The template of loans, with a row for each mistake."""
    return shared_data / "import-templates" / LOANS_TEMPLATE


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_each_kind_of_mistake_is_named(branch: Branch, loans_template: Path, form: str) -> None:
    """Every row that is about something that our files have is told for just that, and nothing is changed."""
    told = load_template(branch, loans_template, form)
    for purpose, wanted in NAMED.items():
        found = [errors for key, errors in told.items() if key.startswith(purpose)]
        assert len(found) == 1, purpose
        assert wanted in found[0], purpose


def test_words_for_nothing_and_doubled_numbers_are_named(branch: Branch, loans_template: Path) -> None:
    """“Null” is no amount, “null” no date, “Nuk” no rate, and 1337 stands in every row."""
    told = load_template(branch, loans_template, "csv")
    product = told["Active and applicable product with name # not found"]
    assert {("principal", "NULL_TEXT"), ("annual_rate", "NOT_A_RATE"), ("number", "NUMBER_DOUBLED")} <= {
        *product
    }
    assert ("disbursed_on", "NULL_TEXT") in told["Missing interest rate"]
    assert ("number", "MISSING") in told["customer not found"]


def test_a_day_number_is_a_date_in_a_workbook_only(branch: Branch, loans_template: Path) -> None:
    """41085.0 is how a workbook keeps 2012-06-25; in a text file it is a mistake that names the date."""
    row = "Missing grace period"
    assert ("disbursed_on", "NOT_A_DATE") in load_template(branch, loans_template, "csv")[row]
    (branch.folder / "loans.csv").unlink()
    assert "disbursed_on" not in dict(load_template(branch, loans_template, "xlsx")[row])


@pytest.mark.parametrize(
    ("file", "sheet", "code"),
    [
        (LOANS_TEMPLATE, "loans", "UNKNOWN_COLUMN"),
        (SAVINGS_TEMPLATE, "savings", "UNKNOWN_COLUMN"),
        (CLIENTS_TEMPLATE, "clients", "NO_HEADER"),
    ],
)
def test_a_template_as_it_is_is_refused_by_its_header(
    branch: Branch, shared_data: Path, file: str, sheet: str, code: str
) -> None:
    """Titles and blank rows above the header are told once, instead of every cell below them."""
    branch.write(f"{sheet}.csv", (shared_data / "import-templates" / file).read_bytes())
    before = branch.contents()
    report = branch.load()
    assert {told.row for told in report.errors} == {1}
    assert code in {told.code for told in report.errors}
    assert branch.contents() == before
