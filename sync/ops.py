"""The row changes inside a changeset: their form, and their canonical bytes.

This is the inner loop of every import, so the bytes of an op do not come from a general encoder: for each
shape that was met (table, sign, names of columns) the fixed pieces are kept, and only the values are written
between them.  A shape is judged once, the values every time; and since the result is compared with what came
in, a wrong piece would refuse a changeset, never admit one.
"""

import re
from collections.abc import Mapping
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from sync.canonical import INT_MAX, MAP, encode_unwalked, head_bytes, number_bytes, value_bytes
from sync.reasons import refused

MAX_OPS: Final = 5_000

INSERT: Final = "+"
UPDATE: Final = "~"
DELETE: Final = "-"

Value: TypeAlias = int | str | bytes | None
Row: TypeAlias = Mapping[str, Value]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_MAX_SHAPES: Final = 4096
_OP_HEAD: Final = b"\x86"
_NULL: Final = b"\xf6"


class Base(NamedTuple):
    """Which changeset wrote the values that the user was shown."""

    device: int
    chain: int
    seq: int


class Op(NamedTuple):
    """One row that was made (``+``), changed (``~``) or buried (``-``), in the order in which it happened.

    new   the whole row for ``+`` (without its id), the changed columns for ``~``, None for ``-``
    old   the same columns before for ``~``, the row before for ``-``, None for ``+``
    base  shared profiles only: whose values the user saw; None elsewhere
    """

    table: str
    sign: str
    id: int
    new: Row | None
    old: Row | None
    base: tuple[Base, ...] | None = None


Names: TypeAlias = tuple[str, ...] | None
Shape: TypeAlias = tuple[str, str, Names, Names]

_shapes: dict[Shape, list[bytes]] = {}


def read_op(value: object) -> tuple[Op, bytes]:
    """One op of a decoded changeset, checked, with its canonical bytes.

    raises  TrustError NON_CANONICAL, LIMIT_NUMBER
    """
    if type(value) is not list or len(value) != len(Op._fields):
        raise refused("NON_CANONICAL", "An op has six parts.")
    table, sign, row_id, new, old, base = value
    if type(table) is not str or type(sign) is not str:
        raise refused("NON_CANONICAL", "An op names no table, or not what it does.")
    if type(row_id) is not int or not 0 <= row_id <= INT_MAX:
        raise refused("NON_CANONICAL", "The id of a row is a whole number from 0 up, of 63 bits.")
    shape = (table, sign, _names(new), _names(old))
    pieces = _shapes.get(shape)
    if pieces is None:
        pieces = _remember(shape)
    parts = pieces.copy()
    parts[1::2] = [number_bytes(row_id), *map(value_bytes, chain((new or {}).values(), (old or {}).values()))]
    bases = None if base is None else _bases(base)
    parts.append(_NULL if base is None else encode_unwalked(base))
    return Op(table, sign, row_id, new, old, bases), b"".join(parts)


def _names(row: object) -> Names:
    if row is None:
        return None
    if type(row) is not dict:
        raise refused("NON_CANONICAL", "The columns of an op are no map.")
    return tuple(row)


def _remember(shape: Shape) -> list[bytes]:
    """Judge a shape that was not met before, and keep its fixed pieces: with a gap at every odd place."""
    table, sign, new, old = shape
    if not _NAME.fullmatch(table):
        raise refused("NON_CANONICAL", "An op names no table.")
    if not _fits(sign, new, old) or not _are_names(new) or not _are_names(old):
        raise refused("NON_CANONICAL", "The columns of an op do not fit what it does.")
    pieces = [_OP_HEAD + value_bytes(table) + value_bytes(sign), b"", b""]
    for names in (new, old):
        pieces[-1] += _NULL if names is None else head_bytes(MAP, len(names))
        for name in names or ():
            pieces[-1] += value_bytes(name)
            pieces += (b"", b"")
    if len(_shapes) >= _MAX_SHAPES:
        _shapes.clear()
    _shapes[shape] = pieces
    return pieces


def _fits(sign: str, new: Names, old: Names) -> bool:
    if sign == INSERT:
        return new is not None and old is None
    if sign == UPDATE:
        return bool(new) and new == old
    return sign == DELETE and new is None and old is not None


def _are_names(names: Names) -> bool:
    """Whether all are names of columns, in canonical order: the shorter first, then by letters."""
    if not all(type(name) is str and _NAME.fullmatch(name) for name in names or ()):
        return False
    return list(names or ()) == sorted(names or (), key=lambda name: (len(name), name))


def _bases(value: object) -> tuple[Base, ...]:
    if type(value) is not list or len(value) > MAX_OPS:
        raise refused("NON_CANONICAL", "base is not a list.")
    return tuple(map(_base, value))


def _base(value: object) -> Base:
    if type(value) is not list or len(value) != len(Base._fields):
        raise refused("NON_CANONICAL", "A base is device, chain and sequence number.")
    if not all(type(part) is int and 0 <= part <= INT_MAX for part in value):
        raise refused("NON_CANONICAL", "A base is made of whole numbers from 0 up.")
    return Base._make(value)
