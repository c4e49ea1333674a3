"""The arms of a fork: two or more histories that one device wrote after the same place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.replication import StoredChangeset
from sync.cases import Member
from sync.changeset import Place


@dataclass(frozen=True, slots=True)
class Link:
    """One changeset of an arm, without its content."""

    seq: int
    hash: bytes
    prev: bytes
    date: date
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Arm:
    """One history after the place that all share.

    links    its changesets in order, as far as they follow one another here
    waiting  how many more of the device lie further on and belong to no arm yet: something is missing
    """

    device: int
    links: tuple[Link, ...]
    waiting: int

    @property
    def first(self) -> Link:
        """Its first own changeset, whose hash names it."""
        return self.links[0]

    @property
    def last(self) -> Link:
        """The last that is here."""
        return self.links[-1]

    @property
    def name(self) -> str:
        """The first eight characters of its first hash, as they are printed and typed."""
        return self.first.hash.hex()[:8].upper()

    @property
    def is_in_the_books(self) -> bool:
        """Whether headquarters had acknowledged its beginning: that stays whatever is decided."""
        return self.first.state == "accepted"


@dataclass(frozen=True, slots=True)
class Shared:
    """The last place before the arms part."""

    place: Place
    date: date


def arms_of(session: Session, members: Sequence[Member]) -> list[Arm]:
    """Give the arms that begin with ``members``, in the order of their hashes."""
    if not members:
        return []
    device, first = members[0].device, min(member.seq for member in members)
    rows = session.execute(
        select(
            StoredChangeset.seq,
            StoredChangeset.hash,
            StoredChangeset.prev,
            StoredChangeset.business_date,
            StoredChangeset.kind,
            StoredChangeset.state,
        )
        .where(StoredChangeset.device == device, StoredChangeset.chain == 0, StoredChangeset.seq >= first)
        .order_by(StoredChangeset.seq, StoredChangeset.hash)
    )
    links = {row.hash: Link(*row) for row in rows}
    children: dict[bytes, list[Link]] = {}
    for link in links.values():
        children.setdefault(link.prev, []).append(link)
    roots = [
        links[member.hash] for member in sorted(members, key=lambda one: one.hash) if member.hash in links
    ]
    lines = [_line(root, children) for root in roots]
    placed = {link.hash for line in lines for link in line}
    loose = len(links.keys() - placed)
    return [Arm(device, line, loose) for line in lines]


def _line(root: Link, children: Mapping[bytes, Sequence[Link]]) -> tuple[Link, ...]:
    """Follow an arm to its end, or to where it parts again (then that is a case of its own)."""
    line = [root]
    while len(followers := children.get(line[-1].hash, ())) == 1:
        line.append(followers[0])
    return tuple(line)


def main_arm(arms: Iterable[Arm]) -> Arm:
    """Give the arm that keeps the device's number: what was acknowledged, else the longest, else by hash."""
    return min(arms, key=lambda arm: (not arm.is_in_the_books, -len(arm.links), arm.first.hash))


def shared_end(session: Session, arm: Arm) -> Shared | None:
    """Give the last place that the arms share; None where they part at the very beginning."""
    row = session.execute(
        select(StoredChangeset.seq, StoredChangeset.hash, StoredChangeset.business_date).where(
            StoredChangeset.device == arm.device,
            StoredChangeset.chain == 0,
            StoredChangeset.hash == arm.first.prev,
        )
    ).first()
    return None if row is None else Shared(Place(row.seq, row.hash), row.business_date)
