"""Writes of shared columns as they are kept: read, written, and told to pages with who and when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from schema.database import upsert
from schema.reading import fetch, fetch_one
from schema.replication import ProfileWrite
from schema.writing import images_by_table
from sync.canonical import decode, encode
from sync.changeset import Base, Changeset, Row
from sync.profile_groups import Group, groups_of_table
from sync.profile_rules import INITIAL, Write, fold_one_way, fold_shared, values_written

_LIMIT_BYTES: Final = 1 << 20
_TABLE: Final = cast("Table", ProfileWrite.__table__)


class Spot(NamedTuple):
    """A group of columns of one row."""

    table: str
    row_id: int
    group: str

    @property
    def columns(self) -> Group:
        """The group as the schema declares it."""
        return groups_of_table(self.table)[self.group]


def writes_at(session: Session, spot: Spot) -> list[Write]:
    """Give every write of a group of one row, the initial values among them once there is another one."""
    rows = fetch(
        session,
        "SELECT device, chain, seq, hash, key_time, new, bases FROM profile_write"
        " WHERE table_name = ? AND row_id = ? AND column_group = ?",
        *spot,
    )
    return [
        Write(row[0], row[1], row[2], bytes(row[3]), row[4], row_of(bytes(row[5])), bases_of(row[6]))
        for row in rows
    ]


def keep_writes(session: Session, writes: Iterable[tuple[Spot, Write]]) -> None:
    """Keep writes; one that is told again is kept as it is told."""
    rows: list[dict[str, object]] = [
        {
            "table_name": spot.table,
            "row_id": spot.row_id,
            "column_group": spot.group,
            "device": write.device,
            "chain": write.chain,
            "seq": write.seq,
            "hash": write.hash,
            "key_time": write.key_time,
            "new": encode(dict(write.new)),
            "bases": packed_bases(write.bases),
        }
        for spot, write in writes
    ]
    upsert(session, _TABLE, rows)


def row_of(packed: bytes) -> Row:
    """Read the columns of a write."""
    return cast("Row", decode(packed, limit_bytes=_LIMIT_BYTES))


def bases_of(packed: bytes | None) -> tuple[Base, ...] | None:
    """Read the bases of a write; None where its writer named none."""
    if packed is None:
        return None
    listed = cast("list[list[int]]", decode(bytes(packed), limit_bytes=_LIMIT_BYTES))
    return tuple(Base(*one) for one in listed)


def packed_bases(bases: Sequence[Base] | None) -> bytes | None:
    """Give the form in which bases are kept: sorted."""
    return None if bases is None else encode([list(base) for base in sorted(bases)])


def present_values(session: Session, spot: Spot) -> Row | None:
    """Give the columns of the group as they stand in the row; None where the row is not there."""
    columns = spot.columns.columns
    listed = ", ".join(f'"{name}"' for name in columns)
    row = fetch_one(session, f'SELECT {listed} FROM "{spot.table}" WHERE id = ?', spot.row_id)  # noqa: S608 - names are ours
    return None if row is None else dict(zip(columns, row, strict=True))


def standing_bases(session: Session, spot: Spot) -> tuple[Base, ...]:
    """Name the writes that a new write of this group replaces: those that nothing replaces yet."""
    writes = writes_at(session, spot)
    if not writes:
        return (INITIAL,)
    return tuple(write.place for write in fold_shared(writes, spot.columns.columns).standing)


class WrittenValue(NamedTuple):
    """One write of a group, for a page.

    ``on`` is its business day, None for the values that the row was made with and for what another branch
    wrote, of which only the place is known here. ``actor_id`` and ``kind`` say who did what. ``shown``: these
    are the values in the row. ``stands``: no other write has replaced it.
    """

    write: Write
    values: Row
    on: date | None
    actor_id: int | None
    kind: str
    shown: bool
    stands: bool


def values_of(session: Session, table: str, row_id: int, group: str) -> list[WrittenValue]:
    """List all that was ever written to a group of one row, in the one order; everything stays readable."""
    spot = Spot(table, row_id, group)
    writes = writes_at(session, spot)
    if not writes:
        present = present_values(session, spot)
        if present is None:
            return []
        writes = [Write(*INITIAL, b"", 0, present, None)]
    shown, standing = _outcome(session, spot, writes)
    found = []
    for write in sorted(writes, key=lambda write: write.key):
        values = values_written(write, writes, spot.columns.columns)
        stands = any(other is write for other in standing)
        found.append(_told(session, write, values, shown=write is shown, stands=stands))
    return found


def _outcome(session: Session, spot: Spot, writes: list[Write]) -> tuple[Write, Sequence[Write]]:
    if spot.columns.is_one_way:
        counts = fold_one_way(writes, spot.group, hq_devices(session).__contains__)
        return counts, [counts]
    folded = fold_shared(writes, spot.columns.columns)
    return folded.shown, folded.standing


def _told(session: Session, write: Write, values: Row, *, shown: bool, stands: bool) -> WrittenValue:
    row = fetch_one(
        session,
        "SELECT body FROM changeset WHERE seq = ? AND hash = ? AND chain = ?",
        write.seq,
        write.hash,
        write.chain,
    )
    if row is None:
        return WrittenValue(write, values, None, None, "", shown, stands)
    made = Changeset.from_bytes(bytes(row[0]))
    on = date.fromisoformat(made.date)
    return WrittenValue(write, values, on, made.actor, made.kind, shown, stands)


def hq_devices(session: Session) -> frozenset[int]:
    """Give the numbers of headquarters' devices."""
    return frozenset(row[0] for row in fetch(session, "SELECT number FROM device WHERE scope = 'hq'"))


def office_and_number(session: Session, spot: Spot) -> tuple[int | None, str]:
    """Give the office of a row, and the number by which people know it (its id where it has none)."""
    named = "number" if "number" in images_by_table()[spot.table].columns else "id"
    query = f'SELECT origin_office_id, "{named}" FROM "{spot.table}" WHERE id = ?'  # noqa: S608 - names are ours
    row = fetch_one(session, query, spot.row_id)
    return (row[0], str(row[1])) if row else (None, str(spot.row_id))


def merged_write(earlier: Write | None, later: Write) -> Write:
    """Give what one changeset wrote of a group in several ops: the last values, the bases of the first."""
    if earlier is None:
        return later
    new: Mapping[str, object] = {**earlier.new, **later.new}
    return earlier._replace(new=cast("Row", new))
