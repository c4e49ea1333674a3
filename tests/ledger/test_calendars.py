"""Dates of other calendars: known days, and every conversion taken back."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bikram_sambat import DISPUTED, MONTHS
from ledger.calendars import (
    Calendar,
    CalendarDate,
    CalendarDateError,
    CalendarYearError,
    FiscalYear,
    bikram_sambat_year,
    ethiopian_year,
    from_bikram_sambat,
    from_calendar,
    from_ethiopian,
    gregorian_year,
    to_bikram_sambat,
    to_calendar,
    to_ethiopian,
)

# New years as almanacs print them: the day after a Julian leap year's end begins a day later
ETHIOPIAN_NEW_YEARS = {1900: (1907, 9, 12), 1996: (2003, 9, 12), 2000: (2007, 9, 12), 2017: (2024, 9, 11)}
NEPALI_NEW_YEARS = {2000: (1943, 4, 14), 2072: (2015, 4, 14), 2080: (2023, 4, 14), 2081: (2024, 4, 13)}


@pytest.mark.parametrize(("year", "day"), ETHIOPIAN_NEW_YEARS.items())
def test_ethiopian_new_years_fall_on_known_days(year: int, day: tuple[int, int, int]) -> None:
    assert from_ethiopian(CalendarDate(year, 1, 1)) == date(*day)
    assert to_ethiopian(date(*day) - timedelta(1)) == CalendarDate(year - 1, 13, 6 if year % 4 == 0 else 5)


def test_known_ethiopian_days() -> None:
    """Christmas (Tahsas 29), Adwa (Yekatit 23) and the first day of the budget year."""
    assert from_ethiopian(CalendarDate(2017, 4, 29)) == date(2025, 1, 7)
    assert from_ethiopian(CalendarDate(2017, 6, 23)) == date(2025, 3, 2)
    assert from_ethiopian(CalendarDate(2017, 11, 1)) == date(2025, 7, 8)


@pytest.mark.parametrize(("year", "day"), NEPALI_NEW_YEARS.items())
def test_nepali_new_years_fall_on_known_days(year: int, day: tuple[int, int, int]) -> None:
    assert from_bikram_sambat(CalendarDate(year, 1, 1)) == date(*day)
    assert to_bikram_sambat(date(*day)) == CalendarDate(year, 1, 1)


@given(st.dates(date(1943, 1, 1), date(2100, 12, 31)))
def test_an_ethiopian_date_leads_back(day: date) -> None:
    """And the next day is the next date."""
    converted, following = to_ethiopian(day), to_ethiopian(day + timedelta(1))
    assert from_ethiopian(converted) == day
    assert converted < following


@given(st.sampled_from(sorted(MONTHS)), st.integers(1, 12), st.integers(1, 32))
def test_a_nepali_date_leads_back_or_does_not_exist(year: int, month: int, day: int) -> None:
    wanted = CalendarDate(year, month, day)
    if day > MONTHS[year][month - 1]:
        with pytest.raises(CalendarDateError):
            from_bikram_sambat(wanted)
    else:
        assert to_bikram_sambat(from_bikram_sambat(wanted)) == wanted


@pytest.mark.parametrize("year", [*DISPUTED, 1974, 2091])
def test_a_year_that_the_tables_dispute_is_refused_by_name(year: int) -> None:
    with pytest.raises(CalendarYearError):
        from_bikram_sambat(CalendarDate(year, 1, 1))
    with pytest.raises(CalendarYearError):
        to_bikram_sambat(date(year - 57, 8, 1))


def test_the_table_is_the_agreed_part_of_the_compared_tables(shared_data: Path) -> None:
    path = shared_data / "calendars" / "bikram_sambat_month_lengths.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    agreed = {
        int(row["bs_year"]): tuple(int(row[f"m{month}"]) for month in range(1, 13))
        for row in rows
        if row["agree"] == "yes"
    }
    assert agreed == MONTHS
    assert {int(row["bs_year"]): int(row["days"]) for row in rows if row["agree"] == "no"} == DISPUTED


@pytest.mark.parametrize(
    ("calendar", "given_date"),
    [
        (Calendar.GREGORIAN, (2026, 2, 29)),
        (Calendar.GREGORIAN, (10000, 1, 1)),
        (Calendar.ETHIOPIAN, (2017, 13, 6)),
        (Calendar.ETHIOPIAN, (2017, 14, 1)),
        (Calendar.ETHIOPIAN, (2017, 1, 31)),
        (Calendar.ETHIOPIAN, (9999, 1, 1)),
        (Calendar.BIKRAM_SAMBAT, (2081, 13, 1)),
        (Calendar.BIKRAM_SAMBAT, (2081, 1, 0)),
    ],
)
def test_a_date_that_no_calendar_has_is_refused(calendar: Calendar, given_date: tuple[int, int, int]) -> None:
    with pytest.raises(CalendarDateError):
        from_calendar(CalendarDate(*given_date), calendar)


@given(st.dates(date(1944, 1, 1), date(2004, 1, 1)), st.sampled_from(Calendar))
def test_any_calendar_converts_both_ways(day: date, calendar: Calendar) -> None:
    assert from_calendar(to_calendar(day, calendar), calendar) == day


def months_fill(year: FiscalYear) -> bool:
    days = sum((month.ends_on - month.starts_on).days + 1 for month in year.months)
    return days == (year.year.ends_on - year.year.starts_on).days + 1


@given(st.integers(1944, 2099))
def test_months_fill_the_year_without_gaps(year: int) -> None:
    assert months_fill(gregorian_year(year, 4))
    assert months_fill(ethiopian_year(year - 8))
    assert len(ethiopian_year(year - 8).months) == 13
    assert len(ethiopian_year(year - 8, join_pagume=True).months) == 12


def test_the_accounting_years_of_three_countries() -> None:
    """Kenya's calendar year, Ethiopia's from Hamle 1, Nepal's from Shrawan 1."""
    kenya = gregorian_year(2026)
    assert (kenya.year.name, kenya.months[1].name, kenya.months[1].ends_on) == (
        "2026",
        "2026-02",
        date(2026, 2, 28),
    )
    ethiopia = ethiopian_year(2018)
    assert (ethiopia.year.name, ethiopia.year.starts_on, ethiopia.year.ends_on) == (
        "2018 EC",
        date(2025, 7, 8),
        date(2026, 7, 7),
    )
    assert ethiopia.months[2].name == "2017-13 Pagume"
    nepal = bikram_sambat_year(2081)
    assert (nepal.year.name, nepal.year.starts_on, nepal.year.ends_on) == (
        "2081/82 BS",
        date(2024, 7, 16),
        date(2025, 7, 16),
    )
    assert nepal.months[-1].name == "2082-03 Ashadh"
    with pytest.raises(CalendarYearError):
        bikram_sambat_year(2061)
