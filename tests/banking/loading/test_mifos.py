"""A real Mifos 2 branch: taken over to the cent, as it stands, and compared with what is stored."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from banking.loading import Difference, LoadReport
from ledger.money import Money
from tests.banking.loading.conftest import Branch, Export, new_branch
from tests.support.books import Books

WEEKLY_LOAN = {"account_id": "13"}  # 000100000000013: 2,000.00 in 11 rows, no fees
NUMBER = "000100000000013"
NUMBER_WITH_FEES = "000100000000166"  # 2,000.00 in 11 rows, 990.00 of fees in its first
NOT_PAID_OUT = {
    "000100000000004": "2000.00",
    "000100000000005": "2000.00",
    "000100000000009": "2000.00",
    "000100000000207": "1255.00",
    "000100000000208": "3000.00",
}


@dataclass(frozen=True)
class Taken:
    """The untouched export in the books of a branch, for tests that only look."""

    branch: Branch
    report: LoadReport
    before: dict[str, int]


@pytest.fixture(scope="module")
def taken(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory, founded: tuple[Path, Books]
) -> Iterator[Taken]:
    """Load the real export once."""
    with new_branch(tmp_path_factory.mktemp("taken"), founded) as branch:
        before = branch.rows()
        yield Taken(branch, branch.load_mifos(shared_data / "mifos-branch"), before)


def beyond_the_known(report: LoadReport) -> list[Difference]:
    """Give the differences beside those of the five loans that are not paid out."""
    assert report.errors == []
    known = [
        Difference(number, "outstanding_principal", owed, "0.00") for number, owed in NOT_PAID_OUT.items()
    ]
    assert [told for told in report.reconciliation if told.account in NOT_PAID_OUT] == known
    return [told for told in report.reconciliation if told.account not in NOT_PAID_OUT]


def test_the_whole_branch_is_taken_over_to_the_cent(taken: Taken) -> None:
    """Head office and five offices become one branch; every figure read back is the source's."""
    report = taken.report
    assert report.errors == []
    assert report.created == {
        "centers": 5,
        "groups": 11,
        "clients": 38,
        "loans": 118,
        "installments": 1462,
        "savings": 36,
        "transactions": 0,
    }
    assert report.created == report.read
    assert report.totals["all_loans"]["principal"] == "236510.00"
    assert report.totals["all_loans"]["outstanding_principal"] == "226255.00"
    assert report.totals["all_loans"]["interest"] == "2234.00"
    assert report.totals["disbursed_loans"]["fees"] == "40016.00"
    assert report.totals["disbursed_loans"]["loans"] == 113
    assert report.compared["loans"] == 118
    assert report.compared["rows"] == 1462
    assert report.compared["fields"] > 1462 * 9
    assert beyond_the_known(report) == []


def test_figures_of_the_database_are_those_of_the_report(taken: Taken) -> None:
    """Asked by plain SQL, the database gives the same sums: nothing was computed again on the way."""
    branch = taken.branch
    assert branch.scalar("SELECT sum(principal) FROM installment") == 23_651_000
    assert branch.scalar("SELECT sum(interest) FROM installment") == 223_400
    assert branch.scalar("SELECT count(*) FROM installment") == 1462
    assert branch.scalar("SELECT count(*) FROM loan_account WHERE status = 'active'") == 113
    fees = (
        "SELECT sum(i.fee) FROM installment AS i JOIN loan_account AS l ON l.id = i.loan_account_id "
        "WHERE l.disbursed_on IS NOT NULL"
    )
    assert branch.scalar(fees) == 4_001_600
    assert branch.scalar("SELECT sum(debit) - sum(credit) FROM journal_line") == 0
    portfolio = branch.books.gl_account("Loan portfolio").id
    held = "SELECT sum(debit) - sum(credit) FROM journal_line WHERE gl_account_id = ?"
    assert branch.scalar(held, portfolio) == 22_625_500
    assert branch.scalar(held, branch.books.gl_account("Books brought in").id) == -22_625_500


