"""Overdrafts of savings stand among the assets at each close, and leave them as they are repaid."""

from datetime import date, timedelta

from banking.closing.savings_overdrafts import post_savings_overdrafts
from ledger.money import Money
from tests.support.books import Books, money
from tests.support.lending import DAY, balances, broken
from tests.support.saving import put, saver, take, terms


def close(books: Books, on: date) -> list[int]:
    with books.work("close") as session:
        return [shift.amount.minor for shift in post_savings_overdrafts(session, on)]


def test_what_is_owed_moves_to_its_account_and_back_once_each(books: Books) -> None:
    terms(
        books, overdraft_limit=money("100.00"), gl_overdraft_id=books.gl_account("Overdrafts of clients").id
    )
    one, two = saver(books, "10.00"), saver(books, "500.00")
    take(books, one, "70.00")
    assert close(books, DAY) == [6000]
    assert close(books, DAY) == []
    found = balances(books)
    assert (found["Overdrafts of clients"], found["Voluntary savings"]) == (Money(6000), Money(-50_000))
    assert broken(books) == []
    put(books, one, "45.00", DAY + timedelta(days=1))
    take(books, two, "20.00", DAY + timedelta(days=1))
    assert close(books, DAY + timedelta(days=1)) == [-4500]
    put(books, one, "15.00", DAY + timedelta(days=2))
    assert close(books, DAY + timedelta(days=2)) == [-1500]
    assert "Overdrafts of clients" not in balances(books)
    assert broken(books) == []


def test_a_product_that_names_no_account_keeps_its_overdrafts_among_the_deposits(books: Books) -> None:
    terms(books, overdraft_limit=money("100.00"))
    take(books, saver(books, "10.00"), "70.00")
    assert close(books, DAY) == []
    assert balances(books)["Voluntary savings"] == Money(6000)
