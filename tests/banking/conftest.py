"""A branch's books for each test: plain SQLite where one kind is enough, all three where it matters."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schema.database import open_database
from tests.support.books import ENCRYPTED, PLAIN, SERVER, Books, Counter, empty_database, open_books


@pytest.fixture(scope="session")
def new_books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """A branch as it is on its first morning, in a closed file that tests copy."""
    folder = tmp_path_factory.mktemp("new-books")
    made = open_books(empty_database(PLAIN, folder))
    made.database.close()
    return made


@pytest.fixture
def books(new_books: Books, tmp_path: Path) -> Iterator[Books]:
    """Give a branch of this test's own, on plain SQLite."""
    source = Path(str(new_books.database.writer.url.database))
    shutil.copy(source, tmp_path / "books.db")
    database = open_database(tmp_path / "books.db")
    ids, hq_ids = Counter(new_books.ids.device, new_books.ids.last), new_books.hq_ids
    yield replace(new_books, database=database, ids=ids, hq_ids=Counter(hq_ids.device, hq_ids.last))
    database.close()


@pytest.fixture(params=[PLAIN, ENCRYPTED, SERVER])
def any_books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Give a branch of this test's own, on each kind of database in turn."""
    url = str(request.getfixturevalue("postgres_url")) if request.param == SERVER else None
    made = open_books(empty_database(str(request.param), tmp_path, url))
    yield made
    made.database.close()