def test_rows_stand_as_they_stood(taken: Taken, export: Export) -> None:
    """Every row of every loan has the date and cells of the source; fees are found by the row's own id."""
    branch = taken.branch
    fees: dict[str, Decimal] = {}
    for fee in export.rows("loan_fee_schedule"):
        fees[fee["id"]] = fees.get(fee["id"], Decimal(0)) + Decimal(fee["amount"])
    numbers = {row["account_id"]: row["global_account_num"] for row in export.rows("account")}
    wanted = sorted(
        f"{numbers[row['account_id']]} {row['installment_id']} {row['action_date']} "
        f"{Decimal(row['principal']) * 100:.0f} {Decimal(row['interest']) * 100:.0f} "
        f"{fees.get(row['id'], Decimal(0)) * 100:.0f} 0"
        for row in export.rows("loan_schedule")
    )
    stored = branch.column(
        "SELECT l.number || ' ' || i.number || ' ' || i.due_on || ' ' || i.principal || ' ' || i.interest "
        "|| ' ' || i.fee || ' ' || i.penalty "
        "FROM installment AS i JOIN loan_account AS l ON l.id = i.loan_account_id"
    )
    assert sorted(map(str, stored)) == wanted


def test_loans_not_paid_out_are_applications_on_which_nothing_is_owed(taken: Taken) -> None:
    """Four approved and one pending; their planned rows are kept, their balance in the source is told."""
    branch, report = taken.branch, taken.report
    states = "SELECT number || ' ' || status FROM loan_account WHERE disbursed_on IS NULL ORDER BY number"
    assert branch.column(states) == [
        "000100000000004 approved",
        "000100000000005 applied",
        "000100000000009 approved",
        "000100000000207 approved",
        "000100000000208 approved",
    ]
    assert all(branch.owed(number) == Money(0) for number in NOT_PAID_OUT)
    for number, owed in NOT_PAID_OUT.items():
        assert [line for line in report.not_taken_over if number in line and owed in line]


def test_loans_of_one_product_are_kept_apart_by_account(taken: Taken) -> None:
    """A client with several loans of one product has as many accounts; a group's loan is the group's."""
    branch = taken.branch
    per_client = (
        "SELECT count(*) FROM loan_account AS l JOIN client AS c ON c.id = l.client_id WHERE c.number = ?"
    )
    assert branch.scalar(per_client, "0005-000000030") == 5
    groups = (
        "SELECT g.number || ' ' || l.number FROM loan_account AS l "
        "JOIN lending_group AS g ON g.id = l.group_id ORDER BY l.number"
    )
    assert branch.column(groups) == [
        "0006-000000040 000100000000205",
        "0006-000000045 000100000000206",
        "0006-000000050 000100000000207",
        "0006-000000050 000100000000208",
    ]


def test_people_stand_where_they_stood(taken: Taken) -> None:
    """Numbers, names, days, groups and centers are the source's; what is not known is empty."""
    branch = taken.branch
    client = (
        "SELECT c.number || '|' || c.given_name || '|' || c.name || '|' || c.born_on || '|' || c.joined_on "
        "|| '|' || c.state || '|' || g.number || '|' || m.number FROM client AS c "
        "JOIN lending_group AS g ON g.id = c.group_id JOIN center AS m ON m.id = g.center_id "
        "WHERE c.number = ?"
    )
    assert branch.scalar(client, "0004-000000014") == (
        "0004-000000014|Stu1233265991241|Client1233265991241|1949-07-03|2009-01-29|active|0004-000000013|0004-000000007"
    )
    empty = "SELECT DISTINCT gender || national_id || phone || address || village FROM client"
    assert branch.column(empty) == [""]
    assert branch.column("SELECT count(*) FROM staff") == [0]


