"""Closing a period: the checklist first, then the newer version of it, and the reports as they stand."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from banking.closing.checklist import blocking, check_offices, check_period, to_explain
from banking.closing.checks import PeriodCheck
from banking.closing.period_ends import Closed, close_unopened
from banking.closing.snapshots import take_snapshots
from banking.errors import DayOpenError
from banking.period_errors import (
    PeriodBlockedError,
    PeriodNotOverError,
    PeriodReasonError,
    PeriodStateError,
)
from banking.periods import get_period, write_closed
from banking.reports import REPORTS
from banking.text import LONGEST_NOTE, require
from schema.reading import fetch
from schema.reference import Period
from schema.writing import act


def close_period(session: Session, name: str, office_id: int | None, reason: str = "") -> Period:
    """Close a month or a year at headquarters, for one office or for all of them, and keep its reports.

    reason   why it is closed although totals differ; kept with the close

    raises   PeriodBlockedError with everything that is missing; PeriodReasonError; BadValueError;
             NotFoundError; PeriodStateError
    """
    why = _require_answers(name, check_period(session, name, office_id, whole=True), reason)
    closed = write_closed(session, name, office_id, why)
    offices = [row[0] for row in fetch(session, "SELECT id FROM office ORDER BY id")]
    for office in offices if office_id is None else [office_id]:
        take_snapshots(session, closed.ends_on, office)
    if office_id is None:
        take_snapshots(session, closed.ends_on, None, REPORTS)
    return closed


def close_offices(session: Session, name: str, office_ids: Sequence[int], reason: str = "") -> list[Period]:
    """Close a month or a year for several offices, each by a version of its own; all of them or none.

    The checklist is asked once for all, then the reports of each are kept. ``reason`` as in ``close_period``.

    raises   PeriodBlockedError with everything that is missing; PeriodReasonError; BadValueError;
             NotFoundError; PeriodStateError
    """
    checks = check_offices(session, name, office_ids, today=act(session).recorded_at.date())
    why = _require_answers(name, checks, reason)
    closed = [write_closed(session, name, office_id, why) for office_id in office_ids]
    for period, office_id in zip(closed, office_ids, strict=True):
        take_snapshots(session, period.ends_on, office_id)
    return closed


def _require_answers(name: str, checks: Sequence[PeriodCheck], reason: str) -> str:
    """Refuse what keeps it open, and what nobody has explained; gives the reason."""
    if missing := blocking(checks):
        raise PeriodBlockedError(name, missing)
    if reason.strip():
        return require(reason, "reason", LONGEST_NOTE)
    if unexplained := to_explain(checks):
        raise PeriodReasonError(name, unexplained)
    return ""


def end_month(session: Session, name: str) -> Closed:
    """Close the last day of a month at the branch where nobody opened it, as the next day's close would.

    raises   NotFoundError; PeriodStateError when it is closed or that day was closed already; DayOpenError;
             PeriodNotOverError
    """
    current = act(session)
    month = get_period(session, name, current.office_id)
    end = month.ends_on
    if current.recorded_at.date() <= end:
        raise PeriodNotOverError(name=name, day=end)
    row = fetch(
        session,
        'SELECT max(CASE WHEN state = ? THEN "on" END), max("on") FROM business_day '
        'WHERE origin_office_id = ? AND "on" <= ?',
        "open",
        current.office_id,
        end.isoformat(),
    )[0]
    if row[0] is not None:
        raise DayOpenError(day=date.fromisoformat(row[0]))
    before = date.fromordinal(month.starts_on.toordinal() - 1)
    last = before if row[1] is None else date.fromisoformat(row[1])
    closed = [
        one for one in close_unopened(session, last, date.fromordinal(end.toordinal() + 1)) if one.on == end
    ]
    if not closed:
        raise PeriodStateError(name=name, state="closed")
    return closed[0]
