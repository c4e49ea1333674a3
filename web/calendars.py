"""Dates as the office writes them: read from three numbers, written with the names of its months.

Stored and reckoned are Gregorian dates (ISO) alone; this is for what people type and read. A date that the
calendar's table does not hold is written in the Gregorian calendar, and ISO can always be typed.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from flask_babel import get_locale, gettext

from ledger.calendars import (
    BIKRAM_SAMBAT_MONTHS,
    ETHIOPIAN_MONTHS,
    Calendar,
    CalendarDate,
    CalendarDateError,
    CalendarYearError,
    bikram_sambat_month_days,
    ethiopian_month_days,
    from_calendar,
    to_calendar,
)
from ledger.errors import N_
from web import work
from web.digits import plain_digits

NAMES: Final[Mapping[Calendar, str]] = {
    Calendar.GREGORIAN: N_("Gregorian"),
    Calendar.BIKRAM_SAMBAT: N_("Bikram Sambat (Nepal)"),
    Calendar.ETHIOPIAN: N_("Ethiopian"),
}
MONTHS: Final[Mapping[Calendar, Sequence[str]]] = {
    Calendar.BIKRAM_SAMBAT: BIKRAM_SAMBAT_MONTHS,
    Calendar.ETHIOPIAN: ETHIOPIAN_MONTHS,
}
YEARS_AROUND: Final = 2
"""A page carries the lengths of the months so many years before and after today: + and - move a day."""

_GREGORIAN_PATTERN: Final = "d MMM y"
_ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)
_THREE_NUMBERS: Final = re.compile(r"([0-9]{1,2})[ ./-]+([0-9]{1,2})[ ./-]+([0-9]{4})", re.ASCII)


YEARS: Final = range(1800, 2300)
"""Years that are taken (Gregorian): a day before and after them can still be reckoned with."""


def read_day(text: str) -> date | None:
    """Read a date: ISO (2026-11-22), or day, month and year as three numbers of the office's calendar.

    returns  None for what is neither, and for years in which no business of ours can lie
    raises   CalendarDateError, CalendarYearError for three numbers that are no day of the calendar
    """
    text = plain_digits(text).strip()
    day = None
    if found := _ISO_DATE.fullmatch(text):
        day = from_calendar(CalendarDate(*map(int, found.groups())), Calendar.GREGORIAN)
    elif found := _THREE_NUMBERS.fullmatch(text):
        number, month, year = map(int, found.groups())
        day = from_calendar(CalendarDate(year, month, number), work.calendar())
    return day if day is not None and day.year in YEARS else None


def day_in_address(text: str) -> date | None:
    """Read an ISO date of an address; None for what is none, as ``read_day``."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def type_day(day: date) -> str:
    """Write a date as it is typed into a field: three numbers of the office's calendar, else ISO."""
    own = _in_calendar(day, work.calendar())
    return day.isoformat() if own is None else f"{own.day} {own.month} {own.year}"


def name_day(day: date) -> str:
    """Write a date with the name of its month, in the office's calendar: 22 Nov 2026, 7 Mangsir 2083."""
    calendar = work.calendar()
    own = None if calendar is Calendar.GREGORIAN else _in_calendar(day, calendar)
    if own is None:
        return gregorian_name(day)
    return f"{own.day} {gettext(MONTHS[calendar][own.month - 1])} {own.year}"


def gregorian_name(day: date) -> str:
    """Write a date with the name of its month in the Gregorian calendar, whatever the office's is."""
    return _gregorian_name(day, str(get_locale()))


def other_name(day: date) -> str:
    """Write a date in the Gregorian calendar where the office uses another; else nothing."""
    return "" if work.calendar() is Calendar.GREGORIAN else gregorian_name(day)


def name_both(day: date) -> str:
    """Write a date in the office's calendar and, where it is another, in the Gregorian one beside it."""
    return " · ".join(part for part in (name_day(day), other_name(day)) if part)


def month_table() -> tuple[str, str] | None:
    """Give the years around today and the names of the months for the page's script; None for Gregorian.

    A year is "2083 2026-04-14 31 31 32 …": its first day and the lengths of its months.
    """
    calendar = work.calendar()
    today = work.business_day() or work.now().date()
    now = None if calendar is Calendar.GREGORIAN else _in_calendar(today, calendar)
    if now is None:
        return None
    lines = [
        line
        for year in range(now.year - YEARS_AROUND, now.year + YEARS_AROUND + 1)
        if (line := _year_line(calendar, year))
    ]
    return ";".join(lines), ",".join(gettext(name) for name in MONTHS[calendar])


@lru_cache(maxsize=32)
def _year_line(calendar: Calendar, year: int) -> str:
    length = ethiopian_month_days if calendar is Calendar.ETHIOPIAN else bikram_sambat_month_days
    try:
        first = from_calendar(CalendarDate(year, 1, 1), calendar)
        lengths = [length(year, month) for month in range(1, len(MONTHS[calendar]) + 1)]
    except (CalendarDateError, CalendarYearError):
        return ""  # a year that the table does not hold: there + and - do not move
    return " ".join(map(str, (year, first, *lengths)))


@lru_cache(maxsize=4096)
def _in_calendar(day: date, calendar: Calendar) -> CalendarDate | None:
    try:
        return to_calendar(day, calendar)
    except (CalendarDateError, CalendarYearError):
        return None


@lru_cache(maxsize=4096)
def _gregorian_name(day: date, locale: str) -> str:
    return str(format_date(day, _GREGORIAN_PATTERN, locale=locale))


def example_day() -> str:
    """Give a date as it could be typed: today's, for hints."""
    return type_day(work.business_day() or work.now().date())
