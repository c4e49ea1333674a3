"""Posting files: every kind of row, receipts, reversals, and nothing when anything is wrong."""

import json
from datetime import date

import pytest

from banking.days import close_day, open_day
from banking.loading import PostReport
from ledger.money import Money
from tests.banking.loading.conftest import GOOD, LOANS, TRANSACTIONS, Branch, workbook

ALL_KINDS = (
    f"{TRANSACTIONS}2025-02-10,repay,L1,110,R1,first,\n"
    "2025-02-11,deposit,S1,50.5,R2,,\n"
    "2025-02-12,withdraw,S1,0.5,R3,,\n"
    "2025-02-12,reverse,S1,,R4,wrong person,R3\n"
    "2025-02-13,fee,L1,5,R5,,\n"
    "2025-02-14,waive,L1,3,R6,,\n"
    "2025-03-01,disburse,L3,100,R7,,\n"
    "2025-04-01,write_off,L3,,R8,,\n"
    "2025-04-02,recover,L3,20,R9,,\n"
    "2025-04-03,repay,L2,5,,,\n"
)


def wrong(report: PostReport) -> list[tuple[int | None, str | None, str]]:
    """Give row, column and code of every error."""
    return [(told.row, told.column, told.code) for told in report.errors]


LATER_KINDS = (
    f"{TRANSACTIONS}2025-02-10,charge,L1,4,,Visit,\n"
    "2025-02-11,pay_off,L1,,P1,,\n"
    "2025-04-12,charge_off,L2,,P2,fled,\n"
)


@pytest.fixture
def bank(branch: Branch) -> Branch:
    """A branch with two running loans, an application and a savings account; nothing was paid yet."""
    branch.write_good(transactions=TRANSACTIONS)
    assert branch.load().errors == []
    branch.sealed.clear()
    return branch


def test_every_kind_of_row_is_posted(bank: Branch) -> None:
    """Each kind is booked by the service that a clerk would use; the books balance afterwards."""
    owed = {number: bank.owed(number) for number in ("L1", "L2")}
    report = bank.post(bank.write("t.csv", ALL_KINDS))
    assert report.errors == []
    assert report.to_json() == {"posted": 10, "errors": []}
    assert bank.owed("L1") == owed["L1"] - Money(11_300)
    assert bank.owed("L2") == owed["L2"] - Money(500)
    assert bank.scalar("SELECT status FROM loan_account WHERE number = 'L3'") == "written_off"
    assert bank.scalar("SELECT sum(amount) FROM savings_transaction") == 5_050
    kinds = "SELECT kind FROM loan_transaction WHERE receipt <> '' ORDER BY receipt"
    assert bank.column(kinds) == ["repayment", "fee", "waiver", "disbursement", "write_off", "recovery"]
    assert bank.scalar("SELECT sum(debit) - sum(credit) FROM journal_line") == 0


def test_charges_payoffs_and_charge_offs_are_posted(bank: Branch) -> None:
    """A charge is owed until something pays it; neither a payoff nor a charge-off is given an amount."""
    owed = bank.owed("L1")
    assert bank.post(bank.write("t.csv", LATER_KINDS)).errors == []
    assert bank.owed("L1") == Money(0)
    assert bank.scalar("SELECT amount FROM loan_transaction WHERE receipt = 'P1'") == owed.minor + 400
    assert bank.scalar("SELECT charged_off_on FROM loan_account WHERE number = 'L2'") == "2025-04-12"
    again = bank.write(
        "u.csv", f"{TRANSACTIONS}2025-04-13,charge_off,L2,5,,,\n2025-02-13,charge,L1,,,NONE,\n"
    )
    assert wrong(bank.post(again)) == [(2, "amount", "AMOUNT_NOT_EMPTY"), (3, None, "NOT_FOUND")]


def test_receipts_and_notes_are_kept(bank: Branch) -> None:
    bank.post(bank.write("t.csv", ALL_KINDS))
    assert bank.scalar("SELECT note FROM loan_transaction WHERE receipt = 'R1'") == "first"
    of_reversal = "SELECT kind || ' ' || note FROM savings_transaction WHERE receipt = 'R4'"
    assert bank.scalar(of_reversal) == "reversal wrong person"
    assert bank.scalar("SELECT count(*) FROM loan_transaction WHERE receipt_sequence IS NOT NULL") == 0


def test_json_lines_are_the_same_rows(bank: Branch) -> None:
    """One object a line, amounts as text or as numbers; row numbers are lines."""
    lines = [
        {"on": "2025-02-10", "kind": "repay", "account": "L1", "amount": "110.00", "receipt": "R1"},
        {"on": "2025-02-11", "kind": "deposit", "account": "S1", "amount": 50.5, "note": None},
    ]
    owed = bank.owed("L1")
    path = bank.write("t.jsonl", "\n".join(json.dumps(line) for line in lines))
    assert bank.post(path).to_json() == {"posted": 2, "errors": []}
    assert bank.owed("L1") == owed - Money(11_000)
    assert bank.scalar("SELECT amount FROM savings_transaction") == 5_050


