"""The meetings of a schedule: on their weekday, so many weeks apart, none lost and none twice."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.due_dates import Meeting, WorkingDays
from ledger.meeting_days import meeting_days, planned_days

FIRST = date(2026, 1, 1)
days = st.integers(0, 500).map(lambda number: FIRST + timedelta(days=number))
schedules = st.builds(Meeting, st.integers(1, 7), st.integers(1, 8), days)
holidays = st.frozensets(days, max_size=25).map(lambda found: WorkingDays(holidays=found))


@given(schedules, days, st.integers(0, 200))
def test_meetings_fall_on_their_weekday_so_many_weeks_apart(
    meeting: Meeting, first: date, length: int
) -> None:
    found = meeting_days(meeting, first, first + timedelta(days=length))
    assert all(one.on == one.planned_on and one.on.isoweekday() == meeting.weekday for one in found)
    apart = {(after.on - before.on).days for before, after in pairwise(found)}
    assert apart <= {7 * meeting.every_weeks}
    assert meeting.first_on is not None
    assert all(one.on >= meeting.first_on for one in found)


@given(schedules, days, holidays)
def test_a_holiday_loses_no_meeting_and_doubles_none(
    meeting: Meeting, first: date, working: WorkingDays
) -> None:
    """Each meeting is held once, on a day of its own, never on a holiday and never before its day."""
    last = first + timedelta(days=120)
    found = meeting_days(meeting, first - timedelta(days=60), last + timedelta(days=60), working)
    held = [one.on for one in found]
    assert held == sorted(set(held))
    assert not working.holidays & set(held)
    assert all(one.on >= one.planned_on for one in found)
    expected = [one.planned_on for one in meeting_days(meeting, first, last)]
    assert [one.planned_on for one in found if first <= one.planned_on <= last] == expected


@given(schedules, days, holidays, st.integers(0, 119))
def test_a_window_cut_in_two_shows_each_meeting_once(
    meeting: Meeting, first: date, working: WorkingDays, cut: int
) -> None:
    middle, last = first + timedelta(days=cut), first + timedelta(days=120)
    apart = [
        *meeting_days(meeting, first, middle, working),
        *meeting_days(meeting, middle + timedelta(days=1), last, working),
    ]
    assert apart == meeting_days(meeting, first, last, working)


def test_a_meeting_on_a_holiday_is_held_on_the_next_working_day() -> None:
    """Friday 25 December waits until Saturday; a week that is closed altogether is made up for after it."""
    fridays = Meeting(5, 1, date(2026, 12, 4))
    christmas = WorkingDays(frozenset({1, 2, 3, 4, 5}), frozenset({date(2026, 12, 25)}))
    found = meeting_days(fridays, date(2026, 12, 20), date(2026, 12, 31), christmas)
    assert [(one.planned_on, one.on) for one in found] == [(date(2026, 12, 25), date(2026, 12, 28))]
    closed = WorkingDays(holidays=frozenset(date(2026, 12, 25) + timedelta(days=day) for day in range(7)))
    found = meeting_days(fridays, date(2026, 12, 20), date(2027, 1, 8), closed)
    assert [one.on for one in found] == [date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 8)]


def test_a_weekday_that_the_institution_does_not_work_is_still_a_meeting_day() -> None:
    saturdays = Meeting(6, 2, date(2026, 1, 3))
    weekdays = WorkingDays(frozenset({1, 2, 3, 4, 5}))
    found = meeting_days(saturdays, date(2026, 1, 1), date(2026, 1, 31), weekdays)
    assert [one.on.day for one in found] == [3, 17, 31]


def test_without_a_first_meeting_every_week_has_one() -> None:
    rising = planned_days(Meeting(1), date(2026, 1, 6))
    assert [next(rising), next(rising)] == [date(2026, 1, 12), date(2026, 1, 19)]
