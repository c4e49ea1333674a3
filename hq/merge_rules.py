"""The merge rules as the schema declares them: what is printed is what the code runs."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import Column, Table

from ledger.errors import N_
from schema.base import Base, Kind, LocalRow, Merge, merge_of
from schema.tables import metadata

CLASSES = {
    Merge.FACT: N_("Only added, never changed. A mistake is put right by a reversal, and both stay."),
    Merge.OWNED: N_("Written by the branch that owns the row, in the order of its own chain."),
    Merge.SHARED: N_(
        "Any branch and headquarters may write, by groups of columns: a write replaces what its writer saw. "
        "Of what nobody replaced the last one in the one order is shown; all of it stays readable."
    ),
    Merge.ONE_WAY: N_("A branch sets the mark; only headquarters takes it off, and it may be set again."),
    Merge.UNIQUE: N_("As shared; and two rows with one value are a case for a person, never refused."),
    Merge.REFERENCE: N_(
        "Written by headquarters only: in chain 0, which every branch reads, or in the chain of one branch."
    ),
    Merge.NONE: N_("Stays on this computer and never travels."),
}
"""What each class means, in one sentence for an auditor."""

KINDS = {
    Kind.BRANCH: N_("Rows that a branch makes"),
    Kind.REFERENCE: N_("Rows that headquarters makes"),
    Kind.LOCAL: N_("Rows that never travel"),
}


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """One column: its class, and the group that is written together (shared profiles)."""

    name: str
    merge: Merge
    group: str


@dataclass(frozen=True, slots=True)
class TableRule:
    """One table: its class, what its declaration says of it, and each column."""

    name: str
    kind: Kind
    merge: Merge
    meaning: str
    columns: tuple[ColumnRule, ...]

    @property
    def exceptions(self) -> tuple[ColumnRule, ...]:
        """The columns whose class is another than the table's, or that belong to a group."""
        return tuple(column for column in self.columns if column.merge is not self.merge or column.group)


def merge_rules() -> dict[Kind, list[TableRule]]:
    """Give the rules of every table by kind, each read from its declaration in ``schema/``."""
    rules: dict[Kind, list[TableRule]] = {kind: [] for kind in Kind}
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        model = models[table]
        rules[model.__kind__].append(_rule(table, model))
    return rules


def _rule(table: Table, model: type[Base]) -> TableRule:
    columns = tuple(_column(column, model) for column in table.columns if column.name != "id")
    meaning = " ".join((model.__doc__ or "").partition("\n\n")[0].split())
    return TableRule(table.name, model.__kind__, model.__merge__, meaning, columns)


def _column(column: Column[object], model: type[Base]) -> ColumnRule:
    merge = Merge.NONE if issubclass(model, LocalRow) else merge_of(column, model)
    return ColumnRule(column.name, merge, cast("str", column.info.get("group", "")))
