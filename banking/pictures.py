"""The figures behind the pictures of a branch: portfolio, arrears by age, collections against dues, cash.

The same figures as in the reports, for the same day; amounts in minor units.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.portfolio import ages
from banking.reports.shape import Question
from banking.reports.standing import portfolio
from ledger.money import ZERO, Money
from schema.reading import fetch

MONTHS: Final = 12
WEEKS: Final = 8
DAYS: Final = 14

_PORTFOLIO = """
SELECT substr(t.booked_on, 1, 7), CAST(sum(t.debit - t.credit) AS BIGINT) FROM gl_day_total AS t
 WHERE t.origin_office_id = ? AND t.booked_on <= ? AND t.gl_account_id IN (
       SELECT gl_portfolio_id FROM loan_product)
 GROUP BY 1 ORDER BY 1
"""

_CASH = """
SELECT t.booked_on, CAST(sum(t.debit - t.credit) AS BIGINT) FROM gl_day_total AS t
 WHERE t.origin_office_id = ? AND t.booked_on <= ? AND t.gl_account_id IN (
       SELECT gl_account_id FROM till WHERE origin_office_id = ? AND number > 0)
 GROUP BY t.booked_on ORDER BY t.booked_on
"""

_DUE = """
SELECT i.due_on, CAST(sum(i.principal + i.interest + i.fee + i.penalty) AS BIGINT)
  FROM installment AS i JOIN loan_account AS a ON a.id = i.loan_account_id
 WHERE i.due_on BETWEEN ? AND ? AND a.origin_office_id = ? AND a.disbursed_on IS NOT NULL
 GROUP BY i.due_on
"""

_COLLECTED = """
SELECT t.booked_on, CAST(sum(t.amount) AS BIGINT)
  FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE t.booked_on BETWEEN ? AND ? AND t.origin_office_id = ? AND coalesce(o.kind, t.kind) = 'repayment'
 GROUP BY t.booked_on
"""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a picture: the day that it stands for (or the first day of an age class), and its amount.

    ``beside`` is the second amount where a picture has two: of collections, what was due.
    """

    on: date | None
    amount: Money
    beside: Money | None = None
    days: tuple[int, int | None] | None = None


@dataclass(frozen=True, slots=True)
class Pictures:
    """All pictures of an office on a day."""

    portfolio: tuple[Point, ...]
    arrears: tuple[Point, ...]
    collections: tuple[Point, ...]
    cash: tuple[Point, ...]


def pictures(session: Session, office_id: int, on: date) -> Pictures:
    """Give the figures of all pictures of an office at the end of ``on``."""
    return Pictures(
        _portfolio(session, office_id, on),
        _arrears(session, office_id, on),
        _collections(session, office_id, on),
        _cash(session, office_id, on),
    )


def _portfolio(session: Session, office_id: int, on: date) -> tuple[Point, ...]:
    """Principal outstanding at the end of each of the last months."""
    rows = fetch(session, _PORTFOLIO, office_id, on.isoformat())
    running = dict(zip((row[0] for row in rows), accumulate(row[1] for row in rows), strict=True))
    points: list[Point] = []
    for month in _months(on):
        known = [amount for name, amount in running.items() if name <= month.isoformat()[:7]]
        if known:
            points.append(Point(month, Money(known[-1])))
    return tuple(points)


def _months(on: date) -> list[date]:
    """List the first days of the last months, the month of ``on`` last."""
    count = on.year * 12 + on.month - 1
    return [date(place // 12, place % 12 + 1, 1) for place in range(count - MONTHS + 1, count + 1)]


def _arrears(session: Session, office_id: int, on: date) -> tuple[Point, ...]:
    """Principal outstanding of late loans by age; the whole balance of a late loan counts."""
    loans = portfolio(session, Question(as_of=on, office_id=office_id, offices=(office_id,)))
    found = []
    for first, last, _count, principal, *_rest in ages(loans)[1:]:
        assert isinstance(first, int)
        assert isinstance(principal, int)
        found.append(Point(None, Money(principal), days=(first, last if isinstance(last, int) else None)))
    return tuple(found)


def _collections(session: Session, office_id: int, on: date) -> tuple[Point, ...]:
    """What was collected and what fell due in each of the last weeks, from Monday on."""
    monday = on - timedelta(days=on.isoweekday() - 1)
    weeks = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    span = (weeks[0].isoformat(), on.isoformat(), office_id)
    collected, due = (_by_week(session, statement, span) for statement in (_COLLECTED, _DUE))
    return tuple(Point(week, collected.get(week, ZERO), due.get(week, ZERO)) for week in weeks)


def _by_week(session: Session, statement: str, given: Sequence[int | str]) -> dict[date, Money]:
    """Add the amounts of days up by the Monday of their week."""
    found: dict[date, Money] = {}
    for on, amount in fetch(session, statement, *given):
        day = date.fromisoformat(on)
        monday = day - timedelta(days=day.isoweekday() - 1)
        found[monday] = found.get(monday, ZERO) + Money(amount)
    return found


def _cash(session: Session, office_id: int, on: date) -> tuple[Point, ...]:
    """Cash in all drawers at the end of each of the last days on which any moved."""
    rows = fetch(session, _CASH, office_id, on.isoformat(), office_id)
    ends = accumulate(row[1] for row in rows)
    points = [Point(date.fromisoformat(row[0]), Money(end)) for row, end in zip(rows, ends, strict=True)]
    return tuple(points[-DAYS:])
