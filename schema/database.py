"""The one door to the database: plain SQLite, encrypted SQLite and PostgreSQL by the same code."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlcipher3.dbapi2
from sqlalchemy import Engine, Table, create_engine, event, inspect
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, QueuePool

from ledger.errors import TrustError
from schema.base import LocalRow
from schema.reading import connection_of, execute, fetch, keep_connection

if TYPE_CHECKING:
    from alembic.config import Config

SCHEMA_REVISION = 5
"""Number of the schema that the images in ops belong to; rises with each migration that changes one."""

HEAD_REVISION = "0005"
"""The newest migration; a test holds it to the files, so that a start need not read them."""

KEY_BYTES = 32
_BUSY_SECONDS = 30
_PAGE_CACHE_KIB = 16 * 1024
_KEPT_STATEMENTS = 256
"""Prepared statements that a connection keeps: with fewer than one posting has, each is prepared anew."""

_READER_SETTINGS = ("jit = off", "work_mem = '64MB'")
"""For reading from a server: compiling a report takes longer than it saves, and heaps stay off the disk."""

# PostgreSQL's advisory locks; that of an office is its id, which is far larger
_WRITER_LOCK = 0x5A7C4E1  # one unit of work at a time; imports of several branches share it
TURN_LOCK = _WRITER_LOCK + 1  # and of those, one at a time goes on to what branches have in common
_BESIDE = "satchel_beside"
_DEADLOCK = "40P01"

_ALL_STATEMENTS = (
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY rowid"
)
_ORDERED_BY_LANGUAGE = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
  FROM pg_attribute AS a
  JOIN pg_class AS c ON c.oid = a.attrelid
  JOIN pg_collation AS o ON o.oid = a.attcollation
 WHERE c.relkind = 'r' AND c.relnamespace = CAST(current_schema() AS regnamespace) AND a.attnum > 0
   AND NOT a.attisdropped AND o.collname <> 'C'
 ORDER BY c.relname, a.attnum
"""
"""The columns of a server's tables whose texts stand in the order of some language."""
_made_by_steps: list[str] = []
"""What makes the tables, indexes and triggers of this program's schema in an empty file, once it is known."""


