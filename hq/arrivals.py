"""Who did what waits for a person, at which laptop, and since when it waits. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hq.changesets import readable
from hq.waiting import PART, WaitingItem
from schema.base import from_milliseconds
from schema.people import User
from schema.replication import BundleRecord, Quarantined, StoredChangeset
from sync.changeset import Changeset, hlc_ms


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of the beginning of one thing that waits.

    who     names of the users who wrote its changesets; empty where they are not known here
    device  the laptop, 0 where none is known
    since   when the first bundle with it arrived; what was written here: when it was. None: nobody knows
    days    whole days from then on
    """

    who: tuple[str, ...]
    device: int
    since: datetime | None
    days: int


def arrivals(session: Session, items: Iterable[WaitingItem], now: datetime) -> dict[str, Arrival]:
    """Give for each item, by its key, who and since when."""
    return {item.key: _arrival(session, item, now) for item in items}


def _arrival(session: Session, item: WaitingItem, now: datetime) -> Arrival:
    if item.family == PART:
        part = session.get(Quarantined, int(item.key.partition("-")[2]))
        return _since((), item.device, part.at if part is not None else None, now)
    wanted = {member.hash for member in item.members}
    if item.place is not None:
        wanted.add(bytes.fromhex(item.place[3]))
    who: dict[str, None] = {}
    came: list[datetime] = []
    for row in session.scalars(
        select(StoredChangeset).where(StoredChangeset.hash.in_(wanted)).order_by(StoredChangeset.hlc)
    ):
        actor = session.get(User, Changeset.from_bytes(row.body).actor)
        if actor is not None:
            who[readable(actor.full_name or actor.username)] = None
        came.append(_came_at(session, row))
    return _since(tuple(who), item.device, min(came, default=None), now)


def _came_at(session: Session, row: StoredChangeset) -> datetime:
    first = session.scalar(
        select(func.min(BundleRecord.at)).where(
            BundleRecord.bundle_id == row.bundle_id, BundleRecord.direction == "in"
        )
    )
    return first or from_milliseconds(hlc_ms(row.hlc))


def _since(who: tuple[str, ...], device: int, since: datetime | None, now: datetime) -> Arrival:
    return Arrival(who, device, since, max(0, (now - since).days) if since is not None else 0)
