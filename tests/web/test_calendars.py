"""Dates as an office of each calendar types and reads them; what is stored is the same day everywhere."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from ledger.calendars import Calendar
from web.application import create_application
from web.calendars import example_day, month_table
from web.edition import Edition, Habits
from web.filters import days_until, other_date, plain_date, show_date
from web.forms import Typed

DAY = date(2026, 11, 22)


def _in(app: Flask, calendar: Calendar) -> Flask:
    edition: Edition = app.extensions["satchel.edition"]
    return create_application(replace(edition, habits=lambda: Habits(calendar), blueprints=[], menu=[]))


@pytest.mark.parametrize(
    ("calendar", "typed", "read", "other"),
    [
        (Calendar.GREGORIAN, "22 11 2026", "22 Nov 2026", ""),
        (Calendar.ETHIOPIAN, "13 3 2019", "13 Hidar 2019", "22 Nov 2026"),
        (Calendar.BIKRAM_SAMBAT, "6 8 2083", "6 Mangsir 2083", "22 Nov 2026"),
    ],
)
def test_three_numbers_are_those_of_the_offices_calendar(
    app: Flask, calendar: Calendar, typed: str, read: str, other: str
) -> None:
    """Typed and read in it, with the Gregorian date beside; ISO is taken everywhere."""
    with _in(app, calendar).test_request_context("/"):
        assert Typed({"on": typed}).day("on") == DAY
        assert Typed({"on": "2026-11-22"}).day("on") == DAY
        assert (plain_date(DAY), show_date(DAY), other_date(DAY)) == (typed, read, other)
        words = " · ".join(part for part in (read, other) if part)
        assert Typed({"on": "2026-11-22"}).day_in_words("on") == words
        assert example_day() == typed


@pytest.mark.parametrize(
    ("calendar", "typed"),
    [
        (Calendar.GREGORIAN, "30 2 2026"),
        (Calendar.ETHIOPIAN, "7 13 2018"),
        (Calendar.BIKRAM_SAMBAT, "33 1 2083"),
        (Calendar.BIKRAM_SAMBAT, "1 1 2300"),
        (Calendar.GREGORIAN, "22 11"),
        (Calendar.GREGORIAN, ""),
    ],
)
def test_what_is_no_day_is_refused_beside_the_field(app: Flask, calendar: Calendar, typed: str) -> None:
    """No month and no year is ever guessed."""
    with _in(app, calendar).test_request_context("/"):
        form = Typed({"on": typed})
        form.day("on")
        assert form.errors["on"]
        assert form.day_in_words("on") == ""


def test_a_day_beyond_the_table_is_written_in_the_gregorian_calendar(app: Flask) -> None:
    """And shown back into a field as ISO, which is always taken."""
    far = date(2150, 1, 2)
    with _in(app, Calendar.BIKRAM_SAMBAT).test_request_context("/"):
        assert show_date(far) == "2 Jan 2150"
        assert Typed({"on": plain_date(far)}).day("on") == far


def test_a_page_carries_the_months_around_today(app: Flask) -> None:
    """For the keys + and -; a Gregorian page needs none."""
    with _in(app, Calendar.GREGORIAN).test_request_context("/"):
        assert month_table() is None
    with _in(app, Calendar.ETHIOPIAN).test_request_context("/"):
        table = month_table()
        assert table is not None
        years, months = table
        assert "2019 2026-09-11 30 30 30 30 30 30 30 30 30 30 30 30 6" in years.split(";")
        assert months.startswith("Meskerem,")


@pytest.mark.parametrize(
    ("calendar", "within", "across"),
    [
        (Calendar.GREGORIAN, "16\N{EN DASH}22 Nov 2026", "30 Oct 2026 \N{EN DASH} 22 Nov 2026"),
        (Calendar.ETHIOPIAN, "7\N{EN DASH}13 Hidar 2019", "20 Tikimt 2019 \N{EN DASH} 13 Hidar 2019"),
    ],
)
def test_days_of_one_month_name_it_once(app: Flask, calendar: Calendar, within: str, across: str) -> None:
    """The month is that of the office's calendar; one day is written as one."""
    with _in(app, calendar).test_request_context("/"):
        assert days_until(date(2026, 11, 16), DAY) == within
        assert days_until(date(2026, 10, 30), DAY) == across
        assert days_until(DAY, DAY) == show_date(DAY)