class Database:
    """An opened database: ``writer`` begins every transaction as the only writer, ``reader`` cannot write."""

    def __init__(self, writer: Engine, reader: Engine) -> None:
        """Keep the two engines."""
        self.writer = writer
        self.reader = reader

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file of ours (and not a PostgreSQL server)."""
        return self.writer.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that holds the write lock from its first moment; commits unless an error leaves."""
        with Session(self.writer, expire_on_commit=False) as session, session.begin():
            keep_connection(session)
            if not self.is_sqlite:
                fetch(session, "SELECT pg_advisory_xact_lock(?)", _WRITER_LOCK)
            yield session

    @contextmanager
    def writing_beside(self, office_id: int) -> Iterator[Session]:
        """Open a session on a server that writes what is of one office, beside others for other offices.

        All others that write wait meanwhile. Before it reads or writes anything that another such session
        may write it calls ``take_turn``, and from then on it is the only one.
        """
        assert not self.is_sqlite, "a file has one writer"
        with Session(self.writer, expire_on_commit=False) as session, session.begin():
            keep_connection(session)
            fetch(session, "SELECT pg_advisory_xact_lock_shared(?)", _WRITER_LOCK)
            fetch(session, "SELECT pg_advisory_xact_lock(?)", office_id)
            session.info[_BESIDE] = True
            yield session

    @contextmanager
    def noting(self) -> Iterator[Session]:
        """Open a session on a server for a row that nothing of the books depends on; it waits for nobody."""
        assert not self.is_sqlite, "a file has one writer"
        with Session(self.writer, expire_on_commit=False) as session, session.begin():
            keep_connection(session)
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one moment of the database and cannot change it."""
        with Session(self.reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    def migrate(self) -> None:
        """Bring an empty or older database to this program's schema; a current one costs one query.

        The steps take about a second. A file that they made from nothing is remembered while this program
        runs: the next empty file gets the same statements at once.
        """
        if not self.is_sqlite:
            self._migrate_server()
            return
        found = self.revision()
        if found == HEAD_REVISION:
            return
        if found is None and _made_by_steps:
            with self.writer.begin() as connection:
                for statement in _made_by_steps:
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (HEAD_REVISION,))
            return
        self._step_by_step()
        if found is None:
            with self.reader.connect() as connection:
                _made_by_steps[:] = connection.exec_driver_sql(_ALL_STATEMENTS).scalars()

    def _migrate_server(self) -> None:
        if self.revision() != HEAD_REVISION:
            self._step_by_step()
        self.order_texts()

    def order_texts(self) -> None:
        """Have texts of a server stand in the order that they have in a file, whatever its own is."""
        with self.reader.connect() as connection:
            columns = connection.exec_driver_sql(_ORDERED_BY_LANGUAGE).all()
        if columns:
            changes = defaultdict(list)
            for table, column, kind in columns:
                changes[table].append(f'ALTER COLUMN "{column}" TYPE {kind} COLLATE "C"')
            with self.writer.begin() as connection:
                for table, changed in changes.items():
                    connection.exec_driver_sql(f'ALTER TABLE "{table}" {", ".join(changed)}')

    def _step_by_step(self) -> None:
        from alembic import command  # noqa: PLC0415 - slow to load, rarely needed

        config = alembic_config()
        with self.writer.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()

    def revision(self) -> str | None:
        """Give the revision that the database is at; None when it is empty."""
        with self.reader.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
            return None if found is None else str(found)

    def close(self) -> None:
        """Let go of the file or the server."""
        self.writer.dispose()
        self.reader.dispose()


def take_turn(session: Session) -> bool:
    """Wait until no session beside this one goes on; does nothing where this one is alone anyhow.

    returns  whether others may have written since this session's last look
    """
    if not is_beside(session):
        return False
    session.flush()
    session.expire_all()
    session.info[_BESIDE] = False
    fetch(session, "SELECT pg_advisory_xact_lock(?)", TURN_LOCK)
    return True


def is_beside(session: Session) -> bool:
    """Whether other sessions write beside this one: it keeps to what is of its office."""
    return bool(session.info.get(_BESIDE))


def is_deadlock(fault: Exception) -> bool:
    """Whether a server has ended a transaction because it and another one waited for each other."""
    driver_s = getattr(fault, "orig", fault)
    return getattr(driver_s, "sqlstate", None) == _DEADLOCK


def alembic_config() -> "Config":
    """Tell Alembic where our migrations are."""
    from alembic.config import Config  # noqa: PLC0415 - see Database.migrate

    config = Config()
    config.set_main_option("script_location", "migrations:")
    config.set_main_option("path_separator", "os")
    return config


def open_database(where: Path | str, key: bytes | None = None) -> Database:
    """Open the database at ``where``: a path of a SQLite file, or a ``postgresql+psycopg://`` URL.

    key      32 bytes: the file is encrypted with them (SQLCipher); None for a plain file or a server
    raises   TrustError WRONG_KEY when the file cannot be opened with this key
    """
    if isinstance(where, str) and "://" in where and not where.startswith("sqlite"):
        return _open_server(make_url(where))
    path = Path(str(where).removeprefix("sqlite:///"))
    writer = _sqlite_engine(path, key, writable=True)
    reader = _sqlite_engine(path, key, writable=False)
    database = Database(writer, reader)
    try:
        with reader.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except (DatabaseError, sqlcipher3.dbapi2.DatabaseError, sqlite3.DatabaseError) as error:
        database.close()
        raise TrustError(
            "WRONG_KEY",
            "The database could not be opened with this key, or it is damaged. It was left as it is.",
            where=path.name,
            next_step="Check that the whole home was copied; else restore the last backup.",
        ) from error
    return database


def _read_sums_as_whole_numbers(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
    """PostgreSQL's sum of whole numbers is ``numeric``; SQLite gives a whole number, and so does this."""
    from psycopg.types.numeric import NumericLoader  # noqa: PLC0415 - slow to load, needed for servers only

    class Whole(NumericLoader):
        def load(self, data: Any) -> Any:  # noqa: ANN401 - what the driver has, and gives
            found = super().load(data)
            return int(found) if b"." not in bytes(data) else found

    connection.adapters.register_loader("numeric", Whole)


