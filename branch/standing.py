"""Where a branch's entries are: to send, written, at headquarters. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schema.accounting import BusinessDay
from schema.replication import BundleRecord, StoredChangeset
from sync.chain import EXPORTED, HEAD, MERGED, watermark
from sync.labels import check_letters

QUIET_DAYS = 7
"""So long may entries wait for headquarters before the page shows it in amber."""

LATE_DAYS = 14
"""From here on it is shown in red."""

_CHAIN = 0


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A bundle that was written here; ``has_arrived`` once an acknowledgement covers it.

    ``number`` counts the bundles of this branch, ``check`` are the letters on the label; ``handed_at`` and
    ``handed_how`` say when and how somebody carried it out of the house.
    """

    name: str
    first_seq: int | None
    last_seq: int | None
    size_bytes: int
    at: datetime
    first_day: date | None
    last_day: date | None
    has_arrived: bool
    bundle_id: bytes
    number: int | None
    check: str
    handed_at: datetime | None
    handed_how: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far our own chain has come.

    to_send, to_send_days  entries that no bundle holds yet, and of how many business days
    waiting                entries that a bundle holds and HQ has not acknowledged
    written                the newest bundle with entries in it
    acknowledged, acknowledged_day  the last entry that HQ has, and its business day
    oldest_day             business day of the oldest entry that HQ does not have
    """

    last: int
    to_send: int
    to_send_days: int
    waiting: int
    written: WrittenRow | None
    acknowledged: int
    acknowledged_day: date | None
    oldest_day: date | None

    def days_waiting(self, today: date) -> int:
        """Give for how many days the oldest entry has been waiting for HQ."""
        return 0 if self.oldest_day is None else (today - self.oldest_day).days


def standing(session: Session, device: int) -> Standing:
    """Give where the entries of ``device`` are."""
    last, written, acked = (_seq(session, device, stage) for stage in (HEAD, EXPORTED, MERGED))
    sent = max(written, acked)
    return Standing(
        last=last,
        to_send=last - sent,
        to_send_days=_days_after(session, device, sent) if last > sent else 0,
        waiting=sent - acked,
        written=next(iter(written_bundles(session, device, limit=1)), None),
        acknowledged=acked,
        acknowledged_day=_day_at(session, device, acked),
        oldest_day=_day_at(session, device, acked + 1),
    )


def written_bundles(session: Session, device: int, limit: int = 10) -> list[WrittenRow]:
    """List the newest bundles with entries that were written here, newest first."""
    rows = session.scalars(
        select(BundleRecord)
        .where(BundleRecord.direction == "out", BundleRecord.last_seq.is_not(None))
        .order_by(BundleRecord.id.desc())
        .limit(limit)
    )
    acked = _seq(session, device, MERGED)
    return [_written(session, device, row, acked) for row in rows]


def find_written(session: Session, device: int, name: str) -> WrittenRow | None:
    """Find a bundle that was written here by its eight hex digits."""
    rows = session.scalars(
        select(BundleRecord).where(BundleRecord.direction == "out").order_by(BundleRecord.id.desc())
    )
    acked = _seq(session, device, MERGED)
    found = (row for row in rows if name_of(row.bundle_id) == name.upper())
    return next((_written(session, device, row, acked) for row in found), None)


def came_in(session: Session, limit: int = 10) -> list[BundleRecord]:
    """List the newest bundles that were imported here, newest first."""
    wanted = select(BundleRecord).where(BundleRecord.direction == "in").order_by(BundleRecord.id.desc())
    return list(session.scalars(wanted.limit(limit)))


def name_of(bundle_id: bytes) -> str:
    """Give the eight hex digits that name a bundle on labels and in file names."""
    return bundle_id.hex()[:8].upper()


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a day in our own chain, as the paper of its close prints it; ``hash`` in hex."""

    seq: int
    hash: str


def head_of(session: Session, device: int, on: date) -> Head | None:
    """Give the last entry that belongs to a business day or to one before it; None in an empty chain."""
    row = session.execute(
        select(StoredChangeset.seq, StoredChangeset.hash)
        .where(
            StoredChangeset.device == device,
            StoredChangeset.chain == _CHAIN,
            StoredChangeset.business_date <= on,
        )
        .order_by(StoredChangeset.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else Head(row.seq, row.hash.hex())


def _written(session: Session, device: int, row: BundleRecord, acked: int) -> WrittenRow:
    return WrittenRow(
        name=name_of(row.bundle_id),
        first_seq=row.first_seq,
        last_seq=row.last_seq,
        size_bytes=row.size_bytes,
        at=row.at,
        first_day=_day_at(session, device, row.first_seq or 0),
        last_day=_day_at(session, device, row.last_seq or 0),
        has_arrived=row.last_seq is not None and row.last_seq <= acked,
        bundle_id=row.bundle_id,
        number=row.number,
        check=check_letters(row.bundle_id, row.last_hash),
        handed_at=row.handed_at,
        handed_how=row.handed_how,
    )


def _seq(session: Session, device: int, stage: str) -> int:
    place = watermark(session, device, _CHAIN, stage)
    return place.seq if place else 0


def _day_at(session: Session, device: int, seq: int) -> date | None:
    wanted = select(StoredChangeset.business_date).where(
        StoredChangeset.device == device, StoredChangeset.chain == _CHAIN, StoredChangeset.seq == seq
    )
    return session.scalars(wanted.limit(1)).first()


def _days_after(session: Session, device: int, seq: int) -> int:
    """Give how many business days the entries after ``seq`` belong to: the first one's, those opened since.

    Counted in the days, which are few, and not in the entries: this stands on every page.
    """
    first = _day_at(session, device, seq + 1)
    if first is None:
        return 0
    opened_since = select(func.count()).select_from(BusinessDay).where(BusinessDay.on > first)
    return 1 + (session.scalar(opened_since) or 0)
