"""Holds, holders, transfers, sleep and the unclaimed savings, deposits that are expected."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from banking import groups, savings
from banking.errors import BadValueError, InsufficientFundsError, NotReversibleError, StatusError
from banking.savings_dormancy import Untouched, mark_dormant
from banking.savings_errors import HeldError, HolderError, OneDepositError
from banking.savings_expected import MeetingDeposit, expected_deposits, meeting_deposits
from banking.savings_holds import (
    add_holder,
    hold,
    holders,
    list_holds,
    release,
    remove_holder,
)
from banking.savings_interest import post_interest_of_all
from banking.savings_opening import OwnTerms, open_account
from banking.savings_transfers import transfer
from ledger.errors import NotFoundError
from ledger.money import ZERO
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.writing import update
from tests.banking.test_savings_terms import charged
from tests.support.books import Books, money
from tests.support.lending import DAY, a_client, balances, broken
from tests.support.saving import account_of, balance_of, movements, put, saver, take, terms

LATER = DAY + timedelta(days=10)


def moved(books: Books, source: int, target: int, amount: str, on: date = DAY) -> list[SavingsTransaction]:
    with books.work("savings.transfer") as session:
        return transfer(session, source, target, money(amount), on)


def asleep(books: Books, on: date) -> Untouched:
    with books.work("close") as session:
        return mark_dormant(session, on)


# --- holds and holders ----------------------------------------------------------------------------


def test_held_money_stays_until_it_is_released(books: Books) -> None:
    account = saver(books, "100.00")
    with books.work() as session:
        kept = hold(session, account, money("60.00"), DAY, reason="guarantee")
    with pytest.raises(HeldError):
        take(books, account, "40.01")
    take(books, account, "40.00")
    with pytest.raises(HeldError), books.work() as session:
        hold(session, account, money("0.01"), DAY, reason="more")
    with pytest.raises(BadValueError), books.work() as session:
        release(session, kept.id, DAY - timedelta(days=1))
    with books.work() as session:
        release(session, kept.id, LATER)
    with pytest.raises(BadValueError), books.work() as session:
        release(session, kept.id, LATER)
    take(books, account, "60.00", LATER)
    with books.look() as session:
        assert [row.released_on for row in list_holds(session, account)] == [LATER]
    assert broken(books) == []


def test_nobody_holds_more_than_is_there(books: Books) -> None:
    account = saver(books, "100.00")
    with pytest.raises(InsufficientFundsError), books.work() as session:
        hold(session, account, money("100.01"), DAY, reason="court")


def test_holders_come_and_go_beside_the_first_one(books: Books) -> None:
    account = saver(books)
    first = account_of(books, account).client_id
    assert first is not None
    with books.work() as session:
        other = a_client(session, "Achieng")
        add_holder(session, account, other, DAY)
    for client_id in (other, first):
        with pytest.raises(HolderError), books.work() as session:
            add_holder(session, account, client_id, DAY)
    with books.look() as session:
        assert [(one.client_id, one.first) for one in holders(session, account)] == [
            (first, True),
            (other, False),
        ]
    with books.work() as session:
        remove_holder(session, account, other, LATER)
    with pytest.raises(NotFoundError), books.work() as session:
        remove_holder(session, account, first, LATER)
    with books.look() as session:
        assert len(holders(session, account)) == 1


# --- transfers ------------------------------------------------------------------------------------


def test_a_transfer_is_one_entry_with_two_legs_and_is_reversed_as_one(books: Books) -> None:
    """Also between products, whose deposits stand on accounts of their own."""
    source, target = saver(books, "100.00"), saver(books, "", DAY, "MUST")
    out, into = moved(books, source, target, "30.00")
    assert out.journal_entry_id == into.journal_entry_id
    assert (balance_of(books, source), balance_of(books, target)) == (money("70.00"), money("30.00"))
    assert balances(books)["Mandatory savings"] == money("-30.00")
    with books.work() as session:
        row = session.get_one(SavingsTransaction, into.id)
        savings.reverse(session, row, reason="wrong account", on=LATER)
    assert (balance_of(books, source), balance_of(books, target)) == (money("100.00"), ZERO)
    with books.look() as session:
        back = session.query(SavingsTransaction).filter_by(kind="reversal").all()
    assert len(back) == 2
    with pytest.raises(NotReversibleError), books.work() as session:
        savings.reverse(session, back[0], reason="x", on=LATER)
    assert broken(books) == []


def test_a_transfer_whose_money_is_gone_is_not_reversed_in_part(books: Books) -> None:
    source, target = saver(books, "100.00"), saver(books)
    out, _ = moved(books, source, target, "30.00")
    take(books, target, "10.00")
    with pytest.raises(InsufficientFundsError), books.work() as session:
        savings.reverse(session, session.get_one(SavingsTransaction, out.id), reason="x", on=LATER)
    assert balance_of(books, source) == money("70.00")
    assert broken(books) == []


def test_a_transfer_bears_the_charge_of_a_withdrawal(books: Books) -> None:
    charged(books, "withdrawal", amount=money("1.00"))
    source, target = saver(books, "100.00"), saver(books)
    with pytest.raises(InsufficientFundsError):
        moved(books, source, target, "99.01")
    moved(books, source, target, "99.00")
    assert balance_of(books, source) == ZERO
    assert balances(books)["Fees on savings"] == money("-1.00")


def test_transfers_that_cannot_be_are_refused(books: Books) -> None:
    source, target = saver(books, "100.00"), saver(books)
    with books.work() as session:
        update(session, session.get_one(SavingsAccount, target), status="closed", closed_on=DAY)
    with pytest.raises(BadValueError):
        moved(books, source, source, "1.00")
    with pytest.raises(StatusError):
        moved(books, source, target, "1.00")
    terms(books, "MUST", kind="fixed")
    term = saver(books, "5.00", DAY, "MUST")
    with pytest.raises(OneDepositError):
        moved(books, source, term, "1.00")


# --- sleep ----------------------------------------------------------------------------------------


def test_what_nobody_touches_falls_asleep_once_and_wakes_with_the_next_movement(books: Books) -> None:
    terms(books, dormant_after_days=180, annual_rate=Decimal(0))
    charged(books, "dormant", amount=money("2.00"))
    account, awake = saver(books, "100.00"), saver(books, "100.00")
    day = DAY + timedelta(days=180)
    put(books, awake, "1.00", DAY + timedelta(days=1))
    assert asleep(books, day - timedelta(days=1)) == Untouched()
    assert asleep(books, day) == Untouched(dormant=1)
    assert asleep(books, day) == Untouched()
    assert account_of(books, account).status == "dormant"
    assert movements(books, account)[-1] == ("fee", -200, day)
    take(books, account, "1.00", day)
    assert account_of(books, account).status == "active"
    assert asleep(books, day + timedelta(days=1)) == Untouched(dormant=1)


def test_unclaimed_savings_have_their_own_account_and_come_back_with_their_owner(books: Books) -> None:
    terms(books, dormant_after_days=180, unclaimed_after_days=365, annual_rate=Decimal(0))
    account, empty = saver(books, "100.00"), saver(books)
    day = DAY + timedelta(days=365)
    assert asleep(books, day) == Untouched(unclaimed=2)
    assert asleep(books, day) == Untouched()
    assert movements(books, account)[-1] == ("unclaimed", -10_000, day)
    assert account_of(books, empty).status == "unclaimed"
    assert balances(books)["Unclaimed savings"] == money("-100.00")
    back = day + timedelta(days=30)
    with pytest.raises(InsufficientFundsError):
        take(books, account, "100.01", back)
    assert account_of(books, account).status == "unclaimed"
    take(books, account, "40.00", back)
    assert account_of(books, account).status == "active"
    assert balance_of(books, account) == money("60.00")
    assert "Unclaimed savings" not in balances(books)
    assert broken(books) == []


def test_what_comes_back_from_the_unclaimed_never_comes_before_it_went(books: Books) -> None:
    """A deposit dated back wakes the account on the day on which it was given up."""
    terms(books, unclaimed_after_days=30, annual_rate=Decimal(0))
    account = saver(books, "100.00")
    gone = DAY + timedelta(days=30)
    asleep(books, gone)
    put(books, account, "5.00", DAY + timedelta(days=1))
    assert movements(books, account)[-2:] == [
        ("reversal", 10_000, gone),
        ("deposit", 500, DAY + timedelta(days=1)),
    ]
    assert broken(books) == []


def test_held_money_is_never_unclaimed(books: Books) -> None:
    terms(books, unclaimed_after_days=365, annual_rate=Decimal(0))
    account = saver(books, "100.00")
    with books.work() as session:
        hold(session, account, money("1.00"), DAY, reason="court")
    assert asleep(books, DAY + timedelta(days=400)) == Untouched()


def test_interest_is_no_movement_of_the_owner(books: Books) -> None:
    terms(books, dormant_after_days=60, annual_rate=Decimal(10))
    saver(books, "1000.00")
    with books.work() as session:
        assert post_interest_of_all(session, date(2026, 2, 28)) == 2
    assert asleep(books, DAY + timedelta(days=60)) == Untouched(dormant=1)


# --- expected deposits ----------------------------------------------------------------------------


def test_mandatory_savings_are_expected_at_every_meeting(books: Books) -> None:
    """50.00 at each of four meetings; 130.00 came: the third one lacks 20.00."""
    with books.work() as session:
        group = groups.create_group(
            session, name="Upendo", meeting_weekday=1, meeting_every_weeks=1, first_meeting_on=DAY
        )
        client = a_client(session)
        groups.join_group(session, client, group.id)
        account = open_account(
            session, client_id=client, product_id=books.savings_product("MUST").id, opened_on=DAY
        ).id
    put(books, account, "130.00")
    on = DAY + timedelta(days=21)
    with books.look() as session:
        rows = expected_deposits(session, account, on)
        assert [row.due_on for row in rows] == [DAY + timedelta(days=7 * week) for week in range(4)]
        assert [row.missing.minor for row in rows] == [0, 0, 2000, 5000]
        number = account_of(books, account).number
        assert meeting_deposits(session, group.id, on) == [
            MeetingDeposit(account, number, client, money("50.00"), money("20.00"))
        ]


def test_recurring_deposits_are_expected_by_their_schedule_until_the_term_ends(books: Books) -> None:
    terms(books, kind="recurring", term_days=89)
    with books.work() as session:
        account = open_account(
            session,
            client_id=a_client(session),
            product_id=books.savings_product("SAVE").id,
            opened_on=date(2026, 1, 31),
            own=OwnTerms(expected_deposit=money("200.00")),
        ).id
    with books.look() as session:
        rows = expected_deposits(session, account, date(2027, 1, 1))
    assert [row.due_on for row in rows] == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    assert {row.amount for row in rows} == {money("200.00")}


def test_nothing_is_expected_of_voluntary_savings(books: Books) -> None:
    account = saver(books, "1.00")
    with books.look() as session:
        assert expected_deposits(session, account, LATER) == []
