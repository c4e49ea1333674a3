"""The journal: entries, their totals by day, manual entries."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from banking import books as journal
from banking.books import ManualLine
from banking.errors import (
    AlreadyReversedError,
    ManualEntryError,
    MissingError,
    NotReversibleError,
    TooManyLinesError,
)
from ledger.errors import AmountError, BadEntryError, NotFoundError, RuleError, UnbalancedEntryError
from ledger.money import Money
from ledger.posting import Entry, Line, Role, entry_between
from schema.accounting import GLDayTotal, JournalEntry, JournalLine
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, balances, broken, newest_transaction, row_counts


def manual(books: Books, *lines: ManualLine, note: str = "rent of January", on: date = DAY) -> JournalEntry:
    with books.work("journal.post") as session:
        return journal.post_manual(session, lines, value_date=on, note=note)


RENT = (ManualLine("5320", debit=money("300")), ManualLine("1130", credit=money("300")))


def test_an_entry_is_written_with_its_lines_and_the_day_totals(books: Books) -> None:
    entry = manual(books, *RENT)
    with books.look() as session:
        lines = session.scalars(
            select(JournalLine).where(JournalLine.journal_entry_id == entry.id).order_by(JournalLine.id)
        ).all()
        totals = session.scalars(select(GLDayTotal)).all()
    assert [(line.debit, line.credit, line.currency) for line in lines] == [
        (money("300"), Money(0), "KES"),
        (Money(0), money("300"), "KES"),
    ]
    assert {(row.booked_on, row.debit, row.credit, row.origin_office_id) for row in totals} == {
        (DAY, money("300"), Money(0), books.office_id),
        (DAY, Money(0), money("300"), books.office_id),
    }
    assert (entry.kind, entry.note, entry.recorded_at) == ("manual", "rent of January", books.now)
    assert broken(books) == []


def test_day_totals_grow_with_every_entry_of_the_day(books: Books) -> None:
    manual(books, *RENT)
    manual(books, *RENT)
    manual(books, *RENT, on=DAY + timedelta(days=1))
    with books.look() as session:
        rows = session.scalars(select(GLDayTotal.debit).where(GLDayTotal.debit > Money(0))).all()
    assert sorted(rows) == [money("300"), money("600")]
    assert balances(books) == {"Rent": money("900"), "Bank": money("-900")}


def test_manual_entries_that_no_book_holds_are_refused_by_name(books: Books) -> None:
    before = row_counts(books)
    bank = ManualLine("1130", credit=money("300"))
    cases: list[tuple[tuple[ManualLine, ...], str, type[RuleError]]] = [
        ((ManualLine("5320", debit=money("299.99")), bank), "x", UnbalancedEntryError),
        ((), "x", BadEntryError),
        ((ManualLine("5320"), bank), "x", BadEntryError),
        ((ManualLine("5320", debit=Money(0)), bank), "x", AmountError),
        ((ManualLine("5320", debit=Money(-1)), bank), "x", AmountError),
        ((ManualLine("5320", debit=Money(2**63)), bank), "x", AmountError),
        ((ManualLine("5320", debit=money("1"), credit=money("1")), bank), "x", BadEntryError),
        ((ManualLine("9999", debit=money("300")), bank), "x", NotFoundError),
        ((ManualLine("1210", debit=money("300")), bank), "x", ManualEntryError),
        ((ManualLine("2110", debit=money("300")), bank), "x", ManualEntryError),
        ((ManualLine("5000", debit=money("300")), bank), "x", ManualEntryError),
        (RENT, " ", MissingError),
        (RENT * 101, "x", TooManyLinesError),
    ]
    for lines, note, refusal in cases:
        with pytest.raises(refusal):
            manual(books, *lines, note=note)
    assert row_counts(books) == before


def test_a_manual_entry_is_taken_back_once(books: Books) -> None:
    entry = manual(books, *RENT)
    with books.work() as session:
        reversal = journal.reverse_manual(session, entry.id, reason="twice", on=DAY)
    assert (reversal.kind, reversal.reverses_id) == ("reversal", entry.id)
    assert balances(books) == {}
    with pytest.raises(AlreadyReversedError), books.work() as session:
        journal.reverse_manual(session, entry.id, reason="twice", on=DAY)
    with pytest.raises(NotReversibleError), books.work() as session:
        journal.reverse_manual(session, reversal.id, reason="twice", on=DAY)
    with pytest.raises(NotFoundError), books.work() as session:
        journal.reverse_manual(session, 7, reason="twice", on=DAY)
    assert broken(books) == []


def test_the_entry_of_a_loan_is_not_reversed_without_the_loan(books: Books) -> None:
    entry_id = newest_transaction(books, a_loan(books)).journal_entry_id
    assert entry_id is not None
    with pytest.raises(NotReversibleError), books.work() as session:
        journal.reverse_manual(session, entry_id, reason="x", on=DAY)


def test_an_entry_with_an_account_that_nobody_mapped_is_refused(books: Books) -> None:
    entry = entry_between("test", Role.CASH, "nowhere", Money(1))
    with pytest.raises(NotFoundError), books.work() as session:
        journal.post(session, entry, {Role.CASH: 1}, value_date=DAY)


def test_a_role_that_the_chart_lacks_is_named(books: Books) -> None:
    with books.database.writing() as session:
        session.execute(text("UPDATE gl_account SET active = 0 WHERE role = 'over_short'"))
    with pytest.raises(NotFoundError, match="over_short"), books.work() as session:
        journal.account_with_role(session, Role.OVER_SHORT)


def test_the_database_itself_refuses_what_a_fault_of_ours_would_write(any_books: Books) -> None:
    """A line added to a finished entry, a changed entry and a deleted line are refused on each database."""
    entry = manual(any_books, *RENT)
    line = "origin_office_id, journal_entry_id, gl_account_id, currency, debit, credit"
    this = f"FROM journal_line WHERE journal_entry_id = {entry.id}"
    for statement in (
        f"INSERT INTO journal_line (id, {line}) SELECT id + 1000, {line} {this}",
        f"UPDATE journal_entry SET note = 'other' WHERE id = {entry.id}",
        f"DELETE {this}",
    ):
        with pytest.raises(DatabaseError), any_books.database.writing() as session:
            session.execute(text(statement))
    assert broken(any_books) == []


def test_lines_of_several_accounts_keep_their_order(books: Books) -> None:
    entry = Entry("test", (Line("a", debit=Money(3)), Line("b", credit=Money(1)), Line("c", credit=Money(2))))
    accounts = {
        "a": books.gl_account("Bank").id,
        "b": books.gl_account("Rent").id,
        "c": books.gl_account("Rent").id,
    }
    with books.work() as session:
        journal.post(session, entry, dict(accounts), value_date=DAY)
    with books.look() as session:
        lines = session.scalars(select(JournalLine).order_by(JournalLine.id)).all()
    assert [(line.debit.minor, line.credit.minor) for line in lines] == [(3, 0), (0, 1), (0, 2)]
    assert broken(books) == []
