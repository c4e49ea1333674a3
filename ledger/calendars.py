"""Other calendars: Ethiopian and Bikram Sambat (Nepal) dates as Gregorian ones, and back.

Dates are stored as ISO text; these conversions are for accounting periods and for what people type and read.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Final

from ledger.bikram_sambat import DISPUTED, FIRST_DAY, FIRST_YEAR, MONTHS
from ledger.errors import N_, RuleError


class CalendarDateError(RuleError):
    """A date that its calendar does not have. Facts: given (year-month-day), calendar."""

    code = "CALENDAR_DATE"
    message = N_("The {calendar} calendar has no {given}. Type the date again.")


class CalendarYearError(RuleError):
    """A year that our table does not hold, or that its sources dispute. Facts: year, calendar."""

    code = "CALENDAR_YEAR"
    message = N_(
        "The months of {year} ({calendar}) are not known for certain. Use the Gregorian date instead."
    )


class Calendar(StrEnum):
    """The calendars that an institution may keep its books by."""

    GREGORIAN = "gregorian"
    ETHIOPIAN = "ethiopian"
    BIKRAM_SAMBAT = "bikram_sambat"


@dataclass(frozen=True, slots=True, order=True)
class CalendarDate:
    """A date in another calendar; months and days count from 1."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        """Give it as year-month-day."""
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"


ETHIOPIAN_MONTHS: Final = (
    N_("Meskerem"),
    N_("Tikimt"),
    N_("Hidar"),
    N_("Tahsas"),
    N_("Tir"),
    N_("Yekatit"),
    N_("Megabit"),
    N_("Miazia"),
    N_("Ginbot"),
    N_("Sene"),
    N_("Hamle"),
    N_("Nehase"),
    N_("Pagume"),
)
BIKRAM_SAMBAT_MONTHS: Final = (
    N_("Baishakh"),
    N_("Jestha"),
    N_("Ashadh"),
    N_("Shrawan"),
    N_("Bhadra"),
    N_("Ashwin"),
    N_("Kartik"),
    N_("Mangsir"),
    N_("Poush"),
    N_("Magh"),
    N_("Falgun"),
    N_("Chaitra"),
)

# --- Ethiopian -------------------------------------------------------------------------------------

_DAYS_OF_MONTH: Final = 30
_ETHIOPIAN_EPOCH: Final = 2796
"""Proleptic Gregorian ordinal of 1 Meskerem of the year 1 (29 August of the year 8, Julian calendar)."""


def ethiopian_month_days(year: int, month: int) -> int:
    """Give the days of a month: twelve of 30, and Pagume of 5, or of 6 before a Julian leap year."""
    if month < len(ETHIOPIAN_MONTHS):
        return _DAYS_OF_MONTH
    return 6 if year % 4 == 3 else 5  # noqa: PLR2004 - the third of four years is the long one


def _ethiopian_new_year(year: int) -> int:
    return _ETHIOPIAN_EPOCH + 365 * (year - 1) + year // 4


def from_ethiopian(given: CalendarDate) -> date:
    """Give the Gregorian date of an Ethiopian one.

    raises   CalendarDateError
    """
    if not (
        given.year >= 1
        and 1 <= given.month <= len(ETHIOPIAN_MONTHS)
        and 1 <= given.day <= ethiopian_month_days(given.year, given.month)
    ):
        raise CalendarDateError(given=str(given), calendar=Calendar.ETHIOPIAN)
    ordinal = _ethiopian_new_year(given.year) + _DAYS_OF_MONTH * (given.month - 1) + given.day - 1
    if ordinal > date.max.toordinal():
        raise CalendarDateError(given=str(given), calendar=Calendar.ETHIOPIAN)
    return date.fromordinal(ordinal)


def to_ethiopian(day: date) -> CalendarDate:
    """Give the Ethiopian date of a Gregorian one.

    raises   CalendarDateError before the year 1 of that calendar
    """
    ordinal = day.toordinal()
    if ordinal < _ETHIOPIAN_EPOCH:
        raise CalendarDateError(given=day.isoformat(), calendar=Calendar.ETHIOPIAN)
    year = (4 * (ordinal - _ETHIOPIAN_EPOCH) + 1463) // 1461
    month, rest = divmod(ordinal - _ethiopian_new_year(year), _DAYS_OF_MONTH)
    return CalendarDate(year, month + 1, rest + 1)


# --- Bikram Sambat ---------------------------------------------------------------------------------


@cache
def _bikram_sambat_new_years() -> tuple[int, ...]:
    """Ordinals of 1 Baishakh of each year of the table, and of the day after its end."""
    starts = [date(*FIRST_DAY).toordinal()]
    year = FIRST_YEAR
    while (length := DISPUTED.get(year) or sum(MONTHS.get(year, ()))) > 0:
        starts.append(starts[-1] + length)
        year += 1
    return tuple(starts)


def bikram_sambat_month_days(year: int, month: int) -> int:
    """Give the days of a month.

    raises   CalendarYearError, CalendarDateError
    """
    if year not in MONTHS:
        raise CalendarYearError(year=year, calendar=Calendar.BIKRAM_SAMBAT)
    if not 1 <= month <= len(BIKRAM_SAMBAT_MONTHS):
        raise CalendarDateError(given=f"{year}-{month}", calendar=Calendar.BIKRAM_SAMBAT)
    return MONTHS[year][month - 1]


def from_bikram_sambat(given: CalendarDate) -> date:
    """Give the Gregorian date of a Bikram Sambat one.

    raises   CalendarYearError outside the table and for years that its sources dispute; CalendarDateError
    """
    if not 1 <= given.day <= bikram_sambat_month_days(given.year, given.month):
        raise CalendarDateError(given=str(given), calendar=Calendar.BIKRAM_SAMBAT)
    new_year = _bikram_sambat_new_years()[given.year - FIRST_YEAR]
    return date.fromordinal(new_year + sum(MONTHS[given.year][: given.month - 1]) + given.day - 1)


def to_bikram_sambat(day: date) -> CalendarDate:
    """Give the Bikram Sambat date of a Gregorian one.

    raises   CalendarYearError outside the table and in years that its sources dispute
    """
    new_years = _bikram_sambat_new_years()
    year = FIRST_YEAR + bisect_right(new_years, day.toordinal()) - 1
    if year not in MONTHS:
        raise CalendarYearError(year=year, calendar=Calendar.BIKRAM_SAMBAT)
    rest = day.toordinal() - new_years[year - FIRST_YEAR]
    for month, length in enumerate(MONTHS[year], 1):
        if rest < length:
            return CalendarDate(year, month, rest + 1)
        rest -= length
    raise AssertionError("a year is as long as its months")


# --- any of them -----------------------------------------------------------------------------------


def to_calendar(day: date, calendar: Calendar) -> CalendarDate:
    """Give a Gregorian date in ``calendar``; raises as the conversion does."""
    if calendar is Calendar.ETHIOPIAN:
        return to_ethiopian(day)
    if calendar is Calendar.BIKRAM_SAMBAT:
        return to_bikram_sambat(day)
    return CalendarDate(day.year, day.month, day.day)


def from_calendar(given: CalendarDate, calendar: Calendar) -> date:
    """Give the Gregorian date of a date in ``calendar``; raises as the conversion does, CalendarDateError."""
    if calendar is Calendar.ETHIOPIAN:
        return from_ethiopian(given)
    if calendar is Calendar.BIKRAM_SAMBAT:
        return from_bikram_sambat(given)
    try:
        return date(given.year, given.month, given.day)
    except (ValueError, OverflowError):
        raise CalendarDateError(given=str(given), calendar=calendar) from None


# --- accounting years ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A named stretch of days, both ends included."""

    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """An accounting year and its months; they follow each other without a gap and fill the year."""

    year: Span
    months: tuple[Span, ...]