def test_meetings_are_read_from_the_planned_dates(taken: Taken) -> None:
    """The export does not say which meeting a customer has; the dates planned for each do."""
    branch = taken.branch
    center = (
        "SELECT meeting_weekday || ' ' || meeting_every_weeks || ' ' || first_meeting_on "
        "FROM center WHERE number = ?"
    )
    assert branch.scalar(center, "0002-000000001") == "1 1 2009-01-26"
    assert branch.scalar(center, "0004-000000007") == "4 1 2009-01-29"


def test_savings_accounts_keep_number_rate_and_day(taken: Taken) -> None:
    branch = taken.branch
    account = (
        "SELECT s.annual_rate || ' ' || s.opened_on || ' ' || p.code FROM savings_account AS s "
        "JOIN savings_product AS p ON p.id = s.product_id WHERE s.number = '000100000000015'"
    )
    assert branch.scalar(account) == "8 2009-01-29 SAVE"
    assert branch.scalar("SELECT count(*) FROM savings_transaction") == 0


def test_a_balance_of_savings_is_brought_in(branch: Branch, export: Export) -> None:
    """Where another export has balances, each comes in as a deposit against "Books brought in"."""
    export.change("savings_account", {"account_id": "15"}, savings_balance="1234.5000")
    report = branch.load_mifos(export.folder)
    assert beyond_the_known(report) == []
    assert branch.scalar("SELECT sum(amount) FROM savings_transaction") == 123_450


def test_what_the_export_lacks_is_told_line_by_line(taken: Taken) -> None:
    lines = taken.report.not_taken_over
    for word in ("personnel", "addresses", "gender", "names of the 56 GL accounts", "currency", "offices: 6"):
        assert len([line for line in lines if line.startswith(word)]) == 1, word
    assert [line for line in lines if "429.00" in line]


def test_products_are_mapped_and_told(taken: Taken) -> None:
    """No reference data is made: accounts stand under our products, with their own terms."""
    branch, report, before = taken.branch, taken.report, taken.before
    mapped = {told.source: (told.ours, told.accounts) for told in report.mapping}
    assert mapped["WeeklyFlatLoanWithOneTimeFees (1-004)"] == ("WEEKLY", 75)
    assert mapped["MySavingsProduct1233265923516 (1-005)"] == ("SAVE", 36)
    assert sum(accounts for _, accounts in mapped.values()) == 118 + 36
    after = branch.rows()
    for table in ("loan_product", "savings_product", "gl_account", "office"):
        assert after[table] == before[table]
    assert branch.column("SELECT DISTINCT annual_rate FROM loan_account ORDER BY 1") == ["10", "11.6", "3"]
    declining = "SELECT count(*) FROM loan_account WHERE interest_type = 'DECLINING_BALANCE'"
    assert branch.scalar(declining) == 2


def test_a_load_that_has_been_done_is_refused(branch: Branch, export: Export) -> None:
    """Every number is taken: nothing is doubled, nothing is changed."""
    branch.load_mifos(export.folder)
    before = branch.contents()
    report = branch.load_mifos(export.folder)
    assert {told.code for told in report.errors} >= {"NUMBER_TAKEN"}
    assert len([told for told in report.errors if told.code == "NUMBER_TAKEN"]) == 54
    assert set(report.created.values()) == {0}
    assert branch.contents() == before


def test_changesets_stay_small(taken: Taken) -> None:
    """Far below the 5,000 ops that a changeset may have, and none is empty."""
    assert min(taken.branch.sealed) > 0
    assert max(taken.branch.sealed) <= 4000


