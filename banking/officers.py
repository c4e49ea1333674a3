"""Who looks after whom: officers of loans, savings accounts, groups and centers, with their history.

The current officer stands on the row itself; each change is a fact with the day from which it counts, so that
a report as at any day can ask who it was then. Of several assignments the one with the newest day counts, and
of those of one day the last one written.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.lending_errors import LaterOfficerError, NothingToAssignError
from banking.text import LONGEST_NOTE, clean
from ledger.errors import NotFoundError
from schema.accounts import LoanAccount, SavingsAccount
from schema.lending import OfficerAssignment
from schema.people import Center, Group, Staff
from schema.reading import fetch_one
from schema.writing import act, insert, update

Assigned: TypeAlias = LoanAccount | SavingsAccount | Group | Center

SINCE_EVER: Final = date.min
"""From when the officer counts who stood on a row before its first change was written down."""
_NO_LONGER: Final = {
    LoanAccount: ("rejected", "withdrawn", "moved"),
    SavingsAccount: ("closed", "moved"),
    Group: (),
    Center: (),
}
_COLUMNS: Final[dict[type[Assigned], str]] = {
    LoanAccount: "loan_account_id",
    SavingsAccount: "savings_account_id",
    Group: "group_id",
    Center: "center_id",
}
_KINDS: Final = {
    LoanAccount: "loan",
    SavingsAccount: "savings account",
    Group: "group",
    Center: "center",
}


@dataclass(frozen=True, slots=True)
class Portfolio:
    """How much an officer looks after: what a reassignment would give to another."""

    loans: int = 0
    savings: int = 0
    groups: int = 0
    centers: int = 0

    @property
    def count(self) -> int:
        """Add up all four."""
        return self.loans + self.savings + self.groups + self.centers


def assign(
    session: Session,
    officer_id: int | None,
    from_date: date,
    *,
    loan_id: int | None = None,
    savings_id: int | None = None,
    group_id: int | None = None,
    center_id: int | None = None,
    reason: str = "",
) -> OfficerAssignment:
    """Give one loan, savings account, group or center to an officer (None: to nobody) from a day on.

    raises   NothingToAssignError unless exactly one is named; NotFoundError, also for another branch's row
             or an officer who left; LaterOfficerError for a day to come; TextTooLongError
    """
    given: dict[type[Assigned], int | None] = {
        LoanAccount: loan_id,
        SavingsAccount: savings_id,
        Group: group_id,
        Center: center_id,
    }
    wanted = [(model, row_id) for model, row_id in given.items() if row_id is not None]
    if len(wanted) != 1:
        raise NothingToAssignError
    _check(session, officer_id, from_date)
    model, row_id = wanted[0]
    row = cast("Assigned | None", session.get(model, row_id))
    if row is None or row.origin_office_id != act(session).office_id:
        raise NotFoundError(kind=_KINDS[model], key=row_id)
    return _assign(session, row, officer_id, from_date, clean(reason, "reason", LONGEST_NOTE))


def _check(session: Session, officer_id: int | None, from_date: date) -> None:
    current = act(session)
    if from_date > current.business_date:
        raise LaterOfficerError(day=from_date, today=current.business_date)
    if officer_id is None:
        return
    officer = session.get(Staff, officer_id)
    if officer is None or officer.state != "active" or officer.origin_office_id != current.office_id:
        raise NotFoundError(kind="officer", key=officer_id)


def _assign(
    session: Session, row: Assigned, officer_id: int | None, from_date: date, reason: str
) -> OfficerAssignment:
    column = _COLUMNS[type(row)]
    if row.officer_id is not None and fetch_one(session, _any(column), row.id) is None:
        first = OfficerAssignment(officer_id=row.officer_id, from_date=SINCE_EVER, **{column: row.id})
        insert(session, first)
    made = OfficerAssignment(officer_id=officer_id, from_date=from_date, reason=reason, **{column: row.id})
    insert(session, made)
    update(session, row, officer_id=officer_on(session, row, act(session).business_date))
    return made


def _any(column: str) -> str:
    return f"SELECT 1 FROM officer_assignment WHERE {column} = ? LIMIT 1"  # noqa: S608 - a column of ours


def officer_on(session: Session, row: Assigned, day: date) -> int | None:
    """Give who looked after a loan, savings account, group or center at the end of ``day``; None: nobody."""
    column = _COLUMNS[type(row)]
    newest = (
        f"SELECT officer_id FROM officer_assignment WHERE {column} = ? AND from_date <= ? "  # noqa: S608 - as above
        "ORDER BY from_date DESC, id DESC LIMIT 1"
    )
    found = fetch_one(session, newest, row.id, day.isoformat())
    if found is not None:
        return cast("int | None", found[0])
    return row.officer_id if fetch_one(session, _any(column), row.id) is None else None


def history(session: Session, row: Assigned) -> list[OfficerAssignment]:
    """List the assignments of one row, the one that counts now last."""
    column = getattr(OfficerAssignment, _COLUMNS[type(row)])
    found = select(OfficerAssignment).where(column == row.id)
    return list(session.scalars(found.order_by(OfficerAssignment.from_date, OfficerAssignment.id)))


def looked_after(session: Session, officer_id: int) -> Portfolio:
    """Count what an officer looks after now; what ended (closed, rejected, moved) is left out."""
    counts = [len(session.scalars(_of(model, officer_id)).all()) for model in _COLUMNS]
    return Portfolio(*counts)


def _of(model: type[Assigned], officer_id: int) -> Select[Assigned]:
    found = select(model).where(model.officer_id == officer_id).order_by(model.id)
    ended = _NO_LONGER[model]
    if model in (LoanAccount, SavingsAccount):
        found = found.where(cast("type[LoanAccount]", model).status.not_in(ended))
    return cast("Select[Assigned]", found)


def reassign_all(
    session: Session, from_officer_id: int, to_officer_id: int, from_date: date, *, reason: str = ""
) -> Portfolio:
    """Give everything that one officer looks after to another from a day on; gives how much it was.

    raises   as ``assign``; BadValueError when both are the same
    """
    if from_officer_id == to_officer_id:
        raise BadValueError(field="to", given=to_officer_id)
    _check(session, to_officer_id, from_date)
    before = looked_after(session, from_officer_id)
    why = clean(reason, "reason", LONGEST_NOTE)
    for model in _COLUMNS:
        for row in session.scalars(_of(model, from_officer_id)).all():
            if row.origin_office_id == act(session).office_id:
                _assign(session, row, to_officer_id, from_date, why)
    return before
