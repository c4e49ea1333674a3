"""A whole database into another one: a page-for-page copy between encrypted files, row by row otherwise.

The stored form of every value is the same on SQLite and on PostgreSQL, so rows are moved as they lie.
"""

import errno
import sqlite3
from pathlib import Path
from typing import Any, Final

import sqlcipher3.dbapi2
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from schema.base import Base
from schema.database import Database
from schema.triggers import create_triggers

_FETCH: Final = 2_000


def copy_pages(session: Session, target: Path, key: bytes) -> None:
    """Write what ``session`` sees of its encrypted SQLite file into a new file under the same ``key``.

    raises  OSError where the disk is full or fails
    """
    source: Any = session.connection().connection.driver_connection
    copied = sqlcipher3.dbapi2.connect(str(target))
    try:
        copied.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        source.backup(copied)
    except sqlcipher3.dbapi2.OperationalError as fault:
        raise OSError(errno.EIO, str(fault)) from fault
    finally:
        copied.close()


def copy_rows(session: Session, target: Database) -> None:
    """Write every row that ``session`` sees into the empty database ``target``, which is migrated first."""
    target.migrate()
    with target.writing() as writing:
        connection = writing.connection()
        _drop_triggers(connection)
        for table in Base.metadata.sorted_tables:
            _copy_table(session, connection, table.name, [column.name for column in table.columns])
        if connection.dialect.name == "postgresql":
            _set_counters(connection)
            connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")  # else no trigger can be made
        create_triggers(connection)


def _copy_table(session: Session, target: Connection, name: str, columns: list[str]) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join(f":{column}" for column in columns)
    read = text(f'SELECT {listed} FROM "{name}"')  # noqa: S608 - names are ours
    write = text(f'INSERT INTO "{name}" ({listed}) VALUES ({marks})')  # noqa: S608 - names are ours
    found = session.execute(read, execution_options={"yield_per": _FETCH})
    for part in found.mappings().partitions():
        target.execute(write, [dict(row) for row in part])


def _drop_triggers(connection: Connection) -> None:
    """Rows come in any order: what the triggers refuse was refused when the rows were made."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name, '' FROM sqlite_master WHERE type = 'trigger'"))
        commands = [f'DROP TRIGGER "{name}"' for name, _ in found]
    else:
        found = connection.execute(
            text("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        )
        commands = [f'DROP TRIGGER "{name}" ON {table}' for name, table in found]
    for command in commands:
        connection.exec_driver_sql(command)


def _set_counters(connection: Connection) -> None:
    """A server counts on after the largest id that was copied."""
    for table in Base.metadata.sorted_tables:
        key = inspect(connection).get_pk_constraint(table.name)["constrained_columns"]
        if len(key) != 1:
            continue
        sequence = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": key[0]}
        ).scalar_one()
        if sequence is not None:
            query = f'SELECT setval(:sequence, coalesce(max("{key[0]}"), 0) + 1, false) FROM "{table.name}"'  # noqa: S608 - names are ours
            connection.execute(text(query), {"sequence": sequence})


def is_whole(path: Path, key: bytes) -> bool:
    """Whether an encrypted SQLite file opens with ``key`` and every page of it is sound."""
    try:
        opened = sqlcipher3.dbapi2.connect(str(path))
        try:
            opened.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            return [row[0] for row in opened.execute("PRAGMA integrity_check")] == ["ok"]
        finally:
            opened.close()
    except (sqlcipher3.dbapi2.DatabaseError, sqlite3.DatabaseError):
        return False
