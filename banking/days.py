"""The business day: opened with the cash counted, worked, closed with the cash counted again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy import update as change
from sqlalchemy.orm import Session

from banking.booking_day import booked_on
from banking.cash_counts import CLOSING, OPENING, DayCounts, count_day, counted_at_close, sum_of
from banking.closing.period_ends import Closed, close_unopened, run_close
from banking.closing.snapshots import take_snapshots
from banking.closing.steps import StepDone
from banking.errors import ClockBackError, DayOpenError, DayPassedError, NoOpenDayError
from ledger.errors import NotFoundError, UnbalancedEntryError
from ledger.money import Money
from ledger.posting import Role
from schema.accounting import AuditEvent, BusinessDay, JournalEntry
from schema.reading import fetch_one
from schema.replication import AuditLog
from schema.writing import act, cut_when_full, insert, update

__all__ = [
    "ClosedDay",
    "booked_on",
    "close_business",
    "close_day",
    "current_day",
    "get_day",
    "last_closed_day",
    "list_days",
    "open_day",
    "require_openable",
    "seal_log",
    "waits_for_seal",
]

OPEN, CLOSED = "open", "closed"
CLOCK_TOLERANCE = timedelta(minutes=10)


def current_day(session: Session, office_id: int | None = None) -> BusinessDay | None:
    """Give the open day of an office (in a database of one branch: of the branch), or None."""
    return session.scalars(_days(office_id).where(BusinessDay.state == OPEN)).first()


def last_closed_day(session: Session, office_id: int | None = None) -> BusinessDay | None:
    """Give the newest closed day, or None."""
    return session.scalars(_days(office_id).where(BusinessDay.state == CLOSED).limit(1)).first()


def get_day(session: Session, office_id: int, on: str) -> BusinessDay:
    """Give a day of an office by its date, written as ISO.

    raises   NotFoundError
    """
    try:
        wanted = date.fromisoformat(on)
    except ValueError:
        raise NotFoundError(kind="day", key=on) from None
    found = session.scalars(_days(office_id).where(BusinessDay.on == wanted)).first()
    if found is None:
        raise NotFoundError(kind="day", key=on)
    return found


def list_days(session: Session, office_id: int | None = None, limit: int = 31) -> list[BusinessDay]:
    """List the newest days, newest first."""
    return list(session.scalars(_days(office_id).limit(limit)))


def _days(office_id: int | None) -> Select[BusinessDay]:
    newest = select(BusinessDay).order_by(BusinessDay.on.desc())
    return newest if office_id is None else newest.where(BusinessDay.origin_office_id == office_id)


def open_day(
    session: Session, on: date, cash: DayCounts = None, *, reason: str = "", seen_by_id: int | None = None
) -> BusinessDay:
    """Open the business day ``on`` with ``cash`` counted in all tills together, or till by till.

    A difference to the books goes to over and short, with its ``reason``. On the first day of a branch it is
    what its drawers held before it kept books here, so it is booked against "Books brought in" and needs no
    reason. Without a count nothing is booked.

    raises   DayOpenError, DayPassedError, ClockBackError, AmountNegativeError; ClosedPeriodError;
             CountReasonError, SecondPersonNeededError, BadSecondPersonError
    """
    current = act(session)
    last = require_openable(session, current.office_id, on, current.recorded_at)
    booked_on(session, on)
    against = Role.BROUGHT_IN if last is None else Role.OVER_SHORT
    count_day(session, cash, on, OPENING, against=against, reason=reason, seen_by_id=seen_by_id)
    day = BusinessDay(
        on=on, state=OPEN, opened_at=current.recorded_at, opening_cash=sum_of(cash, current.digits)
    )
    insert(session, day)
    return day


def require_openable(session: Session, office_id: int, on: date, now: datetime) -> BusinessDay | None:
    """Refuse a day that cannot be opened at ``now``; gives the newest closed day, None before the first.

    raises   DayOpenError, DayPassedError, ClockBackError
    """
    opened = current_day(session, office_id)
    if opened is not None:
        raise DayOpenError(day=opened.on)
    last = last_closed_day(session, office_id)
    if last is not None and on <= last.on:
        raise DayPassedError(day=on, last=last.on)
    _refuse_clock_back(session, office_id, last, now)
    return last


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A closed day and what its close did; ``before`` are ends of months on which no day was opened."""

    day: BusinessDay
    steps: tuple[StepDone, ...]
    before: tuple[Closed, ...] = ()


