"""Due dates: stepping by days, weeks and months without drifting at the ends of months."""

import calendar
from datetime import date, timedelta
from enum import StrEnum

from ledger.errors import BadTermError


class RepayUnit(StrEnum):
    """The unit in which installments follow each other."""

    DAYS = "DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"


def add_months(anchor: date, months: int, seed_day: int | None = None) -> date:
    """Give the date ``months`` after ``anchor``, on ``seed_day`` or the last day of a shorter month.

    seed_day  the day of month to come back to (default: that of ``anchor``): 31 Jan, 28 Feb, 31 Mar
    raises    BadTermError outside the years 1 to 9999
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise BadTermError(term="date", given=f"{anchor} + {months} months")
    day = min(seed_day or anchor.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day)


def step(anchor: date, count: int, unit: RepayUnit, seed_day: int | None = None) -> date:
    """Give the date ``count`` units after ``anchor``; ``seed_day`` counts for months only."""
    if unit is RepayUnit.MONTHS:
        return add_months(anchor, count, seed_day)
    try:
        return anchor + timedelta(days=count * (7 if unit is RepayUnit.WEEKS else 1))
    except OverflowError:
        raise BadTermError(term="date", given=f"{anchor} + {count} {unit}") from None


def due_dates(
    disbursed_on: date,
    installments: int,
    every: int,
    unit: RepayUnit,
    first_due_on: date | None = None,
) -> list[date]:
    """List the due dates of a loan, oldest first.

    Without a first date the first installment falls one period after disbursement and months keep the day
    of disbursement; with one, later dates step from it and keep its day (given 29 Feb: 29 Mar).
    """
    if first_due_on is None:
        return [step(disbursed_on, every * k, unit) for k in range(1, installments + 1)]
    return [step(first_due_on, every * k, unit) for k in range(installments)]


def month_ends(first: date, last: date) -> list[date]:
    """List the last days of all months that end between ``first`` and ``last``, both included."""
    ends: list[date] = []
    day = first
    while True:
        end = date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])
        if end > last:
            return ends
        ends.append(end)
        if end == date.max:
            return ends
        day = end + timedelta(days=1)