def test_json_lines_are_known_by_their_first_character(bank: Branch) -> None:
    row = '{"on": "2025-02-10", "kind": "repay", "account": "L1", "amount": "0"}\n'
    assert wrong(bank.post(bank.write("day", row))) == [(1, "amount", "AMOUNT_ZERO")]


def test_a_workbook_may_be_posted(bank: Branch) -> None:
    header = TRANSACTIONS.strip().split(",")
    path = workbook(bank.folder / "t.xlsx", {"transactions": [header, [45698, "repay", "L1", 110.5, 17.0]]})
    assert bank.post(path).to_json() == {"posted": 1, "errors": []}
    assert (
        bank.scalar("SELECT receipt || value_date FROM loan_transaction WHERE receipt <> ''")
        == "172025-02-10"
    )


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ("2025-02-10,pay,L1,1,,,\n", [(2, "kind", "NOT_A_CHOICE")]),
        ("2025-02-10,repay,L9,1,,,\n", [(2, "account", "UNKNOWN_ACCOUNT")]),
        ("2025-02-10,repay,,1,,,\n", [(2, "account", "MISSING")]),
        (",repay,L1,1,,,\n", [(2, "on", "MISSING")]),
        ("2025-02-10,repay,S1,1,,,\n", [(2, "kind", "WRONG_KIND_OF_ACCOUNT")]),
        ("2025-02-10,deposit,L1,1,,,\n", [(2, "kind", "WRONG_KIND_OF_ACCOUNT")]),
        ("2025-02-10,repay,L1,,,,\n", [(2, "amount", "MISSING")]),
        ("2025-02-10,repay,L1,-1,,,\n", [(2, "amount", "AMOUNT_NEGATIVE")]),
        ("2025-02-10,repay,L1,1.001,,,\n", [(2, "amount", "AMOUNT_DIGITS")]),
        ("2025-02-10,repay,L1,9223372036854775808,,,\n", [(2, "amount", "AMOUNT_TOO_LARGE")]),
        ("2026-01-03,repay,L1,1,,,\n", [(2, "on", "DATE_IN_FUTURE")]),
        ("2025-02-02,repay,L1,1,,,\n", [(2, "account", "NOT_DISBURSED")]),
        ("2024-05-31,deposit,S1,1,,,\n", [(2, "on", "BAD_VALUE")]),
        ("2025-02-10,withdraw,S1,1,,,\n", [(2, "amount", "INSUFFICIENT_FUNDS")]),
        ("2025-02-10,recover,L1,1,,,\n", [(2, "account", "STATUS")]),
        ("2025-02-10,disburse,L1,,,,\n", [(2, "account", "STATUS")]),
        ("2025-02-10,disburse,L3,99,,,\n", [(2, "amount", "NOT_THE_PRINCIPAL")]),
        ("2025-02-10,repay,L1,1,R1,,\n2025-02-10,repay,L2,1,R1,,\n", [(3, "receipt", "RECEIPT_DOUBLED")]),
        ("2025-02-10,repay,L1,1,R1,,R0\n", [(2, "reverses", "NOT_A_REVERSAL")]),
        ("2025-02-10,reverse,L1,,,,\n", [(2, "reverses", "MISSING")]),
        ("2025-02-10,reverse,L1,,,,R9\n", [(2, "reverses", "UNKNOWN_RECEIPT")]),
        ("2025-02-10,reverse,L1,,R9,,R9\n", [(2, "reverses", "UNKNOWN_RECEIPT")]),
        (
            "2025-02-10,repay,L1,1,R1,,\n2025-02-10,reverse,L1,1,,,R1\n",
            [(3, "amount", "AMOUNT_NOT_EMPTY")],
        ),
        (
            "2025-03-10,repay,L1,1,R1,,\n2025-03-10,reverse,L2,,,,R1\n",
            [(3, "reverses", "RECEIPT_OF_ANOTHER")],
        ),
        (
            "2025-02-10,repay,L1,1,R1,,\n2025-02-10,reverse,L1,,R2,,R1\n2025-02-10,reverse,L1,,,,R2\n",
            [(4, "reverses", "NOT_REVERSIBLE")],
        ),
        (
            "2025-02-10,repay,L1,1,R1,,\n2025-02-10,reverse,L1,,,,R1\n2025-02-10,reverse,L1,,,,R1\n",
            [(4, "reverses", "ALREADY_REVERSED")],
        ),
        (
            "2025-02-10,reverse,L1,,,,R1\n2025-02-10,repay,L1,1,R1,,\n",
            [(2, "reverses", "UNKNOWN_RECEIPT")],
        ),
        ("2025-02-10,repay,L1,1,R1,,\n2025-02-09,reverse,L1,,,,R1\n", [(3, "on", "REVERSAL_DATE")]),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_posted(
    bank: Branch, rows: str, faults: list[tuple[int | None, str | None, str]]
) -> None:
    """The rows around a wrong one are right, and are not posted either."""
    before = bank.contents()
    good = "2025-02-20,deposit,S1,7,R70,,\n"
    report = bank.post(bank.write("t.csv", f"{TRANSACTIONS}{rows}{good}"))
    assert wrong(report) == faults
    assert report.posted == 0
    assert bank.contents() == before


