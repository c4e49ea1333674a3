"""What the columns of each table may hold, and what is wrong with a row that they cannot hold."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text
from sqlalchemy import LargeBinary as Bytes
from sqlalchemy.types import TypeDecorator, TypeEngine

from schema.base import (
    ExactDecimal,
    Images,
    InstantType,
    IsoDate,
    Merge,
    MoneyType,
    RowId,
    merge_of,
    recorded_models,
)
from schema.writing import images_by_table
from sync.changeset import INSERT, Op, is_date

MAX_AMOUNT: Final = 10**15
"""Minor units in one column: ten million millions with two decimals."""
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


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a changeset has no effect: a reason code and what was found.

    ``is_final``: the tables could not hold it, or another office keeps the row, so that no decision makes it
    effective.
    """

    code: str
    what: str
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What the columns of one table may hold."""

    images: Images
    columns: frozenset[str]
    types: Mapping[str, frozenset[type]]
    fits: Mapping[str, Fits]
    references: tuple[tuple[str, str], ...]
    shared: frozenset[str]


def form_fault(op: Op) -> Fault | None:
    """Give the first thing about a new or changed row that no table of this schema can hold, or None.

    The recorder asks the same before it signs: a branch never writes what headquarters would not take.
    """
    shape, new = shapes()[op.table], cast("Mapping[str, object]", op.new)
    whole = op.sign == INSERT
    if (whole and new.keys() != shape.columns) or not new.keys() <= shape.columns:
        return Fault(
            "SCOPE",
            f"{op.table} {op.id}: columns that this schema does not have, or some missing",
            is_final=True,
        )
    for name, value in new.items():
        if type(value) not in shape.types[name] or (value is not None and not shape.fits[name](value)):
            return Fault("SCOPE", f"{op.table} {op.id}: {name} cannot hold this value", is_final=True)
    if not whole and "origin_office_id" in new:
        return Fault("SCOPE", f"{op.table} {op.id}: the office of origin never changes", is_final=True)
    return None


def references_of(table: str) -> tuple[tuple[str, str], ...]:
    """Give the columns of a table that name rows, each with the table that it names."""
    shape = shapes().get(table)
    return shape.references if shape else ()


@cache
def shapes() -> Mapping[str, Shape]:
    """Give the shape of every table that travels."""
    each: dict[str, Shape] = {}
    for name, model in recorded_models().items():
        images = images_by_table()[name]
        table = cast("Table", model.__table__)
        each[name] = Shape(
            images=images,
            columns=frozenset(images.columns),
            types={column: _types_of(table.columns[column]) for column in images.columns},
            fits={column: _fits(table.columns[column]) for column in images.columns},
            references=tuple(
                (key.parent.name, key.column.table.name)
                for key in sorted(table.foreign_keys, key=lambda key: str(key.parent.name))
            ),
            shared=frozenset(
                column
                for column in images.columns
                if merge_of(table.columns[column], model) in {Merge.SHARED, Merge.UNIQUE, Merge.ONE_WAY}
            ),
        )
    return each


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
