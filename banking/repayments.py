"""Money on a loan after it was paid out: repayments, fees, waivers, write-offs, recoveries, refunds."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.errors import InsufficientFundsError, StatusError
from banking.loan_books import (
    WRITTEN_OFF,
    Movement,
    overpaid,
    owed_by_component,
    read_book,
    read_dues,
    split_of,
    write,
    written_off_left,
)
from banking.money_legs import money_leg, paying_leg
from banking.numbers import receipt_number
from banking.reversals import reverse
from ledger.allocation import Due, Share, allocate, allocate_with_excess
from ledger.errors import NothingOwedError, OverpaymentError
from ledger.money import Money
from ledger.posting import (
    Role,
    Split,
    fee_entry,
    overpayment_refund_entry,
    recovery_entry,
    repayment_entry,
    waiver_entry,
    write_off_entry,
)
from schema.accounts import LoanAccount, LoanTransaction
from schema.writing import update

__all__ = [
    "charge_fee_and_pay",
    "overpaid",
    "post_repayment",
    "recover",
    "refund_overpayment",
    "reverse",
    "waive",
    "write_off",
]

WAIVED_IN_ORDER = ("penalty", "fee", "interest")


def post_repayment(
    session: Session,
    loan_id: int,
    paid: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Book ``paid`` on a loan: shares in its instalments, transaction and journal in one go.

    What is above everything owed is kept as the client's overpayment, or refused, as the product says.
    Money on a loan that was written off is a recovery.

    paid     minor units, above zero
    payment_type_id  the way it was paid when it is no cash; a till beside it only writes the receipt
    raises   AmountError, NotDisbursedError, OverpaymentError, ReceiptTakenError, ClosedDayError,
             ClosedPeriodError, NotFoundError, TillClosedError; nothing was written then
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
        )
    dues = read_dues(session, loan_id)
    shares, excess = allocate_with_excess(paid, dues, on=value_date, strategy=book.strategy)
    if excess and not book.keeps_overpayment:
        raise OverpaymentError(paid=paid, owed=paid - excess)
    split = split_of(shares, excess)
    leg = money_leg(
        session, till_id=till_id, payment_type_id=payment_type_id, loan_product_id=book.product_id
    )
    movement = Movement(
        kind="repayment",
        amount=paid,
        value_date=value_date,
        split=split,
        shares=shares,
        entry=repayment_entry(split, cash=Role.CASH),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, receipt),
        note=note,
    )
    return write(session, book, movement)


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


def waive(
    session: Session,
    loan_id: int,
    amount: Money | None,
    value_date: date,
    *,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Let penalties, then fees, then interest go, oldest instalment first; principal is never waived.

    amount   minor units; None waives all three
    raises   AmountError, NotDisbursedError, NothingOwedError, OverpaymentError, ClosedDayError,
             ClosedPeriodError
    """
    if amount is not None:
        require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    dues = read_dues(session, loan_id)
    owed = owed_by_component(dues)
    waivable = owed.penalty + owed.fee + owed.interest
    wanted = waivable if amount is None else amount
    if not waivable:
        raise NothingOwedError
    if wanted > waivable:
        raise OverpaymentError(paid=wanted, owed=waivable)
    shares = _waived(dues, wanted)
    split = split_of(shares)
    movement = Movement(
        kind="waiver",
        amount=wanted,
        value_date=value_date,
        split=split,
        shares=shares,
        entry=waiver_entry(split),
        receipt=receipt_number(session, None, receipt),
        note=note,
    )
    return write(session, book, movement)


def _waived(dues: Sequence[Due], amount: Money) -> list[Share]:
    left = amount.minor
    parts: list[dict[str, Money]] = [{} for _ in dues]
    for component in WAIVED_IN_ORDER:
        for due, waived in zip(dues, parts, strict=True):
            part = min(left, getattr(due, component).minor)
            if part:
                waived[component] = Money(part)
                left -= part
    return [Share(due, **waived) for due, waived in zip(dues, parts, strict=True) if waived]


def write_off(
    session: Session,
    loan_id: int,
    amount: Money | None,
    value_date: date,
    *,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Write off ``amount`` of what is owed, shared as a payment would be; None writes off everything.

    Principal goes to write-off expense; unpaid interest and charges were never income. The loan is written
    off when nothing of it is left.

    raises   AmountError, NotDisbursedError, NothingOwedError, OverpaymentError, ClosedDayError,
             ClosedPeriodError
    """
    if amount is not None:
        require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    dues = read_dues(session, loan_id)
    owed = owed_by_component(dues).total
    if not owed:
        raise NothingOwedError
    wanted = owed if amount is None else amount
    shares = allocate(wanted, dues, on=value_date, strategy=book.strategy)
    split = split_of(shares)
    movement = Movement(
        kind="write_off",
        amount=wanted,
        value_date=value_date,
        split=split,
        shares=shares,
        entry=write_off_entry(split.principal) if split.principal else None,
        receipt=receipt_number(session, None, receipt),
        note=note,
    )
    if wanted == owed:
        update(session, session.get_one(LoanAccount, loan_id), status=WRITTEN_OFF)
    return write(session, book, movement)


def recover(
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
    """Book money that came in on a loan written off before: it is income, and nothing is owed again.

    raises   StatusError when the loan is not written off; OverpaymentError above what was written off and not
             recovered yet; else as ``post_repayment``
    """
    require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    if book.status != WRITTEN_OFF:
        raise StatusError(number=book.number, status=book.status, wanted="recover")
    left = written_off_left(session, loan_id)
    if amount > left:
        raise OverpaymentError(paid=amount, owed=left)
    leg = money_leg(
        session, till_id=till_id, payment_type_id=payment_type_id, loan_product_id=book.product_id
    )
    movement = Movement(
        kind="recovery",
        amount=amount,
        value_date=value_date,
        entry=recovery_entry(amount, cash=Role.CASH),
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
    kept = overpaid(session, loan_id)
    if amount > kept:
        raise InsufficientFundsError(amount=amount, available=kept)
    leg = paying_leg(
        session,
        amount,
        till_id=till_id,
        payment_type_id=payment_type_id,
        loan_product_id=book.product_id,
        approved_by_id=approved_by_id,
    )
    movement = Movement(
        kind="refund",
        amount=amount,
        value_date=value_date,
        split=Split(overpayment=-amount),
        entry=overpayment_refund_entry(amount, cash=Role.CASH),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, receipt),
        approved_by_id=approved_by_id,
        note=note,
    )
    return write(session, book, movement)