def gregorian_year(year: int, first_month: int = 1) -> FiscalYear:
    """Give the year that begins with ``first_month`` of ``year``: twelve calendar months.

    raises   CalendarDateError
    """
    months = []
    for place in range(first_month - 1, first_month + 11):
        of, month = year + place // 12, place % 12 + 1
        starts = from_calendar(CalendarDate(of, month, 1), Calendar.GREGORIAN)
        after = from_calendar(CalendarDate(of + month // 12, month % 12 + 1, 1), Calendar.GREGORIAN)
        months.append(Span(f"{of:04d}-{month:02d}", starts, after - timedelta(1)))
    name = f"{year:04d}" if first_month == 1 else f"{year:04d}/{(year + 1) % 100:02d}"
    return _filled(name, months)


def ethiopian_year(year: int, *, join_pagume: bool = False) -> FiscalYear:
    """Give the Ethiopian budget year ``year``: from 1 Hamle of the year before to 30 Sene; thirteen months.

    join_pagume   let Nehase and Pagume be one accounting month, as the tax law does: twelve months
    raises        CalendarDateError
    """
    months = []
    for of, month in [
        (year - 1, 11),
        (year - 1, 12),
        (year - 1, 13),
        *((year, month) for month in range(1, 11)),
    ]:
        starts = from_ethiopian(CalendarDate(of, month, 1))
        ends = starts + timedelta(ethiopian_month_days(of, month) - 1)
        months.append(Span(f"{of:04d}-{month:02d} {ETHIOPIAN_MONTHS[month - 1]}", starts, ends))
    if join_pagume:
        nehase, pagume = months[1:3]
        months[1:3] = [Span(f"{nehase.name}-{ETHIOPIAN_MONTHS[-1]}", nehase.starts_on, pagume.ends_on)]
    return _filled(f"{year:04d} EC", months)


def bikram_sambat_year(year: int) -> FiscalYear:
    """Give Nepal's fiscal year from 1 Shrawan of ``year`` (2081/82 for 2081): twelve months to Ashadh.

    raises   CalendarYearError when the months of one of its two years are not agreed on
    """
    months = []
    for of, month in [
        *((year, month) for month in range(4, 13)),
        *((year + 1, month) for month in range(1, 4)),
    ]:
        starts = from_bikram_sambat(CalendarDate(of, month, 1))
        ends = starts + timedelta(bikram_sambat_month_days(of, month) - 1)
        months.append(Span(f"{of:04d}-{month:02d} {BIKRAM_SAMBAT_MONTHS[month - 1]}", starts, ends))
    return _filled(f"{year:04d}/{(year + 1) % 100:02d} BS", months)


def _filled(name: str, months: list[Span]) -> FiscalYear:
    for before, after in pairwise(months):
        assert after.starts_on == before.ends_on + timedelta(1), "months follow each other"
    return FiscalYear(Span(name, months[0].starts_on, months[-1].ends_on), tuple(months))
