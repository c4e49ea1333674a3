"""The fold of shared profiles and one-way marks, from what was written in accepted changesets.

Every write of a group of shared columns is kept (``profile_write``), and each group that one of them touches
is folded anew from all of its writes (``profile_rules``): nothing is patched, so the order in which they come
plays no part. Different values beside each other in a sensitive group are a case for a person.

Rows are inserted, and their other columns changed, before the fold of a lot begins: ``plain_changes`` says
what of an op is changed at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy.orm import Session

from schema.base import first_id
from schema.messages import ProfileRestatement
from schema.reading import connection_of, execute, fetch
from schema.reference import Decision
from schema.writing import update_statement
from sync import cases, unique
from sync.canonical import Plain
from sync.cases import Dispute, Member
from sync.chain import Accepted
from sync.changeset import INSERT, UPDATE, Base, Op, Row, Value
from sync.lot import Lot
from sync.profile_groups import group_of_column, shared_tables, touched_groups
from sync.profile_rows import (
    Spot,
    bases_of,
    hq_devices,
    keep_writes,
    merged_write,
    office_and_number,
    present_values,
    row_of,
    standing_bases,
    writes_at,
)
from sync.profile_rules import INITIAL, Write, fold_one_way, fold_shared

_RESTATED: Final = ProfileRestatement.__tablename__
_DECISION: Final = Decision.__tablename__
_CHUNK: Final = 500


class Effective(NamedTuple):
    """An accepted changeset with the ops that it is folded by; ``device`` is another one for adopted arms."""

    accepted: Accepted
    ops: Sequence[Op]
    device: int | None = None


def plain_changes(op: Op) -> Row:
    """Give the columns of a change that are applied at once: those that are neither shared nor one-way."""
    new = op.new or {}
    shared = group_of_column(op.table)
    return {name: value for name, value in new.items() if name not in shared} if shared else new


def with_bases(session: Session, op: Op) -> Op:
    """Give an own change of shared columns with its bases: what stands here now, and was shown."""
    if op.sign != UPDATE or op.table not in shared_tables() or op.base is not None:
        return op
    named: set[Base] = set()
    for group in touched_groups(op.table, op.new or {}):
        if not group.is_one_way:
            named.update(standing_bases(session, Spot(op.table, op.id, group.name)))
    return op._replace(base=tuple(sorted(named))) if named else op


def concerns_profiles(lot: Lot) -> bool:
    """Whether changesets have anything for ``fold_profiles``."""
    tables = {part.table for part in lot.parts}
    return not tables.isdisjoint(shared_tables()) or not tables.isdisjoint((_RESTATED, _DECISION))


def fold_profiles(session: Session, effective: Iterable[Effective], *, own: bool = False) -> None:
    """Keep and fold what these changesets wrote; their other changes are in the tables already.

    own  they were made here: the rows hold the new values already, and the ops the ones before
    """
    folding = _Folding(session, own=own)
    for one in effective:
        folding.take(one)
    folding.fold()


def forget_profiles(session: Session, devices: Sequence[int]) -> None:
    """Forget what these devices (all of one office) wrote, once their rows are taken out to be folded anew.

    What others wrote on their rows stays, and is folded again when the rows come back; rows of others that
    they wrote on are folded without it at once.
    """
    ranges = [(first_id(device), first_id(device + 1)) for device in devices]
    mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
    folding = _Folding(session, own=False)
    for device in devices:
        query = "SELECT DISTINCT table_name, row_id, column_group FROM profile_write WHERE device = ?"
        for spot in sorted(Spot(*row) for row in fetch(session, query, device)):
            folding.take_up(spot)
    statement = f"DELETE FROM profile_write WHERE device = {mark}"  # noqa: S608 - only a mark
    execute(session, statement, [(device,) for device in devices])
    statement = f"DELETE FROM profile_write WHERE device = 0 AND row_id > {mark} AND row_id < {mark}"  # noqa: S608 - only marks
    execute(session, statement, ranges)
    unique.forget_numbers(session, ranges)
    folding.fold()


class _Folding:
    """One lot: what was written, what is to be folded for it, and the fold."""

    def __init__(self, session: Session, *, own: bool) -> None:
        self._session = session
        self._own = own
        self._writes: dict[tuple[Spot, Base, bytes], Write] = {}
        self._before: dict[Spot, dict[str, Value]] = {}
        self._dirty: dict[Spot, None] = {}
        self._numbers: dict[int, unique.Writer | None] = {}
        self._made: dict[str, dict[int, Row]] = {}
        self._decisions: list[tuple[Accepted, Op]] = []
        self._disputes: dict[bytes, Dispute | None] = {}

    def take_up(self, spot: Spot) -> None:
        """Note a group that is to be folded although nothing new was written on it."""
        self._dirty[spot] = None

    def take(self, one: Effective) -> None:
        """Note what of a changeset concerns profiles."""
        shared = shared_tables()
        for op in one.ops:
            if op.table in shared:
                if op.sign == INSERT:
                    self._made.setdefault(op.table, {})[op.id] = cast("Row", op.new)
                    if op.table == unique.TABLE:
                        changeset = one.accepted.changeset
                        device = one.device or changeset.device
                        place = unique.Writer(device, changeset.chain, changeset.seq, one.accepted.hash)
                        self._numbers[op.id] = place
                elif op.sign == UPDATE:
                    self._take_change(one, op)
            elif op.table == _RESTATED and op.sign == INSERT:
                self._take_restated(cast("Mapping[str, Value]", op.new))
            elif op.table == _DECISION and op.sign == INSERT:
                self._decisions.append((one.accepted, op))

    def _take_change(self, one: Effective, op: Op) -> None:
        changeset = one.accepted.changeset
        new, old = cast("Row", op.new), cast("Row", op.old)
        device = one.device or changeset.device
        for group in touched_groups(op.table, new):
            spot = Spot(op.table, op.id, group.name)
            columns = {name: new[name] for name in group.columns if name in new}
            bases = None if group.is_one_way else op.base
            write = Write(
                device,
                changeset.chain,
                changeset.seq,
                one.accepted.hash,
                one.accepted.key_time,
                columns,
                bases if device == changeset.device else self._mapped(spot, changeset.device, device, bases),
            )
            before = self._before.setdefault(spot, {})
            for name in columns:
                before.setdefault(name, old[name])
            self._note(spot, write)

    def _take_restated(self, new: Mapping[str, Value]) -> None:
        spot = Spot(
            cast("str", new["table_name"]), cast("int", new["row_id"]), cast("str", new["column_group"])
        )
        place = cast("tuple[int, int, int]", (new["device"], new["chain"], new["seq"]))
        write = Write(
            *place,
            cast("bytes", new["hash"]),
            cast("int", new["key_time"]),
            row_of(cast("bytes", new["new"])),
            bases_of(cast("bytes | None", new["bases"])),
        )
        self._writes[spot, write.place, write.hash] = write  # its key is the one that headquarters knows
        self._dirty[spot] = None

    def _note(self, spot: Spot, write: Write) -> None:
        key = (spot, write.place, write.hash)
        self._writes[key] = merged_write(self._writes.get(key), write)
        self._dirty[spot] = None

    def _mapped(
        self, spot: Spot, old: int, new: int, bases: tuple[Base, ...] | None
    ) -> tuple[Base, ...] | None:
        """In an adopted arm its own writes go by the arm's number; those from before the fork do not."""
        if bases is None:
            return None
        own = {write.place for write in writes_at(self._session, spot)}
        own |= {place for at, place, _ in self._writes if at == spot}
        moved = [(base, base._replace(device=new)) for base in bases]
        return tuple(arm if base.device == old and arm in own else base for base, arm in moved)

    def fold(self) -> None:
        """Keep the writes and fold every group that they touch, then numbers and pairs."""
        if not self._own:
            self._take_up_waiting()
        keep_writes(self._session, [(spot, write) for (spot, _, _), write in self._writes.items()])
        for spot in self._dirty:
            self._fold_group(spot)
        for _, op in self._decisions:
            new = cast("Row", op.new)
            if new["kind"] == cases.PROFILE:  # before its case goes: a decided one stays
                cases.mark_decided(self._session, cast("bytes", new["case_key"]), cast("str", new["outcome"]))
        cases.set_disputes(self._session, cases.PROFILE, self._disputes)
        unique.note_numbers(self._session, self._numbers)
        unique.note_pairs(self._session, self._decisions)

    def _take_up_waiting(self) -> None:
        """A row that comes is folded with what others wrote on it before."""
        for table, made in self._made.items():
            ids = list(made)
            for start in range(0, len(ids), _CHUNK):
                some = ids[start : start + _CHUNK]
                marks = ", ".join("?" * len(some))
                query = (
                    "SELECT DISTINCT row_id, column_group FROM profile_write"  # noqa: S608 - only marks
                    f" WHERE table_name = ? AND row_id IN ({marks}) ORDER BY row_id, column_group"
                )
                for row_id, group in fetch(self._session, query, table, *some):
                    self._dirty[Spot(table, row_id, group)] = None

    def _fold_group(self, spot: Spot) -> None:
        present = present_values(self._session, spot)
        if present is None:
            self._disputes[cases.about(_item(spot))] = None
            return
        writes = writes_at(self._session, spot)
        if not writes:
            return
        if not any(write.place == INITIAL for write in writes):
            before = self._values_before(spot, present)
            initial = Write(*INITIAL, b"", 0, before, None)
            keep_writes(self._session, [(spot, initial)])
            writes.append(initial)
        if spot.columns.is_one_way:
            values = fold_one_way(writes, spot.group, hq_devices(self._session).__contains__).new
        else:
            values = self._fold_shared(spot, writes)
        changed = {name: value for name, value in values.items() if present[name] != value}
        if changed:
            statement = update_statement(
                spot.table, tuple(changed), connection_of(self._session).dialect.name
            )
            execute(self._session, statement, [(*changed.values(), spot.row_id)])

    def _values_before(self, spot: Spot, present: Row) -> Row:
        """Give the values from before the first write: those of the new row where it came just now."""
        if self._own:
            return {**present, **self._before.get(spot, {})}
        made = self._made.get(spot.table, {}).get(spot.row_id, present)
        return {name: made[name] for name in spot.columns.columns}

    def _fold_shared(self, spot: Spot, writes: list[Write]) -> Row:
        folded = fold_shared(writes, spot.columns.columns)
        shown = folded.shown
        if spot.table == unique.TABLE and unique.COLUMN in spot.columns.columns:
            place = unique.Writer(shown.device, shown.chain, shown.seq, shown.hash)
            self._numbers[spot.row_id] = place if shown.place != INITIAL else self._numbers.get(spot.row_id)
        if spot.columns.is_sensitive:
            item = _item(spot)
            members = frozenset(
                Member(write.device, write.seq, write.hash)
                for write in folded.standing
                if write.place != INITIAL
            )
            dispute = None
            if folded.differ and len(members) > 1:
                office_id, number = office_and_number(self._session, spot)
                dispute = Dispute(item, members, f"{spot.table} {number}: {spot.group}", office_id)
            self._disputes[cases.about(item)] = dispute
        return folded.values


def _item(spot: Spot) -> dict[str, Plain]:
    return {"table": spot.table, "id": spot.row_id, "group": spot.group}
