"""In which day the books show what counts on some date (design, section 3)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ledger.errors import ClosedDayError, ClosedPeriodError
from schema.reading import fetch_one
from schema.writing import act

_DAY = """
SELECT (SELECT state FROM business_day WHERE origin_office_id = ? AND "on" = ? LIMIT 1),
       (SELECT max("on") FROM business_day WHERE origin_office_id = ? AND state = 'open'),
       (SELECT min(starts_on) FROM period WHERE state = 'closed' AND (office_id IS NULL OR office_id = ?))
"""

_CLOSED_PERIOD = """
SELECT name FROM period AS this
 WHERE state = 'closed' AND starts_on <= ? AND ends_on >= ? AND (office_id IS NULL OR office_id = ?)
   AND NOT EXISTS (SELECT 1 FROM period AS newer
                    WHERE newer.name = this.name AND newer.version > this.version
                      AND (newer.office_id = this.office_id
                           OR (newer.office_id IS NULL AND this.office_id IS NULL)))
 LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class _Day:
    state: str | None
    open_day: str | None
    first_closed: str | None


def booked_on(session: Session, value_date: date) -> date:
    """Give the day in which the books show what counts on ``value_date``.

    It is the date itself if this branch never opened that day, else the open business day.

    raises   ClosedDayError when that day is closed and no other is open; ClosedPeriodError when either date
             lies in a period that headquarters closed
    """
    office, wanted = act(session).office_id, value_date.isoformat()
    row = fetch_one(session, _DAY, office, wanted, office, office)
    assert row is not None
    day = _Day(*row)
    if day.first_closed is not None and day.first_closed <= wanted:
        _refuse_closed_period(session, value_date)
    if day.state is None:
        return value_date
    if day.open_day is None:
        raise ClosedDayError(day=value_date)
    shown_on = date.fromisoformat(day.open_day)
    if day.first_closed is not None and shown_on != value_date:
        _refuse_closed_period(session, shown_on)
    return shown_on


def _refuse_closed_period(session: Session, day: date) -> None:
    wanted = day.isoformat()
    row = fetch_one(session, _CLOSED_PERIOD, wanted, wanted, act(session).office_id)
    if row is not None:
        raise ClosedPeriodError(day=day, period=row[0])
