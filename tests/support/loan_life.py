"""What tests of running loans do and look at."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import loans, repayments
from banking.loan_replay import settle
from schema.accounts import Installment, LoanTransaction
from schema.products import ChargeDefinition, LoanProduct, ProductCharge
from schema.writing import insert
from tests.support.books import Books, money
from tests.support.lending import DAY

FAR = DAY + timedelta(days=400)


def day(number: int) -> date:
    """Give a day of the loan: 0 is the one on which it is paid out."""
    return DAY + timedelta(days=number)


def owed(books: Books, loan_id: int) -> loans.Components:
    """Give what is owed now by component."""
    with books.look() as session:
        return loans.outstanding(session, loan_id)


def pay(books: Books, loan_id: int, amount: str, on: date) -> LoanTransaction:
    """Pay an amount of major units without a till."""
    with books.work("loan.repay") as session:
        return repayments.post_repayment(session, loan_id, money(amount), on)


def rows_of(session: Session, loan_id: int) -> list[Installment]:
    """List the rows as they stand, by number."""
    wanted = select(Installment).where(Installment.loan_account_id == loan_id)
    return list(session.scalars(wanted.order_by(Installment.number)))


def adjustments(books: Books, payment: LoanTransaction) -> list[LoanTransaction]:
    """List what changed the shares of a payment since."""
    with books.look() as session:
        wanted = select(LoanTransaction).where(LoanTransaction.adjusts_id == payment.id)
        return list(session.scalars(wanted.order_by(LoanTransaction.id)))


def settled(books: Books, loan_id: int) -> bool:
    """Tell whether sharing everything anew changes nothing."""
    with books.work() as session:
        return not settle(session, loan_id)


def a_definition(books: Books, code: str, product: str = "", **terms: object) -> int:
    """Put a charge on headquarters' list, and on a product; gives its id."""
    with books.hq_work() as session:
        made = ChargeDefinition(code=code, name=code.title(), **terms)
        insert(session, made)
        if product:
            bearer = session.scalars(select(LoanProduct).where(LoanProduct.code == product)).one()
            insert(session, ProductCharge(charge_id=made.id, loan_product_id=bearer.id))
        return made.id
