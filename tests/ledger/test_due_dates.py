"""Due dates: regular steps, meetings, holidays and days off."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.dates import RepayUnit, due_dates
from ledger.due_dates import ALWAYS, Meeting, ShiftRule, WorkingDays, moved_due_dates, plan_due_dates
from ledger.errors import BadTermError

MONDAY_TO_FRIDAY = frozenset({1, 2, 3, 4, 5})
JAMHURI = date(2026, 12, 12)  # a Saturday
CHRISTMAS = date(2026, 12, 25)  # a Friday
KENYA = WorkingDays(MONDAY_TO_FRIDAY, frozenset({JAMHURI, CHRISTMAS, date(2026, 12, 28)}))

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
calendars = st.builds(
    WorkingDays,
    st.frozensets(st.integers(1, 7), min_size=1),
    st.frozensets(st.dates(date(2024, 1, 1), date(2031, 12, 31)), max_size=20),
)
units = st.sampled_from(list(RepayUnit))
meetings = st.none() | st.builds(Meeting, st.integers(1, 7), st.integers(1, 5), st.none() | days)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ShiftRule.SAME_DAY, ["2026-12-18", "2026-12-25", "2027-01-01", "2027-01-08"]),
        (ShiftRule.NEXT_WORKING_DAY, ["2026-12-18", "2026-12-29", "2027-01-01", "2027-01-08"]),
        (ShiftRule.PREVIOUS_WORKING_DAY, ["2026-12-18", "2026-12-24", "2027-01-01", "2027-01-08"]),
        (ShiftRule.NEXT_REPAYMENT_DATE, ["2026-12-18", "2027-01-01", "2027-01-08", "2027-01-15"]),
        (ShiftRule.EXTEND, ["2026-12-18", "2026-12-29", "2027-01-05", "2027-01-12"]),
    ],
)
def test_each_rule_moves_a_row_that_falls_on_christmas(rule: ShiftRule, expected: list[str]) -> None:
    """Four weekly rows; the second falls on a holiday before a weekend and another holiday."""
    dates = plan_due_dates(date(2026, 12, 11), 4, 1, RepayUnit.WEEKS, working=KENYA, rule=rule)
    assert [day.isoformat() for day in dates] == expected


def test_rows_that_would_meet_on_one_day_keep_apart() -> None:
    """Daily rows over a weekend: Saturday's and Sunday's go to Monday and Tuesday, the others after them."""
    dates = plan_due_dates(
        date(2026, 12, 3), 4, 1, RepayUnit.DAYS, working=KENYA, rule=ShiftRule.NEXT_WORKING_DAY
    )
    assert [day.day for day in dates] == [4, 7, 8, 9]


@pytest.mark.parametrize(
    ("unit", "every", "meeting", "expected"),
    [
        (RepayUnit.WEEKS, 1, Meeting(1), ["2026-01-19", "2026-01-26", "2026-02-02"]),
        (RepayUnit.WEEKS, 1, Meeting(3), ["2026-01-14", "2026-01-21", "2026-01-28"]),
        (RepayUnit.WEEKS, 1, Meeting(3, 2, date(2026, 1, 7)), ["2026-01-21", "2026-02-04", "2026-02-18"]),
        (RepayUnit.MONTHS, 1, Meeting(1), ["2026-02-09", "2026-03-09", "2026-04-13"]),
        (RepayUnit.MONTHS, 1, Meeting(3, 4, date(2026, 2, 25)), ["2026-02-25", "2026-03-25", "2026-04-22"]),
    ],
)
def test_rows_go_to_the_meeting_on_or_after_their_day(
    unit: RepayUnit, every: int, meeting: Meeting, expected: list[str]
) -> None:
    """Paid out on Wednesday 7 January: weekly, fortnightly and monthly rows at meetings."""
    dates = plan_due_dates(date(2026, 1, 7), 3, every, unit, meeting=meeting)
    assert [day.isoformat() for day in dates] == expected


def test_a_given_first_date_sets_the_day() -> None:
    """Months keep the day of the first date; a holiday moves one row and not those after it."""
    working = WorkingDays(holidays=frozenset({date(2026, 3, 31)}))
    dates = plan_due_dates(
        date(2026, 1, 10),
        3,
        1,
        RepayUnit.MONTHS,
        date(2026, 1, 31),
        working=working,
        rule=ShiftRule.NEXT_WORKING_DAY,
    )
    assert [day.isoformat() for day in dates] == ["2026-01-31", "2026-02-28", "2026-04-01"]


def test_a_holiday_declared_later_moves_open_rows() -> None:
    """The rows that are open move by the rule; the last one steps on by a period where all move."""
    dates = due_dates(date(2026, 12, 11), 4, 1, RepayUnit.WEEKS)
    moved = moved_due_dates(
        dates, date(2026, 12, 11), 1, RepayUnit.WEEKS, KENYA, ShiftRule.NEXT_REPAYMENT_DATE
    )
    assert [day.isoformat() for day in moved] == ["2026-12-18", "2027-01-01", "2027-01-08", "2027-01-15"]
    assert moved_due_dates([], date(2026, 12, 11), 1, RepayUnit.WEEKS, KENYA, ShiftRule.EXTEND) == []


def test_a_calendar_without_working_days_is_refused() -> None:
    """Weekly rows on a day that never works have no next row to move to."""
    sundays = WorkingDays(frozenset({7}))
    with pytest.raises(BadTermError):
        plan_due_dates(
            date(2026, 1, 5), 3, 1, RepayUnit.WEEKS, working=sundays, rule=ShiftRule.NEXT_REPAYMENT_DATE
        )
    with pytest.raises(BadTermError):
        plan_due_dates(date(2026, 1, 5), 3, 1, RepayUnit.WEEKS, date(2026, 1, 5))


@given(
    days, st.integers(1, 40), st.integers(1, 5), units, meetings, calendars, st.sampled_from(list(ShiftRule))
)
def test_dates_rise_and_their_number_is_kept(
    start: date,
    rows: int,
    every: int,
    unit: RepayUnit,
    meeting: Meeting | None,
    working: WorkingDays,
    rule: ShiftRule,
) -> None:
    """Whatever calendar and rule: strictly rising, one for each row, on working days unless they stay."""
    try:
        dates = plan_due_dates(start, rows, every, unit, meeting=meeting, working=working, rule=rule)
    except BadTermError:
        assert rule is ShiftRule.NEXT_REPAYMENT_DATE
        return
    assert len(dates) == rows
    assert all(earlier < later for earlier, later in pairwise([start, *dates]))
    if rule is not ShiftRule.SAME_DAY:
        assert all(day in working for day in dates)
    again = moved_due_dates(dates, start, every, unit, working, rule, meeting)
    assert again == dates


@given(days, st.integers(1, 30), st.integers(1, 4), units, st.none() | st.integers(1, 40))
def test_without_days_off_dates_are_the_regular_ones(
    start: date, rows: int, every: int, unit: RepayUnit, gap: int | None
) -> None:
    """Every rule gives the plain steps on a calendar in which every day works."""
    first = None if gap is None else start + timedelta(days=gap)
    plain = due_dates(start, rows, every, unit, first)
    for rule in ShiftRule:
        assert plan_due_dates(start, rows, every, unit, first, working=ALWAYS, rule=rule) == plain
