"""Drawers: their kinds and limits, out of use, and who answers for them."""

from datetime import date, timedelta

import pytest

from banking import cash, tills
from banking.cash_errors import CashierOverlapError, TillNotEmptyError
from banking.errors import BadValueError
from ledger.errors import AmountNegativeError, NotFoundError
from ledger.money import Money
from schema.people import User
from schema.writing import insert, update
from tests.support.books import Books, money
from tests.support.cash import a_user, count
from tests.support.lending import DAY


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def test_a_vault_is_a_till_of_its_own_kind_on_its_own_account(books: Books) -> None:
    with books.work() as session:
        made = cash.create_till(session, kind="vault", cash_limit=money("9000"))
        with pytest.raises(BadValueError):
            cash.create_till(session, kind="pocket")
    assert (made.number, made.name, made.kind) == (2, "Vault", "vault")
    assert made.gl_account_id == books.gl_account("Vault").id


def test_a_till_with_cash_stays_in_use(books: Books) -> None:
    count(books, books.till_id, "12")
    with pytest.raises(TillNotEmptyError), books.work() as session:
        tills.retire_till(session, books.till_id)
    count(books, books.till_id, "0")
    with books.work() as session:
        tills.retire_till(session, books.till_id)
    with pytest.raises(NotFoundError), books.hq_work() as session:
        tills.retire_till(session, books.till_id)


def test_what_a_till_may_hold_is_set_and_taken_away(books: Books) -> None:
    with books.work() as session:
        assert tills.set_cash_limit(session, books.till_id, money("50")).cash_limit == money("50")
        assert tills.set_cash_limit(session, books.till_id, None).cash_limit is None
        with pytest.raises(AmountNegativeError):
            tills.set_cash_limit(session, books.till_id, Money(-1))


def test_one_person_answers_for_a_till_and_hands_it_over_within_a_day(books: Books) -> None:
    clara, moses = a_user(books, "clara", "cashier"), a_user(books, "moses")
    with books.work() as session:
        tills.assign_cashier(session, books.till_id, clara, day(0))
        with pytest.raises(CashierOverlapError):
            tills.assign_cashier(session, books.till_id, moses, day(3), day(4))
        ended = tills.end_assignment(session, books.till_id, day(3))
        assert ended.until == day(3)
        tills.assign_cashier(session, books.till_id, moses, day(3))
    with books.look() as session:
        assert tills.cashiers_on(session, books.till_id, day(-1)) == []
        assert tills.cashiers_on(session, books.till_id, day(0)) == [clara]
        assert tills.cashiers_on(session, books.till_id, day(3)) == [clara, moses]
        assert tills.cashiers_on(session, books.till_id, day(300)) == [moses]


def test_impossible_assignments_are_refused_by_name(books: Books) -> None:
    left = a_user(books, "left")
    clara = a_user(books, "clara")
    with books.hq_work() as session:
        stranger = User(username="x", full_name="X", role="clerk")
        insert(session, stranger)
    with books.work() as session:
        update(session, session.get_one(User, left), state="disabled")
        for user_id in (left, stranger.id, 77):
            with pytest.raises(NotFoundError):
                tills.assign_cashier(session, books.till_id, user_id, DAY)
        with pytest.raises(BadValueError):
            tills.assign_cashier(session, books.till_id, clara, day(2), day(1))
        with pytest.raises(NotFoundError):
            tills.assign_cashier(session, 99, clara, day(2))
        with pytest.raises(NotFoundError):
            tills.end_assignment(session, books.till_id, DAY)
        tills.assign_cashier(session, books.till_id, clara, day(2))
        with pytest.raises(BadValueError):
            tills.end_assignment(session, books.till_id, day(1))
        with pytest.raises(CashierOverlapError):
            tills.assign_cashier(session, books.till_id, clara, day(2))
