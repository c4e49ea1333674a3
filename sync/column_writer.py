"""Writing packing 1: finding out in which columns a run of changesets is the most alike.

What is chosen here concerns the size only.  ``sync/packing.py`` unpacks every frame again and compares, so a
wrong choice costs bytes, never a changeset.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple, cast

from ledger.errors import TrustError
from sync.canonical import INT_MAX, INT_MIN, Plain, decode_unwalked, encode, encode_unwalked
from sync.changeset import MAX_BYTES, digest
from sync.columns import (
    MAX_BODY_BYTES,
    MAX_DIGITS,
    MAX_STEM_CHARACTERS,
    MAX_VALUES,
    NUMBERED_TEXT,
    NUMBERS,
    POINTERS,
    RAW,
    ROW_ABOVE,
)

Spec = list[object]

_SAMPLE_ROWS: Final = 24
_TRIED: Final = 3
"""How many references are tried on all rows, the best of the sample."""
_MAX_POINTED: Final = 256
_OUT_OF_REACH: Final = 1_000
_HASH_HEAD: Final = b"\x58\x20"
"""Of 32 bytes in CBOR."""
_LIST_HEAD: Final = 0x80
_MAP_HEAD: Final = 0xA0
_CONTAINERS: Final = frozenset({dict, list})
_ENDS_IN_DIGITS: Final = re.compile(rf"(.*?)([0-9]{{0,{MAX_DIGITS}}})", re.DOTALL)


class _Row(NamedTuple):
    """A changeset as a row: what it has in common with others of its shape, and its own values."""

    fields: dict[str, Plain]
    shape: tuple[object, ...]
    values: list[Plain]


def pack_columns(run: Sequence[tuple[bytes, bytes]]) -> bytes | None:
    """The body of a frame for ``run``, or None where it is no chain of changesets or becomes too large."""
    try:
        body = _body(run)
    except (TrustError, TypeError, KeyError, IndexError, ValueError, AttributeError):
        return None
    return body if body is not None and len(body) <= MAX_BODY_BYTES else None


def _body(run: Sequence[tuple[bytes, bytes]]) -> bytes | None:
    fields = [cast("dict[str, Plain]", decode_unwalked(data, limit_bytes=MAX_BYTES)) for data, _ in run]
    if [one["prev"] for one in fields[1:]] != [digest(data) for data, _ in run[:-1]]:
        return None
    rows = [_row(one) for one in fields]
    if sum(len(row.values) for row in rows) > MAX_VALUES:
        return None
    signatures = b"".join(signature for _, signature in run)
    return encode([fields[0]["prev"], *_shared_and_groups(rows), signatures])


def _shared_and_groups(rows: Sequence[_Row]) -> tuple[list[Spec], Spec, list[list[object]]]:
    """The shared columns (instants, and the ids that the others are near), the order, the groups."""
    columns = _Columns([range(len(rows))])
    instants = [cast("int", row.fields["hlc"]) for row in rows]
    ids = [_first_id(row) for row in rows]
    shared = [columns.nearest_numbers(instants), columns.nearest_numbers(ids)]
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(row.shape, []).append(place)
    order = [0] * len(rows)
    for number, places in enumerate(groups.values()):
        for place in places:
            order[place] = number
    common: list[Sequence[int]] = [range(len(rows)), instants, ids]
    return shared, _plain_numbers(order), [_group(rows, places, common) for places in groups.values()]


def _group(rows: Sequence[_Row], places: list[int], common: Sequence[Sequence[int]]) -> list[object]:
    """The chunks, the place of ``prev``, and the columns; what all rows share becomes part of the chunks."""
    cut = _Cutter(rows[places[0]].fields)
    columns = _Columns([[column[place] for place in places] for column in common])
    chunks: list[bytes] = []
    specs: list[Spec] = []
    open_chunk, prev_at = cut.chunks[0], 0
    for number, values in enumerate(zip(*(rows[place].values for place in places), strict=True)):
        if number == cut.prev_at:
            chunks.append(open_chunk)
            prev_at, open_chunk = len(specs), cut.chunks[number + 1]
        following = cut.chunks[number + 1 + (number >= cut.prev_at)]
        if values.count(values[0]) == len(values):
            open_chunk += encode_unwalked(values[0]) + following
        else:
            chunks.append(open_chunk)
            specs.append(columns.add(values))
            open_chunk = following
    chunks.append(open_chunk)
    return [chunks, prev_at, specs]


def _first_id(row: _Row) -> int:
    """The first row's id, which the others of one changeset are near."""
    ops = cast("list[list[int]]", row.fields["ops"])
    return ops[0][2] if ops else 0


