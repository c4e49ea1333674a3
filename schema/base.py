"""What every table has in common: column types, kinds of tables, merge classes.

The stored form of a value is also its form in a changeset: whole numbers, text and bytes, the same on SQLite
and on PostgreSQL. So an op can be applied, compared and digested without translating a single value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeDecorator, TypeEngine

from ledger.money import Money

COUNTER_BITS = 40
_MILLISECONDS = 1000


LONGEST_PICTURE = 64 * 1024
"""Bytes of a picture that is kept in a row: a changeset of one is far below the 1 MiB that it may have."""


LONGEST_CUT = 512 * 1024
"""Bytes of a list of places in chains that is kept in a row: some ten thousand chains."""


LONGEST_COPY = 16 * 1024
"""Bytes of a copy of some columns of one row that is kept in a row of its own."""


class Kind(StrEnum):
    """Who makes the rows of a table (design, section 5)."""

    BRANCH = "branch"
    REFERENCE = "reference"
    LOCAL = "local"


class Merge(StrEnum):
    """How rows or columns from several chains become one (design, section 6; protocol, section 7)."""

    FACT = "fact"
    OWNED = "owned"
    SHARED = "shared"
    ONE_WAY = "one-way"
    UNIQUE = "unique"
    REFERENCE = "reference"
    NONE = "none"  # local: never travels, so there is nothing to merge


def merged(merge: Merge, group: str = "") -> dict[str, object]:
    """``info`` of a column whose merge class is not that of its table; shared columns name their group."""
    return {"merge": merge, "group": group}


def picture() -> dict[str, object]:
    """``info`` of a column that holds a picture: up to ``LONGEST_PICTURE`` bytes travel in it."""
    return {"longest": LONGEST_PICTURE}


def places() -> dict[str, object]:
    """``info`` of a column that holds places in many chains: up to ``LONGEST_CUT`` bytes travel in it."""
    return {"longest": LONGEST_CUT}


def columns_copied() -> dict[str, object]:
    """``info`` of a column that holds a copy of some columns of a row: up to ``LONGEST_COPY`` bytes."""
    return {"longest": LONGEST_COPY}


class RowId(TypeDecorator[int]):
    """A 63-bit id: device number << 40 | the device's counter. Clustered in SQLite, a bigint elsewhere."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        """SQLite clusters a table only on a column that says INTEGER PRIMARY KEY."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


class MoneyType(TypeDecorator[Money]):
    """Minor units as a 64-bit integer."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        """Money to its minor units."""
        return None if value is None else value.minor

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:
        """Minor units to Money."""
        return None if value is None else Money(value)


class IsoDate(TypeDecorator[date]):
    """A business date as ISO text, which sorts and compares as the date does."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """Date to ISO text."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        """ISO text to date."""
        return None if value is None else date.fromisoformat(value)


class InstantType(TypeDecorator[datetime]):
    """An instant as whole milliseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Instant to milliseconds; a time without a zone is refused."""
        return None if value is None else to_milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Milliseconds to instant."""
        return None if value is None else from_milliseconds(value)


class ExactDecimal(TypeDecorator[Decimal]):
    """An exact decimal (a rate in percent a year) as plain text, never a float."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Decimal to plain text without exponent and without trailing zeros."""
        return None if value is None else plain_decimal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Text to Decimal."""
        return None if value is None else Decimal(value)


def plain_decimal(value: Decimal) -> str:
    """Give ``value`` its one spelling: no exponent, no trailing zeros, no negative zero."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def to_milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970 of an instant that knows its zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    delta = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * _MILLISECONDS + delta.microseconds // _MILLISECONDS


def from_milliseconds(milliseconds: int) -> datetime:
    """Give the instant of whole milliseconds since 1970."""
    seconds, rest = divmod(milliseconds, _MILLISECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * _MILLISECONDS)


