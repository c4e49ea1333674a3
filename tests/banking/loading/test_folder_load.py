"""Loading a folder or a workbook: all of it or nothing, and every wrong row by name."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from banking.loading import LoadReport
from ledger.money import Money
from tests.banking.loading.conftest import (
    CLIENTS,
    GOOD,
    GROUPS,
    LOANS,
    SAVINGS,
    TRANSACTIONS,
    Branch,
    workbook,
)

Wrong = tuple[str, int | None, str | None, str]


def wrong(report: LoadReport) -> list[Wrong]:
    """Give file, row, column and code of every error."""
    return [(told.file, told.row, told.column, told.code) for told in report.errors]


def test_a_branch_without_a_mistake_is_loaded(branch: Branch) -> None:
    """Groups, clients, loans, savings and transactions stand in the books as the files have them."""
    branch.write_good()
    report = branch.load()
    assert report.errors == []
    assert report.read == {"groups": 2, "clients": 2, "loans": 3, "savings": 1, "transactions": 2}
    assert report.created == {
        "centers": 1,
        "groups": 2,
        "clients": 2,
        "loans": 3,
        "savings": 1,
        "transactions": 2,
        "officers": 1,
    }
    assert branch.column("SELECT number FROM client ORDER BY id") == ["C1", "C2"]
    assert branch.scalar("SELECT address FROM client WHERE number = 'C1'") == "Plot 1, East"
    assert branch.scalar("SELECT gender || phone || national_id FROM client WHERE number = 'C2'") == ""
    assert branch.scalar("SELECT count(*) FROM center") == 1


def test_loans_keep_their_own_terms_and_dates(branch: Branch) -> None:
    """A loan with a date is paid out on it; what the file says of its terms counts before the product."""
    branch.write_good()
    report = branch.load()
    own = "SELECT annual_rate || ' ' || installments || ' ' || status FROM loan_account WHERE number = ?"
    assert branch.scalar(own, "L1") == "20 25 active"
    assert branch.scalar(own, "L2") == "30 6 active"
    assert branch.scalar(own, "L3") == "20 25 applied"
    dates = (
        "SELECT min(due_on) FROM installment AS i JOIN loan_account AS l ON l.id = i.loan_account_id "
        "WHERE l.number = ?"
    )
    assert branch.scalar(dates, "L1") == "2025-02-10"
    assert branch.scalar(dates, "L2") == "2025-04-05"
    assert branch.owed("L3") == Money(0)
    assert [mapped.to_json() for mapped in report.mapping] == [
        {"source": "MONTHLY with own terms", "ours": "MONTHLY", "accounts": 1}
    ]


def test_cash_of_older_books_goes_through_books_brought_in(branch: Branch) -> None:
    """No till has moved; the books balance, and what came in stands against one account."""
    branch.write_good()
    branch.load()
    account = branch.books.gl_account("Books brought in").id
    balance = "SELECT sum(debit) - sum(credit) FROM journal_line WHERE gl_account_id = ?"
    assert branch.scalar(balance, account) == -(250_000 + 1_200_000) + 11_000 + 5_050
    assert branch.scalar("SELECT sum(debit) - sum(credit) FROM journal_line") == 0
    assert branch.scalar("SELECT count(*) FROM loan_transaction WHERE till_id IS NOT NULL") == 0


def test_a_workbook_gives_the_same_books_as_the_folder(branch: Branch, tmp_path: Path) -> None:
    """Numbers that the spreadsheet keeps as numbers, and dates as dates, arrive as they were meant."""
    sheets: dict[str, Sequence[Sequence[object]]] = {
        "clients": [
            CLIENTS.strip().split(","),
            [1337, "Otieno", "", "", 28633, 100200, "", "", "", "", date(2020, 1, 2)],
        ],
        "loans": [
            LOANS.strip().split(","),
            [7001, 1337, "", "WEEKLY", 200.5, 12.5, 10, date(2025, 2, 3), 45698, "", ""],
        ],
        "Notes of the office": [["whatever"]],
    }
    report = branch.load(workbook(tmp_path / "branch.xlsx", sheets))
    assert report.errors == []
    assert branch.column(
        "SELECT number || ' ' || born_on || ' ' || joined_on || ' ' || national_id FROM client"
    ) == ["1337 1978-05-23 2020-01-02 100200"]
    assert branch.column("SELECT number || ' ' || principal || ' ' || annual_rate FROM loan_account") == [
        "7001 20050 12.5"
    ]
    assert branch.scalar("SELECT min(due_on) FROM installment") == "2025-02-10"
    assert [line for line in report.not_taken_over if "Notes of the office" in line]


def test_rows_may_name_what_was_loaded_before(branch: Branch) -> None:
    """A second folder brings only its new rows; center and officer of the first are found by name."""
    branch.write_good()
    branch.load()
    for name in GOOD:
        (branch.folder / name).unlink()
    branch.write("groups.csv", f"{GROUPS}G3,Amani,kitale east,,,,jane auma\n")
    branch.write("clients.csv", f"{CLIENTS}C3,Barasa,,,,,,,,G1,\n")
    branch.write("loans.csv", f"{LOANS}L4,C1,,WEEKLY,100,,,2025-03-01,,,\n")
    branch.write("transactions.csv", f"{TRANSACTIONS}2025-03-02,withdraw,S1,0.50,R3,,\n")
    report = branch.load()
    assert report.errors == []
    assert report.created["centers"] == 0
    assert branch.rows()["staff"] == 1


def test_columns_that_could_be_empty_may_be_missing(branch: Branch) -> None:
    branch.write("clients.csv", "name,number\nOtieno,C1\n")
    branch.write("loans.csv", "number,client,product,principal\nL1,C1,WEEKLY,100\n")
    report = branch.load()
    assert report.errors == []
    assert report.created["loans"] == 1


MISTAKES: list[tuple[str, str, Wrong]] = [
    ("groups", f"{GROUPS},Umoja,,,,,\n", ("groups.csv", 2, "number", "MISSING")),
    ("groups", f"{GROUPS}G1,,,,,,\n", ("groups.csv", 2, "name", "MISSING")),
    ("groups", f"{GROUPS}G1,A,,8,,,\n", ("groups.csv", 2, "meeting_weekday", "OUT_OF_RANGE")),
    ("groups", f"{GROUPS}G1,A,,1,0,,\n", ("groups.csv", 2, "meeting_every_weeks", "OUT_OF_RANGE")),
    ("groups", f"{GROUPS}G1,A,,,,,\nG1,B,,,,,\n", ("groups.csv", 3, "number", "NUMBER_DOUBLED")),
    ("clients", f"{CLIENTS}C1,A,,Female,,,,,,,\n", ("clients.csv", 2, "gender", "NOT_A_CHOICE")),
    ("clients", f"{CLIENTS}C1,A,,,28633.0,,,,,,\n", ("clients.csv", 2, "born_on", "NOT_A_DATE")),
    ("clients", f"{CLIENTS}C1,A,,,2027-01-01,,,,,,\n", ("clients.csv", 2, "born_on", "DATE_IN_FUTURE")),
    (
        "clients",
        f"{CLIENTS}C1,A,,,2020-01-02,,,,,,2020-01-01\n",
        ("clients.csv", 2, "joined_on", "DATES_IN_ORDER"),
    ),
    ("clients", f"{CLIENTS}C1,A,,,,,,,,G9,\n", ("clients.csv", 2, "group", "UNKNOWN_GROUP")),
    ("clients", f"{CLIENTS}C1,A,,,,Null,,,,,\n", ("clients.csv", 2, "national_id", "NULL_TEXT")),
    ("clients", f"{CLIENTS}C1,A,,,,,,,,,\nC1,B,,,,,,,,,\n", ("clients.csv", 3, "number", "NUMBER_DOUBLED")),
    ("clients", "number,name,surname\nC1,A,B\n", ("clients.csv", 1, "surname", "UNKNOWN_COLUMN")),
    ("loans", f"{LOANS}L1,2.0,,WEEKLY,100,,,,,,\n", ("loans.csv", 2, "client", "UNKNOWN_CLIENT")),
    ("loans", f"{LOANS}L1,,G9,WEEKLY,100,,,,,,\n", ("loans.csv", 2, "group", "UNKNOWN_GROUP")),
    ("loans", f"{LOANS}L1,C1,,,100,,,,,,\n", ("loans.csv", 2, "product", "MISSING")),
    ("loans", f"{LOANS}L1,C1,,WrongProductName,100,,,,,,\n", ("loans.csv", 2, "product", "UNKNOWN_PRODUCT")),
    ("loans", f"{LOANS}L1,C1,,SAVE,100,,,,,,\n", ("loans.csv", 2, "product", "UNKNOWN_PRODUCT")),
    ("loans", f"{LOANS}L1,C1,G1,WEEKLY,100,,,,,,\n", ("loans.csv", 2, "client", "ONE_OWNER")),
    ("loans", f"{LOANS}L1,,,WEEKLY,100,,,,,,\n", ("loans.csv", 2, "client", "ONE_OWNER")),
    ("loans", f"{LOANS}L1,C1,,WEEKLY,,,,,,,\n", ("loans.csv", 2, "principal", "MISSING")),
    ("loans", f"{LOANS}L1,C1,,WEEKLY,5.011011,,,,,,\n", ("loans.csv", 2, "principal", "AMOUNT_DIGITS")),
    ("loans", f"{LOANS}L1,C1,,WEEKLY,0,,,,,,\n", ("loans.csv", 2, "principal", "AMOUNT_ZERO")),
    ("loans", f'{LOANS}L1,C1,,WEEKLY,"1,000",,,,,,\n', ("loans.csv", 2, "principal", "AMOUNT_NOT_A_NUMBER")),
    ("loans", f"{LOANS}L1,C1,,WEEKLY,100,Nuk,,,,,\n", ("loans.csv", 2, "annual_rate", "NOT_A_RATE")),
    ("loans", f"{LOANS}L1,C1,,WEEKLY,100,9999.0,,,,,\n", ("loans.csv", 2, "annual_rate", "OUT_OF_RANGE")),
    ("loans", f"{LOANS}L1,C1,,WEEKLY,100,9.000001,,,,,\n", ("loans.csv", 2, "annual_rate", "RATE_DIGITS")),
    ("loans", f"{LOANS}L1,C1,,WEEKLY,100,,7000.0,,,,\n", ("loans.csv", 2, "installments", "OUT_OF_RANGE")),
    ("loans", f"{LOANS}L1,C1,,WEEKLY,100,,,datetext,,,\n", ("loans.csv", 2, "disbursed_on", "NOT_A_DATE")),
    ("loans", f"{LOANS}L1,C1,,WEEKLY,100,,,41085.0,,,\n", ("loans.csv", 2, "disbursed_on", "NOT_A_DATE")),
    (
        "loans",
        f"{LOANS}L1,C1,,WEEKLY,100,,,2026-01-03,,,\n",
        ("loans.csv", 2, "disbursed_on", "DATE_IN_FUTURE"),
    ),
    (
        "loans",
        f"{LOANS}L1,C1,,WEEKLY,100,,,2025-01-03,2025-01-03,,\n",
        ("loans.csv", 2, "first_due_on", "DATES_IN_ORDER"),
    ),
    (
        "loans",
        f"{LOANS}L1,C1,,WEEKLY,100,,,,,,\nL1,C1,,WEEKLY,100,,,,,,\n",
        ("loans.csv", 3, "number", "NUMBER_DOUBLED"),
    ),
    ("savings", f"{SAVINGS}L1,C1,SAVE,\n", ("savings.csv", 2, "number", "NUMBER_DOUBLED")),
    ("savings", f"{SAVINGS}S1,,SAVE,\n", ("savings.csv", 2, "client", "MISSING")),
    ("savings", f"{SAVINGS}S1,C9,SAVE,\n", ("savings.csv", 2, "client", "UNKNOWN_CLIENT")),
    ("savings", f"{SAVINGS}S1,C1,importSavings,\n", ("savings.csv", 2, "product", "UNKNOWN_PRODUCT")),
]


@pytest.mark.parametrize(("sheet", "text", "fault"), MISTAKES)
def test_a_mistake_is_named_and_nothing_is_changed(
    branch: Branch, sheet: str, text: str, fault: Wrong
) -> None:
    """One wrong row among good files: it is told by file, row, column and code, and not a row is written."""
    branch.write_good(**{sheet: text})
    before = branch.contents()
    report = branch.load()
    own = [told for told in wrong(report) if told[0] == fault[0]]
    assert own == [fault]
    assert branch.contents() == before
    assert set(report.created.values()) == {0}
    assert branch.sealed == []


def test_every_wrong_row_is_told_with_every_reason(branch: Branch) -> None:
    """One run shows all that is to be corrected, file by file and row by row."""
    branch.write_good(
        clients=f"{CLIENTS}C1,,,Female,,,,,,G9,\nC2,B,,,,,,,,,\nC2,C,,,x,,,,,,\n",
        loans=f"{LOANS}L1,C1,,WEEKLY,0,Nuk,0,,,,\nL2,C2,,WEEKLY,100,,,,,,\nL2,C9,G1,NONE,,,,,,,\n",
        transactions=f"{TRANSACTIONS}x,repay,L1,0,,,\n",
    )
    report = branch.load()
    assert wrong(report) == [
        ("clients.csv", 2, "name", "MISSING"),
        ("clients.csv", 2, "gender", "NOT_A_CHOICE"),
        ("clients.csv", 2, "group", "UNKNOWN_GROUP"),
        ("clients.csv", 4, "born_on", "NOT_A_DATE"),
        ("clients.csv", 4, "number", "NUMBER_DOUBLED"),
        ("loans.csv", 2, "principal", "AMOUNT_ZERO"),
        ("loans.csv", 2, "annual_rate", "NOT_A_RATE"),
        ("loans.csv", 2, "installments", "OUT_OF_RANGE"),
        ("loans.csv", 4, "principal", "MISSING"),
        ("loans.csv", 4, "number", "NUMBER_DOUBLED"),
        ("loans.csv", 4, "client", "ONE_OWNER"),
        ("loans.csv", 4, "client", "UNKNOWN_CLIENT"),
        ("loans.csv", 4, "product", "UNKNOWN_PRODUCT"),
        ("transactions.csv", 2, "on", "NOT_A_DATE"),
        ("transactions.csv", 2, "amount", "AMOUNT_ZERO"),
    ]


def test_rows_that_name_a_wrong_row_are_not_told_for_it(branch: Branch) -> None:
    """A client whose birthday is wrong is one mistake, however many loans he has."""
    branch.write_good(clients=f"{CLIENTS}C1,A,,,x,,,,,,\nC2,B,,,,,,,,,\n")
    assert wrong(branch.load()) == [("clients.csv", 2, "born_on", "NOT_A_DATE")]


def test_a_file_that_cannot_be_read_does_not_make_others_wrong(branch: Branch) -> None:
    """Nothing is known of clients in a wrong encoding, so no loan can be told for naming an unknown one."""
    branch.write_good()
    branch.write("clients.csv", "number,name\nC1,Zoé\n".encode("latin-1"))
    before = branch.contents()
    assert wrong(branch.load()) == [("clients.csv", 2, None, "ENCODING")]
    assert branch.contents() == before


def test_what_a_service_refuses_is_told_by_its_row_too(branch: Branch) -> None:
    """Refusals that only show while writing stand in the same list as those of the cells."""
    branch.write_good(
        transactions=(
            f"{TRANSACTIONS}2025-02-10,repay,L1,110,R1,,\n2025-02-11,withdraw,S1,50.5,R2,,\n"
            "2025-02-11,repay,L3,10,R3,,\n2025-02-11,deposit,S1,0,R4,,\n"
        )
    )
    before = branch.contents()
    report = branch.load()
    assert wrong(report) == [
        ("transactions.csv", 3, "amount", "INSUFFICIENT_FUNDS"),
        ("transactions.csv", 4, "account", "NOT_DISBURSED"),
        ("transactions.csv", 5, "amount", "AMOUNT_ZERO"),
    ]
    assert "50.50 is more than the 0.00" in report.errors[0].message
    assert branch.contents() == before


def test_numbers_in_the_books_are_taken(branch: Branch) -> None:
    """Loading the same folder twice changes nothing and names every number that is there already."""
    branch.write_good()
    branch.load()
    before = branch.contents()
    report = branch.load()
    assert {(told.file, told.code) for told in report.errors} == {
        ("groups.csv", "NUMBER_TAKEN"),
        ("clients.csv", "NUMBER_TAKEN"),
        ("loans.csv", "NUMBER_TAKEN"),
        ("savings.csv", "NUMBER_TAKEN"),
        ("transactions.csv", "RECEIPT_DOUBLED"),
    }
    assert branch.contents() == before


def test_a_failed_formula_is_no_empty_cell(branch: Branch, tmp_path: Path) -> None:
    """A cell whose formula failed is told; read as empty, it would be lost in silence."""
    path = tmp_path / "b.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("clients")
    sheet.write_row(0, 0, ["number", "name", "village"])
    sheet.write_row(1, 0, ["C1", "Otieno"])
    sheet.write_formula(1, 2, "=NA()", None, "#N/A")
    book.close()
    assert wrong(branch.load(path)) == [("clients", 2, "village", "NULL_TEXT")]
    assert "client" not in branch.rows()


def test_nothing_to_load_is_told(branch: Branch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert wrong(branch.load(tmp_path / "empty")) == [("empty", None, None, "NOTHING_TO_LOAD")]
    assert wrong(branch.load(tmp_path / "absent")) == [("absent", None, None, "NOTHING_TO_LOAD")]


def test_formulas_and_markup_are_stored_as_text(branch: Branch) -> None:
    branch.write("clients.csv", f"{CLIENTS}C1,<b>=SUM(A1)</b>,\"=cmd|' /C calc'!A0\",,,,,,,,\n")
    assert branch.load().errors == []
    assert branch.scalar("SELECT name || given_name FROM client") == "<b>=SUM(A1)</b>=cmd|' /C calc'!A0"


def test_a_long_load_is_cut_into_changesets(branch: Branch) -> None:
    """No changeset comes near its limit of 5,000 ops, and none is sealed empty."""
    branch.write("clients.csv", CLIENTS + "".join(f"C{n},Client {n},,,,,,,,,\n" for n in range(150)))
    branch.write("loans.csv", LOANS + "".join(f"L{n},C{n},,WEEKLY,100,,,2025-02-03,,,\n" for n in range(150)))
    report = branch.load()
    assert report.errors == []
    assert len(branch.sealed) >= 3
    assert min(branch.sealed) > 0
    assert max(branch.sealed) <= 4000
    assert sum(branch.sealed) == 150 + 150 * (1 + 25 + 2 + 1 + 1)


def test_the_report_has_the_keys_that_others_read(branch: Branch) -> None:
    branch.write_good(loans=f"{LOANS}L1,C9,,WEEKLY,100,,,,,,\n")
    report = branch.load().to_json()
    assert report.keys() >= {"read", "created", "errors", "compared", "reconciliation", "not_taken_over"}
    errors = report["errors"]
    assert isinstance(errors, list)
    assert errors[0].keys() == {"file", "row", "column", "code", "message"}
    assert report["compared"] == {"loans": 0, "rows": 0, "fields": 0}