def _row(fields: dict[str, Plain]) -> _Row:
    """The shape and the values of a changeset; ``kind``, tables and signs belong to the shape."""
    shape: list[object] = [*fields]
    values: list[Plain] = []
    for key, value in fields.items():
        if key == "ops":
            for table, sign, row_id, *parts in cast("list[list[Plain]]", value):
                shape += (table, sign)
                values.append(row_id)
                for part in parts:
                    _spread_out(part, shape, values)
            shape.append(None)
        elif key == "kind":
            shape.append(value)
        elif key != "prev":
            _spread_out(value, shape, values)
    return _Row(fields, (*shape, *map(type, values)), values)


def _spread_out(value: Plain, shape: list[object], values: list[Plain]) -> None:
    """Put the values inside ``value`` behind each other, in the order in which ``_Cutter`` meets them."""
    kind = type(value)
    if kind is dict:
        inner = cast("dict[str, Plain]", value)
        shape.append(tuple(inner))
        if _CONTAINERS.isdisjoint(map(type, inner.values())):
            values += inner.values()
            return
        for item in inner.values():
            _spread_out(item, shape, values)
    elif kind is list:
        shape.append(len(cast("list[Plain]", value)))
        for item in cast("list[Plain]", value):
            _spread_out(item, shape, values)
    else:
        shape.append(kind)
        values.append(value)


class _Cutter:
    """The bytes that all changesets of one shape have in common, cut where their values stand."""

    def __init__(self, fields: dict[str, Plain]) -> None:
        self.chunks: list[bytes] = []
        self.prev_at = 0
        self._chunk = bytearray()
        self._head(_MAP_HEAD, len(fields))
        for key, value in fields.items():
            self._chunk += _encoded_key(key)
            if key == "prev":
                self.prev_at = len(self.chunks)
                self._chunk += _HASH_HEAD
                self._close_chunk()
            elif key == "kind":
                self._chunk += encode_unwalked(value)
            elif key == "ops":
                self._ops(cast("list[list[Plain]]", value))
            else:
                self._take(value)
        self._close_chunk()

    def _close_chunk(self) -> None:
        self.chunks.append(bytes(self._chunk))
        self._chunk.clear()

    def _head(self, major: int, size: int) -> None:
        """The head of a list or map."""
        number = encode_unwalked(size)
        self._chunk += bytes((number[0] | major,)) + number[1:]

    def _ops(self, ops: list[list[Plain]]) -> None:
        self._head(_LIST_HEAD, len(ops))
        for op in ops:
            self._head(_LIST_HEAD, len(op))
            self._chunk += encode_unwalked(op[0]) + encode_unwalked(op[1])
            for part in op[2:]:
                self._take(part)

    def _take(self, value: Plain) -> None:
        """One value, or a container's head and what is in it."""
        kind = type(value)
        if kind is list:
            self._head(_LIST_HEAD, len(cast("list[Plain]", value)))
            for item in cast("list[Plain]", value):
                self._take(item)
        elif kind is dict:
            self._head(_MAP_HEAD, len(cast("dict[str, Plain]", value)))
            for key, item in cast("dict[str, Plain]", value).items():
                self._chunk += _encoded_key(key)
                self._take(item)
        else:
            self._close_chunk()


@lru_cache(maxsize=4096)
def _encoded_key(key: str) -> bytes:
    return encode_unwalked(key)


