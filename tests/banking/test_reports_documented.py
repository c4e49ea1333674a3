"""docs/reports.md says what each report holds."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from banking import repayments, reports, savings
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, an_account

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")


def section(name: str) -> set[str]:
    """Give the words in code style below one heading."""
    found = re.search(rf"(?ms)^## {re.escape(name)}\n(.*?)(?=^## |\Z)", TEXT)
    assert found, f"docs/reports.md has no section {name}"
    return set(re.findall(r"`([a-z_]+)`", found[1]))


@pytest.mark.parametrize("name", sorted(reports.REPORTS))
def test_every_field_of_a_report_is_documented(books: Books, name: str) -> None:
    """Fields of rows too; rows of the income statement are those of the balance sheet."""
    loan_id = a_loan(books, till_id=books.till_id)
    account = an_account(books)
    due = DAY + timedelta(days=7)
    with books.work() as session:
        repayments.post_repayment(session, loan_id, money("20.00"), due, till_id=books.till_id)
        savings.deposit(session, account.id, money("5.00"), DAY, till_id=books.till_id)
    with books.look() as session:
        report = reports.REPORTS[name](session, as_of=due, office_id=books.office_id)
    document = reports.to_json(report, 2)
    fields = set(document)
    for value in document.values():
        if isinstance(value, list):
            assert value
            fields |= {key for row in value for key in row}
    known = section(name)
    if name == "income-statement":
        known |= section("balance-sheet")
    assert fields <= known


def test_nothing_is_documented_that_is_no_report() -> None:
    sections = set(re.findall(r"(?m)^## (.+)$", TEXT))
    assert sections == {*reports.REPORTS, "Statements"}


def test_every_field_of_a_statement_is_documented(books: Books) -> None:
    loan_id, account = a_loan(books), an_account(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("5.00"), DAY)
    with books.look() as session:
        found = [
            reports.to_json(reports.loan_statement(session, loan_id, as_of=DAY), 2),
            reports.to_json(reports.savings_statement(session, account.id, as_of=DAY), 2),
        ]
    known = section("Statements")
    for document in found:
        rows = [row for value in document.values() if isinstance(value, list) for row in value]
        assert set(document) | {key for row in rows for key in row} <= known
