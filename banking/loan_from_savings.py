"""Loans and savings in one entry: a payment taken out of savings, and an overpayment put into it."""

from datetime import date

from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.cash import CashLeg
from banking.errors import StatusError
from banking.loan_books import WRITTEN_OFF, read_book
from banking.repayments import Paid, post_payment, post_refund
from banking.savings_book import leg_account
from banking.savings_legs import LOAN_DISBURSEMENT, LOAN_PAYMENT, move_in, move_out
from ledger.money import Money
from schema.accounts import LoanTransaction


def pay_from_savings(
    session: Session, loan_id: int, savings_account_id: int, amount: Money, on: date, *, note: str = ""
) -> LoanTransaction:
    """Pay on a loan out of a savings account, by one entry with both sides.

    raises   StatusError for a loan that is written off; InsufficientFundsError, HeldError, LockedError of the
             savings; as ``banking.repayments.post_payment``; AmountError, NotFoundError, NotDisbursedError
    """
    require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(on)
    if book.status == WRITTEN_OFF:
        raise StatusError(number=book.number, status=book.status, wanted="pay from savings")
    leg = CashLeg(leg_account(session, savings_account_id, on))
    paid = Paid(
        leg,
        note=note,
        beside=lambda posted: (
            move_out(session, savings_account_id, amount, on, LOAN_PAYMENT, posted=posted, note=note).id
        ),
    )
    return post_payment(session, book, amount, on, paid)


def refund_to_savings(
    session: Session, loan_id: int, savings_account_id: int, amount: Money, on: date, *, note: str = ""
) -> LoanTransaction:
    """Give what was paid too much on a loan into a savings account, by one entry with both sides.

    raises   InsufficientFundsError above the overpayment; StatusError of the savings; as
             ``banking.repayments.post_refund``; AmountError, NotFoundError, NotDisbursedError
    """
    require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(on)
    leg = CashLeg(leg_account(session, savings_account_id, on))
    paid = Paid(
        leg,
        note=note,
        beside=lambda posted: (
            move_in(session, savings_account_id, amount, on, LOAN_DISBURSEMENT, posted=posted, note=note).id
        ),
    )
    return post_refund(session, book, amount, on, paid)
