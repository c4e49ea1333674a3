"""The figures behind the pictures are those of the books."""

from datetime import timedelta

from banking import days, repayments
from banking.pictures import Point, pictures
from ledger.money import ZERO, Money, total
from tests.support.books import Books, money
from tests.support.lending import DAY, a_loan, balances


def test_pictures_show_what_the_books_hold(any_books: Books) -> None:
    """Portfolio and cash are the accounts' balances; late loans stand in their age; dues beside takings."""
    books = any_books
    with books.work("day.open") as session:
        days.open_day(session, DAY, money("50000"))
    lent = a_loan(books, "10000", till_id=books.till_id)
    later = DAY + timedelta(days=40)
    with books.work() as session:
        repayments.post_repayment(session, lent, money("100"), later, till_id=books.till_id)
    with books.look() as session:
        found = pictures(session, books.office_id, later)
    assert found.portfolio[-1].amount == balances(books)["Loan portfolio"]
    assert found.cash[-1].amount == balances(books)["Cash in hand"]
    assert total(point.amount for point in found.arrears) == balances(books)["Loan portfolio"]
    assert [point.days for point in found.arrears] == [(1, 30), (31, 60), (61, 90), (91, 180), (181, None)]
    assert total(point.amount for point in found.collections) == money("100")
    assert all(isinstance(point.beside, Money) and point.beside > ZERO for point in found.collections[-3:])


def test_books_without_anything_give_empty_pictures(books: Books) -> None:
    with books.look() as session:
        found = pictures(session, books.office_id, DAY)
    assert (found.portfolio, found.cash) == ((), ())
    assert {point.amount for point in (*found.arrears, *found.collections)} == {ZERO}
    assert Point(None, ZERO).days is None
