"""What secures a loan: guarantors, perhaps with savings held, and collateral."""

from datetime import date
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import savings_holds
from banking.books import require_amount
from banking.errors import BadValueError
from banking.lending_errors import (
    GuaranteeNeededError,
    OwnGuaranteeError,
    ReleasedError,
    SecurityNeededError,
)
from banking.loan_books import ACTIVE, APPLIED, APPROVED, own_loan, read_dues, require_status
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, require
from ledger.errors import NotFoundError
from ledger.interest import EXACT
from ledger.money import Money, total
from schema.accounts import LoanAccount
from schema.lending import Collateral, Guarantor
from schema.people import Client
from schema.products import LoanProduct
from schema.reading import fetch_one
from schema.saving import SavingsHold
from schema.writing import act, insert, update

HELD, RELEASED, SOLD = "held", "released", "sold"
_RUNNING: Final = {APPLIED, APPROVED, ACTIVE}


def add_guarantor(
    session: Session,
    loan_id: int,
    amount: Money,
    on: date,
    *,
    client_id: int | None = None,
    name: str = "",
    phone: str = "",
    savings_id: int | None = None,
) -> Guarantor:
    """Write down who answers for ``amount`` of a loan: a client, or somebody from outside by name.

    savings_id  an account on which the amount is held until the guarantor is released
    raises      NotFoundError, StatusError, AmountError; MissingError for an outside person without a name;
                OwnGuaranteeError for the borrower without savings held; InsufficientFundsError, HeldError
    """
    require_amount(amount)
    loan = own_loan(session, loan_id)
    require_status(loan, set(_RUNNING), "guarantor")
    if client_id is None:
        called = require(name, "name")
    else:
        client = _own_client(session, client_id)
        if client_id == loan.client_id and savings_id is None:
            raise OwnGuaranteeError(number=loan.number)
        called = f"{client.given_name} {client.name}".strip()
        phone = phone or client.phone
    hold_id = None
    if savings_id is not None:
        hold = savings_holds.hold(session, savings_id, amount, on, reason=f"guarantee of {loan.number}")
        hold_id = hold.id
    row = Guarantor(
        loan_account_id=loan_id,
        client_id=client_id,
        name=called,
        phone=clean(phone, "phone"),
        amount=amount,
        hold_id=hold_id,
    )
    insert(session, row)
    return row


def _own_client(session: Session, client_id: int) -> Client:
    client = session.get(Client, client_id)
    if client is None or client.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="client", key=client_id)
    return client


def release_guarantor(session: Session, guarantor_id: int, on: date) -> Guarantor:
    """Let a guarantor go, and the savings held with it.

    raises   NotFoundError; ReleasedError the second time; SecurityNeededError, GuaranteeNeededError where a
             loan that is approved or owed on would lack what its product asks for
    """
    row = get_row(session, Guarantor, guarantor_id, "guarantor")
    loan = own_loan(session, row.loan_account_id)
    if row.released_on is not None:
        raise ReleasedError(what=row.name, state=RELEASED)
    _let_go(session, row, on)
    if loan.status == APPROVED or (loan.status == ACTIVE and read_dues(session, loan.id)):
        require_security(session, loan)
    return row


def _let_go(session: Session, row: Guarantor, on: date) -> None:
    if row.hold_id is not None:
        hold = session.get_one(SavingsHold, row.hold_id)
        if hold.released_on is None:
            savings_holds.release(session, hold.id, max(on, hold.held_on))
    update(session, row, released_on=on)


def list_guarantors(session: Session, loan_id: int) -> list[Guarantor]:
    """List the guarantors of a loan as they were written down, released ones too."""
    wanted = select(Guarantor).where(Guarantor.loan_account_id == loan_id)
    return list(session.scalars(wanted.order_by(Guarantor.id)))


# --- collateral -----------------------------------------------------------------------------------


def add_collateral(
    session: Session, loan_id: int, kind: str, value: Money, *, description: str = ""
) -> Collateral:
    """Write down a thing that secures a loan, and what it is worth.

    raises   NotFoundError, StatusError, AmountError, MissingError, TextTooLongError
    """
    require_amount(value)
    loan = own_loan(session, loan_id)
    require_status(loan, set(_RUNNING), "collateral")
    row = Collateral(
        loan_account_id=loan_id,
        kind=require(kind, "kind"),
        description=clean(description, "description", LONGEST_NOTE),
        value=value,
    )
    insert(session, row)
    return row


def end_collateral(session: Session, collateral_id: int, state: str) -> Collateral:
    """Give a thing back (``released``), or write down that it was sold; its price is booked as a repayment.

    raises   NotFoundError; BadValueError for another state; ReleasedError the second time
    """
    if state not in {RELEASED, SOLD}:
        raise BadValueError(field="state", given=state)
    row = get_row(session, Collateral, collateral_id, "collateral")
    own_loan(session, row.loan_account_id)
    if row.state != HELD:
        raise ReleasedError(what=row.kind, state=row.state)
    update(session, row, state=state)
    return row


def list_collateral(session: Session, loan_id: int) -> list[Collateral]:
    """List the things that secure a loan, or did."""
    wanted = select(Collateral).where(Collateral.loan_account_id == loan_id)
    return list(session.scalars(wanted.order_by(Collateral.id)))


# --- what a product asks for ----------------------------------------------------------------------


def require_security(session: Session, loan: LoanAccount) -> None:
    """Refuse a loan that has fewer guarantors, or a smaller guarantee, than its product asks for.

    ``guarantors_needed`` counts guarantors that are not released; ``guarantee_percent`` of the principal is
    what they must answer for together. What collateral is worth is for whoever approves to judge.

    raises   SecurityNeededError, GuaranteeNeededError
    """
    product = session.get_one(LoanProduct, loan.product_id)
    if not product.guarantors_needed and not product.guarantee_percent:
        return
    guarantors = [row for row in list_guarantors(session, loan.id) if row.released_on is None]
    if len(guarantors) < product.guarantors_needed:
        raise SecurityNeededError(number=loan.number, needed=product.guarantors_needed, found=len(guarantors))
    if product.guarantee_percent:
        with localcontext(EXACT):
            part = Decimal(loan.principal.minor) * product.guarantee_percent / 100
            needed = Money(int(part.to_integral_value(ROUND_CEILING)))
        found = total(row.amount for row in guarantors)
        if found < needed:
            raise GuaranteeNeededError(number=loan.number, needed=needed, found=found)


def release_all(session: Session, loan_id: int, on: date) -> int:
    """Let every guarantor of a loan go and give its collateral back; gives how many there were."""
    guarantors = [row for row in list_guarantors(session, loan_id) if row.released_on is None]
    for row in guarantors:
        _let_go(session, row, on)
    things = [row for row in list_collateral(session, loan_id) if row.state == HELD]
    for thing in things:
        update(session, thing, state=RELEASED)
    return len(guarantors) + len(things)


_SECURED = """
SELECT 1 FROM guarantor WHERE loan_account_id = ? AND released_on IS NULL
UNION ALL SELECT 1 FROM collateral WHERE loan_account_id = ? AND state = 'held'
LIMIT 1
"""


def release_when_paid(session: Session, loan_id: int, on: date) -> int:
    """Let the security of a loan go on which nothing is owed any more; gives how many there were.

    For whoever books the last payment. Taking that payment back does not hold anything again.
    """
    if fetch_one(session, _SECURED, loan_id, loan_id) is None or read_dues(session, loan_id):
        return 0
    return release_all(session, loan_id, on)
