"""Lending anew on top of a running loan: the new loan pays the old one off, the client gets the rest."""

from datetime import date

from sqlalchemy.orm import Session

from banking.disbursement_parts import Part
from banking.disbursements import disburse
from banking.loan_books import own_loan, read_book
from banking.loan_errors import TopUpError
from banking.loan_replay import bring_forward
from banking.payoffs import payoff_quote
from ledger.money import Money
from schema.accounts import LoanAccount, LoanTransaction
from schema.writing import update


def top_up(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    loan_id: int,
    on: date,
    *,
    replaced_id: int | None = None,
    first_due_on: date | None = None,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    savings_account_id: int | None = None,
    receipt: str = "",
    approved_by_id: int | None = None,
    note: str = "",
) -> LoanTransaction:
    """Pay an approved loan out on top of a running one, which it pays off.

    replaced_id  the running loan; default: the one that the application named
    returns      the disbursement of what the client gets, or of all of it where that is nothing
    raises       TopUpError for a loan of somebody else, one that owes nothing, or more than is lent; as
                 ``banking.disbursements.disburse`` and ``banking.payoffs.payoff_quote``
    """
    loan = own_loan(session, loan_id)
    chosen = loan.replaces_id if replaced_id is None else replaced_id
    if chosen is None or chosen == loan_id:
        raise TopUpError(number=loan.number, reason="no running loan is named that it pays off")
    owed = _owed(session, loan, chosen, on)
    if loan.replaces_id != chosen:
        update(session, loan, replaces_id=chosen)
    rest = loan.principal - owed
    parts = [Part(owed, topped_up_id=chosen)]
    if rest:
        parts.insert(
            0,
            Part(
                rest,
                till_id=till_id,
                payment_type_id=payment_type_id,
                savings_account_id=savings_account_id,
                receipt=receipt,
            ),
        )
    return disburse(
        session,
        loan_id,
        on,
        first_due_on=first_due_on,
        parts=parts,
        approved_by_id=approved_by_id,
        note=note,
    )


def _owed(session: Session, loan: LoanAccount, replaced_id: int, on: date) -> Money:
    """Give what pays the old loan off, or refuse."""
    old = own_loan(session, replaced_id)
    if (old.client_id, old.group_id) != (loan.client_id, loan.group_id):
        raise TopUpError(number=loan.number, reason=f"{old.number} is somebody else's")
    bring_forward(session, read_book(session, replaced_id), on)
    owed = payoff_quote(session, replaced_id, on).total
    if not owed:
        raise TopUpError(number=loan.number, reason=f"nothing is owed on {old.number}")
    if owed > loan.principal:
        raise TopUpError(number=loan.number, reason=f"{old.number} takes more than is lent")
    return owed
