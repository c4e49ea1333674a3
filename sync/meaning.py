"""What an accepted changeset may mean: the checks that make it effective or an exception.

A fault here never stops a chain: the changeset stays accepted and signed, has no effect as a whole, and
waits for a person. The rules:

SCOPE          a table that the writer may not write, a row that is not its own, columns or values that the
               schema does not know, an id without its number, a reference to a row that is not there or
               that another branch made (whether such a row is there depends on whose bundle came first)
NOT_OWNER      a change of a row that another office owns
ID_COLLISION   a second row under an id that is taken
UNBALANCED     a journal entry whose lines are missing, come from elsewhere or do not balance
NEEDS_SCHEMA   row images of a newer schema than this program knows (the chain is held)
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, bindparam, select, text
from sqlalchemy import LargeBinary as Bytes
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator, TypeEngine

from schema.base import (
    ExactDecimal,
    Images,
    InstantType,
    IsoDate,
    Kind,
    MoneyType,
    Recorded,
    RowId,
    device_of,
    first_id,
    recorded_models,
)
from schema.reference import Institution
from schema.writing import images_by_table
from sync.changeset import DELETE, INSERT, Changeset, Op, is_date
from sync.roster import Member, Roster

MAX_AMOUNT: Final = 10**15
"""Minor units in one column: ten million millions with two decimals."""
MAX_TURNOVER: Final = 2**60
"""Minor units that one office may ever debit: eight such offices still add up within 64 bits."""
MAX_TEXT_CHARACTERS: Final = 2_000
MAX_KEY_CHARACTERS: Final = 300
"""In columns with an index, of which PostgreSQL takes 2,700 bytes."""

Fits: TypeAlias = Callable[[Any], bool]

_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", re.ASCII)
_DECIMAL_CHARACTERS: Final = 40
_LAST_INSTANT: Final = 253_402_300_799_999
"""The end of the year 9999, in milliseconds."""
_CHECKS: Final[tuple[tuple[type, Fits], ...]] = (
    (MoneyType, lambda value: -MAX_AMOUNT <= value <= MAX_AMOUNT),
    (InstantType, lambda value: 0 <= value <= _LAST_INSTANT),
    (IsoDate, is_date),
    (ExactDecimal, lambda value: len(value) <= _DECIMAL_CHARACTERS and _DECIMAL.fullmatch(value) is not None),
    (BigInteger, lambda value: value >= 0),
    (RowId, lambda value: value >= 0),
    (Integer, lambda value: value in {0, 1}),
    (Bytes, lambda value: len(value) <= MAX_TEXT_CHARACTERS),
)
"""What the columns of each type may hold, beyond being whole numbers, text or bytes."""

_CHUNK: Final = 500
_ENTRY: Final = "journal_entry"
_LINE: Final = "journal_line"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a changeset has no effect: a reason code and what was found."""

    code: str
    what: str


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the columns of one table may hold."""

    images: Images
    columns: frozenset[str]
    types: Mapping[str, frozenset[type]]
    fits: Mapping[str, Fits]
    references: tuple[tuple[str, str], ...]


class Judge:
    """Judges the changesets of one writer, in the order of its chain, against what is in the database."""

    def __init__(self, session: Session, roster: Roster, writer: Member) -> None:
        self._session = session
        self._roster = roster
        self._writer = writer
        self._present: dict[str, set[int]] = {}
        self._currency = _currency(session)
        self._turnover = _turnover(session, writer.office_id)

    def look_up(self, changesets: Sequence[Changeset]) -> None:
        """Ask the database once for all rows that these changesets name."""
        wanted: dict[str, set[int]] = {}
        for changeset in changesets:
            for op in changeset.ops:
                shape = _shapes().get(op.table)
                if shape is None:
                    continue
                wanted.setdefault(op.table, set()).add(op.id)
                for column, target in shape.references:
                    value = (op.new or {}).get(column)
                    if type(value) is int:
                        wanted.setdefault(target, set()).add(value)
        for table, ids in wanted.items():
            present = self._present.setdefault(table, set())
            present |= _present_ids(self._session, table, sorted(ids - present))

    def fault_of(self, changeset: Changeset) -> Fault | None:
        """Give the first fault of ``changeset``, or None; what it makes counts as present from then on."""
        made: dict[str, set[int]] = {}
        for op in changeset.ops:
            if op.sign == INSERT:
                ids = made.setdefault(op.table, set())
                if op.id in ids:
                    return Fault("ID_COLLISION", f"{op.table} {op.id} is made twice")
                ids.add(op.id)
        for op in changeset.ops:
            fault = self._fault_of_op(op, made)
            if fault is not None:
                return fault
        fault = _balance_fault(changeset.ops) or self._amounts_fault(changeset.ops)
        if fault is None:
            for table, ids in made.items():
                self._present.setdefault(table, set()).update(ids)
        return fault

    def _amounts_fault(self, ops: Iterable[Op]) -> Fault | None:
        """One currency, and no more in all than sums can hold: one that overflows would stop every report."""
        debits = 0
        for op in ops:
            if op.sign == INSERT and op.table == _LINE:
                new = cast("Mapping[str, object]", op.new)
                if self._currency is not None and new["currency"] != self._currency:
                    return Fault("SCOPE", f"journal_line {op.id} is in another currency")
                debits += cast("int", new["debit"])
        if self._turnover + debits > MAX_TURNOVER:
            return Fault("SCOPE", "the entries of this office come to more than can be added up")
        self._turnover += debits
        return None

    def _fault_of_op(self, op: Op, made: Mapping[str, set[int]]) -> Fault | None:
        shape = _shapes().get(op.table)
        if shape is None or not self._may_write(shape.images.kind):
            return Fault("SCOPE", f"{op.table} is not a table that this device writes")
        if op.sign == DELETE or (op.base is not None and shape.images.kind is Kind.REFERENCE):
            return Fault("SCOPE", f"{op.table} {op.id}: rows of this table are not removed")
        new = cast("Mapping[str, object]", op.new)
        fault = form_fault(op)
        if fault is not None:
            return fault
        known = op.id in self._present.get(op.table, ())
        if op.sign == INSERT:
            fault = self._insert_fault(op, new, known=known)
        else:
            fault = self._update_fault(op, shape, known=known or op.id in made.get(op.table, ()))
        return fault or self._reference_fault(op, shape, new, made)

    def _may_write(self, kind: Kind) -> bool:
        return kind is Kind.BRANCH or (kind is Kind.REFERENCE and self._writer.is_hq)

    def _insert_fault(self, op: Op, new: Mapping[str, object], *, known: bool) -> Fault | None:
        if device_of(op.id) != self._writer.device or op.id == first_id(self._writer.device):
            return Fault("SCOPE", f"{op.table} {op.id}: the id is not of this device")
        if "origin_office_id" in new and new["origin_office_id"] != self._writer.office_id:
            return Fault("SCOPE", f"{op.table} {op.id}: made in the name of another office")
        if known:
            return Fault("ID_COLLISION", f"{op.table} {op.id} is there already")
        return None

    def _update_fault(self, op: Op, shape: _Shape, *, known: bool) -> Fault | None:
        if shape.images.is_fact:
            return Fault("SCOPE", f"{op.table} {op.id}: facts are never changed")
        if not self._writer.is_hq and self._roster.office_of(device_of(op.id)) != self._writer.office_id:
            return Fault("NOT_OWNER", f"{op.table} {op.id} belongs to another office")
        if not known:
            return Fault("SCOPE", f"{op.table} {op.id} is not there")
        return None

    def _reference_fault(
        self, op: Op, shape: _Shape, new: Mapping[str, object], made: Mapping[str, set[int]]
    ) -> Fault | None:
        for column, target in shape.references:
            value = new.get(column)
            if value is None:
                continue
            if not self._may_name(target, cast("int", value)):
                return Fault("SCOPE", f"{op.table} {op.id}: {column} names a row of another office")
            if value not in self._present.get(target, ()) and value not in made.get(target, ()):
                return Fault("SCOPE", f"{op.table} {op.id}: {column} names a row that is not there")
        return None

    def _may_name(self, table: str, row_id: int) -> bool:
        return (
            self._writer.is_hq
            or images_by_table()[table].kind is Kind.REFERENCE
            or self._roster.office_of(device_of(row_id)) == self._writer.office_id
        )


def form_fault(op: Op) -> Fault | None:
    """Give the first thing about a new or changed row that no table of this schema can hold, or None.

    The recorder asks the same before it signs: a branch never writes what headquarters would not take.
    """
    shape, new = _shapes()[op.table], cast("Mapping[str, object]", op.new)
    whole = op.sign == INSERT
    if (whole and new.keys() != shape.columns) or not new.keys() <= shape.columns:
        return Fault("SCOPE", f"{op.table} {op.id}: columns that this schema does not have, or some missing")
    for name, value in new.items():
        if type(value) not in shape.types[name] or (value is not None and not shape.fits[name](value)):
            return Fault("SCOPE", f"{op.table} {op.id}: {name} cannot hold this value")
    if not whole and "origin_office_id" in new:
        return Fault("SCOPE", f"{op.table} {op.id}: the office of origin never changes")
    return None


def _balance_fault(ops: Iterable[Op]) -> Fault | None:
    """Every entry balances per currency by lines of its own changeset; every line has its entry there."""
    sums: dict[int, dict[object, int]] = {}
    entries: set[int] = set()
    for op in ops:
        if op.sign != INSERT or op.table not in {_LINE, _ENTRY}:
            continue
        if op.table == _ENTRY:
            entries.add(op.id)
            continue
        new = cast("Mapping[str, int]", op.new)
        debit, credit = new["debit"], new["credit"]
        if min(debit, credit) < 0 or (debit == 0) == (credit == 0):
            return Fault("UNBALANCED", f"journal_line {op.id} is neither a debit nor a credit")
        currencies = sums.setdefault(new["journal_entry_id"], {})
        currencies[new["currency"]] = currencies.get(new["currency"], 0) + debit - credit
    for entry in entries ^ sums.keys():
        return Fault("UNBALANCED", f"journal_entry {entry} and its lines do not come together")
    for entry, currencies in sums.items():
        if any(currencies.values()):
            return Fault("UNBALANCED", f"journal_entry {entry} does not balance")
    return None


@cache
def _shapes() -> Mapping[str, _Shape]:
    shapes: dict[str, _Shape] = {}
    for name, model in recorded_models().items():
        images = images_by_table()[name]
        table = cast("Table", model.__table__)
        shapes[name] = _Shape(
            images=images,
            columns=frozenset(images.columns),
            types={column: _types_of(table.columns[column]) for column in images.columns},
            fits={column: _fits(table.columns[column]) for column in images.columns},
            references=tuple(
                (key.parent.name, key.column.table.name)
                for key in sorted(table.foreign_keys, key=lambda key: str(key.parent.name))
            ),
        )
    return shapes


def _types_of(column: Column[object]) -> frozenset[type]:
    kind: TypeEngine[object] = column.type
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    held: type = bytes if isinstance(plain, Bytes) else str if isinstance(plain, Text | String) else int
    return frozenset({held, type(None)} if column.nullable else {held})


def _fits(column: Column[object]) -> Fits:
    """Give the check that a value is one that both databases keep and our own reader can read."""
    if isinstance(column.type, Text):
        longest = MAX_KEY_CHARACTERS if column.index else MAX_TEXT_CHARACTERS
        return lambda value: len(value) <= longest
    if isinstance(column.type, Bytes) and "longest" in column.info:
        most: int = column.info["longest"]
        return lambda value: len(value) <= most
    return next(check for kind, check in _CHECKS if isinstance(column.type, kind))


def _currency(session: Session) -> str | None:
    return session.execute(select(Institution.currency).order_by(Institution.id)).scalars().first()


def _turnover(session: Session, office_id: int) -> int:
    """Everything that was ever debited in one office, in minor units."""
    wanted = text("SELECT sum(debit) FROM gl_day_total WHERE origin_office_id = :office")
    return int(session.execute(wanted, {"office": office_id}).scalar_one() or 0)


def _present_ids(session: Session, table: str, ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    assert issubclass(recorded_models()[table], Recorded), "table names come from the schema"
    query = f'SELECT id FROM "{table}" WHERE id IN :ids'  # noqa: S608 - a table of ours
    statement = text(query).bindparams(bindparam("ids", expanding=True))
    for start in range(0, len(ids), _CHUNK):
        found.update(session.execute(statement, {"ids": ids[start : start + _CHUNK]}).scalars())
    return found
