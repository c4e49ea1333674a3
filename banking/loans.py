"""Loans: applications and what is decided on them, and what is owed. Paying out: ``disbursements``."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import require_amount
from banking.disbursements import disburse
from banking.errors import LimitError
from banking.loan_books import (
    APPLIED,
    APPROVED,
    PAID_OUT,
    REJECTED,
    WITHDRAWN,
    Components,
    check_owner,
    owed_by_component,
    own_loan,
    read_dues,
    require_status,
)
from banking.loan_plans import PlannedRow, planned_schedule
from banking.loan_terms import terms_of
from banking.numbers import account_number
from banking.taken_loans import TakenLoan, take_over
from banking.text import LONGEST_NOTE, clean
from ledger.allocation import Due
from ledger.errors import BadTermError, NotFoundError
from ledger.money import Money
from ledger.schedule import build_schedule
from schema.accounts import LoanAccount
from schema.products import LoanProduct
from schema.writing import act, insert, update

__all__ = [
    "Components",
    "PlannedRow",
    "TakenLoan",
    "apply",
    "approve",
    "disburse",
    "dues",
    "find_loan",
    "get_loan",
    "is_closed",
    "outstanding",
    "planned_schedule",
    "reject",
    "take_over",
    "terms_of",
    "withdraw_application",
]


def apply(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    *,
    client_id: int | None = None,
    group_id: int | None = None,
    product_id: int,
    principal: Money,
    annual_rate: Decimal | None = None,
    installments: int | None = None,
    applied_on: date,
    number: str | None = None,
    officer_id: int | None = None,
    purpose: str = "",
) -> LoanAccount:
    """Write down an application under a product's terms; rate and number of rows may be its own.

    raises   OneOwnerError, NotFoundError, LimitError, BadTermError, UnsupportedTermError, NumberTakenError,
             AmountError; TextNotAllowedError for the purpose
    """
    product = session.get(LoanProduct, product_id)
    if product is None or not product.active:
        raise NotFoundError(kind="loan product", key=product_id)
    check_owner(session, client_id, group_id, officer_id)
    _check_limits(product, require_amount(principal))
    loan = LoanAccount(
        client_id=client_id,
        group_id=group_id,
        product_id=product_id,
        product_version=product.version,
        status=APPLIED,
        principal=principal,
        annual_rate=product.annual_rate if annual_rate is None else annual_rate,
        interest_type=product.interest_type,
        amortization=product.amortization,
        installments=product.installments if installments is None else installments,
        repay_every=product.repay_every,
        repay_unit=product.repay_unit,
        applied_on=applied_on,
        officer_id=officer_id,
        purpose=clean(purpose, "purpose", LONGEST_NOTE),
    )
    terms = terms_of(loan, product, act(session).digits)
    build_schedule(terms, applied_on)  # terms that no schedule follows from are refused now, not at the till
    loan.number = account_number(session, LoanAccount, number)
    insert(session, loan)
    return loan


def _check_limits(product: LoanProduct, principal: Money) -> None:
    least, most = product.principal_minimum, product.principal_maximum
    if least is not None and principal < least:
        raise LimitError(amount=principal, limit=least)
    if most is not None and principal > most:
        raise LimitError(amount=principal, limit=most)


# --- decisions on an application ------------------------------------------------------------------


def approve(session: Session, loan_id: int, on: date) -> LoanAccount:
    """Approve an application.

    raises   NotFoundError, StatusError; BadTermError for a day before the application
    """
    loan = own_loan(session, loan_id)
    require_status(loan, {APPLIED}, "approve")
    if loan.applied_on is not None and on < loan.applied_on:
        raise BadTermError(term="approved_on", given=on)
    update(session, loan, status=APPROVED, approved_on=on)
    return loan


def reject(session: Session, loan_id: int) -> LoanAccount:
    """Refuse an application; the reason is the unit of work's note.

    raises   NotFoundError, StatusError
    """
    loan = own_loan(session, loan_id)
    require_status(loan, {APPLIED}, "reject")
    update(session, loan, status=REJECTED)
    return loan


def withdraw_application(session: Session, loan_id: int) -> LoanAccount:
    """Take an application back before it is paid out.

    raises   NotFoundError, StatusError
    """
    loan = own_loan(session, loan_id)
    require_status(loan, {APPLIED, APPROVED}, "withdraw")
    update(session, loan, status=WITHDRAWN)
    return loan


# --- questions ------------------------------------------------------------------------------------


def get_loan(session: Session, number: str) -> LoanAccount:
    """Give the loan with this number.

    raises   NotFoundError
    """
    loan = find_loan(session, number)
    if loan is None:
        raise NotFoundError(kind="loan", key=number)
    return loan


def find_loan(session: Session, number: str) -> LoanAccount | None:
    """Find a loan by its number."""
    return session.scalars(select(LoanAccount).where(LoanAccount.number == number.strip()).limit(1)).first()


def dues(session: Session, loan_id: int) -> list[Due]:
    """List what is still owed, oldest instalment first, in one query; paid rows are left out."""
    return read_dues(session, loan_id)


def outstanding(session: Session, loan_id: int) -> Components:
    """Give what is owed now by component; zero before disbursement."""
    return owed_by_component(read_dues(session, loan_id))


def is_closed(session: Session, loan_id: int) -> bool:
    """Tell whether a loan was paid out and nothing is owed on it any more."""
    loan = session.get(LoanAccount, loan_id)
    return loan is not None and loan.status in PAID_OUT and not outstanding(session, loan_id).total
