"""Drawers counted by denomination, and what becomes of a difference."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from banking import cash, cash_counts, days, savings
from banking.cash_counts import Counted, count_till
from banking.cash_errors import CountMismatchError, CountReasonError, TillCashError
from banking.errors import BadSecondPersonError, BadValueError, MissingError, SecondPersonNeededError
from ledger.denominations import BadPiecesError
from ledger.errors import AmountError, ClosedDayError, NotFoundError, RuleError
from ledger.money import ZERO, Money
from schema.accounting import JournalEntry
from schema.cash import CashCount
from tests.support.books import Books, money
from tests.support.cash import a_limit, a_user, a_vault, count, held
from tests.support.lending import DAY, a_loan, an_account, balances, broken, row_counts


def counts(books: Books) -> list[CashCount]:
    with books.look() as session:
        return list(session.scalars(select(CashCount).order_by(CashCount.id)))


def test_a_count_keeps_its_pieces_and_books_the_difference_with_its_reason(books: Books) -> None:
    moses = a_user(books, "moses")
    with books.work() as session:
        row = count_till(
            session,
            books.till_id,
            Counted(pieces="200x1 1000x3 coins=7.50"),
            DAY,
            moment="closing",
            reason="a note was found",
            seen_by_id=moses,
        )
        entry = session.get_one(JournalEntry, row.journal_entry_id)
    assert (row.pieces, row.counted, row.expected) == (
        "100000x3 20000x1 coins=750",
        money("3207.50"),
        ZERO,
    )
    assert (row.moment, row.on, row.counted_by_id, row.seen_by_id) == (
        "closing",
        DAY,
        books.actor_id,
        moses,
    )
    assert (entry.kind, entry.note, entry.approved_by_id) == ("over_short", "a note was found", moses)
    assert balances(books) == {"Cash in hand": money("3207.50"), "Cash over and short": money("-3207.50")}
    assert broken(books) == []


def test_a_count_that_agrees_needs_no_reason_and_books_nothing(books: Books) -> None:
    count(books, books.till_id, "40")
    with books.work() as session:
        row = count_till(session, books.till_id, Counted(amount=money("40"), pieces="20x2"), DAY)
    assert (row.journal_entry_id, row.counted, row.expected) == (None, money("40"), money("40"))
    assert broken(books) == []


def test_a_count_that_cannot_be_is_refused_and_leaves_nothing(books: Books) -> None:
    before = row_counts(books)
    cases: list[tuple[Counted, str, type[RuleError]]] = [
        (Counted(amount=money("1")), "", CountReasonError),
        (Counted(amount=money("1"), pieces="2x1"), "x", CountMismatchError),
        (Counted(pieces="2y1"), "x", BadPiecesError),
        (Counted(), "x", MissingError),
        (Counted(amount=Money(-1)), "x", AmountError),
        (Counted(amount=Money(2**62)), "x", AmountError),
    ]
    for counted, reason, refusal in cases:
        with pytest.raises(refusal), books.work() as session:
            count_till(session, books.till_id, counted, DAY, reason=reason)
    with pytest.raises(BadValueError), books.work() as session:
        count_till(session, books.till_id, Counted(amount=ZERO), DAY, moment="noon")
    with pytest.raises(NotFoundError), books.hq_work() as session:
        count_till(session, books.till_id, Counted(amount=ZERO), DAY)
    assert row_counts(books) == before


def test_a_large_difference_is_seen_by_somebody_else(books: Books) -> None:
    a_limit(books, "second_person", "100")
    moses, officer = a_user(books, "moses"), a_user(books, "olga", "officer")
    lost = Counted(amount=money("100"))
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        count_till(session, books.till_id, lost, DAY, reason="x")
    with pytest.raises(BadSecondPersonError), books.work() as session:
        count_till(session, books.till_id, lost, DAY, reason="x", seen_by_id=officer)
    with books.work() as session:
        assert count_till(session, books.till_id, lost, DAY, reason="x", seen_by_id=moses).seen_by_id == moses


def test_two_tills_on_one_account_are_counted_each_by_what_moved_through_it(books: Books) -> None:
    """What nobody gave to a till is the first one's; together they hold the account's balance."""
    with books.work() as session:
        second = cash.create_till(session).id
    account = an_account(books)
    count(books, books.till_id, "500")
    with books.work() as session:
        savings.deposit(session, account.id, money("70"), DAY, till_id=second)
        savings.deposit(session, account.id, money("5"), DAY, till_id=books.till_id)
    assert (held(books, books.till_id), held(books, second)) == (money("505"), money("70"))
    assert count(books, second, "60") == money("-10")
    with books.work() as session:
        savings.withdraw(session, account.id, money("15"), DAY, till_id=second)
    assert (held(books, books.till_id), held(books, second)) == (money("505"), money("45"))
    assert balances(books)["Cash in hand"] == money("550")
    assert broken(books) == []


def test_opening_and_closing_a_day_are_counts_of_the_only_till(books: Books) -> None:
    """The vault is not in the drawers' count; the first count of all is brought in, not over."""
    vault = a_vault(books, "900")
    with books.work("day.open") as session:
        days.open_day(session, DAY, money("500"))
    with books.work("day.close") as session:
        closed = days.close_day(session, money("498"), reason="two coins short")
    assert closed.cash_difference == money("-2")
    assert [(row.moment, row.till_id, row.counted, row.expected) for row in counts(books)] == [
        ("opening", books.till_id, money("500"), ZERO),
        ("closing", books.till_id, money("498"), money("500")),
    ]
    assert held(books, vault) == money("900")
    assert balances(books)["Books brought in"] == money("-500")
    assert broken(books) == []


def test_a_count_of_several_tills_together_is_no_count_of_one(books: Books) -> None:
    with books.work() as session:
        second = cash.create_till(session).id
    with books.work("day.open") as session:
        days.open_day(session, DAY, money("500"))
    assert counts(books) == []
    assert (held(books, books.till_id), held(books, second)) == (money("500"), ZERO)


def test_a_till_pays_no_more_than_it_holds_once_it_was_counted(books: Books) -> None:
    """Before the first count nobody knows what is in the drawer; afterwards the books do."""
    a_loan(books, "1.00", till_id=books.till_id)
    with books.work("day.open") as session:
        days.open_day(session, DAY, money("100"))
    with pytest.raises(TillCashError) as refusal:
        a_loan(books, "100.01", till_id=books.till_id)
    assert refusal.value.facts == {"till": 1, "amount": money("100.01"), "held": money("100")}
    a_loan(books, "100.00", till_id=books.till_id)
    a_loan(books, "700.00")
    assert held(books, books.till_id) == ZERO
    assert broken(books) == []


def test_a_closed_day_takes_no_count(books: Books) -> None:
    with books.work("day.open") as session:
        days.open_day(session, DAY)
    with books.work("day.close") as session:
        days.close_day(session)
    with pytest.raises(ClosedDayError), books.work() as session:
        count_till(session, books.till_id, Counted(amount=ZERO), DAY)
    with books.work("day.open") as session:
        days.open_day(session, DAY + timedelta(days=1))
    with books.work() as session:
        row = count_till(session, books.till_id, Counted(amount=money("3")), DAY, reason="late")
    assert row.on == DAY + timedelta(days=1)
    with books.look() as session:
        assert [found.id for found in cash_counts.counts_of(session, books.till_id, row.on)] == [row.id]
