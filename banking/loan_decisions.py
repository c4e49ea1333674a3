"""What headquarters decides about applications that a branch may not approve alone."""

from datetime import date
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from banking.approval import find_limit
from banking.books import require_amount
from banking.errors import BadValueError
from banking.loan_books import APPLIED, require_status
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean
from ledger.errors import N_, RuleError
from ledger.money import Money
from schema.accounts import LoanAccount
from schema.approvals import LoanDecision
from schema.lending import LoanTranche
from schema.people import User
from schema.reference import Office
from schema.writing import act, insert, update

BRANCH_APPROVAL: Final = "branch_approval"
"""The limit up to which a branch approves applications alone."""

APPROVED, REJECTED = "approved", "rejected"
DECISIONS: Final = (APPROVED, REJECTED)


class DecisionNeededError(RuleError):
    """Above the branch's limit, and not a word of headquarters. Facts: number, amount, limit."""

    code = "DECISION_NEEDED"
    message = N_(
        "{number} is {amount}, above the branch's limit of {limit}: headquarters decides. "
        "Send the books; the decision comes back with the next bundle from headquarters."
    )


class DecidedOtherwiseError(RuleError):
    """Headquarters said no, or less than is to be approved. Facts: number, decision."""

    code = "DECIDED_OTHERWISE"
    message = N_("Headquarters decided otherwise about {number}: {decision}. Nothing was changed.")


class DecidedAmountError(RuleError):
    """A loan in parts whose amount headquarters made smaller. Facts: number, amount."""

    code = "DECIDED_AMOUNT"
    message = N_("Headquarters approves {amount} of {number}, but its parts come to more. Apply for it anew.")


def decide(
    session: Session, loan_id: int, decision: str, on: date, *, amount: Money | None = None, note: str = ""
) -> LoanDecision:
    """Decide at headquarters about an application of a branch; only that branch is told.

    amount   minor units: at most so much is approved; None: as applied for
    raises   NotFoundError, StatusError; BadValueError for a decision or an amount that does not fit
    """
    loan = get_row(session, LoanAccount, loan_id, "loan")
    require_status(loan, {APPLIED}, "decide")
    if decision not in DECISIONS:
        raise BadValueError(field="decision", given=decision)
    if amount is not None and (decision == REJECTED or require_amount(amount) > loan.principal):
        raise BadValueError(field="amount", given=amount)
    current = act(session)
    by = session.get(User, current.actor_id)
    row = LoanDecision(
        loan_account_id=loan.id,
        office_id=loan.origin_office_id,
        decision=decision,
        amount=amount,
        on=on,
        decided_by=by.full_name or by.username if by is not None else "",
        note=clean(note, "note", LONGEST_NOTE),
    )
    current.cut()
    insert(session, row)
    current.cut_into(get_row(session, Office, loan.origin_office_id, "office").number)
    return row


def decision_on(session: Session, loan_id: int) -> LoanDecision | None:
    """Give the newest word of headquarters about an application, or None."""
    wanted = select(LoanDecision).where(LoanDecision.loan_account_id == loan_id)
    return session.scalars(wanted.order_by(LoanDecision.id.desc()).limit(1)).first()


def needs_decision(session: Session, loan: LoanAccount) -> Money | None:
    """Give the branch's limit when an application is above it; None: the branch may approve it."""
    limit = find_limit(session, BRANCH_APPROVAL, loan.origin_office_id)
    return limit if limit is not None and loan.principal > limit else None


def carry_out(session: Session, loan: LoanAccount) -> None:
    """Hold an application that the branch is about to approve to what headquarters said.

    A smaller amount than applied for becomes the loan's.

    raises   DecisionNeededError above the branch's limit without a decision, DecidedOtherwiseError,
             DecidedAmountError
    """
    decision, limit = decision_on(session, loan.id), needs_decision(session, loan)
    if decision is None:
        if limit is not None:
            raise DecisionNeededError(number=loan.number, amount=loan.principal, limit=limit)
        return
    if decision.decision != APPROVED:
        raise DecidedOtherwiseError(number=loan.number, decision=decision.note or decision.decision)
    if decision.amount is not None and decision.amount < loan.principal:
        if session.scalars(_tranches(loan.id)).first() is not None:
            raise DecidedAmountError(number=loan.number, amount=decision.amount)
        update(session, loan, principal=decision.amount)


def _tranches(loan_id: int) -> Select[int]:
    return select(LoanTranche.id).where(LoanTranche.loan_account_id == loan_id).limit(1)


def list_undecided(session: Session) -> list[LoanAccount]:
    """List the applications of all branches that wait for headquarters."""
    open_ones = session.scalars(
        select(LoanAccount)
        .where(LoanAccount.status == APPLIED)
        .where(~select(LoanDecision.id).where(LoanDecision.loan_account_id == LoanAccount.id).exists())
        .order_by(LoanAccount.origin_office_id, LoanAccount.id)
    )
    return [loan for loan in open_ones if needs_decision(session, loan) is not None]