def close_day(
    session: Session, counted: DayCounts = None, *, reason: str = "", seen_by_id: int | None = None
) -> BusinessDay:
    """Close the open day; gives it. See ``close_business``."""
    return close_business(session, counted, reason=reason, seen_by_id=seen_by_id).day


def close_business(
    session: Session, counted: DayCounts = None, *, reason: str = "", seen_by_id: int | None = None
) -> ClosedDay:
    """Close the open day: cash counted, the steps of a close, trial balance, the log into the chain.

    All of it is one database transaction, cut into as many changesets as it needs: a power cut leaves the day
    open, and closing it again comes to the same end.

    counted  cash in all drawers together, or by till id; None: as the tills were counted when each closed
    reason   of a difference
    raises   NoOpenDayError; CountReasonError, SecondPersonNeededError, BadSecondPersonError; and
             UnbalancedEntryError when the books do not balance; AmountNegativeError;
             ClosedPeriodError when headquarters closed the day's period
    """
    current = act(session)
    day = current_day(session, current.office_id)
    if day is None:
        raise NoOpenDayError
    difference = count_day(session, counted, day.on, CLOSING, reason=reason, seen_by_id=seen_by_id)
    held = sum_of(counted, current.digits)
    if counted is None:
        held, difference = counted_at_close(session, current.office_id, day.on) or (None, None)
    last = last_closed_day(session, current.office_id)
    before = [] if last is None else close_unopened(session, last.on, day.on)
    closed = run_close(session, day.on)
    _require_balance(session, current.office_id)
    seal_log(session)
    update(
        session,
        day,
        state=CLOSED,
        closed_at=current.recorded_at,
        closing_cash=held,
        cash_difference=difference,
    )
    if closed.ends_month:
        take_snapshots(session, day.on, current.office_id)
    return ClosedDay(day, closed.steps, tuple(before))


def _refuse_clock_back(session: Session, office_id: int, last: BusinessDay | None, now: datetime) -> None:
    """Refuse when this computer's clock lies before something that was written already."""
    newest = session.scalars(
        select(JournalEntry.recorded_at)
        .where(JournalEntry.origin_office_id == office_id)
        .order_by(JournalEntry.id.desc())
        .limit(1)
    ).first()
    closed_at = None if last is None else last.closed_at
    instants = [instant for instant in (newest, closed_at) if instant is not None]
    if instants and now + CLOCK_TOLERANCE < max(instants):
        raise ClockBackError(now=now, last=max(instants))


def _require_balance(session: Session, office_id: int) -> None:
    row = fetch_one(
        session,
        "SELECT CAST(coalesce(sum(debit), 0) AS BIGINT), CAST(coalesce(sum(credit), 0) AS BIGINT) "
        "FROM gl_day_total WHERE origin_office_id = ?",
        office_id,
    )
    if row is None:
        raise NotFoundError(kind="office", key=office_id)
    if row[0] != row[1]:
        raise UnbalancedEntryError(kind="trial balance", debit=Money(row[0]), credit=Money(row[1]))


def waits_for_seal(session: Session, before: datetime) -> bool:
    """Tell whether the local log has lines from before an instant that no chain holds yet."""
    waiting = select(AuditLog.id).where(AuditLog.sealed == 0, AuditLog.at < before)
    return session.scalar(waiting.limit(1)) is not None


def seal_log(session: Session, before: datetime | None = None) -> None:
    """Bring the local log of log-ins, views and prints into the chain, each row once.

    before   only what was written before this instant
    """
    wanted = select(AuditLog).where(AuditLog.sealed == 0).order_by(AuditLog.id)
    waiting = session.scalars(wanted if before is None else wanted.where(AuditLog.at < before)).all()
    for row in waiting:
        insert(session, AuditEvent(at=row.at, user_id=row.user_id, what=row.what, subject=row.subject))
        cut_when_full(session)
    if waiting:
        done = change(AuditLog).where(AuditLog.sealed == 0, AuditLog.id <= waiting[-1].id)
        session.execute(
            (done if before is None else done.where(AuditLog.at < before))
            .values(sealed=1)
            .execution_options(synchronize_session=False)
        )
