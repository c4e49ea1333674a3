"""One changeset as an auditor reads it: who, when, what, in which chain, and whether its signature holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final, cast

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.errors import NotFoundError, TrustError
from ledger.money import Money
from schema.accounts import LoanAccount, SavingsAccount
from schema.base import (
    COUNTER_BITS,
    InstantType,
    MoneyType,
    Recorded,
    RowId,
    from_milliseconds,
    recorded_models,
)
from schema.people import Client, Group, User
from schema.products import LoanProduct, SavingsProduct
from schema.reference import GLAccount, Office
from schema.replication import BundleRecord, StoredChangeset
from sync.changeset import Changeset, Op, digest, hlc_ms
from sync.reasons import REASONS, Reason
from sync.roster import Roster
from sync.signing import verify

_SHOWN: Final = 50
_LABELS: Final[Mapping[str, tuple[type[Recorded], InstrumentedAttribute[str]]]] = {
    "gl_account": (GLAccount, GLAccount.code),
    "office": (Office, Office.code),
    "loan_account": (LoanAccount, LoanAccount.number),
    "savings_account": (SavingsAccount, SavingsAccount.number),
    "client": (Client, Client.number),
    "lending_group": (Group, Group.number),
    "loan_product": (LoanProduct, LoanProduct.code),
    "savings_product": (SavingsProduct, SavingsProduct.code),
}
"""Rows that people know by a number or code."""


@dataclass(frozen=True, slots=True)
class RowName:
    """An id as people read it: the row's own number or code where it is here, else device and count."""

    id: int

    label: str = ""

    def __str__(self) -> str:
        if self.label:
            return self.label
        return f"{self.id >> COUNTER_BITS}.{self.id & ((1 << COUNTER_BITS) - 1)}"


Shown = Money | datetime | RowName | str
"""A value of a column as pages show it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of an op; ``old`` only where it was changed."""

    column: str
    new: Shown
    old: Shown | None = None


@dataclass(frozen=True, slots=True)
class OpRow:
    """One row that was made (``+``), changed (``~``) or buried (``-``)."""

    table: str
    sign: str
    id: RowName
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ChangesetSheet:
    """Everything that one stored changeset says, and what is known of it here.

    signature   good, wrong or unknown (no key of the device is known)
    state       accepted, held or quarantined; ``reason`` says why it is not effective, if it is not
    recorded_at the instant that its device's clock said
    actor       the name behind ``actor_id``, empty where it is not known here
    siblings    hashes of other changesets at the same place of the chain: more than none is a fork
    """

    device: int
    office: Office | None
    chain: int
    seq: int
    hash: str
    prev: str
    kind: str
    note: str
    actor_id: int
    actor: str
    recorded_at: datetime
    business_date: date
    schema: int
    rules: int
    reference: int
    seen: Mapping[int, tuple[int, str]]
    state: str
    code: str
    reason: Reason | None
    signature: str
    bundle: str
    came_at: datetime | None
    size_bytes: int
    siblings: tuple[str, ...]
    ops: tuple[OpRow, ...]


def changeset_sheet(
    session: Session, roster: Roster, device: int, chain: int, seq: int, sha256: str = ""
) -> ChangesetSheet:
    """Give the changeset at a place of a chain, checked again byte for byte.

    sha256   hex of the hash where the place holds more than one; else the accepted one is given
    raises   NotFoundError
    """
    there = list(
        session.scalars(
            select(StoredChangeset)
            .where(
                StoredChangeset.device == device, StoredChangeset.chain == chain, StoredChangeset.seq == seq
            )
            .order_by(StoredChangeset.state, StoredChangeset.hash)
        )
    )
    row = next((one for one in there if not sha256 or one.hash.hex() == sha256), None)
    if row is None:
        raise NotFoundError(kind="changeset", key=f"{device}-{chain}-{seq}")
    return _sheet(session, roster, row, tuple(one.hash.hex() for one in there if one is not row))


def _sheet(
    session: Session, roster: Roster, row: StoredChangeset, siblings: tuple[str, ...]
) -> ChangesetSheet:
    changeset = Changeset.from_bytes(row.body)
    office_id = roster.office_of(row.device)
    actor = session.get(User, changeset.actor)
    bundle = _bundle(session, row.bundle_id)
    return ChangesetSheet(
        device=row.device,
        office=session.get(Office, office_id) if office_id is not None else None,
        chain=row.chain,
        seq=row.seq,
        hash=row.hash.hex(),
        prev=row.prev.hex(),
        kind=changeset.kind,
        note=readable(changeset.note),
        actor_id=changeset.actor,
        actor=readable(actor.full_name or actor.username) if actor else "",
        recorded_at=from_milliseconds(hlc_ms(changeset.hlc)),
        business_date=row.business_date,
        schema=changeset.schema,
        rules=changeset.rules,
        reference=changeset.reference,
        seen={of: (place.seq, place.hash.hex()) for of, place in sorted(changeset.seen.items())},
        state=row.state,
        code=row.code,
        reason=REASONS.get(row.code),
        signature=_signature(roster, row),
        bundle=row.bundle_id.hex()[:8].upper() if row.bundle_id else "",
        came_at=bundle.at if bundle else None,
        size_bytes=len(row.body),
        siblings=siblings,
        ops=_op_rows(session, changeset.ops),
    )