Id = Annotated[int, mapped_column(RowId())]
Flag = Annotated[int, mapped_column(Integer())]
Count = Annotated[int, mapped_column(BigInteger())]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of both editions. Each says its ``__kind__`` and its ``__merge__`` class."""

    __kind__: ClassVar[Kind]
    __merge__: ClassVar[Merge]

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger(),
        str: Text(),
        bytes: LargeBinary(),
        Money: MoneyType(),
        date: IsoDate(),
        datetime: InstantType(),
        Decimal: ExactDecimal(),
    }


class Recorded(Base):
    """A table whose every write lands in a signed changeset."""

    __abstract__ = True
    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)


class BranchRow(Recorded):
    """A row that a branch's device made. ``origin_office_id`` never changes; ownership is another column."""

    __abstract__ = True
    __kind__ = Kind.BRANCH
    origin_office_id: Mapped[Id]


class ReferenceRow(Recorded):
    """A row that headquarters makes and every branch reads (chain 0)."""

    __abstract__ = True
    __kind__ = Kind.REFERENCE
    __merge__ = Merge.REFERENCE


class LocalRow(Base):
    """A row that never travels."""

    __abstract__ = True
    __kind__ = Kind.LOCAL
    __merge__ = Merge.NONE


def reference_to(
    column: str, *, index: bool | None = None, info: dict[str, object] | None = None
) -> MappedColumn[Any]:
    """Point to another row by its id. Checked when the unit of work ends, so rows may come in any order.

    ``index`` it where rows of the other table are made in any number: while anything waits for a row that is
    not there yet (a line for its entry), SQLite looks with each new row for those that name it, and without
    an index through the whole table.
    """
    return mapped_column(ForeignKey(column, deferrable=True, initially="DEFERRED"), index=index, info=info)


@dataclass(frozen=True, slots=True)
class Images:
    """How the rows of one table look in an op: its travelling columns, in order."""

    table: str
    columns: tuple[str, ...]
    merge: Merge
    kind: Kind
    defaults: Mapping[str, object]
    groups: Mapping[str, tuple[str, ...]]

    def written_with(self, columns: Iterable[str]) -> list[str]:
        """Give the columns that travel along when these change: the others of their groups, in order."""
        if not self.groups:
            return []
        named = set(columns)
        along = {other for name in named for other in self.groups.get(name, ())}
        return [name for name in self.columns if name in along - named]

    @property
    def is_fact(self) -> bool:
        """Whether rows may only be inserted."""
        return self.merge is Merge.FACT


def images_of(table: Table, model: type[Base]) -> Images:
    """Describe the op images of ``table``; ``id`` stands outside the columns of an op."""
    columns = [c for c in table.columns if c.name != "id"]
    defaults = {c.name: c.default.arg for c in columns if isinstance(c.default, ScalarElementColumnDefault)}
    names = tuple(column.name for column in columns)
    return Images(model.__tablename__, names, model.__merge__, model.__kind__, defaults, _groups(columns))


def _groups(columns: Iterable[Column[Any]]) -> dict[str, tuple[str, ...]]:
    """Give each shared column's group: all columns that are written together, itself among them."""
    named: dict[str, list[str]] = {}
    for column in columns:
        if column.info.get("group"):
            named.setdefault(column.info["group"], []).append(column.name)
    return {name: tuple(names) for names in named.values() for name in names}


@cache
def recorded_models() -> dict[str, type[Recorded]]:
    """Every table that travels, by name; whoever asks gets all of them, whatever was imported before."""
    import schema.tables  # noqa: F401, PLC0415 - they import this module

    found: dict[str, type[Recorded]] = {}
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if issubclass(model, Recorded):
            found[model.__tablename__] = model
    return dict(sorted(found.items()))


def merge_of(column: Column[Any], model: type[Base]) -> Merge:
    """Give the merge class of one column: its own, or its table's."""
    declared = column.info.get("merge", model.__merge__)
    return Merge(declared)


def device_of(row_id: int) -> int:
    """Give the number of the device that made a row."""
    return row_id >> COUNTER_BITS


def first_id(device: int) -> int:
    """Give the id below every id of ``device``: its counter is 0."""
    return device << COUNTER_BITS