class _Columns:
    """The columns of one group so far, and which of them are worth referring to."""

    def __init__(self, known: list[Sequence[int]]) -> None:
        self.known: list[Sequence[int] | None] = [*known]
        self._telling = list(range(len(known)))

    def add(self, values: Sequence[Plain]) -> Spec:
        """The column for values of one type."""
        if type(values[0]) is int:
            return self.numbers(cast("Sequence[int]", values))
        self.known.append(None)
        if type(values[0]) is str:
            return self._text(cast("Sequence[str]", values))
        return self._pointers(values) or [RAW, list(values)]

    def numbers(self, values: Sequence[int]) -> Spec:
        """Whole numbers, by the reference that leaves the least; later columns may refer to them."""
        spec = self.nearest_numbers(values)
        pointers = self._pointers(values) if cast("int", spec[3]) > 1 else None
        if pointers is None:
            return spec
        self.known[-1] = None
        self._telling = [place for place in self._telling if self.known[place] is not None]
        return pointers

    def nearest_numbers(self, values: Sequence[int]) -> Spec:
        """As ``numbers``, never as pointers."""
        spec = self._numbers_spec(values)
        self.known.append(values)
        if spec[3] or spec[1] is None:
            self._telling.append(len(self.known) - 1)
        return spec

    def _numbers_spec(self, values: Sequence[int]) -> Spec:
        reference, steps = self._nearest(values)
        add, width = min(steps), _width(steps)
        return [NUMBERS, reference, add, width, _planes([step - add for step in steps], width)]

    def _nearest(self, values: Sequence[int]) -> tuple[int | None, Sequence[int]]:
        """The reference with the smallest spread, by a sample first."""
        references: list[int | None] = [None, ROW_ABOVE, *self._telling]
        sample = values[:_SAMPLE_ROWS]
        references.sort(key=lambda reference: _spread(self._steps(sample, reference)))
        tried = [(self._steps(values, reference), reference) for reference in references[:_TRIED]]
        steps, reference = min(tried, key=lambda one: _spread(one[0]))
        return reference, steps

    def _steps(self, values: Sequence[int], reference: int | None) -> Sequence[int]:
        if reference is None:
            return values
        if reference == ROW_ABOVE:
            return [value - above for value, above in zip(values, (0, *values), strict=False)]
        other = cast("Sequence[int]", self.known[reference])
        return [value - base for value, base in zip(values, other, strict=False)]

    def _pointers(self, values: Sequence[Plain]) -> Spec | None:
        """Each different value once, where they repeat."""
        different = list(dict.fromkeys(values))
        if len(different) > min(_MAX_POINTED, len(values) // 2):
            return None
        places = {value: place for place, value in enumerate(different)}
        return [POINTERS, different, _plain_numbers([places[value] for value in values])]

    def _text(self, values: Sequence[str]) -> Spec:
        pointers = self._pointers(values)
        if pointers is not None:
            return pointers
        parts = [_split(value) for value in values]
        stems = [stem for stem, _ in parts]
        pointed = self._pointers(stems)
        if pointed is None or max(map(len, stems)) > MAX_STEM_CHARACTERS:
            return [RAW, list(values)]
        widths = _plain_numbers([len(digits) for _, digits in parts])
        return [
            NUMBERED_TEXT,
            pointed[1:],
            widths,
            self._numbers_spec([int(digits or 0) for _, digits in parts]),
        ]


def _split(text: str) -> tuple[str, str]:
    found = _ENDS_IN_DIGITS.fullmatch(text)
    assert found is not None, "every text has a stem"
    return found[1], found[2]


def _plain_numbers(values: Sequence[int]) -> Spec:
    add, width = min(values), _width(values)
    return [NUMBERS, None, add, width, _planes([value - add for value in values], width)]


def _spread(steps: Sequence[int]) -> int:
    """Bits between the least and the most; out of reach where the reader's numbers would not hold them."""
    low, high = min(steps), max(steps)
    return (high - low).bit_length() if low >= INT_MIN and high <= INT_MAX else _OUT_OF_REACH


def _width(steps: Sequence[int]) -> int:
    return -(-_spread(steps) // 8)


def _planes(steps: Sequence[int], width: int) -> bytes:
    """All lowest bytes, then the next ones."""
    words = b"".join(step.to_bytes(8, "little") for step in steps) if width else b""
    return b"".join(words[plane::8] for plane in range(width))
