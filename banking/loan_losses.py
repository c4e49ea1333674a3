"""What is given up on a loan: waivers, write-offs, charge-offs; and what comes in all the same."""

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from banking.books import LARGEST_AMOUNT, account_with_role, require_amount
from banking.cash import CashLeg
from banking.errors import BadValueError, StatusError
from banking.loan_books import (
    WRITTEN_OFF,
    owed_by_component,
    read_book,
    read_dues,
    split_of,
    written_off_left,
)
from banking.loan_errors import NotKnownHereError
from banking.loan_movements import Movement, write
from banking.loan_replay import adjust_others, bring_forward, place
from banking.money_legs import money_leg
from banking.numbers import receipt_number
from ledger.errors import NothingOwedError, OverpaymentError, UnsupportedTermError
from ledger.loan_entries import charge_off_entry
from ledger.money import Money
from ledger.posting import Role, recovery_entry, waiver_entry, write_off_entry
from ledger.replay import EntryKind, waived_parts
from schema.accounts import LoanAccount, LoanTransaction
from schema.reading import fetch
from schema.writing import update

WAIVED_IN_ORDER = ("penalty", "fee", "interest")

_PAID_OUT_AFTER = """
SELECT 1 FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.kind = 'disbursement' AND t.value_date > ?
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id) LIMIT 1
"""


def waive(
    session: Session,
    loan_id: int,
    amount: Money | None,
    value_date: date,
    *,
    component: str = "",
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Let penalties, then fees, then interest go, oldest instalment first; principal is never waived.

    amount     minor units; None waives all of it
    component  penalty, fee or interest: only that one
    raises     AmountError, NotDisbursedError, NothingOwedError, OverpaymentError, NotKnownHereError,
               NoLongerFitsError, ChargedOffError, ClosedDayError, ClosedPeriodError
    """
    if amount is not None:
        require_amount(amount)
    if component and component not in WAIVED_IN_ORDER:
        raise NotKnownHereError(given=component, known=", ".join(WAIVED_IN_ORDER))
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    bring_forward(session, book, value_date)
    dues, components = read_dues(session, loan_id), (component,) if component else WAIVED_IN_ORDER
    waivable = waived_parts(dues, LARGEST_AMOUNT, components).total
    wanted = waivable if amount is None else amount
    if not waivable:
        raise NothingOwedError
    if wanted > waivable:
        raise OverpaymentError(paid=wanted, owed=waivable)
    parts = waived_parts(dues, wanted, components)
    placed = place(session, book, EntryKind.WAIVER, wanted, value_date, parts)
    movement = Movement(
        kind="waiver",
        amount=wanted,
        value_date=value_date,
        split=parts,
        shares=placed.shares,
        entry=waiver_entry(parts),
        receipt=receipt_number(session, None, receipt),
        note=note,
    )
    written = write(session, book, movement)
    adjust_others(session, book, placed, value_date)
    return written


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

    Principal goes to write-off expense, unless a charge-off made it one before; unpaid interest and charges
    were never income. The loan is written off when nothing of it is left.

    raises   AmountError, NotDisbursedError, NothingOwedError, OverpaymentError, NoLongerFitsError,
             ChargedOffError, ClosedDayError, ClosedPeriodError
    """
    if amount is not None:
        require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    bring_forward(session, book, value_date)
    owed = owed_by_component(read_dues(session, loan_id)).total
    if not owed:
        raise NothingOwedError
    wanted = owed if amount is None else amount
    if wanted > owed:
        raise OverpaymentError(paid=wanted, owed=owed)
    if wanted != owed and book.recalculates:
        raise UnsupportedTermError(term="write-off of a part where interest is recalculated")
    placed = place(session, book, EntryKind.WRITE_OFF, wanted, value_date)
    split = split_of(placed.shares)
    expense = split.principal and not book.charged_off(value_date)
    movement = Movement(
        kind="write_off",
        amount=wanted,
        value_date=value_date,
        split=split,
        shares=placed.shares,
        entry=write_off_entry(split.principal) if expense else None,
        receipt=receipt_number(session, None, receipt),
        note=note,
    )
    if wanted == owed:
        update(session, session.get_one(LoanAccount, loan_id), status=WRITTEN_OFF)
    written = write(session, book, movement)
    adjust_others(session, book, placed, value_date)
    return written


def charge_off(
    session: Session, loan_id: int, on: date, *, receipt: str = "", note: str = ""
) -> LoanTransaction:
    """Take a loan's principal out of the portfolio as an expense; the client owes as before.

    Principal that comes in from then on is recovered income.

    raises   NotDisbursedError; StatusError for a loan that is written off or charged off already;
             NothingOwedError when no principal is owed; BadValueError for a day before the last entry;
             ClosedDayError, ClosedPeriodError
    """
    book = read_book(session, loan_id)
    book.require_paid_out(on)
    if book.status == WRITTEN_OFF or book.charged_off_on is not None:
        status = book.status if book.charged_off_on is None else "charged off"
        raise StatusError(number=book.number, status=status, wanted="charge_off")
    paid_out_later = bool(fetch(session, _PAID_OUT_AFTER, loan_id, on.isoformat()))
    if paid_out_later or (book.last_on is not None and on < book.last_on):
        raise BadValueError(field="on", given=on)
    principal = owed_by_component(read_dues(session, loan_id)).principal
    if not principal:
        raise NothingOwedError
    accounts = {Role.CHARGE_OFF_EXPENSE: account_with_role(session, Role.CHARGE_OFF_EXPENSE), **book.accounts}
    movement = Movement(
        kind="charge_off",
        amount=principal,
        value_date=on,
        entry=charge_off_entry(principal),
        receipt=receipt_number(session, None, receipt),
        note=note,
    )
    written = write(session, replace(book, accounts=accounts), movement)
    update(session, session.get_one(LoanAccount, loan_id), charged_off_on=on)
    return written


def recover(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    loan_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    note: str = "",
    between: CashLeg | None = None,
) -> LoanTransaction:
    """Book money that came in on a loan written off before: it is income, and nothing is owed again.

    between  the account between offices, for money that another one took
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
    leg = between or money_leg(
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
