"""What a query of the library is made of: its name and parameters, its scope, and the items that it finds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from banking.reports.audit.makers import Made, makers_of
from banking.reports.shape import Question
from schema.reading import fetch, fetch_one

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One case of an exception. What a query does not know stays empty.

    ``on``           the day on which it was booked; ``recorded_at`` the instant, milliseconds
    ``made``         id of a row whose changeset tells who did it, where ``user_id`` is not known
    ``subject``      number of the receipt, or what else it is about
    ``loan``, ``savings``, ``client``  numbers; ``entry`` the id of the journal entry
    ``number``       days, times or percent, as the query says
    ``other``        the other client, account, person or number that makes it an exception
    ``amount``       minor units
    """

    office_id: int | None = None
    on: str | None = None
    recorded_at: int | None = None
    made: int | None = None
    user_id: int | None = None
    subject: str = ""
    loan: str = ""
    savings: str = ""
    client: str = ""
    entry: int | None = None
    number: int | None = None
    other: str = ""
    amount: int | None = None

    def by(self, user_id: int | None) -> "Item":
        """Give the item with who did it."""
        return replace(self, user_id=user_id)


@dataclass(frozen=True)
class Scope:
    """Where and when a query looks: the days from ``since`` to ``until`` (ISO) of some offices.

    ``limits``  what was asked for instead of the query's own parameters
    """

    session: Session
    asked: Question
    since: str
    until: str
    limits: Mapping[str, int]

    def rows(self, statement: str, *given: int | str) -> Sequence[tuple[Any, ...]]:
        """Run a SELECT, one ``?`` for each of ``given``."""
        return fetch(self.session, statement, *given)

    def within(self, column: str) -> str:
        """Give the SQL condition that ``column`` is one of the offices."""
        return self.asked.within(column)

    def makers(self, made: Iterable[Made]) -> dict[int, int]:
        """Give who made each row, by its id; a row whose changeset is not here is left out."""
        return makers_of(self.session, made)

    @cached_property
    def days(self) -> list[date]:
        """Every day of the scope, oldest first; none before the first entry of the books."""
        first = fetch_one(self.session, "SELECT min(booked_on) FROM journal_entry")
        begun = self.since or (first[0] if first and first[0] else self.until)
        start, end = date.fromisoformat(begun), min(self.asked.as_of, _last_booked(self.session))
        return [start + timedelta(days=nr) for nr in range((end - start).days + 1)]

    @cached_property
    def offset_ms(self) -> int:
        """By how much local time is ahead of UTC at noon of the last day."""
        last = min(self.asked.as_of, date(9999, 12, 30))
        offset = datetime.combine(last, time(12)).astimezone().utcoffset()
        return 0 if offset is None else int(offset.total_seconds()) * 1000

    def day_of(self, milliseconds: int) -> str:
        """Give the day of an instant in local time, as ISO."""
        return datetime.fromtimestamp((milliseconds + self.offset_ms) / 1000, UTC).date().isoformat()

    @cached_property
    def unit(self) -> int:
        """Minor units of one major unit of the currency."""
        digits = fetch_one(self.session, "SELECT digits FROM institution")
        return int(10 ** digits[0]) if digits else 1


def _last_booked(session: Session) -> date:
    found = fetch_one(session, "SELECT max(booked_on) FROM journal_entry")
    return date.fromisoformat(found[0]) if found and found[0] else date.min


Find = Callable[[Scope, Mapping[str, int]], Iterable[Item]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A named query: what it is called on paper, why it matters, and what may be set.

    ``limits``  parameters with their defaults: days, times, percent, hours or major units, by their names
    """

    name: str
    title: str
    why: str
    find: Find
    limits: Mapping[str, int]

    def items(self, scope: Scope) -> list[Item]:
        """Find the items, with the limits that were asked for."""
        own = {name: scope.limits.get(name, given) for name, given in self.limits.items()}
        return list(self.find(scope, own))


MOVED = """
SELECT t.id, t.journal_entry_id AS entry_id, t.kind, t.amount, t.value_date, t.booked_on, t.recorded_at,
       t.till_id, t.receipt, t.receipt_till, t.receipt_sequence, t.reverses_id, t.approved_by_id,
       t.origin_office_id AS office_id, t.note, a.number AS loan, '' AS savings, a.client_id
  FROM loan_transaction AS t JOIN loan_account AS a ON a.id = t.loan_account_id
 WHERE t.booked_on BETWEEN ? AND ? AND t.kind <> 'adjustment'
UNION ALL
SELECT t.id, t.journal_entry_id, t.kind, t.amount, t.value_date, t.booked_on, t.recorded_at,
       t.till_id, t.receipt, t.receipt_till, t.receipt_sequence, t.reverses_id, t.approved_by_id,
       t.origin_office_id, t.note, '', a.number, a.client_id
  FROM savings_transaction AS t JOIN savings_account AS a ON a.id = t.savings_account_id
 WHERE t.booked_on BETWEEN ? AND ?
"""
"""Everything that moved on loans and savings from a day to a day; the two days are given twice."""
