"""The lines of accounts by pages, newest first: month by month and day by day, so that a page costs a page.

Totals say in which months and on which days an account moved; only entries of those days are looked at.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.reports import Question
from ledger.money import Money
from schema.reading import fetch

_MONTHS: Final = """
SELECT DISTINCT month FROM gl_month_total
 WHERE {within} AND gl_account_id IN ({accounts}) AND month <= ? ORDER BY month DESC
"""
_DAYS: Final = """
SELECT DISTINCT booked_on FROM gl_day_total
 WHERE {within} AND gl_account_id IN ({accounts}) AND booked_on BETWEEN ? AND ? ORDER BY booked_on DESC
"""
_LINES: Final = """
SELECT e.id, office.code, e.kind, coalesce(late.posted_on, e.booked_on) AS shown_on, e.value_date, e.note,
       l.debit, l.credit
  FROM journal_entry AS e JOIN journal_line AS l ON l.journal_entry_id = e.id
  LEFT JOIN office ON office.id = e.origin_office_id
  LEFT JOIN late_entry AS late ON late.journal_entry_id = e.id
 WHERE e.id IN (SELECT id FROM journal_entry WHERE booked_on IN ({days}) AND {within}
                   AND id NOT IN (SELECT journal_entry_id FROM late_entry)
                UNION ALL SELECT journal_entry_id FROM late_entry WHERE posted_on IN ({days})
                   AND {within})
   AND l.gl_account_id IN ({accounts})
 ORDER BY shown_on DESC, e.id DESC, l.id LIMIT ?
"""
_MOST_DAYS: Final = 16


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line of an account, with its entry; ``booked_on`` is the day under which the books show it."""

    entry_id: int
    office: str
    kind: str
    booked_on: date
    value_date: date
    note: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class LineScope:
    """Ids of offices, first and last day; None: no bound."""

    offices: tuple[int, ...] | None
    start: date | None
    as_of: date | None


def account_lines(
    session: Session, accounts: Sequence[int], scope: LineScope, page: int, a_page: int
) -> list[AccountLine]:
    """Give a page of the lines of some accounts, and one more line where there is another page."""
    first = (page - 1) * a_page
    lines = _lines(session, accounts, scope, first + a_page + 1)
    return [_line(row) for row in islice(lines, first, first + a_page + 1)]


def _line(row: Sequence[Any]) -> AccountLine:
    entry_id, office, kind, booked_on, value_date, note, debit, credit = row
    days = date.fromisoformat(booked_on), date.fromisoformat(value_date)
    return AccountLine(entry_id, office or "", kind, *days, note, Money(debit), Money(credit))


def _lines(session: Session, accounts: Sequence[int], scope: LineScope, most: int) -> Iterator[Sequence[Any]]:
    """Give lines, newest first, from a day, then two, then four days at a time."""
    meant = Question(as_of=scope.as_of or date.max, start=scope.start, offices=scope.offices)
    codes = ", ".join(map(str, accounts))
    within = meant.within("origin_office_id")
    days, step = _days(session, meant, codes), 1
    while some := list(islice(days, step)):
        marks = ", ".join("?" * len(some))
        statement = _LINES.format(within=within, accounts=codes, days=marks)
        yield from fetch(session, statement, *some, *some, most)
        step = min(step * 2, _MOST_DAYS)


def _end_of(month: str) -> str:
    day = date.fromisoformat(month)
    return day.replace(day=monthrange(day.year, day.month)[1]).isoformat()


def _days(session: Session, meant: Question, codes: str) -> Iterator[str]:
    """Give the days on which the accounts moved, newest first."""
    where = {"within": meant.within("origin_office_id"), "accounts": codes}
    for (month,) in fetch(session, _MONTHS.format(**where), meant.until):
        first, last = max(month, meant.since), min(_end_of(month), meant.until)
        if last < meant.since:
            return
        for (day,) in fetch(session, _DAYS.format(**where), first, last):
            yield day
