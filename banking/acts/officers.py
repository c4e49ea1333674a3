"""Acts on officers: who looks after a loan, a savings account, a group or a center."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import officers
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.officers import Assigned, Portfolio
from schema.accounts import LoanAccount, SavingsAccount
from schema.lending import OfficerAssignment
from schema.people import Center, Group, Staff

_BRANCH: Final = (Place.BRANCH,)
_REASON: Final = Field("reason", readers.text, "why")


def _of_portfolio(found: Portfolio) -> Result:
    return {
        "loans": found.loans,
        "savings": found.savings,
        "groups": found.groups,
        "centers": found.centers,
        "count": found.count,
    }


def _name(session: Session, officer_id: int | None) -> str | None:
    return None if officer_id is None else session.get_one(Staff, officer_id).name


def _assign(session: Session, values: Values) -> Result:
    made = officers.assign(
        session,
        values.maybe("officer", int),
        values.day(session, "from"),
        loan_id=values.maybe("loan", int),
        savings_id=values.maybe("savings", int),
        group_id=values.maybe("group", int),
        center_id=values.maybe("center", int),
        reason=values.text("reason"),
    )
    return {"officer": _name(session, made.officer_id), "from": made.from_date.isoformat()}


def _looked_after(session: Session, values: Values) -> Result:
    officer_id = values.id("officer")
    return {
        "officer": _name(session, officer_id),
        **_of_portfolio(officers.looked_after(session, officer_id)),
    }


def _reassign(session: Session, values: Values) -> Result:
    moved = officers.reassign_all(
        session,
        values.id("officer"),
        values.id("to"),
        values.day(session, "from"),
        reason=values.text("reason"),
    )
    return {"officer": _name(session, values.id("to")), **_of_portfolio(moved)}


def _history(session: Session, values: Values) -> Result:
    kinds: Sequence[tuple[str, type[Assigned]]] = (
        ("loan", LoanAccount),
        ("savings", SavingsAccount),
        ("group", Group),
        ("center", Center),
    )
    found: list[OfficerAssignment] = []
    for name, model in kinds:
        row_id = values.maybe(name, int)
        row = None if row_id is None else session.get(model, row_id)
        if row is not None:
            found += officers.history(session, row)  # type: ignore[arg-type]  # one of the four
    return {
        "officers": [
            {
                "officer": _name(session, one.officer_id),
                "from": None if one.from_date == date.min else one.from_date.isoformat(),
                "reason": one.reason,
            }
            for one in found
        ]
    }


_FROM: Final = Field("from", readers.day, "from which day on; default: the open business day")
_WHAT: Final = (
    Field("loan", readers.loan, "number of a loan"),
    Field("savings", readers.savings, "number of a savings account"),
    Field("group", readers.group, "number of a group"),
    Field("center", readers.center, "name of a center"),
)
_OFFICER: Final = Field("officer", readers.staff, "name of the officer", required=True)
ACTS: Final = (
    Act(
        "officer.assign",
        "loans.approve",
        _BRANCH,
        "Give one loan, savings account, group or center to an officer.",
        (Field("officer", readers.staff, "name of the officer; default: nobody"), *_WHAT, _FROM, _REASON),
        _assign,
    ),
    Act(
        "officer.portfolio",
        "clients.see",
        _BRANCH,
        "Count what an officer looks after: what a reassignment would move.",
        (_OFFICER,),
        _looked_after,
    ),
    Act(
        "officer.reassign",
        "loans.approve",
        _BRANCH,
        "Give everything of one officer to another.",
        (_OFFICER, Field("to", readers.staff, "name of the other", required=True), _FROM, _REASON),
        _reassign,
    ),
    Act(
        "officer.history",
        "clients.see",
        _BRANCH,
        "List who looked after something, and since when.",
        _WHAT,
        _history,
    ),
)
