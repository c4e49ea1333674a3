"""Which columns are written together: the groups of shared columns, as the schema declares them."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple, cast

from sqlalchemy import Table

from schema.base import Kind, Merge, merge_of, recorded_models
from sync.ops import INSERT, Op

SENSITIVE: Final = frozenset({"name", "identity", "telephone"})
"""Groups of which different values beside each other are a case for a person."""
_SHARED: Final = frozenset({Merge.SHARED, Merge.UNIQUE})


class Group(NamedTuple):
    """Columns of one table that are written and folded together. A one-way column is a group of its own."""

    name: str
    columns: tuple[str, ...]
    is_one_way: bool

    @property
    def is_sensitive(self) -> bool:
        """Whether a person must judge different values."""
        return self.name in SENSITIVE


@cache
def groups_of_table(table: str) -> Mapping[str, Group]:
    """Give the groups of a table by name, in the order of its columns; most tables have none."""
    model = recorded_models()[table]
    if model.__kind__ is not Kind.BRANCH:
        return {}
    columns: dict[tuple[str, bool], list[str]] = {}
    for column in cast("Table", model.__table__).columns:
        merge = merge_of(column, model)
        if merge is Merge.ONE_WAY:
            columns[column.name, True] = [column.name]
        elif merge in _SHARED and column.info.get("group"):
            columns.setdefault((column.info["group"], False), []).append(column.name)
    return {name: Group(name, tuple(names), is_one_way) for (name, is_one_way), names in columns.items()}


@cache
def group_of_column(table: str) -> Mapping[str, Group]:
    """Give the group of each shared or one-way column of a table."""
    return {name: group for group in groups_of_table(table).values() for name in group.columns}


@cache
def shared_tables() -> frozenset[str]:
    """Name the tables that have groups."""
    return frozenset(table for table in recorded_models() if groups_of_table(table))


def touched_groups(table: str, columns: Iterable[str]) -> list[Group]:
    """Give the groups that a write of these columns touches, each once, in their order."""
    named = group_of_column(table)
    return list({group.name: group for group in (named.get(name) for name in columns) if group}.values())


def takes_mark_off(op: Op) -> str:
    """Name the one-way column that an op of a branch writes against the rule, or give an empty text.

    A branch raises an even value by one and makes rows with 0 or 1; headquarters alone raises an odd value.
    """
    if op.table not in shared_tables() or op.new is None:
        return ""
    for name, group in group_of_column(op.table).items():
        if not group.is_one_way or name not in op.new:
            continue
        value, before = op.new[name], (op.old or {}).get(name, 0)
        if op.sign == INSERT and value == 0:
            continue
        if type(value) is not int or type(before) is not int or value != before + 1 or before & 1:
            return name
    return ""
