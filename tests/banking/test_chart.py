"""The chart of accounts: what headquarters may change, and what it may not."""

import pytest

from banking import books as journal
from banking import chart, frequent_postings
from banking.books import ManualLine
from banking.chart_errors import GLAccountInUseError
from banking.errors import BadValueError, ManualEntryError, MissingError, NumberTakenError
from banking.standard import ChartRow
from ledger.errors import NotFoundError, RuleError
from schema.accounting import JournalEntry
from schema.reference import GLAccount
from tests.support.books import Books, money
from tests.support.lending import DAY, balances


def add(books: Books, *row: str, manual: bool = True) -> GLAccount:
    with books.hq_work() as session:
        return chart.add_account(session, ChartRow(*row), manual=manual)


def post(books: Books, code: str, amount: str) -> JournalEntry:
    lines = (ManualLine(code, debit=money(amount)), ManualLine("1130", credit=money(amount)))
    with books.work() as session:
        return journal.post_manual(session, lines, value_date=DAY, note="x")


def test_an_account_is_added_under_a_heading_and_takes_entries(books: Books) -> None:
    made = add(books, "5350", "Fuel", "expense", "5000")
    assert (made.usage, made.manual_entries, made.active) == ("detail", 1, 1)
    post(books, "5350", "8")
    assert balances(books)["Fuel"] == money("8")


def test_accounts_that_cannot_be_are_refused_by_name(books: Books) -> None:
    cases: list[tuple[tuple[str, ...], type[RuleError]]] = [
        (("5340", "Twice", "expense", "5000"), NumberTakenError),
        (("5351", "", "expense", "5000"), MissingError),
        (("", "No code", "expense"), MissingError),
        (("5351", "Odd", "expenses"), BadValueError),
        (("5351", "Odd", "expense", "", "folder"), BadValueError),
        (("5351", "Odd", "expense", "1000"), BadValueError),
        (("5351", "Odd", "expense", "5340"), BadValueError),
        (("5351", "Odd", "expense", "9999"), NotFoundError),
    ]
    for row, refusal in cases:
        with pytest.raises(refusal):
            add(books, *row)


def test_the_tree_is_told_with_every_account_under_its_heading(books: Books) -> None:
    add(books, "1140", "Mobile money", "asset", "1100", "header")
    add(books, "1141", "Wallet", "asset", "1140")
    with books.look() as session:
        lines = [(line.account.code, line.depth) for line in chart.chart_tree(session)]
    assert lines[:2] == [("1000", 0), ("1100", 1)]
    assert lines[lines.index(("1140", 2)) + 1] == ("1141", 3)
    assert len(lines) == len(set(lines))


def test_an_account_is_renamed_and_moved_but_never_below_itself(books: Books) -> None:
    with books.hq_work() as session:
        assert chart.rename_account(session, "5340", "Paper and pens").name == "Paper and pens"
        assert chart.move_account(session, "1130", "1000").parent_id == chart.get_account(session, "1000").id
        assert chart.move_account(session, "1130", "").parent_id is None
        for parent in ("1100", "1000"):
            with pytest.raises(BadValueError):
                chart.move_account(session, "1000", parent)
        with pytest.raises(BadValueError):
            chart.move_account(session, "1130", "5000")
        with pytest.raises(NotFoundError):
            chart.rename_account(session, "77", "x")


def test_an_account_goes_out_of_use_only_unused_and_at_zero(books: Books) -> None:
    entry = post(books, "5340", "8")
    with books.hq_work() as session, pytest.raises(GLAccountInUseError, match="KIT has a balance"):
        chart.deactivate_account(session, "5340")
    with books.work() as session:
        journal.reverse_manual(session, entry.id, reason="wrong", on=DAY)
    with books.hq_work() as session:
        assert chart.deactivate_account(session, "5340").active == 0
    with pytest.raises(ManualEntryError):
        post(books, "5340", "8")
    with books.hq_work() as session:
        assert chart.reactivate_account(session, "5340").active == 1
        for code, reason in (("1110", "posting rules"), ("2120", "savings_product"), ("5000", "below it")):
            with pytest.raises(GLAccountInUseError, match=reason):
                chart.deactivate_account(session, code)
    post(books, "5340", "8")


def test_an_account_that_a_frequent_posting_names_stays_until_that_goes(books: Books) -> None:
    with books.hq_work() as session:
        frequent_postings.define_posting(session, "RENT", "Rent of the office", "5320", "1130")
        with pytest.raises(GLAccountInUseError, match="frequent_posting"):
            chart.deactivate_account(session, "5320")
        frequent_postings.retire_posting(session, "RENT")
        chart.deactivate_account(session, "5320")


def test_heading_and_account_change_places_only_while_empty(books: Books) -> None:
    post(books, "5340", "8")
    with books.hq_work() as session:
        made = chart.change_usage(session, "5330", "header")
        assert (made.usage, made.manual_entries) == ("header", 0)
        assert chart.change_usage(session, "5330", "detail").manual_entries == 1
        assert chart.change_usage(session, "5330", "detail").usage == "detail"
        for code, usage in (("5340", "header"), ("5000", "detail"), ("1110", "header")):
            with pytest.raises(GLAccountInUseError):
                chart.change_usage(session, code, usage)
        with pytest.raises(BadValueError):
            chart.change_usage(session, "5330", "folder")


def test_manual_entries_are_allowed_where_nothing_else_keeps_the_balance(books: Books) -> None:
    with books.hq_work() as session:
        chart.allow_manual_entries(session, "5340", allowed=False)
        for code in ("1210", "2110", "2120", "2200", "1400", "1000"):
            with pytest.raises(GLAccountInUseError):
                chart.allow_manual_entries(session, code, allowed=True)
    with pytest.raises(ManualEntryError):
        post(books, "5340", "1")
    with books.hq_work() as session:
        chart.allow_manual_entries(session, "5340", allowed=True)
    post(books, "5340", "1")
