"""Acts on what waits for a second person, at the branch and at headquarters."""

from typing import Final

from sqlalchemy.orm import Session

from banking import approvals, loan_decisions
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount, of_loan
from schema.accounts import LoanAccount
from schema.approvals import ApprovalRequest
from schema.reference import Office
from schema.writing import act

_ANYWHERE: Final = (Place.BRANCH, Place.HEAD_OFFICE)
_REQUEST: Final = Field(
    "request", readers.row_id(ApprovalRequest, "request"), "as “approval.list” shows it", required=True
)


def _of_request(session: Session, request: ApprovalRequest) -> dict[str, object]:
    return {
        "request": str(request.id),
        "act": request.act,
        "subject": request.subject,
        "amount": amount(session, request.amount),
        "asked_on": request.asked_on.isoformat(),
        "state": request.state,
        "answer": request.answer,
    }


def _list(session: Session, _values: Values) -> Result:
    waiting = approvals.list_waiting(session, act(session).office_id)
    return {"waiting": [{**_of_request(session, one.request), "asked_by": one.asked_by} for one in waiting]}


def _approve(session: Session, values: Values) -> Result:
    done = approvals.approve_request(session, values.id("request"))
    return {**_of_request(session, done.request), "result": dict(done.result)}


def _refuse(session: Session, values: Values) -> Result:
    request = approvals.refuse_request(session, values.id("request"), values.text("reason"))
    return _of_request(session, request)


def _withdraw(session: Session, values: Values) -> Result:
    return _of_request(session, approvals.withdraw_request(session, values.id("request")))


def _decide(session: Session, values: Values) -> Result:
    row = loan_decisions.decide(
        session,
        values.id("loan"),
        values.one("decision", str),
        values.day(session),
        amount=values.money("amount"),
        note=values.text("note"),
    )
    loan = session.get_one(LoanAccount, row.loan_account_id)
    return {
        **of_loan(session, loan),
        "office": session.get_one(Office, row.office_id).code,
        "decision": row.decision,
        "approved": amount(session, row.amount),
    }


def _undecided(session: Session, _values: Values) -> Result:
    return {"loans": [of_loan(session, loan) for loan in loan_decisions.list_undecided(session)]}


ACTS: Final[tuple[Act, ...]] = (
    Act("approval.list", "clients.see", _ANYWHERE, "List what waits for a second person.", (), _list),
    Act(
        "approval.approve",
        "money.confirm",
        _ANYWHERE,
        "Approve what somebody else asked for; it is done as it was typed.",
        (_REQUEST,),
        _approve,
    ),
    Act(
        "approval.refuse",
        "money.confirm",
        _ANYWHERE,
        "Say no to what somebody else asked for.",
        (_REQUEST, Field("reason", readers.text, "why", required=True)),
        _refuse,
    ),
    Act(
        "approval.withdraw",
        "clients.see",
        _ANYWHERE,
        "Take back what you asked for.",
        (_REQUEST,),
        _withdraw,
    ),
    Act(
        "loan.decide",
        "loans.approve",
        (Place.HQ,),
        "Decide about an application that its branch may not approve alone; only that branch is told.",
        (
            Field("loan", readers.loan, "number of the loan", required=True),
            Field("decision", readers.choice(*loan_decisions.DECISIONS), "yes or no", required=True),
            Field("amount", readers.money, "at most so much; default: as applied for"),
            Field("on", readers.day, "the day; default: today"),
            Field("note", readers.text, "why; the branch reads it"),
        ),
        _decide,
    ),
    Act(
        "loan.undecided",
        "reports.see",
        (Place.HQ,),
        "List the applications that wait for headquarters.",
        (),
        _undecided,
    ),
)
