"""The end of a year: income and expense brought to zero, the result to retained earnings."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import books
from banking.period_errors import MonthsOpenError, PeriodStateError, YearClosedError
from banking.periods import OPEN, YEAR, PeriodState, get_period, list_periods, months_of
from banking.text import LONGEST_NOTE, require
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money, total
from ledger.posting import Account, Entry, Line, Role
from schema.accounting import JournalEntry
from schema.reading import fetch
from schema.writing import act

YEAR_END: Final = "year_end"

_RESULTS = """
SELECT t.gl_account_id, CAST(sum(t.debit - t.credit) AS BIGINT)
  FROM gl_day_total AS t JOIN gl_account AS a ON a.id = t.gl_account_id
 WHERE t.origin_office_id = ? AND t.booked_on <= ? AND a.type IN ('income', 'expense')
 GROUP BY t.gl_account_id HAVING sum(t.debit - t.credit) <> 0
 ORDER BY t.gl_account_id
"""

_STANDING = """
SELECT e.id FROM journal_entry AS e
 WHERE e.origin_office_id = ? AND e.booked_on = ? AND e.kind = 'year_end' AND e.reverses_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM journal_entry AS r WHERE r.reverses_id = e.id)
 ORDER BY e.id DESC
"""


@dataclass(frozen=True, slots=True)
class OpenResult:
    """An income or expense account with a balance (debit-positive, minor units)."""

    account_id: int
    balance: Money


def open_results(session: Session, office_id: int, until: date) -> list[OpenResult]:
    """Give the income and expense accounts of an office that are not at zero at the end of ``until``."""
    rows = fetch(session, _RESULTS, office_id, until.isoformat())
    return [OpenResult(row[0], Money(row[1])) for row in rows]


def closing_entry(results: list[OpenResult]) -> Entry:
    """Give the entry that brings each account to zero, with the result on retained earnings."""
    lines = []
    for result in results:
        if result.balance > ZERO:
            lines.append(Line(str(result.account_id), credit=result.balance))
        else:
            lines.append(Line(str(result.account_id), debit=-result.balance))
    net = total(result.balance for result in results)
    if net > ZERO:
        lines.append(Line(Role.RETAINED_EARNINGS, debit=net))
    elif net < ZERO:
        lines.append(Line(Role.RETAINED_EARNINGS, credit=-net))
    return Entry(YEAR_END, tuple(lines))


def close_year_books(session: Session, name: str) -> JournalEntry | None:
    """Close this office's books of a year: one entry on its last day; None when there is nothing to carry.

    The entry stands on the last day though that day is closed: it moves results to equity and changes no
    figure of the year, since income statements leave closing entries out. Done again it posts what has come
    since, and nothing where nothing has.

    raises   NotFoundError; MonthsOpenError; YearClosedError
    """
    year = _open_year(session, name)
    results = open_results(session, act(session).office_id, year.ends_on)
    if not results:
        return None
    accounts: dict[Account, int] = {str(result.account_id): result.account_id for result in results}
    accounts[Role.RETAINED_EARNINGS] = books.account_with_role(session, Role.RETAINED_EARNINGS)
    return books.post(
        session,
        closing_entry(results),
        accounts,
        value_date=year.ends_on,
        note=f"result of {name}",
        shown_on=year.ends_on,
    )


def reopen_year_books(session: Session, name: str, *, reason: str) -> list[JournalEntry]:
    """Take the closing entries of a year back, so that they can be made anew; gives the reversals.

    raises   NotFoundError; YearClosedError; PeriodStateError when there is none; MissingError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    year = _year(session, name)
    if year.closed:
        raise YearClosedError(name=name)
    rows = fetch(session, _STANDING, act(session).office_id, year.ends_on.isoformat())
    if not rows:
        raise PeriodStateError(name=name, state=OPEN)
    return [
        books.reverse_entry(
            session, row[0], value_date=year.ends_on, note=why, kind=YEAR_END, shown_on=year.ends_on
        )
        for row in rows
    ]


def _year(session: Session, name: str) -> PeriodState:
    year = get_period(session, name, act(session).office_id)
    if year.kind != YEAR:
        raise NotFoundError(kind="year", key=name)
    return year


def _open_year(session: Session, name: str) -> PeriodState:
    year = _year(session, name)
    if year.closed:
        raise YearClosedError(name=name)
    months = months_of(list_periods(session, act(session).office_id), year)
    still_open = [month.name for month in months if not month.closed]
    if still_open:
        raise MonthsOpenError(name=name, months=", ".join(still_open))
    return year
