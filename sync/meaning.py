"""What an accepted changeset may mean: the checks that make it effective or an exception.

A fault here never stops a chain: the changeset stays accepted and signed, has no effect as a whole, and
waits for a person. The rules:

SCOPE          a table that the writer may not write, a row that is not its own, columns or values that the
               schema does not know, an id without its number, a reference to a row that is not there or
               that another branch made (whether such a row is there depends on whose bundle came first);
               the removal of a row (what ends gets a state), and a mark that a branch takes off;
               an entry of a branch with a smaller id than one before it (what a close has seen is told
               by ids: it would count in a month that is closed)
NOT_OWNER      a change of a row that another office owns, other than of its shared columns and marks
ID_COLLISION   a second row under an id that is taken
UNBALANCED     a journal entry whose lines are missing, come from elsewhere or do not balance
REVERSED_TWICE a reversal of a row that an earlier changeset has reversed
NEEDS_SCHEMA   row images of a newer schema than this program knows (the chain is held)

A decision can make a changeset effective, unless the tables could not hold it (``Fault.is_final``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Self, cast

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from schema.base import Kind, Recorded, device_of, first_id, recorded_models
from schema.reading import fetch, fetch_one
from schema.reference import Institution
from schema.writing import images_by_table
from sync.changeset import DELETE, INSERT, Op
from sync.lot import ENTRY, LINE, MAX_TURNOVER, REVERSES, Known, Lot
from sync.profile_groups import takes_mark_off
from sync.roster import Member, Roster
from sync.row_forms import Fault, Shape, form_fault, references_of, shapes

__all__ = ["MAX_TURNOVER", "Fault", "Judge", "form_fault", "references_of"]

_CHUNK: Final = 500
_NEAR: Final = 20
"""Ids of one table that lie no further apart, on average, were made one after the other."""


class Judge:
    """Judges the changesets of one office, in the one order, against what is in the database."""

    def __init__(self, session: Session, roster: Roster, office_id: int) -> None:
        self._session = session
        self._roster = roster
        self._known = Known(_currency(session), _turnover(session, office_id))

    @classmethod
    def of(cls, session: Session, roster: Roster, office_id: int, lot: Lot) -> Self:
        """Make one that knows which of the rows that these changesets name are there."""
        judge = cls(session, roster, office_id)
        judge.look_up(lot)
        return judge

    def look_up(self, lot: Lot) -> None:
        """Ask the database once for all rows that these changesets name."""
        known = self._known
        wanted, reversals = lot.named()
        for table, ids in reversals.items():
            found = known.reversed.setdefault(table, set())
            found |= _present_ids(self._session, table, sorted(ids - found), column=REVERSES)
        for table, ids in wanted.items():
            present = known.present.setdefault(table, set())
            present |= _present_ids(self._session, table, sorted(ids - present))

    def is_good(self, writer: Member, lot: Lot) -> bool:
        """Whether surely no changeset of the lot has a fault; what they make counts as present from then on.

        False says nothing: ``fault_of`` each in its turn tells.
        """
        self._newest_entry(writer)
        return lot.is_good(self._known, self._roster, writer)

    def fault_of(self, writer: Member, ops: Sequence[Op], *, is_pardoned: bool = False) -> Fault | None:
        """Give the first fault of a changeset, or None; what it makes counts as present from then on.

        is_pardoned  a decision makes it effective: only what the tables could not hold is a fault
        """
        made: dict[str, set[int]] = {}
        fault = _made_fault(ops, made) or self._fault_of_ops(writer, ops, made, is_pardoned=is_pardoned)
        fault = fault or _balance_fault(ops) or self._order_fault(writer, ops) or self._amounts_fault(ops)
        if fault is None and not is_pardoned:
            fault = self._twice_fault(ops)
        if fault is None:
            self._remember(ops, made)
            self._known.newest[writer.device] = max([self._newest_entry(writer), *made.get(ENTRY, ())])
        return fault

    def _fault_of_ops(
        self, writer: Member, ops: Iterable[Op], made: Mapping[str, set[int]], *, is_pardoned: bool
    ) -> Fault | None:
        for op in ops:
            for fault in self._faults_of_op(writer, op, made):
                if fault.is_final or not is_pardoned:
                    return fault
        return None

    def _remember(self, ops: Iterable[Op], made: Mapping[str, set[int]]) -> None:
        for table, ids in made.items():
            self._known.present.setdefault(table, set()).update(ids)
        for op in ops:
            if op.sign == INSERT and (row_id := (op.new or {}).get(REVERSES)):
                self._known.reversed.setdefault(op.table, set()).add(cast("int", row_id))

    def _newest_entry(self, writer: Member) -> int:
        """Give the id of the last entry of a device that is in the books."""
        known = self._known.newest
        if writer.device not in known:
            first = first_id(writer.device)
            row = fetch_one(
                self._session,
                "SELECT max(id) FROM journal_entry WHERE id BETWEEN ? AND ?",
                first,
                first_id(writer.device + 1) - 1,
            )
            known[writer.device] = (row and row[0]) or first
        return known[writer.device]

    def _order_fault(self, writer: Member, ops: Iterable[Op]) -> Fault | None:
        """Entries rise along a chain of a branch, so that an id tells what was known at a cut."""
        entries = [op.id for op in ops if op.sign == INSERT and op.table == ENTRY]
        if entries and not writer.is_hq and min(entries) <= self._newest_entry(writer):
            what = f"journal_entry {min(entries)} has a smaller id than an entry before it"
            return Fault("SCOPE", what, is_final=True)
        return None

    def _twice_fault(self, ops: Iterable[Op]) -> Fault | None:
        """Of two changesets that reverse one row the first is effective."""
        for op in ops:
            if op.sign == INSERT and op.table in self._known.reversed:
                row_id = (op.new or {}).get(REVERSES)
                if row_id in self._known.reversed[op.table]:
                    return Fault("REVERSED_TWICE", f"{op.table} {row_id} was reversed before")
        return None

    def _amounts_fault(self, ops: Iterable[Op]) -> Fault | None:
        """One currency, and no more in all than sums can hold: one that overflows would stop every report."""
        debits = 0
        for op in ops:
            if op.sign == INSERT and op.table == LINE:
                new = cast("Mapping[str, object]", op.new)
                if self._known.currency is not None and new["currency"] != self._known.currency:
                    return Fault("SCOPE", f"journal_line {op.id} is in another currency", is_final=True)
                debits += cast("int", new["debit"])
        if self._known.turnover + debits > MAX_TURNOVER:
            what = "the entries of this office come to more than can be added up"
            return Fault("SCOPE", what, is_final=True)
        self._known.turnover += debits
        return None

    def _faults_of_op(self, writer: Member, op: Op, made: Mapping[str, set[int]]) -> Iterator[Fault]:
        shape = shapes().get(op.table)
        if shape is None or not _may_write(writer, shape.images.kind):
            what = f"{op.table} is not a table that this device writes"
            yield Fault("SCOPE", what, is_final=True)
            return
        if op.sign == DELETE or (op.base is not None and shape.images.kind is Kind.REFERENCE):
            yield Fault("SCOPE", f"{op.table} {op.id}: rows of this table are not removed", is_final=True)
            return
        new = cast("Mapping[str, object]", op.new)
        fault = form_fault(op)
        if fault is not None:
            yield fault
            return
        column = "" if writer.is_hq else takes_mark_off(op)
        if column:
            what = f"{op.table} {op.id}: only headquarters takes {column} off"
            yield Fault("SCOPE", what, is_final=True)
        known = op.id in self._known.present.get(op.table, ())
        if op.sign == INSERT:
            yield from _insert_faults(writer, op, new, known=known)
        else:
            known = known or op.id in made.get(op.table, ())
            yield from self._update_faults(writer, op, shape, known=known)
        yield from self._reference_faults(writer, op, shape, new, made)

    def _update_faults(self, writer: Member, op: Op, shape: Shape, *, known: bool) -> Iterator[Fault]:
        if shape.images.is_fact:
            yield Fault("SCOPE", f"{op.table} {op.id}: facts are never changed", is_final=True)
        owner = self._roster.office_of(device_of(op.id))
        if owner != writer.office_id and shape.images.kind is Kind.BRANCH:
            if not (op.new or {}).keys() <= shape.shared:
                what = f"{op.table} {op.id}: others change only shared columns of it"
                yield Fault("NOT_OWNER", what, is_final=True)  # its keeper is asked by a message
            elif owner is not None:
                known = True  # its row may come later: whose bundle was first plays no part
        if not known:
            yield Fault("SCOPE", f"{op.table} {op.id} is not there", is_final=True)

    def _reference_faults(
        self,
        writer: Member,
        op: Op,
        shape: Shape,
        new: Mapping[str, object],
        made: Mapping[str, set[int]],
    ) -> Iterator[Fault]:
        for column, target in shape.references:
            value = new.get(column)
            if value is None:
                continue
            if not self._may_name(writer, target, cast("int", value)):
                yield Fault("SCOPE", f"{op.table} {op.id}: {column} names a row of another office")
            if value not in self._known.present.get(target, ()) and value not in made.get(target, ()):
                what = f"{op.table} {op.id}: {column} names a row that is not there"
                yield Fault("SCOPE", what, is_final=True)

    def _may_name(self, writer: Member, table: str, row_id: int) -> bool:
        return (
            writer.is_hq
            or images_by_table()[table].kind is Kind.REFERENCE
            or self._roster.office_of(device_of(row_id)) == writer.office_id
        )


def _may_write(writer: Member, kind: Kind) -> bool:
    return kind is Kind.BRANCH or (kind is Kind.REFERENCE and writer.is_hq)


def _insert_faults(writer: Member, op: Op, new: Mapping[str, object], *, known: bool) -> Iterator[Fault]:
    if device_of(op.id) != writer.device or op.id == first_id(writer.device):
        yield Fault("SCOPE", f"{op.table} {op.id}: the id is not of this device", is_final=True)
    if "origin_office_id" in new and new["origin_office_id"] != writer.office_id:
        what = f"{op.table} {op.id}: made in the name of another office"
        yield Fault("SCOPE", what, is_final=True)
    if known:
        yield Fault("ID_COLLISION", f"{op.table} {op.id} is there already", is_final=True)


def _made_fault(ops: Iterable[Op], made: dict[str, set[int]]) -> Fault | None:
    """Note what a changeset makes; the same id twice is a fault."""
    for op in ops:
        if op.sign == INSERT:
            ids = made.setdefault(op.table, set())
            if op.id in ids:
                return Fault("ID_COLLISION", f"{op.table} {op.id} is made twice", is_final=True)
            ids.add(op.id)
    return None


def _balance_fault(ops: Iterable[Op]) -> Fault | None:
    """Every entry balances per currency by lines of its own changeset; every line has its entry there."""
    sums: dict[int, dict[object, int]] = {}
    entries: set[int] = set()
    for op in ops:
        if op.sign != INSERT or op.table not in {LINE, ENTRY}:
            continue
        if op.table == ENTRY:
            entries.add(op.id)
            continue
        new = cast("Mapping[str, int]", op.new)
        debit, credit = new["debit"], new["credit"]
        if min(debit, credit) < 0 or (debit == 0) == (credit == 0):
            return Fault("UNBALANCED", f"journal_line {op.id} is neither a debit nor a credit", is_final=True)
        currencies = sums.setdefault(new["journal_entry_id"], {})
        currencies[new["currency"]] = currencies.get(new["currency"], 0) + debit - credit
    for entry in entries ^ sums.keys():
        return Fault("UNBALANCED", f"journal_entry {entry} and its lines do not come together", is_final=True)
    for entry, currencies in sums.items():
        if any(currencies.values()):
            return Fault("UNBALANCED", f"journal_entry {entry} does not balance", is_final=True)
    return None


def _currency(session: Session) -> str | None:
    return session.execute(select(Institution.currency).order_by(Institution.id)).scalars().first()


def _turnover(session: Session, office_id: int) -> int:
    """Everything that was ever debited in one office, in minor units."""
    wanted = text("SELECT sum(debit) FROM gl_day_total WHERE origin_office_id = :office")
    return int(session.execute(wanted, {"office": office_id}).scalar_one() or 0)


def _present_ids(session: Session, table: str, ids: Sequence[int], *, column: str = "id") -> set[int]:
    """Of ``ids``, in order, those that are there; ids that follow each other are asked for as a range."""
    found: set[int] = set()
    assert issubclass(recorded_models()[table], Recorded), "table names come from the schema"
    select_them = f'SELECT {column} FROM "{table}" WHERE {column}'  # noqa: S608 - a table of ours
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        if some[-1] - some[0] < _NEAR * len(some):
            rows = fetch(session, f"{select_them} BETWEEN ? AND ?", some[0], some[-1])
        else:
            rows = fetch(session, f"{select_them} IN ({', '.join('?' * len(some))})", *some)
        found.update(row[0] for row in rows)
    return found.intersection(ids)
