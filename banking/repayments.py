"""Money on a loan after it was paid out: repayments, fees, refunds of what was paid too much."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.cash import CashLeg
from banking.errors import InsufficientFundsError
from banking.loan_books import (
    WRITTEN_OFF,
    LoanBook,
    overpaid,
    read_book,
    split_of,
)
from banking.loan_losses import charge_off, recover, waive, write_off
from banking.loan_movements import Movement, write
from banking.loan_replay import adjust_others, place
from banking.money_legs import money_leg, paying_leg
from banking.numbers import NO_RECEIPT, Receipt, receipt_number
from banking.reversals import reverse
from banking.security import release_when_paid
from ledger.errors import OverpaymentError
from ledger.loan_entries import payment_entry
from ledger.money import ZERO, Money
from ledger.posting import Role, Split, fee_entry, overpayment_refund_entry
from ledger.replay import EntryKind
from schema.accounting import JournalEntry
from schema.accounts import LoanTransaction

__all__ = [
    "charge_fee_and_pay",
    "charge_off",
    "overpaid",
    "post_payment",
    "post_repayment",
    "recover",
    "refund_overpayment",
    "reverse",
    "waive",
    "write_off",
]


@dataclass(frozen=True, slots=True)
class Paid:
    """How money came or went: the other side of the entry, its paper, and what else stands under it."""

    leg: CashLeg
    receipt: Receipt = NO_RECEIPT
    note: str = ""
    approved_by_id: int | None = None
    beside: Callable[[JournalEntry], int] | None = None


def post_payment(session: Session, book: LoanBook, amount: Money, on: date, paid: Paid) -> LoanTransaction:
    """Book ``amount`` on a running loan, however it came.

    Where it comes late, the entries after it are shared anew, and adjustments say what that changed. With the
    last payment what secured the loan is let go.

    raises   OverpaymentError, NoLongerFitsError, ChargedOffError, ClosedDayError, ClosedPeriodError
    """
    placed = place(session, book, EntryKind.PAYMENT, amount, on)
    excess = placed.overpaid
    if excess > ZERO and not book.keeps_overpayment:
        raise OverpaymentError(paid=amount, owed=amount - excess)
    split = split_of(placed.shares, placed.overpayment)
    movement = Movement(
        kind="repayment",
        amount=amount,
        value_date=on,
        split=split,
        shares=placed.shares,
        entry=payment_entry(split, cash=Role.CASH, charged_off=book.charged_off(on)),
        leg=paid.leg,
        receipt=paid.receipt,
        approved_by_id=paid.approved_by_id,
        beside=paid.beside,
        note=paid.note,
    )
    written = write(session, book, movement)
    adjust_others(session, book, placed, on)
    release_when_paid(session, book.id, on)
    return written


def post_repayment(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    loan_id: int,
    paid: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    note: str = "",
    between: CashLeg | None = None,
) -> LoanTransaction:
    """Book ``paid`` on a loan: shares in its instalments, transaction and journal in one go.

    What is above everything owed is kept as the client's overpayment, or refused, as the product says.
    Money on a loan that was written off is a recovery.

    paid     minor units, above zero
    payment_type_id  the way it was paid when it is no cash; a till beside it only writes the receipt
    between  the account between offices, for money that another one took
    raises   AmountError, NotDisbursedError, OverpaymentError, ReceiptTakenError, ClosedDayError,
             ClosedPeriodError, NotFoundError, TillClosedError, NoLongerFitsError, ChargedOffError; nothing
             was written then
    """
    require_amount(paid)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    if book.status == WRITTEN_OFF:
        return recover(
            session,
            loan_id,
            paid,
            value_date,
            till_id=till_id,
            payment_type_id=payment_type_id,
            receipt=receipt,
            note=note,
            between=between,
        )
    leg = between or money_leg(
        session, till_id=till_id, payment_type_id=payment_type_id, loan_product_id=book.product_id
    )
    paper = receipt_number(session, leg.till_number, receipt)
    return post_payment(session, book, paid, value_date, Paid(leg, paper, note))


def charge_fee_and_pay(
    session: Session,
    loan_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Charge a fee that is paid at once; what is owed on the loan stays the same.

    raises   as ``post_repayment``, but for OverpaymentError
    """
    require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    leg = money_leg(
        session, till_id=till_id, payment_type_id=payment_type_id, loan_product_id=book.product_id
    )
    movement = Movement(
        kind="fee",
        amount=amount,
        value_date=value_date,
        split=Split(fee=amount),
        entry=fee_entry(amount, cash=Role.CASH),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, receipt),
        note=note,
    )
    return write(session, book, movement)


def refund_overpayment(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    loan_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    approved_by_id: int | None = None,
    note: str = "",
) -> LoanTransaction:
    """Give a client back what was paid too much.

    raises   InsufficientFundsError above the overpayment; SecondPersonNeededError, BadSecondPersonError; else
             as ``post_repayment``
    """
    require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    leg = paying_leg(
        session,
        amount,
        till_id=till_id,
        payment_type_id=payment_type_id,
        loan_product_id=book.product_id,
        approved_by_id=approved_by_id,
    )
    paper = receipt_number(session, leg.till_number, receipt)
    return post_refund(session, book, amount, value_date, Paid(leg, paper, note, approved_by_id))


def post_refund(session: Session, book: LoanBook, amount: Money, on: date, paid: Paid) -> LoanTransaction:
    """Give back what was paid too much, by whatever way.

    raises   InsufficientFundsError above the overpayment of that day; NoLongerFitsError, ChargedOffError,
             ClosedDayError, ClosedPeriodError
    """
    kept = overpaid(session, book.id)
    if amount > kept:
        raise InsufficientFundsError(amount=amount, available=kept)
    place(session, book, EntryKind.REFUND, amount, on)  # on an earlier day there may have been less
    movement = Movement(
        kind="refund",
        amount=amount,
        value_date=on,
        split=Split(overpayment=-amount),
        entry=overpayment_refund_entry(amount, cash=Role.CASH),
        leg=paid.leg,
        receipt=paid.receipt,
        approved_by_id=paid.approved_by_id,
        beside=paid.beside,
        note=paid.note,
    )
    return write(session, book, movement)
