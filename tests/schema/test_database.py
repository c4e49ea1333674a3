"""One door to the file: plain SQLite, encrypted SQLite and PostgreSQL behave alike."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import TrustError
from ledger.money import Money
from schema.accounting import JournalEntry, JournalLine
from schema.database import HEAD_REVISION, Database, alembic_config, open_database, remove, upsert
from schema.reading import fetch
from schema.reference import GLAccount
from schema.tables import metadata
from schema.triggers import create_triggers
from schema.writing import Act, act, declare, insert
from tests.support.books import ENCRYPTED, KEY, PLAIN, SERVER, Books, open_books

NAME = "Wanjiru Nyokabi"


_SQLITE_REFERENCES = """
SELECT t.name, f."from", f."table" FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS f
 WHERE t.type = 'table'
"""

_SERVER_REFERENCES = """
SELECT c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text
  FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
 WHERE c.contype = 'f' AND c.condeferred
"""


@pytest.fixture(params=[PLAIN, ENCRYPTED, SERVER])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind, made by the migrations."""
    if request.param == SERVER:
        opened = open_database(request.getfixturevalue("postgres_url"))
    else:
        opened = open_database(tmp_path / "books.db", KEY if request.param == ENCRYPTED else None)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def books(database: Database) -> Books:
    """A branch with reference data in it."""
    return open_books(database)


def _lines(books: Books, debit: int, credit: int, entry_id: int) -> list[JournalLine]:
    cash, other = books.gl_account("Cash in hand").id, books.gl_account("Share capital").id
    return [
        JournalLine(journal_entry_id=entry_id, gl_account_id=cash, currency="KES", debit=Money(debit)),
        JournalLine(journal_entry_id=entry_id, gl_account_id=other, currency="KES", credit=Money(credit)),
    ]


def _entry(books: Books, entry_id: int) -> JournalEntry:
    today = date(2026, 1, 2)
    return JournalEntry(id=entry_id, kind="test", value_date=today, booked_on=today, recorded_at=books.now)


def test_migrations_give_exactly_the_tables_of_the_models(database: Database) -> None:
    """Nothing is missing in the migrations, nothing is left over."""
    assert database.revision() == HEAD_REVISION
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD_REVISION
    with database.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
        if database.is_sqlite:  # it does not tell name and options of a reference that came with its column
            differences = [found for found in differences if found[0] not in {"add_fk", "remove_fk"}]
        assert differences == []


def test_every_reference_of_the_models_is_there_and_waits_for_the_end_of_the_transaction(
    database: Database,
) -> None:
    """Also those that came with a column added later, where SQLite does not tell their options."""
    wanted = sorted(
        (table.name, key.parent.name, key.column.table.name)
        for table in metadata.tables.values()
        for key in table.foreign_keys
    )
    with database.reader.connect() as connection:
        if database.is_sqlite:
            asked = connection.execute(text(_SQLITE_REFERENCES))
            made = " ".join(
                connection.execute(text("SELECT sql FROM sqlite_master WHERE sql <> ''")).scalars()
            )
            assert made.count("DEFERRABLE INITIALLY DEFERRED") == len(wanted)
        else:
            asked = connection.execute(text(_SERVER_REFERENCES))
        assert wanted == sorted(tuple(row) for row in asked)


def test_migrating_a_current_database_changes_nothing(database: Database) -> None:
    """A second start finds the schema current."""
    before = set(inspect(database.reader).get_table_names())
    database.migrate()
    assert set(inspect(database.reader).get_table_names()) == before


