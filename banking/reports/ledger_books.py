"""What was moved on the accounts of the chart, and the trial balance: from totals of days and months."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from banking.reports.gl_totals import totals_between
from banking.reports.shape import Question
from ledger.money import Money, total
from ledger.posting import Role
from schema.reading import fetch, fetch_one
from schema.totals import month_of

DEBIT_SIDE = frozenset({"asset", "expense"})
"""Types of accounts whose balance is printed as it stands when debits exceed credits."""

_LATE = """
SELECT l.gl_account_id, l.origin_office_id,
       CAST(sum(CASE WHEN e.value_date BETWEEN ? AND ? THEN l.debit ELSE -l.debit END) AS BIGINT),
       CAST(sum(CASE WHEN e.value_date BETWEEN ? AND ? THEN l.credit ELSE -l.credit END) AS BIGINT)
  FROM journal_entry AS e JOIN journal_line AS l ON l.journal_entry_id = e.id
  LEFT JOIN late_entry AS late ON late.journal_entry_id = e.id
 WHERE {within} AND (   (e.value_date BETWEEN ? AND ? AND coalesce(late.posted_on, e.booked_on) > ?)
                     OR (coalesce(late.posted_on, e.booked_on) BETWEEN ? AND ? AND e.value_date < ?))
 GROUP BY l.gl_account_id, l.origin_office_id
"""
"""What counts in a time but was booked after it, less what was booked in it but counts before."""

_YEAR_END = """
SELECT l.gl_account_id, l.origin_office_id, CAST(-sum(l.debit) AS BIGINT), CAST(-sum(l.credit) AS BIGINT)
  FROM journal_entry AS e JOIN journal_line AS l ON l.journal_entry_id = e.id
  LEFT JOIN journal_entry AS o ON o.id = e.reverses_id
 WHERE {within} AND coalesce(o.kind, e.kind) = 'year_end'
   AND (   (e.booked_on IN (
            SELECT d.booked_on FROM gl_day_total AS d JOIN gl_account AS g ON g.id = d.gl_account_id
             WHERE g.role = ? AND d.booked_on BETWEEN ? AND ?)
            AND e.id NOT IN (SELECT journal_entry_id FROM late_entry))
        OR e.id IN (SELECT journal_entry_id FROM late_entry WHERE posted_on BETWEEN ? AND ?))
 GROUP BY l.gl_account_id, l.origin_office_id
"""
"""Entries that brought the result to retained earnings, taken off; they stand on days when those moved."""

_MOVED = """
SELECT 1 FROM gl_month_total AS m JOIN gl_account AS g ON g.id = m.gl_account_id
 WHERE g.role = ? AND m.month BETWEEN ? AND ? LIMIT 1
"""

Sides = tuple[int, int]
Movements = dict[int, dict[int, Sides]]
"""GL account, office, and what was debited and credited; minor units."""


def movements(
    session: Session, question: Question, first: str, last: str, *, without_year_end: bool = False
) -> Movements:
    """Add up debits and credits by account and office from ``first`` to ``last``, both included."""
    found: Movements = {}
    _add(found, totals_between(session, question.within("origin_office_id"), first, last))
    if question.late:
        late = _LATE.format(within=question.within("l.origin_office_id"))
        span = (first, last)
        _add(found, fetch(session, late, *span, *span, *span, last, *span, first))
    months = (month_of(first) if first else first, last)
    if without_year_end and fetch_one(session, _MOVED, Role.RETAINED_EARNINGS, *months):
        closing = _YEAR_END.format(within=question.within("l.origin_office_id"))
        _add(found, fetch(session, closing, Role.RETAINED_EARNINGS, first, last, first, last))
    return found


def _add(found: Movements, rows: Iterable[Sequence[Any]]) -> None:
    for account, office, debit, credit in rows:
        before = found.setdefault(account, {}).get(office, (0, 0))
        found[account][office] = (before[0] + debit, before[1] + credit)


def _both(sides: Iterable[Sides]) -> Sides:
    found = list(sides)
    return sum(debit for debit, _ in found), sum(credit for _, credit in found)


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """An account of the chart as statements need it."""

    id: int
    code: str
    name: str
    type: str
    parent_id: int | None
    usage: str


def chart(session: Session) -> list[ChartAccount]:
    """List the chart of accounts by code."""
    rows = fetch(session, 'SELECT id, code, name, type, parent_id, "usage" FROM gl_account ORDER BY code, id')
    return [ChartAccount(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """One GL account; ``opening`` and ``closing`` are debit-positive."""

    code: str
    name: str
    type: str
    opening: Money
    debit: Money
    credit: Money
    closing: Money
    by_office: Mapping[int, int]
    """What each office has of ``closing``, minor units."""


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account that was ever posted to, by code; ``debit`` equals ``credit``."""

    start: date | None
    as_of: date | None
    accounts: tuple[TrialBalanceRow, ...]
    debit: Money
    credit: Money


def trial_balance(
    session: Session, *, office_id: int | None = None, as_of: date | None = None, start: date | None = None
) -> TrialBalance:
    """Give opening, debit, credit and closing of each GL account, by booked date.

    office_id    one office; None adds up all of them
    as_of        last day that counts; None for every entry
    start        first day of the columns debit and credit; None opens with zero
    """
    offices = None if office_id is None else (office_id,)
    asked = Question(as_of=as_of or date.max, start=start, offices=offices)
    return _trial_balance(session, asked, as_of)


def _trial_balance(session: Session, asked: Question, as_of: date | None) -> TrialBalance:
    moved = movements(session, asked, asked.since, asked.until)
    until = moved if asked.start is None else movements(session, asked, "", asked.until)
    rows = []
    for account in chart(session):
        if account.id not in until:
            continue
        debit, credit = _both(moved.get(account.id, {}).values())
        closing = {office: sides[0] - sides[1] for office, sides in until[account.id].items()}
        all_in_all = sum(closing.values())
        rows.append(
            TrialBalanceRow(
                account.code,
                account.name,
                account.type,
                Money(all_in_all - debit + credit),
                Money(debit),
                Money(credit),
                Money(all_in_all),
                closing,
            )
        )
    sums = total(row.debit for row in rows), total(row.credit for row in rows)
    return TrialBalance(asked.start, as_of, tuple(rows), *sums)
