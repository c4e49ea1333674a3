"""How rows are written: whole, in the order made, each write told to the recorder.

Rows of recorded tables are written here and nowhere else. The recorder must see exactly what the database
got, in the order in which it got it, and a till's repayment must not wait for an object mapper: one prepared
INSERT a row costs a fifth of the mapper's flush.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, Protocol, cast

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.attributes import set_committed_value

from ledger.errors import RuleError
from ledger.money import Money
from schema.base import (
    BranchRow,
    Images,
    Recorded,
    images_of,
    plain_decimal,
    recorded_models,
    to_milliseconds,
)
from schema.reading import connection_of, execute
from schema.totals import add_to_totals

_ACT = "satchel.act"
OPS_OF_A_CUT: Final = 1500
"""A changeset may have 5,000 ops and 1 MiB; so many of the longest rows stay well below both."""


class UndeclaredWriteError(AssertionError):
    """A recorded table was written without a declared unit of work, or around the recorder."""


class Ids(Protocol):
    """Gives ids of this device, each once, without gaps between committed ones."""

    def take(self) -> int:
        """Give the next id."""


@dataclass(slots=True)
class Act:
    """What is being done, by whom and when; one for each unit of work, found by ``act(session)``.

    ``business_date`` is the open business day, ``recorded_at`` the UTC instant at which it is typed,
    ``office_code`` stands in numbers, ``currency`` on every journal line. ``ops`` collects the writes in
    order: ``[table, sign, id, new, old, base]``. ``cut`` seals them into one changeset and goes on in the
    next, in the same database transaction; outside an installation it does nothing. ``cut_into`` seals them
    into another chain of this device instead: what headquarters says to one branch alone stands in the chain
    of that branch's number. ``heads`` gives how far the chains of an office (None: of all) are known here,
    never short of a place that it is given; outside an installation there are none. ``sheet_id`` is the
    collection sheet that is keyed: entries name it.
    """

    kind: str
    actor_id: int
    device: int
    office_id: int
    office_code: str
    currency: str
    digits: int
    business_date: date
    recorded_at: datetime
    ids: Ids
    note: str = ""
    sheet_id: int | None = None
    ops: list[list[Any]] = field(default_factory=list)
    cut: Callable[[], None] = lambda: None
    cut_into: Callable[[int], None] = lambda _chain: None
    heads: Callable[[int | None, bytes | None], bytes | None] = lambda _office, _before: None


def declare(session: Session, act: Act) -> None:
    """Tie ``act`` to the session: from here on its writes are recorded."""
    session.info[_ACT] = act


def act(session: Session) -> Act:
    """Give the declared act of the session."""
    found = session.info.get(_ACT)
    if found is None:
        raise UndeclaredWriteError("a recorded table is written only inside unit_of_work(kind, actor)")
    return cast("Act", found)


def cut_when_full(session: Session) -> None:
    """Begin a new changeset once the present one holds much. Call it where everything written is whole.

    Work on all accounts at once (closes) calls it between two accounts, so that no changeset comes near its
    limits; all of them are committed together.
    """
    current = act(session)
    if len(current.ops) >= OPS_OF_A_CUT:
        current.cut()


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """Leave nothing of the block behind when a rule says no inside it; the refusal goes on.

    For work on many accounts of which one that is refused must not keep the others from it. No changeset may
    be cut inside the block.
    """
    ops = act(session).ops
    before = len(ops)
    savepoint = session.begin_nested()
    session.connection()  # the savepoint begins here, and our writes go past the session
    try:
        yield
    except RuleError:
        savepoint.rollback()
        session.expire_all()  # rows that the block changed are read again
        del ops[before:]
        raise
    savepoint.commit()


@cache
def images(model: type[Recorded]) -> Images:
    """Describe the op images of a model's table."""
    return images_of(cast("Any", model.__table__), model)


@cache
def images_by_table() -> dict[str, Images]:
    """Describe the op images of every table that travels."""
    return {name: images(model) for name, model in recorded_models().items()}


@cache
def insert_statement(table: str, dialect: str) -> str:
    """Give the INSERT of one whole image: the id, then the travelling columns in their order."""
    columns = ("id", *images_by_table()[table].columns)
    mark = "?" if dialect == "sqlite" else "%s"
    names = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join([mark] * len(columns))})'  # noqa: S608 - names are ours