@pytest.mark.parametrize("key", [None, KEY], ids=[PLAIN, ENCRYPTED])
def test_a_remembered_schema_is_the_one_that_the_steps_make(
    tmp_path: Path, key: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second empty file of a program gets the same statements and revision without the steps."""
    remembered: list[str] = []
    monkeypatch.setattr("schema.database._made_by_steps", remembered)
    made = []
    for name in ("by steps.db", "at once.db"):
        opened = open_database(tmp_path / name, key)
        opened.migrate()
        with opened.reader.connect() as connection:
            everything = text("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
            made.append([tuple(row) for row in connection.execute(everything)])
        assert opened.revision() == HEAD_REVISION
        opened.close()
        assert remembered
    assert made[0] == made[1]


def test_a_balanced_entry_is_taken(books: Books) -> None:
    """Lines first, then their entry."""
    with books.work() as session:
        entry_id = act(session).ids.take()
        insert(session, *_lines(books, 100, 100, entry_id), _entry(books, entry_id))
    with books.look() as session:
        assert session.get(JournalEntry, entry_id) is not None


@pytest.mark.parametrize(
    ("debit", "credit", "told"), [(100, 99, "does not balance"), (1, 2**62, "does not balance")]
)
def test_the_database_refuses_an_entry_that_does_not_balance(
    books: Books, debit: int, credit: int, told: str
) -> None:
    """Whoever asks: the trigger stands below every service."""

    def book() -> None:
        with books.work() as session:
            entry_id = act(session).ids.take()
            insert(session, *_lines(books, debit, credit, entry_id), _entry(books, entry_id))

    with pytest.raises(DBAPIError, match=told):
        book()


def test_the_database_refuses_an_entry_without_lines(books: Books) -> None:
    """An entry comes last, when its lines are there."""

    def book() -> None:
        with books.work() as session:
            insert(session, _entry(books, act(session).ids.take()))

    with pytest.raises(DBAPIError, match="no lines"):
        book()


def test_the_database_refuses_a_line_for_a_complete_entry(books: Books) -> None:
    """Nothing is added to an entry afterwards."""
    with books.work() as session:
        entry_id = act(session).ids.take()
        insert(session, *_lines(books, 100, 100, entry_id), _entry(books, entry_id))

    def add() -> None:
        with books.work() as session:
            insert(session, *_lines(books, 5, 5, entry_id))

    with pytest.raises(DBAPIError, match="complete"):
        add()


def test_the_database_refuses_lines_that_no_entry_follows(books: Books) -> None:
    """Lines alone do not survive the end of their unit of work."""

    def book() -> None:
        with books.work() as session:
            insert(session, *_lines(books, 100, 100, act(session).ids.take()))

    with pytest.raises(DBAPIError):
        book()


@pytest.mark.parametrize("change", ["UPDATE journal_line SET debit = debit + 1", "DELETE FROM journal_entry"])
def test_the_database_refuses_to_change_facts(books: Books, change: str) -> None:
    """Append-only tables stay as they are, whoever asks."""
    with books.work() as session:
        entry_id = act(session).ids.take()
        insert(session, *_lines(books, 100, 100, entry_id), _entry(books, entry_id))
    with pytest.raises(DBAPIError, match="append-only"), books.database.writer.begin() as connection:
        connection.execute(text(change))


def test_a_reader_cannot_write(database: Database) -> None:
    """Pages that only look have an engine that cannot do more."""
    with database.reading() as session, pytest.raises(DBAPIError):
        session.execute(text("DELETE FROM setting"))


def test_a_writer_has_the_lock_from_its_first_moment(database: Database) -> None:
    """What a second writer reads is what the first one has left behind, never what it began with."""
    with database.writing() as session:
        session.execute(text("INSERT INTO setting (name, value) VALUES ('a', '1')"))
    with database.writing() as session:
        assert session.execute(text("SELECT value FROM setting WHERE name = 'a'")).scalar_one() == "1"


def test_triggers_can_be_created_again(database: Database) -> None:
    """A migration that rebuilds a table puts them back."""
    with database.writer.begin() as connection:
        create_triggers(connection)


def test_an_encrypted_file_shows_nothing_and_opens_with_its_key_only(tmp_path: Path) -> None:
    """No page, no write-ahead log and no temporary file holds a readable name; a wrong key is refused."""
    path = tmp_path / "books.db"
    database = open_database(path, KEY)
    database.migrate()
    books = open_books(database)
    with books.hq_work() as session:
        insert(session, GLAccount(code="9", name=NAME, type="asset"))
        written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    database.close()
    written += b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert NAME.encode() not in written
    with pytest.raises(TrustError) as refusal:
        open_database(path, bytes(32))
    assert refusal.value.code == "WRONG_KEY"
    again = open_database(path, KEY)
    with again.reading() as session:
        assert session.execute(text("SELECT count(*) FROM gl_account")).scalar_one() > 1
    again.close()


@pytest.mark.parametrize("key", [None, KEY])
def test_what_was_answered_is_on_the_disk(tmp_path: Path, key: bytes | None) -> None:
    """Both kinds of file run in WAL with synchronous FULL and foreign keys on."""
    database = open_database(tmp_path / "books.db", key)
    with database.writer.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "temp_store")
        }
    database.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "temp_store": 2}


def test_writing_without_a_declared_act_is_an_error(books: Books) -> None:
    """A session that nobody declared writes nothing that travels."""

    def write() -> None:
        with books.database.writing() as session:
            insert(session, GLAccount(code="9", name="x", type="asset"))

    with pytest.raises(AssertionError, match="unit_of_work"):
        write()


def test_a_declared_act_is_found_by_its_session(books: Books) -> None:
    """Services ask the session who acts."""
    with books.database.writing() as session:
        declared: Act = books.act("test", at_branch=True)
        declare(session, declared)
        assert act(session) is declared


def test_only_local_rows_are_ever_deleted(books: Books) -> None:
    """A draft that was posted goes; a row that travels stays for ever."""
    cell: dict[str, object] = {"sheet_id": 7, "line": 1, "slot": "a", "typed": "5", "user_id": 1, "at": 0}
    cells, entries = metadata.tables["sheet_cell"], metadata.tables["journal_entry"]
    with books.database.writing() as session:
        upsert(session, cells, [cell, {**cell, "line": 2}])
        remove(session, cells, sheet_id=7, line=1)
        assert fetch(session, "SELECT line FROM sheet_cell") == [(2,)]
        with pytest.raises(TypeError):
            remove(session, entries, id=1)
