"""Loans: what is decided on applications, and what is owed; one door to applying and paying out too."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.applications import OwnTerms, apply
from banking.disbursements import disburse
from banking.loan_books import (
    APPLIED,
    APPROVED,
    PAID_OUT,
    REJECTED,
    WITHDRAWN,
    Components,
    owed_by_component,
    own_loan,
    read_dues,
    require_status,
)
from banking.loan_decisions import carry_out
from banking.loan_plans import PlannedRow, planned_schedule
from banking.loan_terms import terms_of
from banking.security import require_security
from banking.taken_loans import TakenLoan, take_over
from ledger.allocation import Due
from ledger.errors import BadTermError, NotFoundError
from schema.accounts import LoanAccount
from schema.writing import update

__all__ = [
    "Components",
    "OwnTerms",
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


# --- decisions on an application ------------------------------------------------------------------


def approve(session: Session, loan_id: int, on: date) -> LoanAccount:
    """Approve an application.

    What headquarters decided about it is held to (``banking.loan_decisions``).

    raises   NotFoundError, StatusError; BadTermError for a day before the application; SecurityNeededError,
             GuaranteeNeededError where its product asks for more security; DecisionNeededError above the
             branch's limit, DecidedOtherwiseError, DecidedAmountError
    """
    loan = own_loan(session, loan_id)
    require_status(loan, {APPLIED}, "approve")
    if loan.applied_on is not None and on < loan.applied_on:
        raise BadTermError(term="approved_on", given=on)
    carry_out(session, loan)
    require_security(session, loan)
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
