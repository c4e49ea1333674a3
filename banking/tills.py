"""Drawers in and out of use, what they may hold, and who answers for them on which day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from banking.cash_errors import CashierOverlapError, TillNotEmptyError
from banking.errors import BadValueError
from banking.rows import get_row
from banking.till_cash import get_till, till_cash
from ledger.errors import AmountNegativeError, NotFoundError
from ledger.money import ZERO, Money
from schema.accounting import Till
from schema.cash import CashierAssignment
from schema.people import User
from schema.writing import act, insert, update


def retire_till(session: Session, till_id: int) -> None:
    """Take an empty till out of use; its number is never given again.

    raises   NotFoundError; TillNotEmptyError while it holds cash by the books
    """
    till = get_till(session, till_id)
    held = till_cash(session, till)
    if held:
        raise TillNotEmptyError(till=till.number, held=held)
    update(session, till, state="retired")


def set_cash_limit(session: Session, till_id: int, limit: Money | None) -> Till:
    """Set what a drawer may hold, in minor units; None: what the office's limit says.

    raises   NotFoundError, AmountNegativeError
    """
    till = get_till(session, till_id)
    if limit is not None and limit < ZERO:
        raise AmountNegativeError(given=limit)
    update(session, till, cash_limit=limit)
    return till


def assign_cashier(
    session: Session, till_id: int, user_id: int, from_date: date, until: date | None = None
) -> CashierAssignment:
    """Make somebody answer for a till from a day to a day (None: until further notice).

    A till with an assignment is worked by that person only. Two people may share one day, on which the till
    is handed over.

    raises   NotFoundError for a till or a user of another office; BadValueError for days the wrong way round;
             CashierOverlapError
    """
    till = get_till(session, till_id)
    user = get_row(session, User, user_id, "user")
    if user.origin_office_id != act(session).office_id or user.state != "active":
        raise NotFoundError(kind="user", key=user.username)
    if until is not None and until < from_date:
        raise BadValueError(field="until", given=until)
    for other in assignments(session, till_id):
        first, last = max(other.from_date, from_date), min(other.until or date.max, until or date.max)
        if first < last or (other.from_date, other.until) == (from_date, until):
            raise CashierOverlapError(till=till.number, day=first)
    assigned = CashierAssignment(till_id=till_id, user_id=user_id, from_date=from_date, until=until)
    insert(session, assigned)
    return assigned


def end_assignment(session: Session, till_id: int, until: date) -> CashierAssignment:
    """Let the newest assignment of a till end with the day ``until``.

    raises   NotFoundError when nobody answers for the till; BadValueError for a day before it began
    """
    get_till(session, till_id)
    open_ones = [row for row in assignments(session, till_id) if row.until is None or row.until > until]
    if not open_ones:
        raise NotFoundError(kind="cashier", key=till_id)
    newest = open_ones[-1]
    if until < newest.from_date:
        raise BadValueError(field="until", given=until)
    update(session, newest, until=until)
    return newest


def assignments(session: Session, till_id: int) -> Sequence[CashierAssignment]:
    """List who answered and will answer for a till, oldest first."""
    wanted = select(CashierAssignment).where(CashierAssignment.till_id == till_id)
    return session.scalars(wanted.order_by(CashierAssignment.from_date, CashierAssignment.id)).all()


def cashiers_on(session: Session, till_id: int, on: date) -> list[int]:
    """List the ids of those who answer for a till on a day: nobody, one, or two where it is handed over."""
    wanted = (
        select(CashierAssignment.user_id)
        .where(
            CashierAssignment.till_id == till_id,
            CashierAssignment.from_date <= on,
            or_(CashierAssignment.until.is_(None), CashierAssignment.until >= on),
        )
        .order_by(CashierAssignment.from_date)
    )
    return list(session.scalars(wanted))
