"""The meetings of a schedule between two days, and where they fall when a day is a holiday.

It is the rule by which loans find the meetings that they fall due at (``ledger.due_dates``): the same
``Meeting``, the same ``shifted``. A meeting whose day is a holiday is held on the next working day; where
that day has a meeting of the same schedule already, the later one goes on to the working day after. So none
is lost and none is held twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import takewhile
from typing import Final

from ledger.due_dates import ALWAYS, Meeting, ShiftRule, WorkingDays, shifted
from ledger.errors import BadTermError

MEETING_RULE: Final = ShiftRule.NEXT_WORKING_DAY
"""What a meeting does whose day is a holiday."""

_DAY: Final = timedelta(days=1)
_LOOK_BACK: Final = timedelta(days=100)
"""Meetings that were put off by days off in a row push those after them; days off never last so long."""


@dataclass(frozen=True, slots=True)
class MeetingDay:
    """One meeting: its day by the schedule, and the day on which it is held."""

    planned_on: date
    on: date


def planned_days(meeting: Meeting, first: date) -> Iterator[date]:
    """Give the days of a schedule from ``first`` on, for ever, without regard to holidays."""
    day = meeting.on_or_after(first)
    while True:
        yield day
        day = meeting.on_or_after(day + _DAY)


def meeting_days(
    meeting: Meeting, first: date, last: date, working: WorkingDays = ALWAYS
) -> list[MeetingDay]:
    """List the meetings that are held from ``first`` to ``last``, by day.

    The weekday that a schedule names is a day for meetings, whatever the weekdays of the institution.

    raises   BadTermError where no day works
    """
    begin = first - _LOOK_BACK if working.holidays else first
    planned = list(takewhile(lambda day: day <= last, planned_days(meeting, begin)))
    open_days = replace(working, weekdays=working.weekdays | {meeting.weekday})
    held = shifted(iter(planned), len(planned), begin - _DAY, open_days, MEETING_RULE)
    both = (MeetingDay(day, on) for day, on in zip(planned, held, strict=True))
    return [one for one in both if first <= one.on <= last]


def dates_with_meeting(open_dates: Sequence[date], after: date, to: date, rule: ShiftRule) -> Sequence[date]:
    """Give the dates of open rows whose first one falls due at a meeting that is held on ``to`` instead.

    A row goes with its meeting under every rule but ``same_day``; the later rows stand, and only where the
    product extends they move by as many days.

    after    the date of the row before them (or of disbursement)
    raises   BadTermError where the dates would not rise
    """
    if rule is ShiftRule.SAME_DAY or not open_dates:
        return open_dates
    by = to - open_dates[0]
    later = [day + by if rule is ShiftRule.EXTEND else day for day in open_dates[1:]]
    if to <= after or (later and to >= later[0]):
        raise BadTermError(term="meeting", given=to)
    return [to, *later]