def test_a_receipt_in_the_books_is_not_booked_again(bank: Branch) -> None:
    """The same file posted twice is refused whole: every doubled receipt is named."""
    path = bank.write("t.csv", f"{TRANSACTIONS}2025-02-10,repay,L1,1,R1,,\n2025-02-10,deposit,S1,1,R2,,\n")
    assert bank.post(path).posted == 2
    before = bank.contents()
    assert wrong(bank.post(path)) == [(2, "receipt", "RECEIPT_DOUBLED"), (3, "receipt", "RECEIPT_DOUBLED")]
    assert bank.contents() == before


def test_a_reversal_may_name_a_receipt_of_an_earlier_file(bank: Branch) -> None:
    owed = bank.owed("L1")
    bank.post(bank.write("t.csv", f"{TRANSACTIONS}2025-02-10,repay,L1,1,R1,,\n"))
    path = bank.write("u.csv", f"{TRANSACTIONS}2025-02-11,reverse,L1,,,,R1\n")
    assert bank.post(path).posted == 1
    assert bank.owed("L1") == owed
    assert wrong(bank.post(path)) == [(2, "reverses", "ALREADY_REVERSED")]
    other = bank.write("u.csv", f"{TRANSACTIONS}2025-03-11,reverse,L2,,,,R1\n")
    assert wrong(bank.post(other)) == [(2, "reverses", "RECEIPT_OF_ANOTHER")]


def test_what_may_follow_from_a_wrong_row_is_not_told(bank: Branch) -> None:
    """The withdrawal fails only for want of the wrong deposit; the third row is wrong by itself."""
    rows = "2025-02-10,deposit,S1,1.001,,,\n2025-02-11,withdraw,S1,1,,,\n2024-02-11,deposit,S1,1,,,\n"
    report = bank.post(bank.write("t.csv", f"{TRANSACTIONS}{rows}"))
    assert wrong(report) == [(2, "amount", "AMOUNT_DIGITS"), (4, "on", "BAD_VALUE")]


def test_a_closed_day_takes_no_rows(bank: Branch) -> None:
    """A day that the branch closed is closed for files too; one that it never opened is open."""
    with bank.books.work("day") as session:
        open_day(session, date(2026, 1, 2))
    with bank.books.work("day") as session:
        close_day(session, None)
    path = bank.write("t.csv", f"{TRANSACTIONS}2026-01-02,repay,L1,1,,,\n2026-01-01,repay,L1,1,,,\n")
    assert wrong(bank.post(path)) == [(2, "on", "CLOSED_DAY")]
    path = bank.write("t.csv", f"{TRANSACTIONS}2026-01-01,repay,L1,1,,,\n")
    assert bank.post(path).posted == 1


def test_amounts_are_told_in_major_units(bank: Branch) -> None:
    bank.post(bank.write("t.csv", f"{TRANSACTIONS}2025-02-10,deposit,S1,20,,,\n"))
    report = bank.post(bank.write("t.csv", f"{TRANSACTIONS}2025-02-11,withdraw,S1,1250.50,,,\n"))
    assert report.errors[0].message == "1250.50 is more than the 20.00 that can be taken out."


def test_a_currency_without_digits_takes_whole_amounts(branch: Branch) -> None:
    branch.books.digits = 0
    branch.write_good(loans=LOANS, transactions=TRANSACTIONS)
    assert branch.load().errors == []
    rows = "2025-02-10,deposit,S1,20,,,\n2025-02-10,deposit,S1,20.5,,,\n"
    assert wrong(branch.post(branch.write("t.csv", f"{TRANSACTIONS}{rows}"))) == [
        (3, "amount", "AMOUNT_DIGITS")
    ]


def test_a_long_file_is_cut_into_changesets(bank: Branch) -> None:
    rows = "".join(f"2025-02-10,deposit,S1,1,R{number},,\n" for number in range(1500))
    assert bank.post(bank.write("t.csv", TRANSACTIONS + rows)).posted == 1500
    assert bank.sealed
    assert max(bank.sealed) <= 4000


def test_good_files_of_the_tests_are_good() -> None:
    """The files that tests start from name every sheet."""
    assert set(GOOD) == {"groups.csv", "clients.csv", "loans.csv", "savings.csv", "transactions.csv"}
