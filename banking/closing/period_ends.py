"""The last day of an accounting month: closed with the day, or after it where nobody opened that day."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.closing.provisions import post_provisions
from banking.closing.snapshots import take_snapshots
from banking.closing.steps import StepDone, run_steps
from banking.closing.targets import moved_in_all
from banking.periods import MONTH, list_periods
from schema.accounting import BusinessDay
from schema.writing import act, insert


@dataclass(frozen=True, slots=True)
class Closed:
    """What was closed: the day, whether an accounting month ends with it, and what each step did."""

    on: date
    ends_month: bool
    steps: tuple[StepDone, ...]


def month_ends(session: Session, after: date, until: date) -> list[date]:
    """List the last days of this office's open months after one day and up to another."""
    periods = list_periods(session, act(session).office_id)
    return sorted(
        {
            one.ends_on
            for one in periods
            if one.kind == MONTH and not one.closed and after < one.ends_on <= until
        }
    )


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
        take_snapshots(session, end, current.office_id)
    return closed
