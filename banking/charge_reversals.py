"""Charges taken back, let go, and brought to rows that changed."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.booking_day import booked_on
from banking.errors import AlreadyReversedError, BadValueError, NotReversibleError
from banking.loan_books import read_dues
from banking.loan_charges import (
    EACH_ROW,
    Wanted,
    add_to_row,
    amount_of_row,
    charges_of_product,
    make_charges,
    require_chargeable,
    rows_of_schedule,
)
from banking.loan_losses import waive
from banking.loan_replay import settle
from banking.text import LONGEST_NOTE, require
from ledger.errors import NothingOwedError
from ledger.money import ZERO
from schema.accounts import Installment, LoanTransaction
from schema.lending import LoanCharge
from schema.products import LoanProduct
from schema.reading import fetch
from schema.writing import insert


def take_back(session: Session, charge: LoanCharge, on: date, *, reason: str) -> LoanCharge:
    """Take a charge back: the negative amount stands beside it, and payments of it are shared anew.

    raises   AlreadyReversedError; NotReversibleError for one taken at disbursement, and for a taking back;
             BadValueError for a day before the charge was made; NotDisbursedError, NoLongerFitsError,
             ChargedOffError, ClosedPeriodError, MissingError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    require_chargeable(session, charge.loan_account_id, on)
    if charge.reverses_id is not None:
        raise NotReversibleError(receipt=charge.name, reason="it is a taking back itself")
    if charge.installment_id is None:
        raise NotReversibleError(receipt=charge.name, reason="it was taken out of the money paid out")
    if fetch(session, "SELECT 1 FROM loan_charge WHERE reverses_id = ?", charge.id):
        raise AlreadyReversedError(receipt=charge.name)
    if on < charge.booked_on:
        raise BadValueError(field="on", given=on)
    negative = _negate(session, charge, on, why)
    settle(session, charge.loan_account_id, cause_on=on)
    return negative


def _negate(session: Session, charge: LoanCharge, on: date, why: str) -> LoanCharge:
    negative = LoanCharge(
        loan_account_id=charge.loan_account_id,
        charge_id=charge.charge_id,
        installment_id=charge.installment_id,
        name=charge.name,
        penalty=charge.penalty,
        charged_on=charge.charged_on,
        booked_on=booked_on(session, on),
        amount=-charge.amount,
        reverses_id=charge.id,
        note=why,
    )
    insert(session, negative)
    if charge.installment_id is not None:
        row = session.get_one(Installment, charge.installment_id)
        add_to_row(session, row, -charge.amount, penalty=bool(charge.penalty))
    return negative


def take_all_back(session: Session, loan_id: int, on: date, *, reason: str) -> None:
    """Take back every charge of a loan whose disbursement is reversed, those taken out of it too."""
    for charge in live_charges(session, loan_id):
        _negate(session, charge, on, reason)


def live_charges(session: Session, loan_id: int) -> list[LoanCharge]:
    """List the charges of a loan that were not taken back, as they were made."""
    taken_back = select(LoanCharge.reverses_id).where(LoanCharge.reverses_id.is_not(None))
    wanted = select(LoanCharge).where(
        LoanCharge.loan_account_id == loan_id,
        LoanCharge.reverses_id.is_(None),
        LoanCharge.id.not_in(taken_back),
    )
    return list(session.scalars(wanted.order_by(LoanCharge.id)))


def waive_charge(session: Session, charge: LoanCharge, on: date, *, note: str = "") -> LoanTransaction:
    """Let go what is unpaid of a charge.

    raises   NothingOwedError when it is paid; as ``banking.loan_losses.waive``
    """
    dues = read_dues(session, charge.loan_account_id)
    due = next((due for due in dues if due.installment_id == charge.installment_id), None)
    component = "penalty" if charge.penalty else "fee"
    unpaid = ZERO if due is None else min(charge.amount, getattr(due, component))
    if not unpaid:
        raise NothingOwedError
    return waive(session, charge.loan_account_id, unpaid, on, component=component, note=note or charge.name)


def recharge_rows(session: Session, loan_id: int, on: date) -> None:
    """Bring the charges that every row bears to rows that changed: new rows get theirs, parts of a row anew.

    What was taken back by hand stays so.

    raises   as ``put_charge``
    """
    book = require_chargeable(session, loan_id, on)
    product, rows = session.get_one(LoanProduct, book.product_id), rows_of_schedule(session, loan_id)
    every = list(session.scalars(select(LoanCharge).where(LoanCharge.loan_account_id == loan_id)))
    for definition in charges_of_product(session, book.product_id, EACH_ROW):
        known = {charge.installment_id for charge in every if charge.charge_id == definition.id}
        standing = {
            charge.installment_id: charge
            for charge in live_charges(session, loan_id)
            if charge.charge_id == definition.id
        }
        wanted = []
        for row in rows:
            bears = row.principal or row.interest
            amount = amount_of_row(session, product, definition, row) if bears else ZERO
            present = standing.get(row.id)
            if present is not None and present.amount != amount:
                _negate(session, present, on, "the row changed")
                wanted.append(Wanted(row, row.due_on, amount))
            elif row.id not in known:
                wanted.append(Wanted(row, row.due_on, amount))
        make_charges(session, book, wanted, definition, on=on)
