"""Entries that people compose: frequent postings, opening balances, and taking them back."""

from datetime import date, timedelta

import pytest

from banking import books as journal
from banking import frequent_postings, opening_balances
from banking.books import ManualLine
from banking.chart_errors import OpeningBalanceError, OpeningBalanceTwiceError
from banking.errors import (
    BadValueError,
    ManualEntryError,
    MissingError,
    NumberTakenError,
    ReversalDateError,
    SecondPersonNeededError,
    TooManyLinesError,
)
from ledger.errors import AmountError, ClosedPeriodError, NotFoundError, RuleError
from schema.accounting import JournalEntry
from schema.reference import Period
from schema.writing import insert
from tests.support.books import Books, money
from tests.support.cash import a_limit, a_user, another_office, work_at
from tests.support.lending import DAY, a_loan, balances, broken, row_counts

HAD = (
    ManualLine("1130", debit=money("5000")),
    ManualLine("1500", debit=money("800")),
    ManualLine("2300", credit=money("3000")),
)


def opened(books: Books, *lines: ManualLine) -> JournalEntry:
    with books.work() as session:
        return opening_balances.post_opening_balances(session, lines, DAY)


def test_opening_balances_are_one_entry_against_books_brought_in(books: Books) -> None:
    entry = opened(books, *HAD)
    assert entry.kind == "opening_balance"
    assert balances(books) == {
        "Bank": money("5000"),
        "Furniture and equipment": money("800"),
        "Borrowings": money("-3000"),
        "Books brought in": money("-2800"),
    }
    assert broken(books) == []


def test_opening_balances_come_once_and_again_after_they_were_taken_back(books: Books) -> None:
    entry = opened(books, *HAD)
    with pytest.raises(OpeningBalanceTwiceError):
        opened(books, ManualLine("5320", debit=money("1")))
    with books.work() as session:
        journal.reverse_manual(session, entry.id, reason="the list was old", on=DAY)
    opened(books, ManualLine("1130", debit=money("70")), ManualLine("3100", credit=money("70")))
    assert balances(books) == {"Bank": money("70"), "Share capital": money("-70")}


def test_opening_balances_only_go_where_nothing_else_brings_them(books: Books) -> None:
    """Accounts of loans and savings, with entries, named twice and the balancing one are refused by name."""
    with books.work() as session:
        rent = (ManualLine("5320", debit=money("1")), ManualLine("1130", credit=money("1")))
        journal.post_manual(session, rent, value_date=DAY, note="x")
    a_loan(books)
    before = row_counts(books)
    one = money("1")
    cases: list[tuple[tuple[ManualLine, ...], type[RuleError]]] = [
        ((ManualLine("1210", debit=one),), OpeningBalanceError),
        ((ManualLine("2110", credit=one),), OpeningBalanceError),
        ((ManualLine("1000", debit=one),), OpeningBalanceError),
        ((ManualLine("1130", debit=one),), OpeningBalanceError),
        ((ManualLine("3900", debit=one),), OpeningBalanceError),
        ((ManualLine("1500", debit=one), ManualLine("1500", debit=one)), OpeningBalanceError),
        ((ManualLine("9999", debit=one),), NotFoundError),
        ((ManualLine("1500", debit=money("0")),), AmountError),
        ((ManualLine("1500", debit=one),) * 200, TooManyLinesError),
    ]
    for lines, refusal in cases:
        with pytest.raises(refusal):
            opened(books, *lines)
    assert row_counts(books) == before


def test_each_office_has_its_own_opening_balances(books: Books) -> None:
    opened(books, *HAD)
    nyeri = another_office(books)
    with work_at(books, nyeri) as session:
        opening_balances.post_opening_balances(session, HAD, DAY)
    assert balances(books)["Bank"] == money("10000")
    assert broken(books) == []


def test_a_frequent_posting_needs_a_code_and_an_amount(books: Books) -> None:
    with books.hq_work() as session:
        frequent_postings.define_posting(session, "rent", "Rent of the office", "5320", "1130")
    with books.work() as session:
        entry = frequent_postings.post_frequent(session, "RENT", money("300"), DAY)
        noted = frequent_postings.post_frequent(session, "Rent", money("1"), DAY, note="extra room")
    assert (entry.kind, entry.note, noted.note) == (
        "frequent",
        "Rent of the office",
        "Rent of the office: extra room",
    )
    assert balances(books) == {"Rent": money("301"), "Bank": money("-301")}
    with books.work() as session:
        journal.reverse_manual(session, entry.id, reason="paid twice", on=DAY)
    assert balances(books)["Rent"] == money("1")
    assert broken(books) == []


def test_frequent_postings_that_cannot_be_are_refused(books: Books) -> None:
    with books.hq_work() as session:
        frequent_postings.define_posting(session, "RENT", "Rent", "5320", "1130")
        cases: list[tuple[tuple[str, str, str, str], type[RuleError]]] = [
            (("RENT", "Rent", "5320", "1130"), NumberTakenError),
            (("A", "Rent", "5320", "5320"), BadValueError),
            (("A", "", "5320", "1130"), MissingError),
            (("A", "Rent", "5320", "1210"), ManualEntryError),
            (("A", "Rent", "9", "1130"), NotFoundError),
        ]
        for given, refusal in cases:
            with pytest.raises(refusal):
                frequent_postings.define_posting(session, *given)
        frequent_postings.retire_posting(session, "rent")
        assert frequent_postings.find_posting(session, "rent") is None
        frequent_postings.define_posting(session, "RENT", "Rent again", "5320", "1130")
    a_limit(books, "second_person", "100")
    moses = a_user(books, "moses")
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        frequent_postings.post_frequent(session, "RENT", money("100"), DAY)
    with books.work() as session:
        entry = frequent_postings.post_frequent(session, "RENT", money("100"), DAY, approved_by_id=moses)
        assert entry.approved_by_id == moses
        with pytest.raises(NotFoundError):
            frequent_postings.post_frequent(session, "OTHER", money("1"), DAY)


def test_an_entry_of_a_closed_period_is_taken_back_in_the_open_one(books: Books) -> None:
    """The original and its period stay as they were; a date inside the period is refused."""
    lines = (ManualLine("5320", debit=money("300")), ManualLine("1130", credit=money("300")))
    with books.work() as session:
        entry = journal.post_manual(session, lines, value_date=DAY, note="rent")
    with books.hq_work() as session:
        insert(
            session,
            Period(
                name="2026-01",
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 1, 31),
                state="closed",
                version=1,
            ),
        )
    with pytest.raises(ClosedPeriodError), books.work() as session:
        journal.reverse_manual(session, entry.id, reason="twice", on=DAY)
    with pytest.raises(ReversalDateError), books.work() as session:
        journal.reverse_manual(session, entry.id, reason="twice", on=DAY - timedelta(days=30))
    with books.work() as session:
        back = journal.reverse_manual(session, entry.id, reason="twice", on=date(2026, 2, 3))
    assert (back.booked_on, back.reverses_id) == (date(2026, 2, 3), entry.id)
    with books.look() as session:
        kept = session.get_one(JournalEntry, entry.id)
        assert (kept.booked_on, kept.note, kept.reverses_id) == (DAY, "rent", None)
    assert balances(books) == {}
    assert broken(books) == []


def test_another_office_s_entry_is_not_ours_to_take_back(books: Books) -> None:
    entry = opened(books, *HAD)
    with pytest.raises(NotFoundError), work_at(books, another_office(books)) as session:
        journal.reverse_manual(session, entry.id, reason="x", on=DAY)
