"""Packing 1: a run of chained changesets turned on its side, so that like stands beside like.

A frame's body is one canonical CBOR list:

    [prev, shared, order, groups, signatures]

    prev        of the first changeset (32 bytes); all others are the SHA-256 of the one before, made again
    shared      columns with one whole number per changeset, in the order of the run
    order       column: which group each changeset belongs to
    groups      [chunks, place, columns] each: the bytes that its changesets have in common, cut where they
                differ; which cut takes ``prev``; and a column for every other cut
    signatures  64 bytes each, one after the other

A changeset is ``chunk, value, chunk, value, … chunk`` with the values written as CBOR.  A column is one of

    [0, [value, …]]                     as they are
    [1, [value, …], column]             each different value once, and a column of whole numbers that points
    [2, reference, add, width, planes]  whole numbers: add + what stands in the planes + the reference
    [3, [stems, column], widths, numbers]   texts that end in digits: each different stem once, a column that
                                        points, and columns of how many digits and of what they say

Planes are ``width`` times one byte per row: all lowest bytes first, then the next ones.  A reference is null
(nothing), -1 (the value one row above, 0 for the first), or a number: 0 the place of the changeset in the
run, then the shared columns, then the group's own columns before this one.

Nothing here knows what a changeset means; whatever comes out is checked by its signature.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat
from typing import Final, TypeAlias, cast

from ledger.errors import TrustError
from sync.canonical import INT_MAX, INT_MIN, Plain, decode, encode_unwalked, numbers_bytes
from sync.changeset import HASH_BYTES, MAX_BYTES
from sync.frames import Frame, Group, Signed
from sync.reasons import refused
from sync.signing import SIGNATURE_BYTES

RAW: Final = 0
POINTERS: Final = 1
NUMBERS: Final = 2
NUMBERED_TEXT: Final = 3
ROW_ABOVE: Final = -1

MAX_VALUES: Final = 1_000_000
"""Values of one frame, over all its changesets: what bounds a reader's memory."""
MAX_BODY_BYTES: Final = 1 << 20
MAX_STEM_CHARACTERS: Final = 256
MAX_DIGITS: Final = 18

_WORD_BYTES: Final = 8
_MAX_SHARED: Final = 8

Numbers: TypeAlias = Sequence[int]


def unpack_columns(body: bytes, count: int, limit_bytes: int) -> list[tuple[bytes, bytes]]:
    """The ``count`` changesets of one frame with their signatures.

    limit_bytes  of changesets and signatures together; more is refused before it is built
    raises       TrustError BAD_STREAM, LIMIT_SIZE
    """
    return read_columns(body, count, limit_bytes).run


def read_columns(body: bytes, count: int, limit_bytes: int) -> Frame:
    """As ``unpack_columns``, with the columns in which the changesets came."""
    try:
        parts = decode(body, limit_bytes=MAX_BODY_BYTES)
        return _Reader(parts, count).frame(limit_bytes)
    except TrustError as fault:
        if fault.code == "LIMIT_SIZE":
            raise
        raise refused("BAD_STREAM", "A frame of columns is not as it is written.") from fault
    except (TypeError, ValueError, IndexError, AttributeError, OverflowError) as fault:
        raise refused("BAD_STREAM", "A frame of columns contradicts itself.") from fault


class _Reader:
    """One frame being taken apart."""

    def __init__(self, parts: Plain, count: int) -> None:
        prev, shared, order, groups, signatures = cast("list[list[Plain]]", parts)
        if not len(groups) <= count or len(shared) > _MAX_SHARED:
            raise ValueError
        self.prev = _bytes_of(prev, HASH_BYTES)
        self.signatures = _bytes_of(signatures, SIGNATURE_BYTES * count)
        self.shared: list[Numbers | None] = [range(count)]
        for spec in shared:
            self.shared.append(_read(spec, count, self.shared).numbers)
        self.order = _read(order, count, self.shared).needed_numbers()
        self.places: list[list[int]] = [[] for _ in groups]
        for place, number in enumerate(self.order):
            self.places[_natural(number)].append(place)
        self.groups = cast("list[list[list[Plain]]]", groups)

    def frame(self, limit_bytes: int) -> Frame:
        """Join the pieces, hashing each changeset for the next one's ``prev``."""
        if sum(len(self.groups[number][2]) for number in self.order) > MAX_VALUES:
            raise refused("LIMIT_SIZE", "A frame of columns has too many values.")
        read = [self._group(number) for number in range(len(self.groups))]
        halves = [pieces for _, pieces in read]
        prev, left = self.prev, limit_bytes
        run: list[Signed] = []
        hashes: list[bytes] = []
        for place, number in enumerate(self.order):
            before, after = next(halves[number])
            size = HASH_BYTES + sum(map(len, before)) + sum(map(len, after))
            left -= size + SIGNATURE_BYTES
            if left < 0 or size > MAX_BYTES:
                raise refused("LIMIT_SIZE", "The changesets are longer than they were said to be.")
            changeset = b"".join((*before, prev, *after))
            prev = hashlib.sha256(changeset).digest()
            hashes.append(prev)
            at = place * SIGNATURE_BYTES
            run.append((changeset, self.signatures[at : at + SIGNATURE_BYTES]))
        groups = [group for group, _ in read if group.places]
        return Frame(run, hashes, [self.prev, *hashes[:-1]], groups)

    def _group(self, number: int) -> tuple[Group, Iterator[tuple[Sequence[bytes], Sequence[bytes]]]]:
        """A group, and for each of its changesets the pieces before and after its ``prev``."""
        chunks, place, specs = self.groups[number]
        cut = _natural(cast("int", place))
        if len(chunks) != len(specs) + 2 or cut > len(specs):
            raise ValueError
        places = self.places[number]
        known = [column and [column[place] for place in places] for column in self.shared]
        columns: list[_Values] = []
        for spec in specs:
            column = _read(spec, len(places), known)
            known.append(column.numbers)
            columns.append(column)
        encoded = [column.encoded for column in columns]
        halves = zip(
            _woven(chunks[: cut + 1], encoded[:cut]),
            _woven(chunks[cut + 1 :], encoded[cut:]),
            strict=True,
        )
        values = [column.values for column in columns]
        return Group(places, list(map(_bytes_of, chunks)), cut, values), halves