def _signature(roster: Roster, row: StoredChangeset) -> str:
    """Check the stored bytes again, now, and not what was noted when they came."""
    member = roster.find(row.device)
    if member is None:
        return "unknown"
    try:
        verify(member.signing_key, row.signature, "changeset", roster.institution_id, row.body)
    except TrustError:
        return "wrong"
    return "good" if digest(row.body) == row.hash else "wrong"


def _bundle(session: Session, bundle_id: bytes | None) -> BundleRecord | None:
    if bundle_id is None:
        return None
    came_in = select(BundleRecord).where(BundleRecord.bundle_id == bundle_id, BundleRecord.direction == "in")
    return session.scalars(came_in.order_by(BundleRecord.id).limit(1)).first()


def _op_rows(session: Session, ops: Sequence[Op]) -> tuple[OpRow, ...]:
    """Give the rows of a changeset; ids of accounts, people and offices by the numbers that people know."""
    wanted: dict[str, set[int]] = {}
    for op in ops:
        for name, value in (*(op.new or {}).items(), *(op.old or {}).items()):
            target = _target(op.table, name)
            if isinstance(value, int) and target in _LABELS:
                wanted.setdefault(target, set()).add(value)
    labels: dict[int, str] = {}
    for target, ids in wanted.items():
        model, column = _LABELS[target]
        rows = session.execute(select(model.id, column).where(model.id.in_(ids)))
        labels.update({row[0]: readable(row[1]) for row in rows})
    return tuple(_op_row(op, labels) for op in ops)


def _target(table: str, name: str) -> str:
    if name == "origin_office_id":
        return Office.__tablename__
    column = _columns(table).get(name)
    keys = column.foreign_keys if column is not None else ()
    return next((key.column.table.name for key in keys), "")


def _op_row(op: Op, labels: Mapping[int, str]) -> OpRow:
    columns = _columns(op.table)
    after, before = op.new or {}, op.old or {}
    cells = [
        Cell(
            name,
            _shown(columns.get(name), after.get(name), labels),
            _shown(columns.get(name), before[name], labels) if name in before else None,
        )
        for name in (after or before)
    ]
    return OpRow(op.table, op.sign, RowName(op.id), tuple(cells))


@cache
def _columns(table: str) -> Mapping[str, Column[object]]:
    model = recorded_models().get(table)
    return {} if model is None else {column.name: column for column in cast("Table", model.__table__).columns}


def _shown(column: Column[object] | None, value: object, labels: Mapping[int, str]) -> Shown:
    """Give a stored value the form that its column means; what does not fit is shown as it is."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, int) and column is not None:
        if isinstance(column.type, MoneyType):
            return Money(value)
        if isinstance(column.type, InstantType):
            return from_milliseconds(value)
        if isinstance(column.type, RowId):
            return RowName(value, labels.get(value, ""))
    return readable(str(value))


def readable(text: str) -> str:
    """Spell out what cannot be printed, such as marks that turn the direction of writing."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@dataclass(frozen=True, slots=True)
class ChainLine:
    """One changeset of a chain in a line."""

    device: int
    chain: int
    seq: int
    hash: str
    kind: str
    business_date: date
    recorded_at: datetime
    state: str
    code: str


def chain_lines(session: Session, devices: Iterable[int], *, before: int | None = None) -> list[ChainLine]:
    """List the newest changesets of some devices, newest first; ``before`` is the instant to go on from."""
    wanted = (
        select(
            StoredChangeset.device,
            StoredChangeset.chain,
            StoredChangeset.seq,
            StoredChangeset.hash,
            StoredChangeset.kind,
            StoredChangeset.business_date,
            StoredChangeset.hlc,
            StoredChangeset.state,
            StoredChangeset.code,
        )
        .where(StoredChangeset.device.in_(list(devices)))
        .order_by(StoredChangeset.hlc.desc(), StoredChangeset.seq.desc())
        .limit(_SHOWN)
    )
    if before is not None:
        wanted = wanted.where(StoredChangeset.hlc < before)
    return [
        ChainLine(
            row.device,
            row.chain,
            row.seq,
            row.hash.hex(),
            row.kind,
            row.business_date,
            from_milliseconds(hlc_ms(row.hlc)),
            row.state,
            row.code,
        )
        for row in session.execute(wanted)
    ]
