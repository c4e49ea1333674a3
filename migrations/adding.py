"""Columns that point to another table, added to one that is there: constraint and column in one statement."""

from alembic import op


def add_reference(table: str, column: str, target: str) -> None:
    """Add the column ``column``, empty in old rows, that holds ids of the table ``target``.

    The reference is checked when the transaction ends, as all of ours are (``schema.base.reference_to``).
    """
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT fk_{table}_{column} "
        f"REFERENCES {target} (id) DEFERRABLE INITIALLY DEFERRED"
    )