@dataclass(frozen=True, slots=True)
class _Values:
    """A column that was read: each value, the same as CBOR, and as numbers where it is one of numbers."""

    values: Sequence[Plain]
    encoded: list[bytes]
    numbers: Numbers | None = None

    def needed_numbers(self) -> Numbers:
        if self.numbers is None:
            raise ValueError
        return self.numbers


def _woven(chunks: list[Plain], columns: list[list[bytes]]) -> Iterator[Sequence[bytes]]:
    """Chunk, value, chunk, value, … chunk of each row."""
    woven: list[Iterable[bytes]] = [repeat(_bytes_of(chunks[0]))]
    for chunk, column in zip(chunks[1:], columns, strict=True):
        woven += (column, repeat(_bytes_of(chunk)))
    return zip(*woven)  # noqa: B905 - the chunks repeat without end


def _read(spec: Plain, rows: int, known: Sequence[Numbers | None]) -> _Values:
    """One column of ``rows`` values; ``known`` are the columns that it may refer to."""
    form, *rest = cast("list[Plain]", spec)
    if form == RAW:
        return _read_raw(*rest, rows=rows)
    if form == POINTERS:
        return _read_pointers(*rest, rows=rows, known=known)
    if form == NUMBERS:
        return _read_numbers(*rest, rows=rows, known=known)
    if form == NUMBERED_TEXT:
        return _read_numbered_text(*rest, rows=rows, known=known)
    raise ValueError(form)


def _read_raw(values: Plain, *, rows: int) -> _Values:
    items = cast("list[Plain]", values)
    if type(items) is not list or len(items) != rows:
        raise ValueError
    return _Values(items, list(map(encode_unwalked, items)))


def _read_pointers(values: Plain, pointers: Plain, *, rows: int, known: Sequence[Numbers | None]) -> _Values:
    items = cast("list[Plain]", values)
    each = list(map(encode_unwalked, items))
    places = _read(pointers, rows, known).needed_numbers()
    if min(places, default=0) < 0:
        raise ValueError
    return _Values([items[at] for at in places], [each[at] for at in places])


def _read_numbers(
    reference: Plain, add: Plain, width: Plain, planes: Plain, *, rows: int, known: Sequence[Numbers | None]
) -> _Values:
    steps = _read_planes(_bytes_of(planes), _natural(cast("int", width)), rows)
    offset = _whole(add)
    numbers: list[int]
    if reference is None:
        numbers = [offset + step for step in steps]
    elif reference == ROW_ABOVE:
        numbers = list(accumulate(offset + step for step in steps))
    else:
        other = known[_natural(cast("int", reference))]
        if other is None:
            raise ValueError
        numbers = [offset + step + base for step, base in zip(steps, other, strict=True)]
    if numbers and not INT_MIN <= min(numbers) <= max(numbers) <= INT_MAX:
        raise ValueError
    return _Values(numbers, numbers_bytes(numbers), numbers)


def _read_planes(planes: bytes, width: int, rows: int) -> Iterable[int]:
    if width > _WORD_BYTES or len(planes) != width * rows:
        raise ValueError
    words = bytearray(rows * _WORD_BYTES)
    for plane in range(width):
        words[plane::_WORD_BYTES] = planes[plane * rows : (plane + 1) * rows]
    return struct.unpack(f"<{rows}Q", words)


def _read_numbered_text(
    stems: Plain, widths: Plain, numbers: Plain, *, rows: int, known: Sequence[Numbers | None]
) -> _Values:
    each, pointers = cast("tuple[list[str], Plain]", stems)
    if max(map(len, each), default=0) > MAX_STEM_CHARACTERS:
        raise refused("LIMIT_SIZE", "A frame of columns has too long a text.")
    texts = []
    for at, width, number in zip(
        _read(pointers, rows, known).needed_numbers(),
        _read(widths, rows, known).needed_numbers(),
        _read(numbers, rows, known).needed_numbers(),
        strict=True,
    ):
        if not 0 <= width <= MAX_DIGITS:
            raise ValueError
        texts.append(each[_natural(at)] + (f"{_natural(number):0{width}d}" if width else ""))
    return _Values(texts, list(map(encode_unwalked, texts)))


def _bytes_of(value: object, size: int | None = None) -> bytes:
    if type(value) is not bytes or (size is not None and len(value) != size):
        raise ValueError
    return value


def _natural(number: int) -> int:
    """A number that may point into a list: Python would also take -1."""
    if _whole(number) < 0:
        raise ValueError
    return number


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value