@cache
def update_statement(table: str, columns: tuple[str, ...], dialect: str) -> str:
    """Give the UPDATE of some columns of one row; the id is the last parameter."""
    mark = "?" if dialect == "sqlite" else "%s"
    changes = ", ".join(f'"{name}" = {mark}' for name in columns)
    return f'UPDATE "{table}" SET {changes} WHERE id = {mark}'  # noqa: S608 - names are ours


def stored(value: object) -> object:
    """Give the stored form of a column value, which is also its form in an op."""
    kind = type(value)
    if kind is Money:
        return cast("Money", value).minor
    if kind in (int, str, bytes) or value is None:
        return value
    return _stored_slowly(value)


def _stored_slowly(value: object) -> object:
    if isinstance(value, datetime):
        return to_milliseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, str):  # an enumeration's member is stored as its text
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot stand in a column")


def insert(session: Session, *rows: Recorded) -> None:
    """Insert whole rows, in order, and record them. A row without an id gets the next one of this device.

    Sets ``origin_office_id`` of branch rows that have none.
    """
    current = act(session)
    dialect = connection_of(session).dialect.name
    for row in rows:
        shape = images(type(row))
        given = row.__dict__
        if given.get("id") is None:
            row.id = current.ids.take()
        if isinstance(row, BranchRow) and given.get("origin_office_id") is None:
            row.origin_office_id = current.office_id
        image: dict[str, object] = {}
        for name in shape.columns:
            value = given.get(name)
            if value is None and name in shape.defaults:
                value = shape.defaults[name]
                setattr(row, name, value)
            image[name] = stored(value)
        execute(session, insert_statement(shape.table, dialect), [(row.id, *image.values())])
        current.ops.append([shape.table, "+", row.id, image, None, None])


def update(session: Session, row: Recorded, **changes: object) -> None:
    """Change some columns of one row and record old and new; columns that keep their value are left out.

    Of shared columns a group that changes is written whole, so that each write of it stands for itself.
    """
    current = act(session)
    shape = images(type(row))
    if shape.is_fact:
        raise UndeclaredWriteError(f"{shape.table} is append-only: correct it by a reversal")
    new: dict[str, object] = {}
    old: dict[str, object] = {}
    for name in sorted(changes):
        if name not in shape.columns:
            raise AttributeError(f"{shape.table}.{name} does not travel")
        before, after = stored(getattr(row, name)), stored(changes[name])
        if before != after:
            old[name], new[name] = before, after
    if not new:
        return
    for name in shape.written_with(new):
        old[name] = new[name] = stored(getattr(row, name))
    statement = update_statement(shape.table, tuple(new), connection_of(session).dialect.name)
    execute(session, statement, [(*new.values(), row.id)])
    for name in new.keys() & changes.keys():
        set_committed_value(row, name, changes[name])
    current.ops.append([shape.table, "~", row.id, new, old, None])


def restate(session: Session, row: Recorded, **columns: object) -> None:
    """Write columns of one row, in stored form, whether or not they hold these values already.

    So a person says which of several values of a shared profile counts, also when it is shown already.
    """
    current = act(session)
    shape = images(type(row))
    new = {name: columns[name] for name in sorted(columns)}
    old = {name: stored(getattr(row, name)) for name in new}
    statement = update_statement(shape.table, tuple(new), connection_of(session).dialect.name)
    execute(session, statement, [(*new.values(), row.id)])
    session.expire(row)
    current.ops.append([shape.table, "~", row.id, new, old, None])


def add_to_day_totals(
    session: Session, office_id: int, booked_on: date, lines: Sequence[tuple[int, Money, Money]]
) -> None:
    """Add (GL account id, debit, credit) to the sums of ``office_id`` that reports read."""
    summed: dict[tuple[int, int, str], list[int]] = {}
    for account_id, debit, credit in lines:
        total = summed.setdefault((office_id, account_id, booked_on.isoformat()), [0, 0])
        total[0] += debit.minor
        total[1] += credit.minor
    add_to_totals(session, summed)


@event.listens_for(Session, "before_flush")
def _refuse_mapper_writes(session: Session, _flush: UOWTransaction, _instances: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Recorded) and (
            row in session.new or session.is_modified(row) or row in session.deleted
        ):
            raise UndeclaredWriteError(
                f"{row.__tablename__}: use schema.writing.insert and update, so that the write is recorded"
            )


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk_writes(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    mapper = state.bind_mapper
    if mapper is None or issubclass(mapper.class_, Recorded):
        raise UndeclaredWriteError("bulk writes go around the recorder; use schema.writing.insert and update")
