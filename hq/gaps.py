"""Ranges of changesets of branches that are missing, and how often they were asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schema.replication import BundleRecord, StoredChangeset
from sync import chain as chains
from sync.changeset import Place


@dataclass(frozen=True, slots=True)
class Gap:
    """A range of one device's chain that is not here.

    before    hash of the changeset before it; the genesis is not known here, so None before the first one
    next      the first changeset behind it that is here; its ``prev`` is ``after``
    held      how many changesets of the device wait behind it
    """

    device: int
    first: int
    last: int
    before: bytes | None
    next: Place
    after: bytes
    held: int


@dataclass(frozen=True, slots=True)
class Asking:
    """Since when a range is known to be missing, and how many return bundles have asked for it since."""

    since: datetime | None
    times: int


def list_gaps(session: Session, device: int | None = None) -> list[Gap]:
    """List the missing ranges, of one device or of all, in order."""
    wanted = select(
        StoredChangeset.device, StoredChangeset.seq, StoredChangeset.hash, StoredChangeset.prev
    ).where(StoredChangeset.state == "held", StoredChangeset.chain == 0)
    if device is not None:
        wanted = wanted.where(StoredChangeset.device == device)
    rows = session.execute(
        wanted.order_by(StoredChangeset.device, StoredChangeset.seq, StoredChangeset.hash)
    ).all()
    by_device: dict[int, list[tuple[int, bytes, bytes]]] = {}
    for number, seq, sha256, prev in rows:
        by_device.setdefault(number, []).append((seq, sha256, prev))
    heads = chains.watermarks(session, chains.HEAD) if by_device else {}
    return [
        gap for number, held in by_device.items() for gap in _gaps_of(heads.get((number, 0)), number, held)
    ]


def _gaps_of(head: Place | None, device: int, held: list[tuple[int, bytes, bytes]]) -> Iterator[Gap]:
    last, before = (head.seq, head.hash) if head else (0, None)
    for number, (seq, sha256, prev) in enumerate(held):
        if seq > last + 1:
            yield Gap(device, last + 1, seq - 1, before, Place(seq, sha256), prev, len(held) - number)
        if seq >= last:
            last, before = seq, sha256


def asked_for(session: Session, gap: Gap, office_id: int | None) -> Asking:
    """Tell since when a range is missing, and how often the branch was asked for it by return bundles."""
    came = session.execute(
        select(func.min(BundleRecord.at))
        .join(StoredChangeset, StoredChangeset.bundle_id == BundleRecord.bundle_id)
        .where(
            BundleRecord.direction == "in",
            StoredChangeset.device == gap.device,
            StoredChangeset.seq >= gap.next.seq,
            StoredChangeset.state == "held",
        )
    ).scalar_one_or_none()
    if came is None:
        return Asking(None, 0)
    times = session.execute(
        select(func.count()).where(
            BundleRecord.direction == "out", BundleRecord.office_id == office_id, BundleRecord.at >= came
        )
    ).scalar_one()
    return Asking(came, times)
