"""Changesets of one shape, read by column instead of one by one.

In a frame of columns the changesets of a group have all bytes in common but a few values.  So the first one
is read with every check there is; then it is found out where in it the values stand; then each column's
values are checked for what their place may hold.  The rest follows: where one changeset is canonical, putting
another canonical whole number, text or byte string in the place of a value gives a canonical changeset of the
same shape, and its fields are the first one's but for these values.

Whatever does not fit this argument (a cut inside a value or over several, a value that its place cannot hold)
gives no template: then each changeset is read by itself, and refused, if so, as it always would be.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import repeat
from typing import Any, Final, NamedTuple, TypeAlias

from ledger.errors import TrustError
from sync.canonical import (
    INT_MAX,
    LIST,
    MAP,
    NULL,
    Plain,
    encode_unwalked,
    head_bytes,
    number_bytes,
    value_bytes,
)
from sync.changeset import DEVICE_MAX, Changeset, is_date, is_kind, is_note
from sync.ops import Op, Row

LEAST_ROWS: Final = 4
"""Of fewer, each is read by itself."""

Column: TypeAlias = Sequence[Plain]
_Slot: TypeAlias = str | tuple[int, str, str]
"""A field of the changeset, or (number of the op, ``id`` / ``new`` / ``old``, column)."""

_VALUES: Final = frozenset({int, str, bytes, type(None)})
_FIRST_FIELDS: Final = b"\xb0\x61v\x01"
_PREV_HEAD: Final = b"\x58\x20"


def _whole(low: int, high: int) -> Callable[[Column], bool]:
    def fits(values: Column) -> bool:
        return set(map(type, values)) == {int} and low <= min(values) and max(values) <= high  # type: ignore[type-var,operator]  # all are whole numbers by then

    return fits


def _each(check: Callable[[str], bool]) -> Callable[[Column], bool]:
    def fits(values: Column) -> bool:
        return set(map(type, values)) == {str} and all(map(check, set(values)))  # type: ignore[arg-type]  # all are text by then

    return fits


_ID: Final = _whole(0, INT_MAX)
_FIELDS: Final[Mapping[str, Callable[[Column], bool]]] = {
    "hlc": _ID,
    "seq": _whole(1, INT_MAX),
    "date": _each(is_date),
    "kind": _each(is_kind),
    "note": _each(is_note),
    "actor": _ID,
    "chain": _ID,
    "rules": _ID,
    "device": _whole(0, DEVICE_MAX),
    "schema": _ID,
    "reference": _ID,
}
"""Fields whose values may differ between the rows, each with what ``Changeset.from_bytes`` asks of it."""
_ORDER: Final = tuple(field.name for field in fields(Changeset))
_WRITTEN: Final = sorted((name for name in _ORDER if name != "v"), key=lambda name: (len(name), name))
"""The fields after ``v`` as they stand in the bytes."""


class Template(NamedTuple):
    """The first changeset of a group, and the columns in which the others differ from it."""

    first: Changeset
    columns: Mapping[_Slot, Column]
    rows: int

    @staticmethod
    def of(
        body: bytes, chunks: Sequence[bytes], cut: int, columns: Sequence[Column], rows: int
    ) -> "Template | None":
        """Find the places of ``columns`` in the first changeset, ``body``; None where one has no place.

        chunks  the bytes between the values
        cut     the number of the gap that ``prev`` takes
        """
        try:
            first = Changeset.from_bytes(body)
        except TrustError:
            return None
        places = _places(first)
        found: dict[_Slot, Column] = {}
        at = 0
        values = iter(columns)
        for gap, chunk in enumerate(chunks[:-1]):
            at += len(chunk)
            if gap == cut:
                if places.get(at) != ("prev", len(first.prev)):
                    return None
                at += len(first.prev)
                continue
            column = next(values)
            slot, size = places.get(at, ("", 0))
            if (
                slot in ("", "prev")
                or size != len(encode_unwalked(column[0]))
                or not _may_stand(slot, column)
            ):
                return None
            found[slot] = column
            at += size
        return Template(first, found, rows)

    def changesets(self, prevs: Sequence[bytes]) -> Iterator[Changeset]:
        """Every changeset of the group, in order, given what each one follows."""
        first = self.first
        given: dict[str, Any] = {
            name: self.columns.get(name) or repeat(getattr(first, name)) for name in _FIELDS
        }
        ops = zip(*(self._ops(number, op) for number, op in enumerate(first.ops)), strict=True)
        given |= {"prev": prevs, "ops": ops if first.ops else repeat(())}
        given |= {"seen": repeat(first.seen), "approvals": repeat(first.approvals), "v": repeat(first.v)}
        return map(Changeset, *(given[name] for name in _ORDER))

    def values(self, field: str) -> Column:
        """What the rows have in a field of the changeset; one value where all have the same."""
        return self.columns.get(field) or (getattr(self.first, field),)

    def _ops(self, number: int, op: Op) -> Iterator[Op]:
        """The op in one place of every changeset, each made when it is asked for."""
        rows = self.rows
        ids: Any = self.columns.get((number, "id", "")) or repeat(op.id, rows)
        new, old = self._rows(number, "new", op.new, rows), self._rows(number, "old", op.old, rows)
        return map(Op, repeat(op.table), repeat(op.sign), ids, new, old, repeat(op.base))

    def _rows(self, number: int, side: str, row: Row | None, rows: int) -> Iterator[Any]:
        if row is None:
            return repeat(None, rows)
        names = tuple(row)
        columns = [self.columns.get((number, side, name)) or repeat(row[name]) for name in names]
        if all(type(column) is repeat for column in columns):
            return map(dict, repeat(row, rows))  # each its own
        return map(dict, map(zip, repeat(names), zip(*columns)))  # noqa: B905 - what is common repeats without end


def _may_stand(slot: _Slot, column: Column) -> bool:
    if type(slot) is str:
        return slot in _FIELDS and _FIELDS[slot](column)
    return _ID(column) if slot[1] == "id" else set(map(type, column)) <= _VALUES


def _places(changeset: Changeset) -> dict[int, tuple[_Slot, int]]:
    """Where in its bytes each value of a changeset stands: {offset: (which, how many bytes)}."""
    found: dict[int, tuple[_Slot, int]] = {}
    at = len(_FIRST_FIELDS)

    def take(slot: _Slot, size: int) -> None:
        nonlocal at
        found[at] = (slot, size)
        at += size

    for name in _WRITTEN:
        at += len(value_bytes(name))
        if name == "ops":
            at += len(head_bytes(LIST, len(changeset.ops)))
            for number, op in enumerate(changeset.ops):
                at += 1 + len(value_bytes(op.table)) + len(value_bytes(op.sign))
                take((number, "id", ""), len(number_bytes(op.id)))
                for side, row in (("new", op.new), ("old", op.old)):
                    at += len(NULL if row is None else head_bytes(MAP, len(row)))
                    for column, value in (row or {}).items():
                        at += len(value_bytes(column))
                        take((number, side, column), len(value_bytes(value)))
                at += len(NULL if op.base is None else encode_unwalked(list(map(tuple, op.base))))
        elif name == "prev":
            at += len(_PREV_HEAD)
            take("prev", len(changeset.prev))
        elif name == "seen":
            at += len(encode_unwalked({chain: tuple(place) for chain, place in changeset.seen.items()}))
        elif name == "approvals":
            at += len(encode_unwalked([entry._asdict() for entry in changeset.approvals]))
        else:
            take(name, len(value_bytes(getattr(changeset, name))))
    return found
