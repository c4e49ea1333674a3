"""Accounting periods: made for a year, closed with a checklist, opened again by two people."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from banking import days, inter_branch, savings
from banking.closing.checklist import blocking, check_period
from banking.closing.closing_periods import close_period
from banking.errors import BadSecondPersonError, BadValueError, MissingError
from banking.inter_branch import OfficeTransfer
from banking.period_errors import (
    PeriodBlockedError,
    PeriodOverlapError,
    PeriodStateError,
    SecondPersonAlwaysError,
    YearClosedError,
)
from banking.periods import CALENDARS, get_period, list_periods, make_year, reopen_period
from banking.users import create_user
from ledger.calendars import CalendarYearError
from ledger.errors import ClosedPeriodError, NotFoundError
from schema.accounting import BusinessDay
from schema.reference import Period
from tests.support.books import Books, money
from tests.support.closing import accrue, close_on, entries, standing
from tests.support.lending import a_loan, an_account, broken

JANUARY, FEBRUARY = "2026-01", "2026-02"


def at(books: Books, on: date) -> None:
    """Let the books' clock stand at noon of a day."""
    books.now = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)


def a_year(books: Books) -> None:
    with books.hq_work() as session:
        make_year(session, "gregorian", 2026)


def close(books: Books, name: str, *, of_all: bool = True) -> None:
    with books.hq_work("period.close") as session:
        close_period(session, name, None if of_all else books.office_id)


def missing(books: Books, name: str) -> list[str]:
    with books.hq_work() as session:
        return [check.told() for check in blocking(check_period(session, name, None, whole=True))]


@pytest.mark.parametrize(
    ("calendar", "year", "months", "first"),
    [
        ("gregorian", 2026, 12, date(2026, 1, 1)),
        ("ethiopian", 2018, 13, date(2025, 7, 8)),
        ("ethiopian-tax", 2018, 12, date(2025, 7, 8)),
        ("nepali", 2081, 12, date(2024, 7, 16)),
    ],
)
def test_a_year_has_its_calendar_s_months(
    books: Books, calendar: str, year: int, months: int, first: date
) -> None:
    with books.hq_work() as session:
        make_year(session, calendar, year)
    with books.look() as session:
        found = list_periods(session, books.office_id)
    assert [one.kind for one in found].count("month") == months
    assert min(one.starts_on for one in found) == first
    assert not any(one.closed for one in found)
    assert set(CALENDARS) == {"gregorian", "ethiopian", "ethiopian-tax", "nepali"}


def test_a_year_that_shares_days_or_has_no_calendar_is_refused(books: Books) -> None:
    a_year(books)
    with pytest.raises(PeriodOverlapError), books.hq_work() as session:
        make_year(session, "gregorian", 2025, first_month=7)
    with pytest.raises(PeriodOverlapError), books.hq_work() as session:
        make_year(session, "ethiopian", 2018, office_id=books.office_id)
    for calendar, first in (("julian", 1), ("gregorian", 13)):
        with pytest.raises(BadValueError), books.hq_work() as session:
            make_year(session, calendar, 2030, first_month=first)
    with pytest.raises(CalendarYearError), books.hq_work() as session:
        make_year(session, "nepali", 2061)
    with books.hq_work() as session:
        make_year(session, "gregorian", 2027)


def test_everything_that_blocks_a_month_is_listed(books: Books) -> None:
    a_year(books)
    with books.work() as session:
        days.open_day(session, date(2026, 1, 30))
    assert sorted(missing(books, FEBRUARY)) == [
        "2026-02 lasts until 2026-02-28",
        "HQ earlier months are open: 2026-01",
        "KIT 2026-02-28 is not closed, so that accruals and provisions are not posted up to it",
        "KIT earlier months are open: 2026-01",
        "KIT the day 2026-01-30 is open",
    ]
    with pytest.raises(PeriodBlockedError) as refusal:
        close(books, FEBRUARY)
    assert refusal.value.facts["count"] == 5
    with pytest.raises(NotFoundError):
        missing(books, "2031-01")


