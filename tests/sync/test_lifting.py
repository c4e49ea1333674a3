"""Images of older revisions, read by a newer program."""

from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from alembic import command
from sqlalchemy import Table, text

from schema.base import recorded_models
from schema.database import SCHEMA_REVISION, Database, alembic_config, open_database
from schema.revisions import ADDED
from schema.writing import images_by_table, stored
from sync.changeset import INSERT, UPDATE, Op
from sync.lifting import lift, lifted
from tests.sync.making import changeset


def _columns(database: Database) -> dict[str, dict[str, object]]:
    """Give name and default of every column of every recorded table, as the database has them."""
    with database.reader.connect() as connection:
        return {
            table: {row[1]: row[4] for row in connection.execute(text(f'PRAGMA table_info("{table}")'))}
            for table in recorded_models()
        }


@pytest.mark.parametrize("revision", sorted(ADDED))
def test_the_list_of_added_columns_is_what_the_migration_of_the_revision_adds(
    tmp_path: Path, revision: int
) -> None:
    """Tables that the revision itself makes have nothing to be completed."""
    database = open_database(tmp_path / "books.db")
    config = alembic_config()
    found = []
    for step in (revision - 1, revision):
        with database.writer.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, f"{step:04}")
            connection.commit()
        found.append(_columns(database))
    database.close()
    before, after = found
    added = {
        table: {name: default for name, default in columns.items() if name not in before[table]}
        for table, columns in after.items()
        if before[table]
    }
    written = {
        table: {name: _plain(default) for name, default in new.items()} for table, new in added.items()
    }
    listed = {
        table: {name: None if value is None else str(value) for name, value in columns.items()}
        for table, columns in ADDED[revision].items()
    }
    assert {table: new for table, new in written.items() if new} == listed


def _plain(default: object) -> str | None:
    return None if default is None else str(default).strip("'")


def test_what_completes_an_old_row_is_what_the_model_gives_to_a_new_one() -> None:
    """So that a row of an old changeset equals one that was migrated."""
    for steps in ADDED.values():
        for table, columns in steps.items():
            defaults = images_by_table()[table].defaults
            for name, value in columns.items():
                column = cast("Table", recorded_models()[table].__table__).columns[name]
                assert value is not None or column.nullable, f"{table}.{name}"
                assert value == (stored(defaults[name]) if name in defaults else None), f"{table}.{name}"


def test_a_row_of_the_first_revision_gets_every_column_and_keeps_its_own() -> None:
    """Whole again, as the judge wants it."""
    added: dict[str, Any] = {}
    for step in ADDED.values():
        added.update(step.get("office", {}))
    first = {name: 1 for name in images_by_table()["office"].columns if name not in added}
    whole = lift(Op("office", INSERT, 5, first, None), 1)
    assert whole.new is not None
    assert set(whole.new) == set(images_by_table()["office"].columns)
    assert whole.new["number"] == 1
    assert whole.new["calendar"] == "gregorian"


def test_changes_and_images_of_this_revision_stay_as_they_are() -> None:
    """The same object: nothing is copied on the way that every import takes."""
    op = Op("office", UPDATE, 5, {"name": "Kitale"}, {"name": ""})
    assert lift(op, 1) is op
    new = changeset(schema=SCHEMA_REVISION, date=date(2026, 1, 2).isoformat())
    assert lifted(new) is new
