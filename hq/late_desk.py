"""Entries that came for a period that was closed: from where, and what can be done about each. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.periods import MONTH, PeriodState, periods_by_office
from hq.branches import name_of
from ledger.money import Money
from schema.accounting import JournalEntry
from schema.base import from_milliseconds
from schema.reading import fetch
from schema.replication import BundleRecord, StoredChangeset
from sync.lookup import Origin, find_origin

SHOWN: Final = 100

_ENTRIES: Final = """
SELECT late.journal_entry_id, late.origin_office_id, o.code, late.booked_on, late.posted_on,
       late.period_name, e.kind, e.note, e.recorded_at,
       (SELECT CAST(coalesce(sum(l.debit), 0) AS BIGINT) FROM journal_line AS l
         WHERE l.journal_entry_id = e.id)
  FROM late_entry AS late JOIN journal_entry AS e ON e.id = late.journal_entry_id
  JOIN office AS o ON o.id = late.origin_office_id
 WHERE (? = '' OR o.code = ?) AND late.booked_on BETWEEN ? AND ?
 ORDER BY late.booked_on, o.code, e.id LIMIT ?
"""
_COUNT: Final = """
SELECT count(*) FROM late_entry AS late JOIN office AS o ON o.id = late.origin_office_id
 WHERE (? = '' OR o.code = ?) AND late.booked_on BETWEEN ? AND ?
"""


@dataclass(frozen=True, slots=True)
class LateLine:
    """One late entry.

    period     name of the closed period in which it is dated; empty where it is open again
    shown_in   name of the period that counts it, from ``shown_on`` on
    amount     what it debits, minor units
    origin     the changeset that brought it; ``bundle`` its bundle's name and ``came_at`` when it arrived
    """

    entry_id: int
    office: str
    period: str
    dated: date
    shown_in: str
    shown_on: date
    kind: str
    note: str
    amount: Money
    origin: Origin | None
    bundle: str
    came_at: datetime | None


@dataclass(frozen=True, slots=True)
class LateQueue:
    """The first of the late entries, by the day in which they are dated, and how many there are."""

    lines: tuple[LateLine, ...]
    count: int


def late_queue(
    session: Session, *, office: str = "", since: date | None = None, until: date | None = None
) -> LateQueue:
    """List late entries of an office (its code; empty: of all) that are dated in some days."""
    asked = (
        office,
        office,
        (since or date.min).isoformat(),
        (until or date.max).isoformat(),
    )
    rows = fetch(session, _ENTRIES, *asked, SHOWN)
    periods = periods_by_office(session, {row[1] for row in rows})
    lines = tuple(_line(session, row, periods[row[1]]) for row in rows)
    return LateQueue(lines, fetch(session, _COUNT, *asked)[0][0])


def _line(session: Session, row: Sequence[Any], periods: Sequence[PeriodState]) -> LateLine:
    dated = date.fromisoformat(row[3])
    period = next(
        (one for one in periods if one.kind == MONTH and one.starts_on <= dated <= one.ends_on), None
    )
    origin = find_origin(session, JournalEntry.__tablename__, row[0], from_milliseconds(row[8]))
    bundle = _bundle_of(session, origin)
    return LateLine(
        entry_id=row[0],
        office=row[2],
        period=period.name if period is not None else "",
        dated=dated,
        shown_in=row[5],
        shown_on=date.fromisoformat(row[4]),
        kind=row[6],
        note=row[7],
        amount=Money(row[9]),
        origin=origin,
        bundle=name_of(bundle.bundle_id) if bundle is not None else "",
        came_at=bundle.at if bundle is not None else None,
    )


def _bundle_of(session: Session, origin: Origin | None) -> BundleRecord | None:
    """Give the bundle that first brought a changeset; None for what was typed here."""
    if origin is None:
        return None
    wanted = (
        select(BundleRecord)
        .join(StoredChangeset, StoredChangeset.bundle_id == BundleRecord.bundle_id)
        .where(
            BundleRecord.direction == "in",
            StoredChangeset.device == origin.device,
            StoredChangeset.chain == origin.chain,
            StoredChangeset.seq == origin.seq,
            StoredChangeset.hash == origin.hash,
        )
        .order_by(BundleRecord.id)
        .limit(1)
    )
    return session.scalars(wanted).first()