ROW_3 = {"installment_id": "3"}
ONE_CELL: list[tuple[str, dict[str, str], dict[str, str], tuple[str, str, str]]] = [
    ("loan_summary", {}, {"orig_principal": "2100.0000"}, ("principal", "2100.00", "2000.00")),
    ("loan_summary", {}, {"orig_interest": "14.0000"}, ("interest", "14.00", "13.00")),
    ("loan_summary", {}, {"orig_fees": "5.0000"}, ("fees", "5.00", "0.00")),
    ("loan_summary", {}, {"orig_penalty": "2.0000"}, ("penalties", "2.00", "0.00")),
    ("loan_summary", {}, {"principal_paid": "7.0000"}, ("principal_paid", "7.00", "0.00")),
    ("loan_summary", {}, {"interest_paid": "0.5000"}, ("interest_paid", "0.50", "0.00")),
    ("loan_summary", {}, {"fees_paid": "3.0000"}, ("fees_paid", "3.00", "0.00")),
    ("loan_summary", {}, {"penalty_paid": "1.0000"}, ("penalties_paid", "1.00", "0.00")),
    ("loan_account", {}, {"loan_balance": "1999.0000"}, ("outstanding_principal", "1999.00", "2000.00")),
    ("loan_account", {}, {"loan_amount": "2500.0000"}, ("loan_amount", "2500.00", "2000.00")),
    ("loan_account", {}, {"no_of_installments": "12"}, ("installments", "12", "11")),
    ("loan_account", {}, {"interest_type_id": "2"}, ("interest_type", "FLAT", "DECLINING_BALANCE")),
    ("loan_account", {}, {"disbursement_date": "2009-01-28"}, ("disbursed_on", "2009-01-28", "2009-01-29")),
    ("account_trxn", {}, {"action_date": "2009-01-30"}, ("disbursed_on", "2009-01-29", "2009-01-30")),
    ("account_trxn", {}, {"amount": "1900.0000"}, ("disbursed (account_trxn)", "1900.00", "2000.00")),
    ("account_payment", {}, {"amount": "1900.0000"}, ("disbursed (account_payment)", "1900.00", "2000.00")),
    ("loan_schedule", ROW_3, {"principal": "281.8000"}, ("principal", "2000.00", "2100.00")),
    ("loan_schedule", ROW_3, {"interest": "2.2000"}, ("interest", "13.00", "14.00")),
    ("loan_schedule", ROW_3, {"penalty": "2.0000"}, ("penalties", "0.00", "2.00")),
    ("loan_schedule", ROW_3, {"misc_fees": "2.0000"}, ("fees", "0.00", "2.00")),
    ("loan_schedule", ROW_3, {"misc_penalty": "2.0000"}, ("penalties", "0.00", "2.00")),
    ("loan_schedule", ROW_3, {"principal_paid": "2.0000"}, ("principal_paid", "0.00", "2.00")),
    ("loan_schedule", ROW_3, {"principal_paid": "999.0000"}, ("principal_paid", "0.00", "181.80")),
    ("loan_schedule", ROW_3, {"interest_paid": "1.0000"}, ("interest_paid", "0.00", "1.00")),
    ("loan_schedule", ROW_3, {"customer_id": "54"}, ("owner", "0006-000000054", "of the account")),
]
"""Table, which row of the loan, the changed cell; field, source and ours of the one difference."""


def test_one_wrong_cell_of_the_source_is_told_once_for_its_loan(branch: Branch, export: Export) -> None:
    """One cell changed in each of many columns, each on its own loan: those loans and fields, no others."""
    loans = [row["account_id"] for row in export.rows("loan_account") if row["prd_offering_id"] == "3"]
    numbers = {row["account_id"]: row["global_account_num"] for row in export.rows("account")}
    owners = {row["account_id"]: row["customer_id"] for row in export.rows("account")}
    people = {row["customer_id"]: row["global_cust_num"] for row in export.rows("customer")}
    wanted: list[Difference] = []
    for loan, (table, row, cells, (field, source, ours)) in zip(loans, ONE_CELL, strict=False):
        export.change(table, {"account_id": loan, **row}, **cells)
        shown = people[owners[loan]] if field == "owner" else ours
        wanted.append(Difference(numbers[loan], field, source, shown))
    assert len(wanted) == len(ONE_CELL)
    assert beyond_the_known(branch.load_mifos(export.folder)) == wanted


