"""What was moved on GL accounts in a time: whole months from their sums, the days at both ends from theirs.

So a trial balance costs what its answer costs, not what history costs (design, section 8).
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from schema.reading import fetch

_TOTALS: Final = """
SELECT gl_account_id, origin_office_id, CAST(sum(debit) AS BIGINT), CAST(sum(credit) AS BIGINT) FROM (
  {parts}
) AS moved GROUP BY gl_account_id, origin_office_id
"""
_MONTHS: Final = """SELECT gl_account_id, origin_office_id, debit, credit FROM gl_month_total
   WHERE {within} AND month BETWEEN ? AND ?"""
_DAYS: Final = """SELECT gl_account_id, origin_office_id, debit, credit FROM gl_day_total
   WHERE {within} AND booked_on BETWEEN ? AND ?"""
_LONG_AGO: Final = "0001-01-01"
_FAR: Final = "9999-12-31"


def totals_between(session: Session, within: str, first: str, last: str) -> Sequence[Sequence[Any]]:
    """Add up debits and credits by GL account and office, from ``first`` to ``last`` (ISO days, included).

    within   an SQL condition on ``origin_office_id`` and ``gl_account_id``, built from our own numbers
    first    empty: since the books began
    """
    parts = list(_parts(first or _LONG_AGO, last or _FAR))
    if not parts:
        return []
    union = "\n  UNION ALL\n  ".join(part.format(within=within) for part, _, _ in parts)
    days = [day for _, begin, end in parts for day in (begin, end)]
    return fetch(session, _TOTALS.format(parts=union), *days)


def _parts(first: str, last: str) -> Iterator[tuple[str, str, str]]:
    """Cut a time into days before the first whole month, whole months, and days after the last one."""
    if first > last:
        return
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    whole = begin if begin.day == 1 else _after(begin)
    ends_whole = end == _end_of(end)
    beyond = None if ends_whole else end.replace(day=1)
    if whole is None or whole > end or (beyond is not None and whole > beyond):
        yield _DAYS, first, last
        return
    if begin < whole:
        yield _DAYS, first, (whole - timedelta(days=1)).isoformat()
    newest = end.replace(day=1) if beyond is None else beyond - timedelta(days=1)
    if newest >= whole:
        yield _MONTHS, whole.isoformat(), newest.replace(day=1).isoformat()
    if beyond is not None:
        yield _DAYS, beyond.isoformat(), last


def _end_of(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _after(day: date) -> date | None:
    """Give the first day of the next month; None after the last one there is."""
    end = _end_of(day)
    return None if end == date.max else end + timedelta(days=1)
