"""The last day of an accounting month: closed with the day, or after it where nobody opened that day."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.closing.provisions import post_provisions
from banking.closing.steps import StepDone, run_steps
from banking.closing.targets import moved_in_all
from schema.accounting import BusinessDay
from schema.reading import fetch
from schema.writing import act, insert

MONTH, YEAR = "month", "year"

_ENDS = """
SELECT DISTINCT ends_on FROM period AS this
 WHERE kind = 'month' AND state = 'open' AND ends_on > ? AND ends_on <= ?
   AND (office_id IS NULL OR office_id = ?)
   AND NOT EXISTS (SELECT 1 FROM period AS newer
                    WHERE newer.name = this.name AND newer.version > this.version
                      AND coalesce(newer.office_id, 0) = coalesce(this.office_id, 0))
 ORDER BY ends_on
"""


@dataclass(frozen=True, slots=True)
class Closed:
    """What was closed: the day, whether an accounting month ends with it, and what each step did."""

    on: date
    ends_month: bool
    steps: tuple[StepDone, ...]


def month_ends(session: Session, after: date, until: date) -> list[date]:
    """List the last days of this office's open months after one day and up to another."""
    rows = fetch(session, _ENDS, after.isoformat(), until.isoformat(), act(session).office_id)
    return [date.fromisoformat(row[0]) for row in rows]


def run_close(session: Session, on: date) -> Closed:
    """Do the steps of a close as at ``on``; where a month ends, provisions too.

    raises   as posting does
    """
    ends_month = bool(month_ends(session, date.fromordinal(on.toordinal() - 1), on))
    steps = run_steps(session, on)
    if ends_month:
        posted = post_provisions(session, on)
        steps.append(StepDone("provisions", len(posted), moved_in_all(posted)))
    return Closed(on, ends_month, tuple(steps))


def close_unopened(session: Session, last: date, before: date) -> list[Closed]:
    """Close the month ends after ``last`` and before ``before``, on which nobody opened the day.

    A month may end on a Sunday. Its last day is then closed with the next one, as at its own date, and stands
    among the business days as closed, without a count: from then on it takes nothing more.

    raises   as posting does
    """
    current, closed = act(session), []
    for end in month_ends(session, last, date.fromordinal(before.toordinal() - 1)):
        closed.append(run_close(session, end))
        insert(
            session,
            BusinessDay(on=end, state="closed", opened_at=current.recorded_at, closed_at=current.recorded_at),
        )
    return closed
