"""Credit lines without amortisation: drawn and repaid at will, interest by the day on the part in use.

A line's rows follow from what was drawn and repaid. There is one row for the interest of each month, due on
its last day, and one row for everything drawn, due when the line ends; so what is owed, overdue and at risk
is asked of a line as of any loan. Interest bears no interest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Final

from ledger.dates import add_months
from ledger.interest import ACTUAL_YEAR_DAYS, EXACT
from ledger.money import ZERO, Money, total

_DAY: Final = timedelta(days=1)
_PERCENT: Final = 100
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class LineTerms:
    """What a line's rows follow from.

    annual_rate    percent a year
    days_in_year   None: actual years, which count 365 days, leap years too
    """

    opened_on: date
    ends_on: date
    annual_rate: Decimal
    days_in_year: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What one day's movement did to the part in use: drawn, or paid back of it; minor units, from 0."""

    on: date
    drawn: Money = ZERO
    repaid: Money = ZERO


def used(changes: Iterable[Change], until: date = date.max) -> Money:
    """Give the part in use at the end of ``until``."""
    return total(change.drawn - change.repaid for change in changes if change.on <= until)


def most_used_from(changes: Sequence[Change], on: date) -> Money:
    """Give the largest part in use at the end of ``on`` or of any later day."""
    days = {on, *(change.on for change in changes if change.on > on)}
    return max(used(changes, day) for day in days)


def month_end(day: date) -> date:
    """Give the last day of the month of ``day``."""
    if (day.year, day.month) == (date.max.year, _MONTHS):
        return date.max
    return add_months(day.replace(day=1), 1) - _DAY


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * _MONTHS + last.month - first.month


def piece_interest(balance: Money, days: int, annual_rate: Decimal, days_in_year: int | None) -> Money:
    """Give the interest of ``days`` days on an unchanged balance, rounded to whole units, halves to even."""
    with localcontext(EXACT):
        year = days_in_year or ACTUAL_YEAR_DAYS
        exact = Decimal(balance.minor) * annual_rate * days / (_PERCENT * year)
        return Money(int(exact.to_integral_value(ROUND_HALF_EVEN)))


def interest_by_month(terms: LineTerms, changes: Sequence[Change], through: date) -> dict[date, Money]:
    """Give the interest of each month up to the end of ``through``, by the month's last day.

    Each day counts the part in use at its end: what is drawn bears interest from its day on, what is paid
    back bears none on its day any more. Days of one month with the same balance are one piece, rounded on its
    own; so the answer depends on what happened and on ``through``, never on what was asked before.
    """
    nets: dict[date, int] = {}
    for change in changes:
        nets[change.on] = nets.get(change.on, 0) + change.drawn.minor - change.repaid.minor
    if not nets:
        return {}
    found: dict[date, Money] = {}
    cuts = sorted(day for day, net in nets.items() if net)
    balance = 0
    for place, start in enumerate(cuts):
        balance += nets[start]
        last = min(through, cuts[place + 1] - _DAY if place + 1 < len(cuts) else through)
        day = start
        while day <= last and balance:
            end = month_end(day)
            days = (min(end, last) - day).days + 1
            interest = piece_interest(Money(balance), days, terms.annual_rate, terms.days_in_year)
            found[end] = found.get(end, ZERO) + interest
            if end >= last:
                break
            day = end + _DAY
    return found


def row_of_principal(terms: LineTerms) -> int:
    """Give the number of the row of what is drawn: it stands behind the months up to the line's end."""
    return _months_between(terms.opened_on, terms.ends_on) + 2


def row_number(terms: LineTerms, end: date) -> int:
    """Give the number of a month's row by its last day; months after the line's end stand behind it."""
    number = _months_between(terms.opened_on, end) + 1
    return number if number < row_of_principal(terms) else number + 1


def rows_through(terms: LineTerms, through: date) -> dict[int, date]:
    """Give number and due date of each row that a line needs up to the end of ``through``'s month."""
    rows = {row_of_principal(terms): terms.ends_on}
    end = month_end(terms.opened_on)
    while True:
        rows[row_number(terms, end)] = end
        if end >= through or end == date.max:
            return rows
        end = month_end(end + _DAY)
