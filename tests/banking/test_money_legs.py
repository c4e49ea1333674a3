"""Where the money side of an entry stands."""

import pytest
from sqlalchemy import select

from banking import cash, repayments, tills
from banking.cash import CashLeg
from banking.errors import NotYourTillError, TillClosedError
from banking.money_legs import money_leg
from ledger.errors import NotFoundError
from schema.products import LoanProduct, PaymentType
from schema.writing import insert, update
from tests.support.books import Books, money
from tests.support.cash import a_user, a_way_to_pay, held
from tests.support.lending import DAY, a_loan, balances, broken


def test_without_till_and_way_to_pay_it_is_books_brought_in(books: Books) -> None:
    with books.work() as session:
        assert money_leg(session) == CashLeg(books.gl_account("Books brought in").id)


def test_a_till_brings_its_account_and_its_receipts(books: Books) -> None:
    with books.work() as session:
        leg = money_leg(session, till_id=books.till_id)
    assert leg == CashLeg(books.gl_account("Cash in hand").id, books.till_id, 1)


def test_a_way_to_pay_has_its_account_and_some_products_their_own(books: Books) -> None:
    way = a_way_to_pay(books, loan_product="WEEKLY")
    weekly, monthly = books.loan_product("WEEKLY").id, books.loan_product("MONTHLY").id
    save = books.savings_product("SAVE").id
    with books.work() as session:
        mapped = money_leg(session, payment_type_id=way, loan_product_id=weekly)
        plain = money_leg(session, payment_type_id=way, loan_product_id=monthly)
        saved = money_leg(session, payment_type_id=way, savings_product_id=save, till_id=books.till_id)
    assert mapped == CashLeg(books.gl_account("Borrowings").id, payment_type_id=way)
    assert plain == CashLeg(books.gl_account("Bank").id, payment_type_id=way)
    assert saved == CashLeg(books.gl_account("Bank").id, books.till_id, 1, way)


def test_a_new_version_of_a_product_keeps_the_mapping(books: Books) -> None:
    way = a_way_to_pay(books, loan_product="WEEKLY")
    old = books.loan_product("WEEKLY")
    with books.hq_work() as session:
        kept_columns = {column.name for column in LoanProduct.__table__.columns} - {"id"}
        kept = {column: getattr(old, column) for column in kept_columns}
        newer = LoanProduct(**{**kept, "version": 2})
        insert(session, newer)
    with books.work() as session:
        leg = money_leg(session, payment_type_id=way, loan_product_id=newer.id)
    assert leg.account_id == books.gl_account("Borrowings").id


def test_what_is_not_in_use_takes_no_money(books: Books) -> None:
    way = a_way_to_pay(books)
    with books.hq_work() as session:
        update(session, session.get_one(PaymentType, way), active=0)
    with books.work() as session:
        retired = cash.create_till(session).id
        tills.retire_till(session, retired)
    with books.work() as session:
        for unknown in (way, 99):
            with pytest.raises(NotFoundError):
                money_leg(session, payment_type_id=unknown)
        with pytest.raises(TillClosedError):
            money_leg(session, till_id=retired)


def test_a_repayment_through_the_bank_is_no_cash_of_the_till_that_wrote_the_receipt(books: Books) -> None:
    """Its receipt is the till's next one; the till holds nothing more; taking it back leaves nothing."""
    way = a_way_to_pay(books)
    loan_id = a_loan(books)
    with books.work() as session:
        paid = repayments.post_repayment(
            session, loan_id, money("50"), DAY, till_id=books.till_id, payment_type_id=way
        )
    assert (paid.receipt, paid.payment_type_id) == ("KIT-1-000001", way)
    assert balances(books)["Bank"] == money("50")
    assert held(books, books.till_id) == money("0")
    with books.work() as session:
        back = repayments.reverse(session, paid, reason="bounced", on=DAY)
    assert back.payment_type_id == way
    assert "Bank" not in balances(books)
    assert held(books, books.till_id) == money("0")
    assert broken(books) == []


def test_a_till_that_somebody_answers_for_is_worked_by_nobody_else(books: Books) -> None:
    """With an assignment only the assigned person posts through the till; on other days everybody does."""
    clara, moses = a_user(books, "clara", "cashier"), a_user(books, "moses")
    with books.work() as session:
        tills.assign_cashier(session, books.till_id, clara, books.today, books.today)
    for actor in (books.actor_id, moses):
        books.actor_id = actor
        with pytest.raises(NotYourTillError), books.work() as session:
            money_leg(session, till_id=books.till_id)
    books.actor_id = clara
    with books.work() as session:
        assert money_leg(session, till_id=books.till_id).till_number == 1
    books.actor_id, books.today = moses, books.today.replace(day=books.today.day + 1)
    with books.work() as session:
        assert money_leg(session, till_id=books.till_id).till_number == 1
        assert session.scalars(select(PaymentType)).all() == []