def _open_server(url: URL) -> Database:
    # each statement sees what was committed before it: also by whoever held the lock that it waited for
    writer = create_engine(url, pool_pre_ping=True, hide_parameters=True, isolation_level="READ COMMITTED")
    reader = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        execution_options={"isolation_level": "REPEATABLE READ"},
    )

    @event.listens_for(reader, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
        with connection.cursor() as cursor:
            for setting in _READER_SETTINGS:
                cursor.execute(f"SET {setting}")
        connection.commit()

    for engine in (writer, reader):
        event.listen(engine, "connect", _read_sums_as_whole_numbers)

    @event.listens_for(reader, "begin")
    def read_only(connection: Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return Database(writer, reader)


def _sqlite_engine(path: Path, key: bytes | None, *, writable: bool) -> Engine:
    module = sqlite3 if key is None else sqlcipher3.dbapi2
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        module=module,
        connect_args={
            "timeout": _BUSY_SECONDS,
            "check_same_thread": False,
            "cached_statements": _KEPT_STATEMENTS,
        },
        hide_parameters=True,  # names and amounts; messages reach logs
        poolclass=QueuePool if str(path) != ":memory:" else NullPool,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - either driver's connection
        connection.isolation_level = None  # the driver begins nothing by itself: "begin" below does
        cursor = connection.cursor()
        for pragma in _pragmas(key, writable=writable):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    begin = "BEGIN IMMEDIATE" if writable else "BEGIN"

    @event.listens_for(engine, "begin")
    def begin_at_once(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _pragmas(key: bytes | None, *, writable: bool) -> Iterator[str]:
    if key is not None:
        if len(key) != KEY_BYTES:
            raise ValueError("a database key has 32 bytes")
        yield "cipher_log_level = NONE"
        yield f"key = \"x'{key.hex()}'\""
    yield f"busy_timeout = {_BUSY_SECONDS * 1000}"
    yield "journal_mode = WAL"
    yield "synchronous = FULL"
    yield "foreign_keys = ON"
    yield "temp_store = MEMORY"  # nothing of an encrypted database may reach a temporary file
    yield f"cache_size = -{_PAGE_CACHE_KIB}"
    if not writable:
        yield "query_only = ON"


def upsert(
    session: Session, table: Table, rows: list[dict[str, object]], *, add: tuple[str, ...] = ()
) -> None:
    """Insert rows of a local table or bring those that are there up to date; ``add`` columns are summed."""
    if not rows:
        return
    names = tuple(rows[0])
    statement = _upsert_statement(table, names, add, connection_of(session).dialect.name)
    execute(session, statement, [tuple(row[name] for name in names) for row in rows])


@cache
def _upsert_statement(table: Table, names: tuple[str, ...], add: tuple[str, ...], dialect: str) -> str:
    if not issubclass(_model_of(table), LocalRow):
        raise TypeError(f"{table.name} travels: it is written through the recorder")
    keys = [column.name for column in table.primary_key.columns]
    changes = ", ".join(
        f'"{name}" = {table.name}."{name}" + excluded."{name}"'
        if name in add
        else f'"{name}" = excluded."{name}"'
        for name in names
        if name not in keys
    )
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(names))
    columns = ", ".join(f'"{name}"' for name in names)
    targets = ", ".join(f'"{name}"' for name in keys)
    action = f"DO UPDATE SET {changes}" if changes else "DO NOTHING"
    insert = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608 - names are ours
    return f"{insert} ON CONFLICT ({targets}) {action}"


def remove(session: Session, table: Table, **equal: int | str) -> None:
    """Delete the rows of a local table whose columns are all ``equal``."""
    statement = _delete_statement(table, tuple(equal), connection_of(session).dialect.name)
    execute(session, statement, [tuple(equal.values())])


@cache
def _delete_statement(table: Table, names: tuple[str, ...], dialect: str) -> str:
    if not issubclass(_model_of(table), LocalRow):
        raise TypeError(f"{table.name} travels: it is written through the recorder")
    mark = "?" if dialect == "sqlite" else "%s"
    wanted = " AND ".join(f'"{name}" = {mark}' for name in names)
    return f'DELETE FROM "{table.name}" WHERE {wanted}'  # noqa: S608 - names are ours


def _model_of(table: Table) -> type[Any]:
    for mapper in LocalRow.registry.mappers:
        if mapper.local_table is table:
            return mapper.class_
    raise KeyError(table.name)
