"""Guarantors and collateral: written down, held, asked for by the product, let go."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from banking import loans, repayments, savings, savings_holds, security
from banking.errors import BadValueError, InsufficientFundsError, MissingError, StatusError
from banking.lending_errors import (
    GuaranteeNeededError,
    OwnGuaranteeError,
    ReleasedError,
    SecurityNeededError,
)
from ledger.errors import AmountZeroError, NotFoundError
from ledger.money import ZERO
from schema.accounts import LoanAccount
from schema.products import LoanProduct
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import DAY, a_client, a_loan, an_account, an_application, broken


def ask_for(books: Books, *, guarantors: int = 0, percent: int | None = None) -> None:
    """Let the weekly product ask for security."""
    with books.hq_work() as session:
        product = session.get_one(LoanProduct, books.loan_product("WEEKLY").id)
        part = None if percent is None else Decimal(percent)
        update(session, product, guarantors_needed=guarantors, guarantee_percent=part)


def applied(books: Books) -> int:
    with books.work() as session:
        return an_application(books, session).id


def test_a_guarantor_s_savings_are_held_until_the_guarantor_is_released(any_books: Books) -> None:
    """What is held cannot be withdrawn; afterwards it can."""
    account, loan_id = an_account(any_books), applied(any_books)
    with any_books.work() as session:
        savings.deposit(session, account.id, money("300.00"), DAY)
        row = security.add_guarantor(
            session, loan_id, money("250.00"), DAY, client_id=account.client_id, savings_id=account.id
        )
        assert (row.name, row.released_on) == ("Wanjiku", None)
    with any_books.work() as session, pytest.raises(InsufficientFundsError):
        savings.withdraw(session, account.id, money("50.01"), DAY)
    with any_books.work() as session:
        security.release_guarantor(session, row.id, DAY)
        savings.withdraw(session, account.id, money("300.00"), DAY)
    with any_books.work() as session:
        assert [one.released_on for one in security.list_guarantors(session, loan_id)] == [DAY]
        with pytest.raises(ReleasedError):
            security.release_guarantor(session, row.id, DAY)
    assert broken(any_books) == []


def test_who_cannot_guarantee_is_refused_by_name(books: Books) -> None:
    """Nobody's name, nothing, the borrower without savings, savings that are not there, somebody unknown."""
    account, loan_id = an_account(books), applied(books)
    with books.work() as session:
        loan = session.get_one(LoanAccount, loan_id)
        amount = money("100.00")
        refusals: list[tuple[type[Exception], dict[str, object]]] = [
            (MissingError, {}),
            (AmountZeroError, {"name": "Ouma", "amount": ZERO}),
            (OwnGuaranteeError, {"client_id": loan.client_id}),
            (InsufficientFundsError, {"client_id": account.client_id, "savings_id": account.id}),
            (NotFoundError, {"client_id": 4711}),
        ]
        for refusal, given in refusals:
            wanted = {"amount": amount, **given}
            with pytest.raises(refusal):
                security.add_guarantor(session, loan_id, on=DAY, **wanted)  # type: ignore[arg-type]  # fields by their names
        assert security.list_guarantors(session, loan_id) == []
        update(session, loan, status="rejected")
        with pytest.raises(StatusError):
            security.add_guarantor(session, loan_id, amount, DAY, name="Ouma")


def require(session: Session, loan_id: int) -> None:
    security.require_security(session, session.get_one(LoanAccount, loan_id))


def test_a_product_asks_for_guarantors_and_for_a_part_of_the_principal(books: Books) -> None:
    """Two guarantors who answer for 60 % of 1,000.00; what a cow is worth is for the approver to judge."""
    ask_for(books, guarantors=2, percent=60)
    loan_id = applied(books)
    with books.work() as session:
        with pytest.raises(SecurityNeededError):
            loans.approve(session, loan_id, DAY)
        security.add_guarantor(session, loan_id, money("200.00"), DAY, name="Ouma", phone="0711")
        with pytest.raises(SecurityNeededError):
            require(session, loan_id)
        thing = security.add_collateral(session, loan_id, "cow", money("900.00"), description="brown")
        last = security.add_guarantor(
            session, loan_id, money("399.99"), DAY, client_id=a_client(session, "Akinyi")
        )
        with pytest.raises(GuaranteeNeededError):
            require(session, loan_id)
        security.release_guarantor(session, last.id, DAY)
        security.add_guarantor(session, loan_id, money("400.00"), DAY, name="Akinyi")
        security.add_collateral(session, loan_id, "radio", money("0.01"))
        loans.approve(session, loan_id, DAY)
    with books.look() as session:
        first = security.list_guarantors(session, loan_id)[0].id
    with pytest.raises(SecurityNeededError), books.work() as session:
        security.release_guarantor(session, first, DAY)
    with books.work() as session:
        loans.disburse(session, loan_id, DAY)
    with pytest.raises(SecurityNeededError), books.work() as session:
        security.release_guarantor(session, first, DAY)
    with books.work() as session:
        security.end_collateral(session, thing.id, "sold")
        with pytest.raises(ReleasedError):
            security.end_collateral(session, thing.id, "sold")
        with pytest.raises(BadValueError):
            security.end_collateral(session, thing.id, "stolen")
        assert [one.state for one in security.list_collateral(session, loan_id)] == ["sold", "held"]


def test_security_goes_when_the_loan_is_paid(books: Books) -> None:
    """Not a unit before; held savings with it."""
    account, loan_id = an_account(books), a_loan(books)
    with books.work() as session:
        savings.deposit(session, account.id, money("300.00"), DAY)
        security.add_guarantor(session, loan_id, money("250.00"), DAY, name="Ouma", savings_id=account.id)
        security.add_collateral(session, loan_id, "cow", money("500.00"))
        assert security.release_when_paid(session, loan_id, DAY) == 0
        owed = loans.outstanding(session, loan_id).total
        repayments.post_repayment(session, loan_id, owed, DAY)
        assert [row.released_on for row in security.list_guarantors(session, loan_id)] == [DAY]
        assert [row.state for row in security.list_collateral(session, loan_id)] == ["released"]
        assert [row.released_on for row in savings_holds.list_holds(session, account.id)] == [DAY]
    assert broken(books) == []
