"""A branch with empty books, folders of files to load into it, and copies of a real export to change."""

import csv
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy.orm import Session

from banking import loans
from banking.loading import LoadReport, PostReport, load_mifos2, load_satchel, post_file
from ledger.money import Money
from schema.database import open_database
from schema.writing import act
from tests.support.books import PLAIN, Books, empty_database, open_books

GROUPS = "number,name,center,meeting_weekday,meeting_every_weeks,first_meeting_on,officer\n"
CLIENTS = "number,name,given_name,gender,born_on,national_id,phone,address,village,group,joined_on\n"
LOANS = (
    "number,client,group,product,principal,annual_rate,installments,"
    "disbursed_on,first_due_on,officer,purpose\n"
)
SAVINGS = "number,client,product,opened_on\n"
TRANSACTIONS = "on,kind,account,amount,receipt,note,reverses\n"

GOOD = {
    "groups.csv": (
        f"{GROUPS}G1,Umoja,Kitale East,2,1,2025-01-07,Jane Auma\nG2,Tumaini,Kitale East,2,1,,Jane Auma\n"
    ),
    "clients.csv": (
        f'{CLIENTS}C1,Otieno,Ann,f,1980-02-29,123,0700,"Plot 1, East",Kitale,G1,2024-01-01\n'
        "C2,Wekesa,,,,,,,,,\n"
    ),
    "loans.csv": (
        f"{LOANS}L1,C1,,WEEKLY,2500.00,,,2025-02-03,,,maize\n"
        "L2,,G1,MONTHLY,12000,30,6,2025-03-01,2025-04-05,Jane Auma,\n"
        "L3,C2,,WEEKLY,100.00,,,,,,\n"
    ),
    "savings.csv": f"{SAVINGS}S1,C1,SAVE,2024-06-01\n",
    "transactions.csv": (f"{TRANSACTIONS}2025-02-10,repay,L1,110,R1,,\n2025-02-11,deposit,S1,50.5,R2,,\n"),
}
"""A small branch without a mistake."""


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

    def write_good(self, **changed: str) -> None:
        """Write the small branch, some of its files with other text (``loans="..."``)."""
        for name, text in GOOD.items():
            self.write(name, changed.get(name.removesuffix(".csv"), text))

    def load(self, path: Path | None = None) -> LoadReport:
        """Load the folder (or another path), and commit whatever the load left in the session."""
        with self.books.work("load") as session:
            return load_satchel(session, path or self.folder, self.seal(session))

    def load_mifos(self, path: Path) -> LoadReport:
        """Load a Mifos export, and commit whatever the load left in the session."""
        with self.books.work("load") as session:
            return load_mifos2(session, path, self.seal(session))

    def post(self, path: Path) -> PostReport:
        """Post a file, and commit whatever the posting left in the session."""
        with self.books.work("post") as session:
            return post_file(session, path, self.seal(session))

    def rows(self) -> dict[str, int]:
        """Count the rows of every table that has some."""
        return {name: len(rows) for name, rows in self.contents().items() if rows}

    def contents(self) -> dict[str, list[tuple[object, ...]]]:
        """Give every row of every table."""
        with self.books.look() as session:
            connection = session.connection()
            tables = (
                connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")
                .scalars()
                .all()
            )
            return {
                name: [tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{name}" ORDER BY 1')]
                for name in tables
            }

    def scalar(self, statement: str, *given: object) -> object:
        """Give one figure of the database, in stored form."""
        with self.books.look() as session:
            return session.connection().exec_driver_sql(statement, given).scalar_one()

    def column(self, statement: str, *given: object) -> list[object]:
        """Give one column of the database, in stored form."""
        with self.books.look() as session:
            return list(session.connection().exec_driver_sql(statement, given).scalars())

    def owed(self, number: str) -> Money:
        """Give what is owed on a loan, by the books' own answer."""
        with self.books.look() as session:
            return loans.outstanding(session, loans.get_loan(session, number).id).total


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Books]:
    """Found a branch that has only its reference data and one till; tests work on copies of its file."""
    home = tmp_path_factory.mktemp("founded")
    books = open_books(empty_database(PLAIN, home))
    books.database.close()
    return home / "books.db", books


@contextmanager
def new_branch(folder: Path, founded: tuple[Path, Books]) -> Iterator[Branch]:
    """Open a copy of the founded branch in ``folder``."""
    original, of_original = founded
    files, copied = folder / "files", folder / "books.db"
    files.mkdir()
    shutil.copyfile(original, copied)
    books = replace(
        of_original,
        database=open_database(copied),
        ids=replace(of_original.ids),
        hq_ids=replace(of_original.hq_ids),
    )
    yield Branch(books, files)
    books.database.close()


@pytest.fixture
def branch(tmp_path: Path, founded: tuple[Path, Books]) -> Iterator[Branch]:
    """Open the books of a branch for one test."""
    with new_branch(tmp_path, founded) as branch:
        yield branch


@dataclass
class Export:
    """A copy of an export whose cells may be changed."""

    folder: Path

    def rows(self, table: str) -> list[dict[str, str]]:
        """Read a table."""
        with (self.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def store(self, table: str, rows: Sequence[dict[str, str]]) -> None:
        """Write a table back."""
        with (self.folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def change(self, table: str, key: dict[str, str], **cells: str) -> None:
        """Change some cells of the one row that has the values of ``key``."""
        rows = self.rows(table)
        found = [row for row in rows if all(row[name] == value for name, value in key.items())]
        assert len(found) == 1, (table, key, len(found))
        assert cells.keys() <= found[0].keys()
        found[0].update(cells)
        self.store(table, rows)

    def add(self, table: str, **cells: str) -> None:
        """Add a row; the cells that are not given are those of the last row."""
        rows = self.rows(table)
        rows.append({**rows[-1], **cells})
        self.store(table, rows)


@pytest.fixture
def export(shared_data: Path, tmp_path: Path) -> Export:
    """Copy the real export, so that a test may change it."""
    folder = tmp_path / "export"
    shutil.copytree(shared_data / "mifos-branch", folder)
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)
    return Export(folder)


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """Write a workbook; numbers, dates and formulas stand in it as a person's spreadsheet has them."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path
