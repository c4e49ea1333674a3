"""Where due dates fall: at regular steps, at a group's meetings, and off the days on which nobody works.

What a row does that falls on such a day is the product's rule (``ShiftRule``). Whatever the rule, dates rise
strictly and as many come out as rows go in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain, count
from typing import Final

from ledger.dates import RepayUnit, due_dates, step
from ledger.errors import BadTermError

EVERY_DAY: Final = frozenset(range(1, 8))
_DAY: Final = timedelta(days=1)
_FARTHEST: Final = 400
"""So many days off in a row, or so many rows beyond those asked for, are a mistake in the calendar."""


class ShiftRule(StrEnum):
    """What a row does whose day is a holiday or no working day."""

    SAME_DAY = "same_day"
    """It stays."""
    NEXT_WORKING_DAY = "next_working_day"
    """It moves to the next working day; the others stay."""
    PREVIOUS_WORKING_DAY = "previous_working_day"
    """It moves to the working day before; the others stay."""
    NEXT_REPAYMENT_DATE = "next_repayment_date"
    """It moves to the date of the next row, and so does every later one: all move by one period."""
    EXTEND = "extend"
    """It moves to the next working day, and every later row by as many days."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days on which instalments may fall due. ``weekdays``: 1 Monday to 7."""

    weekdays: frozenset[int] = EVERY_DAY
    holidays: frozenset[date] = frozenset()

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day.isoweekday() in self.weekdays and day not in self.holidays

    def on_or_after(self, day: date) -> date:
        """Give the first working day from ``day`` on.

        raises   BadTermError where there is none within a year
        """
        return self._search(day, _DAY)

    def on_or_before(self, day: date) -> date:
        """Give the last working day up to ``day``.

        raises   BadTermError
        """
        return self._search(day, -_DAY)

    def _search(self, day: date, by: timedelta) -> date:
        found = day
        for _ in range(_FARTHEST):
            if found in self:
                return found
            found = _moved(found, by)
        raise BadTermError(term="working_days", given=day)


ALWAYS: Final = WorkingDays()


@dataclass(frozen=True, slots=True)
class Meeting:
    """When a group meets: on ``weekday`` (1 Monday to 7), every so many weeks, counted from ``first_on``."""

    weekday: int
    every_weeks: int = 1
    first_on: date | None = None

    def on_or_after(self, day: date) -> date:
        """Give the first meeting from ``day`` on; before the first meeting it is the first one."""
        if self.first_on is None:
            return _moved(day, _DAY * ((self.weekday - day.isoweekday()) % 7))
        anchor = _moved(self.first_on, _DAY * ((self.weekday - self.first_on.isoweekday()) % 7))
        between = 7 * self.every_weeks
        periods = max(0, -((anchor - day).days // between))
        return _moved(anchor, timedelta(days=periods * between))


def plan_due_dates(
    disbursed_on: date,
    rows: int,
    every: int,
    unit: RepayUnit,
    first_due_on: date | None = None,
    *,
    meeting: Meeting | None = None,
    working: WorkingDays = ALWAYS,
    rule: ShiftRule = ShiftRule.SAME_DAY,
) -> list[date]:
    """List the due dates of a new loan.

    With a meeting each regular date goes to the meeting on or after it.

    raises   BadTermError for a first date that is not after disbursement, or where no day works
    """
    if first_due_on is not None and first_due_on <= disbursed_on:
        raise BadTermError(term="first_due_on", given=first_due_on)
    if first_due_on is None and meeting is None and (rule is ShiftRule.SAME_DAY or working == ALWAYS):
        return due_dates(disbursed_on, rows, every, unit)
    first = first_due_on or step(disbursed_on, every, unit)
    seed_day = (first_due_on or disbursed_on).day
    regular = (step(first, every * k, unit, seed_day) for k in count())
    wanted = regular if meeting is None else _at_meetings(regular, meeting)
    return shifted(wanted, rows, disbursed_on, working, rule)


def moved_due_dates(
    open_dates: Iterable[date],
    after: date,
    every: int,
    unit: RepayUnit,
    working: WorkingDays,
    rule: ShiftRule,
    meeting: Meeting | None = None,
) -> list[date]:
    """Give the dates of the open rows of a running loan by a calendar that has changed.

    after    the date of the row before them (or of disbursement)
    """
    dates = list(open_dates)
    if not dates:
        return []
    last = dates[-1]
    later: Iterator[date] = (step(last, every * k, unit) for k in count(1))
    if meeting is not None:
        later = _at_meetings(later, meeting)
    return shifted(chain(dates, later), len(dates), after, working, rule)


def _at_meetings(regular: Iterable[date], meeting: Meeting) -> Iterator[date]:
    """Move each date to the meeting on or after it; two never share one."""
    last = date.min
    for day in regular:
        found = meeting.on_or_after(max(day, last))
        if found == last:
            found = meeting.on_or_after(_moved(last, _DAY))
        last = found
        yield found


def shifted(
    wanted: Iterable[date], rows: int, start: date, working: WorkingDays, rule: ShiftRule
) -> list[date]:
    """Give ``rows`` dates after ``start`` out of the ``wanted`` ones, which go on for ever.

    raises   BadTermError where no day works
    """
    found: list[date] = []
    offset = timedelta(0)
    skipped = 0
    for day in wanted:
        if len(found) == rows:
            break
        last = found[-1] if found else start
        if rule is ShiftRule.NEXT_REPAYMENT_DATE and (day not in working or day <= last):
            skipped += 1
            if skipped > _FARTHEST:
                raise BadTermError(term="working_days", given=day)
            continue
        planned = _moved(day, offset)
        target = _target(planned, working, rule)
        if target <= last:
            target = working.on_or_after(_moved(last, _DAY))
        if rule is ShiftRule.EXTEND:
            offset += target - planned
        found.append(target)
    return found


def _target(day: date, working: WorkingDays, rule: ShiftRule) -> date:
    if rule is ShiftRule.SAME_DAY:
        return day
    if rule is ShiftRule.PREVIOUS_WORKING_DAY:
        return working.on_or_before(day)
    return working.on_or_after(day)


def _moved(day: date, by: timedelta) -> date:
    """Raises BadTermError outside the years 1 to 9999."""
    try:
        return day + by
    except OverflowError:
        raise BadTermError(term="date", given=day) from None