def test_a_closed_month_takes_no_entry_until_two_people_open_it(books: Books) -> None:
    a_year(books)
    account = an_account(books, opened_on=None)
    at(books, date(2026, 1, 31))
    close_on(books, date(2026, 1, 31))
    close(books, JANUARY)
    with pytest.raises(PeriodStateError):
        close(books, JANUARY)
    at(books, date(2026, 2, 1))
    with books.work() as session:
        days.open_day(session, date(2026, 2, 2))
    with pytest.raises(ClosedPeriodError), books.work() as session:
        savings.deposit(session, account.id, money("1"), date(2026, 1, 20))
    with books.hq_work() as session:
        second = create_user(session, "moses", "Moses W", "manager", "a good password").id
        clerk = create_user(session, "clara", "Clara W", "clerk", "a good password").id
    refused: list[tuple[int | None, str, type[Exception]]] = [
        (None, "late invoice", SecondPersonAlwaysError),
        (clerk, "late invoice", BadSecondPersonError),
        (second, " ", MissingError),
    ]
    for who, reason, why in refused:
        with pytest.raises(why), books.hq_work() as session:
            reopen_period(session, JANUARY, None, reason=reason, approved_by_id=who)
    with books.hq_work() as session:
        reopen_period(session, JANUARY, None, reason="late invoice", approved_by_id=second)
    with books.work() as session:
        savings.deposit(session, account.id, money("1"), date(2026, 1, 20))
    with books.look() as session:
        versions = session.scalars(
            select(Period).where(Period.name == JANUARY).order_by(Period.version)
        ).all()
    assert [(one.version, one.state, one.approved_by, one.reason) for one in versions] == [
        (1, "open", "", ""),
        (2, "closed", "", ""),
        (3, "open", "moses", "late invoice"),
    ]
    with pytest.raises(PeriodStateError), books.hq_work() as session:
        reopen_period(session, JANUARY, None, reason="again", approved_by_id=second)
    assert broken(books) == []


def test_a_month_can_be_closed_for_one_office_alone(books: Books) -> None:
    a_year(books)
    at(books, date(2026, 1, 31))
    close_on(books, date(2026, 1, 31))
    close(books, JANUARY, of_all=False)
    with books.look() as session:
        assert get_period(session, JANUARY, books.office_id).closed
        assert not get_period(session, JANUARY, books.head_office_id).closed


def test_a_month_of_a_closed_year_is_not_opened(books: Books) -> None:
    with books.hq_work() as session:
        make_year(session, "gregorian", 2024)
        second = create_user(session, "moses", "Moses W", "manager", "a good password").id
    for month in range(1, 13):
        close(books, f"2024-{month:02d}")
    close(books, "2024")
    with pytest.raises(YearClosedError), books.hq_work() as session:
        reopen_period(session, "2024-12", None, reason="late", approved_by_id=second)


def test_a_month_that_ends_on_a_sunday_is_closed_with_the_next_day(books: Books) -> None:
    """As at its own date: accruals up to it, booked on it; from then on it is a closed day."""
    a_year(books)
    accrue(books)
    a_loan(books)
    close_on(books, date(2026, 1, 30))
    close_on(books, date(2026, 2, 2))
    booked = [entry.booked_on for entry in entries(books, "accrual")]
    assert booked == [date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 2)]
    with books.look() as session:
        end = session.scalars(select(BusinessDay).where(BusinessDay.on == date(2026, 1, 31))).one()
    assert (end.state, end.opening_cash, end.closing_cash) == ("closed", None, None)
    at(books, date(2026, 2, 3))
    assert missing(books, JANUARY) == []
    assert standing(books, "Interest receivable") == money("15.40")
    assert broken(books) == []


def transfer(other: int) -> OfficeTransfer:
    return OfficeTransfer(other_office_id=other, amount=money("50.00"), gl_code="1130", key="T1")


def test_what_went_between_offices_is_answered_within_a_week(books: Books) -> None:
    """A side that waits longer blocks the month, and the other side frees it."""
    a_year(books)
    at(books, date(2026, 1, 31))
    with books.work() as session:
        inter_branch.send(session, transfer(books.head_office_id), date(2026, 1, 20))
    lacking = "the other side is missing: T1 (KIT, HQ, 2026-01-20)"
    assert missing(books, JANUARY) == [f"HQ {lacking}", f"KIT {lacking}"]
    with books.hq_work() as session:
        inter_branch.receive(session, transfer(books.office_id), date(2026, 1, 31))
    assert missing(books, JANUARY) == []