@pytest.mark.parametrize("changed", [2, 5, 8])
def test_one_changed_cell_alone_is_the_only_difference(branch: Branch, export: Export, changed: int) -> None:
    """The same with nothing else changed in the export."""
    table, row, cells, difference = ONE_CELL[changed]
    export.change(table, {**WEEKLY_LOAN, **row}, **cells)
    assert beyond_the_known(branch.load_mifos(export.folder)) == [Difference(NUMBER, *difference)]


def test_a_changed_fee_is_told_for_its_loan(branch: Branch, export: Export) -> None:
    """Fees hang on the row by its id, not by the loan; the loan is found all the same."""
    first = next(row["id"] for row in export.rows("loan_schedule") if row["account_id"] == "166")
    fee = next(row for row in export.rows("loan_fee_schedule") if row["id"] == first and row["fee_id"] == "7")
    export.change(
        "loan_fee_schedule", {"account_fees_detail_id": fee["account_fees_detail_id"]}, amount="901.0000"
    )
    report = branch.load_mifos(export.folder)
    assert beyond_the_known(report) == [Difference(NUMBER_WITH_FEES, "fees", "990.00", "991.00")]


@pytest.mark.parametrize(
    ("table", "key", "cells", "fault"),
    [
        (
            "customer",
            {"customer_id": "9"},
            {"status_id": "77"},
            ("customer.csv", 10, "status_id", "UNKNOWN_STATE"),
        ),
        (
            "customer",
            {"customer_id": "9"},
            {"parent_customer_id": "99"},
            ("customer.csv", 10, "parent_customer_id", "UNKNOWN_PARENT"),
        ),
        (
            "customer",
            {"customer_id": "10"},
            {"customer_id": "9"},
            ("customer.csv", 11, "customer_id", "DOUBLED"),
        ),
        (
            "loan_account",
            WEEKLY_LOAN,
            {"loan_amount": "2,000"},
            ("loan_account.csv", 5, "loan_amount", "AMOUNT_NOT_A_NUMBER"),
        ),
        (
            "loan_account",
            WEEKLY_LOAN,
            {"loan_amount": "2000.0010"},
            ("loan_account.csv", 5, "loan_amount", "AMOUNT_DIGITS"),
        ),
        (
            "loan_account",
            WEEKLY_LOAN,
            {"meeting_id": "999"},
            ("loan_account.csv", 5, "meeting_id", "UNKNOWN_MEETING"),
        ),
        (
            "loan_schedule",
            {**WEEKLY_LOAN, "installment_id": "3"},
            {"installment_id": "4"},
            ("loan_account.csv", 5, "account_id", "BAD_SCHEDULE"),
        ),
        (
            "loan_schedule",
            {**WEEKLY_LOAN, "installment_id": "1"},
            {"action_date": "soon"},
            ("loan_schedule.csv", 35, "action_date", "NOT_A_DATE"),
        ),
    ],
)
def test_what_cannot_be_taken_over_is_named_and_nothing_is_written(
    branch: Branch,
    export: Export,
    table: str,
    key: dict[str, str],
    cells: dict[str, str],
    fault: tuple[str, int, str, str],
) -> None:
    """A source that contradicts itself so that no account can be made of it is refused by table and row."""
    export.change(table, key, **cells)
    before = branch.contents()
    report = branch.load_mifos(export.folder)
    assert fault in [(told.file, told.row, told.column, told.code) for told in report.errors]
    assert set(report.created.values()) == {0}
    assert branch.contents() == before


def test_an_export_without_a_table_is_refused(branch: Branch, export: Export) -> None:
    (export.folder / "loan_summary.csv").unlink()
    report = branch.load_mifos(export.folder)
    assert [(told.file, told.code) for told in report.errors] == [("loan_summary.csv", "MISSING_FILE")]


def test_the_report_is_one_json_document(taken: Taken) -> None:
    report = json.loads(json.dumps(taken.report.to_json()))
    assert report["reconciliation"][0].keys() == {"account", "field", "source", "ours"}
    assert report["compared"].keys() == {"loans", "rows", "fields"}
