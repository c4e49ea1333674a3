"""What closes do for savings: interest when its period ends, the payable between, nothing twice."""

from datetime import date

from sqlalchemy import select

from banking import savings
from banking.closing.savings_accruals import unposted_savings_accruals
from banking.closing.steps import run_steps
from ledger.money import ZERO, Money
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.products import SavingsProduct
from schema.writing import act, update
from tests.support.books import Books, money
from tests.support.closing import close_on, standing
from tests.support.lending import an_account, broken

FIFTH = date(2026, 1, 5)


def deposited(books: Books, opened_on: date = FIFTH, on: date = FIFTH) -> int:
    account = an_account(books, opened_on=opened_on)
    with books.work() as session:
        savings.deposit(session, account.id, money("3650.00"), on)
    return account.id


def interest(books: Books) -> list[tuple[date, Money]]:
    with books.look() as session:
        rows = session.scalars(select(SavingsTransaction).where(SavingsTransaction.kind == "interest"))
        return [(row.value_date, row.amount) for row in rows]


def test_interest_is_posted_when_its_month_has_ended_and_once(books: Books) -> None:
    """3,650.00 at 4 % earn 0.40 a day, compounded: 27 days of January, 28 of February."""
    deposited(books)
    assert close_on(books, date(2026, 1, 30))["savings_interest"].done == 0
    steps = close_on(books, date(2026, 2, 2))
    assert (steps["savings_interest"].done, interest(books)) == (1, [(date(2026, 1, 31), money("10.82"))])
    close_on(books, date(2026, 2, 28))
    assert [amount for _, amount in interest(books)] == [money("10.82"), money("11.25")]
    with books.work("again") as session:
        run_steps(session, date(2026, 2, 28))
        assert act(session).ops == []
    assert broken(books) == []


def test_a_product_with_a_payable_account_accrues_between_postings(books: Books) -> None:
    payable = books.gl_account("Interest payable on savings").id
    with books.hq_work() as session:
        product = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one()
        update(session, product, gl_interest_payable_id=payable)
    deposited(books)
    close_on(books, date(2026, 1, 14))
    assert standing(books, "Interest payable on savings") == money("-4.00")
    assert standing(books, "Interest on savings") == money("4.00")
    with books.work() as session:
        assert unposted_savings_accruals(session, date(2026, 1, 14)) == []
    close_on(books, date(2026, 1, 31))
    assert standing(books, "Interest payable on savings") == ZERO
    assert standing(books, "Interest on savings") == money("10.82")
    assert broken(books) == []


def test_a_product_without_one_books_interest_when_it_is_posted(books: Books) -> None:
    deposited(books)
    close_on(books, date(2026, 1, 14))
    assert standing(books, "Interest on savings") == ZERO


def test_books_brought_in_do_not_earn_again_what_came_before(books: Books) -> None:
    """An account from 2009 earns from the month of the first business day on."""
    account_id = deposited(books, date(2009, 1, 5), date(2009, 1, 5))
    close_on(books, date(2026, 1, 31))
    assert interest(books) == [(date(2026, 1, 31), money("12.42"))]
    with books.look() as session:
        account = session.get_one(SavingsAccount, account_id)
        assert (account.earns_from, account.interest_to) == (date(2026, 1, 1), date(2026, 1, 31))
    assert broken(books) == []
