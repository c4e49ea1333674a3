"""Due dates step without drifting at the ends of months."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.dates import RepayUnit, add_months, due_dates, month_ends, step
from ledger.errors import BadTermError

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1))


def texts(dates: list[date]) -> list[str]:
    return [day.isoformat() for day in dates]


def test_the_day_of_month_comes_back_after_a_short_month() -> None:
    dates = due_dates(date(2023, 1, 31), 3, 1, RepayUnit.MONTHS)
    assert texts(dates) == ["2023-02-28", "2023-03-31", "2023-04-30"]


def test_a_given_first_date_sets_the_day_of_all_later_ones() -> None:
    dates = due_dates(date(2024, 1, 31), 3, 1, RepayUnit.MONTHS, first_due_on=date(2024, 2, 29))
    assert texts(dates) == ["2024-02-29", "2024-03-29", "2024-04-29"]


def test_weeks_and_days_step_by_days() -> None:
    assert texts(due_dates(date(2024, 2, 20), 2, 2, RepayUnit.WEEKS)) == ["2024-03-05", "2024-03-19"]
    assert texts(due_dates(date(2024, 2, 20), 2, 15, RepayUnit.DAYS)) == ["2024-03-06", "2024-03-21"]


@given(anchor=days, months=st.integers(min_value=-600, max_value=600))
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(anchor: date, months: int) -> None:
    later = add_months(anchor, months)
    assert (later.year - anchor.year) * 12 + later.month - anchor.month == months
    assert later.day == anchor.day or (later.day < anchor.day and add_months(later, 0, 31) == later)


@given(anchor=days, every=st.integers(1, 40), unit=st.sampled_from(RepayUnit))
def test_due_dates_rise(anchor: date, every: int, unit: RepayUnit) -> None:
    dates = [anchor, *due_dates(anchor, 12, every, unit)]
    assert all(earlier < later for earlier, later in itertools.pairwise(dates))


def test_a_date_beyond_the_calendar_is_refused_by_name() -> None:
    for unit in RepayUnit:
        with pytest.raises(BadTermError):
            step(date(9999, 12, 1), 40, unit)


def test_month_ends_include_both_ends() -> None:
    ends = month_ends(date(2024, 1, 31), date(2024, 3, 31))
    assert texts(ends) == ["2024-01-31", "2024-02-29", "2024-03-31"]
    assert month_ends(date(9999, 12, 31), date(9999, 12, 31)) == [date(9999, 12, 31)]
