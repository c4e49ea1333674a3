"""A branch with empty books, and folders of files to load into it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from banking.loading import LoadReport, PostReport, load_satchel, post_file
from schema.writing import act
from tests.support.books import PLAIN, Books, empty_database, open_books


@dataclass
class Branch:
    """Books of a branch, and what loads into them gave; ``sealed`` counts the ops of each changeset."""

    books: Books
    folder: Path
    sealed: list[int] = field(default_factory=list)

    def seal(self, session: Session) -> Callable[[str, str], None]:
        """Give what the recorder would offer: it takes the ops that there are and goes on with none."""

        def next_changeset(_kind: str, _note: str) -> None:
            ops = act(session).ops
            self.sealed.append(len(ops))
            ops.clear()

        return next_changeset

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def load(self, path: Path | None = None) -> LoadReport:
        """Load the folder (or another path), and commit whatever the load left in the session."""
        with self.books.work("load") as session:
            return load_satchel(session, path or self.folder, self.seal(session))

    def post(self, path: Path) -> PostReport:
        """Post a file, and commit whatever the posting left in the session."""
        with self.books.work("post") as session:
            return post_file(session, path, self.seal(session))

    def rows(self) -> dict[str, int]:
        """Count the rows of every table."""
        with self.books.look() as session:
            connection = session.connection()
            names = [row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")]
            counts = {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in names}
            return {name: count for name, count in counts.items() if count}


@pytest.fixture
def branch(tmp_path: Path) -> Iterator[Branch]:
    """Open the books of a branch that has only its reference data and one till."""
    home, folder = tmp_path / "home", tmp_path / "files"
    home.mkdir()
    folder.mkdir()
    books = open_books(empty_database(PLAIN, home))
    yield Branch(books, folder)
    books.database.close()
