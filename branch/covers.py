"""The label of a bundle, its cover note, and the word that somebody carried it out of the house."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError
from ledger.money import Money
from schema.reading import fetch, fetch_one
from schema.replication import BundleRecord

STICK, DISC, MAIL, LINE = "stick", "disc", "mail", "line"
WAYS: Final = (STICK, DISC, MAIL, LINE)
"""How a bundle leaves the house."""

_KINDS: Final = """
SELECT kind, count(*) FROM changeset
 WHERE device = ? AND chain = 0 AND seq BETWEEN ? AND ? GROUP BY kind ORDER BY 2 DESC, 1
"""

_BALANCE: Final = """
SELECT CAST(coalesce(sum(debit), 0) AS BIGINT), CAST(coalesce(sum(credit), 0) AS BIGINT)
  FROM gl_day_total WHERE origin_office_id = ? AND booked_on <= ?
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a bundle carries: entries by kind, most first, and the totals of all books up to its last day.

    ``debit`` and ``credit`` are minor units; both sides can work them out and compare.
    """

    kinds: tuple[tuple[str, int], ...]
    debit: Money
    credit: Money

    @property
    def entries(self) -> int:
        """How many entries it carries."""
        return sum(count for _kind, count in self.kinds)


def contents_of(
    session: Session, device: int, office_id: int, seqs: tuple[int, int], last_day: date
) -> Contents:
    """Give what the entries from the first to the last sequence are."""
    kinds = fetch(session, _KINDS, device, *seqs)
    row = fetch_one(session, _BALANCE, office_id, last_day.isoformat()) or (0, 0)
    return Contents(tuple((kind, count) for kind, count in kinds), Money(row[0]), Money(row[1]))


def hand_over(session: Session, bundle_id: bytes, how: str, now: datetime) -> None:
    """Note that a bundle was handed over; a later word replaces an earlier one.

    session  one that may write the home's own tables
    raises   NotFoundError for a bundle that was not written here, or a way that there is not
    """
    if how not in WAYS:
        raise NotFoundError(kind="way", key=how)
    rows = session.scalars(
        select(BundleRecord).where(BundleRecord.direction == "out", BundleRecord.bundle_id == bundle_id)
    ).all()
    if not rows:
        raise NotFoundError(kind="bundle", key=bundle_id.hex()[:8].upper())
    for row in rows:
        row.handed_at, row.handed_how = now, how
    session.flush()


def parts_of(names: Sequence[str]) -> int:
    """Give how many files a bundle has; one where they are not to be seen any more."""
    return len(names) or 1
