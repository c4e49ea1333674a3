"""The savings side of other postings: loans paid from savings, disbursed into savings, and taken back."""

from datetime import timedelta

import pytest

from banking import books as journal
from banking import savings, savings_book, savings_legs
from banking.errors import InsufficientFundsError, NotReversibleError, StatusError
from banking.savings_errors import HeldError, LockedError, OneDepositError
from ledger.money import ZERO, Money
from ledger.posting import Entry, Line, Role
from schema.accounts import SavingsAccount
from schema.saving import SavingsHold
from schema.writing import insert, update
from tests.support.books import Books, money
from tests.support.lending import DAY, balances, broken
from tests.support.saving import account_of, balance_of, leg, put, saver, take, terms

LATER = DAY + timedelta(days=10)


def test_a_leg_moves_the_balance_under_the_entry_of_another_posting(books: Books) -> None:
    account = saver(books, "100.00")
    paid = leg(books, account, "30.00", "loan_payment", LATER)
    came = leg(books, account, "5.00", "loan_disbursement", LATER, out=False)
    assert (paid.amount, paid.kind, came.amount) == (money("-30.00"), "loan_payment", money("5.00"))
    assert balance_of(books, account) == money("75.00")
    assert balances(books)["Voluntary savings"] == money("-75.00")
    assert broken(books) == []


def test_a_leg_is_taken_back_with_its_entry_and_only_so(books: Books) -> None:
    """The savings window refuses: the loan's own reversal writes the negative of the leg."""
    account = saver(books, "100.00")
    paid = leg(books, account, "30.00", "loan_payment")
    with pytest.raises(NotReversibleError), books.work() as session:
        savings.reverse(session, paid, reason="wrong", on=LATER)
    with books.work() as session:
        posted = journal.reverse_entry(session, paid.journal_entry_id, value_date=LATER, note="wrong")
        (back,) = savings_legs.take_back_legs(session, paid.journal_entry_id, posted)
    assert (back.amount, back.reverses_id, back.kind) == (money("30.00"), paid.id, "reversal")
    assert balance_of(books, account) == money("100.00")
    assert broken(books) == []


def test_no_leg_takes_more_than_is_free(books: Books) -> None:
    """Balance, minimum, holds: each by its own name."""
    terms(books, minimum_balance=money("10.00"))
    account = saver(books, "100.00")
    with pytest.raises(InsufficientFundsError) as refused:
        leg(books, account, "90.01", "loan_payment")
    assert refused.value.facts["available"] == money("90.00")
    with books.work() as session:
        insert(
            session,
            SavingsHold(savings_account_id=account, amount=money("40.00"), reason="court", held_on=DAY),
        )
    with pytest.raises(HeldError) as held:
        leg(books, account, "50.01", "loan_payment")
    assert (held.value.facts["held"], held.value.facts["available"]) == (money("40.00"), money("50.00"))
    with books.look() as session:
        assert savings_book.available(session, account, DAY) == money("50.00")
    leg(books, account, "50.00", "loan_payment")
    with books.look() as session:
        assert savings_book.available(session, account, DAY) == ZERO


def test_an_agreed_overdraft_lets_a_balance_fall_below_zero_and_no_further(books: Books) -> None:
    terms(books, overdraft_limit=money("50.00"))
    account = saver(books, "20.00")
    take(books, account, "60.00")
    assert balance_of(books, account) == money("-40.00")
    assert broken(books) == []
    with pytest.raises(InsufficientFundsError) as refused:
        take(books, account, "10.01")
    assert refused.value.facts["available"] == money("10.00")
    put(books, account, "40.00", LATER)
    assert balances(books) == {}


def test_what_an_account_owes_beyond_its_limit_is_found_by_the_check_of_the_books(books: Books) -> None:
    terms(books, overdraft_limit=money("50.00"))
    account = saver(books, "20.00")
    take(books, account, "60.00")
    with books.work() as session:
        update(session, session.get_one(SavingsAccount, account), overdraft_limit=money("39.99"))
    assert broken(books) == ["savings_not_below_zero: savings account KIT-S-000001 stands at -4000"]


def test_money_stays_until_the_day_on_which_it_is_free(books: Books) -> None:
    account = saver(books, "20.00")
    with books.work() as session:
        update(session, session.get_one(SavingsAccount, account), locked_until=LATER)
    with pytest.raises(LockedError) as refused:
        take(books, account, "1.00", LATER - timedelta(days=1))
    assert refused.value.facts["until"] == LATER
    take(books, account, "1.00", LATER)


def test_a_fixed_deposit_is_one_deposit(books: Books) -> None:
    terms(books, kind="fixed")
    account = saver(books, "20.00")
    with pytest.raises(OneDepositError):
        put(books, account, "1.00")


def test_a_closed_account_takes_and_gives_nothing(books: Books) -> None:
    account = saver(books)
    with books.work() as session:
        update(session, session.get_one(SavingsAccount, account), status="closed", closed_on=DAY)
    for out in (True, False):
        with pytest.raises(StatusError):
            leg(books, account, "1.00", "loan_payment", out=out)
    for way in (put, take):
        with pytest.raises(StatusError):
            way(books, account, "1.00")


def test_a_movement_of_the_owner_wakes_a_dormant_account(books: Books) -> None:
    account = saver(books, "20.00")
    with books.work() as session:
        update(session, session.get_one(SavingsAccount, account), status="dormant")
    leg(books, account, "1.00", "fee", LATER)
    assert account_of(books, account).status == "dormant"
    put(books, account, "1.00", LATER)
    assert account_of(books, account).status == "active"


def test_the_sum_of_an_entry_may_be_more_than_its_savings_leg(books: Books) -> None:
    """A disbursement of 100.00, of which 4.00 is a fee: 96.00 come into savings under one entry of 100.00."""
    account = saver(books)
    with books.work() as session:
        lines = (
            Line(Role.CASH, debit=money("100.00")),
            Line(Role.FEE_INCOME, credit=money("4.00")),
            Line(Role.SAVINGS_DEPOSITS, credit=money("96.00")),
        )
        accounts = {role: journal.account_with_role(session, role) for role in (Role.CASH, Role.FEE_INCOME)}
        accounts[Role.SAVINGS_DEPOSITS] = savings_book.leg_account(session, account, DAY)
        posted = journal.post(session, Entry("mixed", lines), accounts, value_date=DAY)  # type: ignore[arg-type]  # the test knows its type
        savings_legs.move_in(session, account, Money(9600), DAY, "loan_disbursement", posted=posted)
    assert broken(books) == []
