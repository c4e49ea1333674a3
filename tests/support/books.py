"""A branch with its reference data in an empty database, without devices and chains: for tests of services.

The acts declared here collect their ops and seal nothing; ids come from a counter, as a device's do.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.cash import create_till
from banking.standard import add_office, create_standard_reference
from ledger.money import Money
from schema.base import first_id
from schema.database import Database, open_database
from schema.products import LoanProduct, SavingsProduct
from schema.reference import GLAccount, Office
from schema.tables import metadata
from schema.triggers import create_triggers
from schema.writing import Act, declare

PLAIN, ENCRYPTED, SERVER = "sqlite", "sqlcipher", "postgresql"
KEY = bytes(range(32))
HQ_DEVICE, BRANCH_DEVICE = 1, 100
FIRST_INSTANT = datetime(2026, 1, 2, 6, 0, tzinfo=UTC)


def money(major: str, digits: int = 2) -> Money:
    """Give an amount written in major units."""
    whole, _, part = major.partition(".")
    return Money(int(whole + part.ljust(digits, "0")))


@dataclass
class Counter:
    """Gives ids of one device, one after the other."""

    device: int
    last: int = 0

    def take(self) -> int:
        """Give the next id."""
        self.last += 1
        return first_id(self.device) + self.last


@dataclass
class Books:
    """An opened database of one branch (``KIT``) with standard products, one till, and a clock of its own."""

    database: Database
    office_id: int = 0
    head_office_id: int = 0
    currency: str = "KES"
    digits: int = 2
    today: date = date(2026, 1, 2)
    now: datetime = FIRST_INSTANT
    actor_id: int = 0
    till_id: int = 0
    ids: Counter = field(default_factory=lambda: Counter(BRANCH_DEVICE))
    hq_ids: Counter = field(default_factory=lambda: Counter(HQ_DEVICE))

    @contextmanager
    def work(self, kind: str = "test") -> Iterator[Session]:
        """Open a unit of work of the branch; it commits unless an error leaves it."""
        self.now += timedelta(seconds=1)
        with self.database.writing() as session:
            declare(session, self.act(kind, at_branch=True))
            yield session

    @contextmanager
    def hq_work(self, kind: str = "reference") -> Iterator[Session]:
        """Open a unit of work of headquarters in the same database."""
        self.now += timedelta(seconds=1)
        with self.database.writing() as session:
            declare(session, self.act(kind, at_branch=False))
            yield session

    @contextmanager
    def look(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with self.database.reading() as session:
            yield session

    def act(self, kind: str, *, at_branch: bool) -> Act:
        """Give an act of the branch or of headquarters."""
        return Act(
            kind=kind,
            actor_id=self.actor_id,
            device=BRANCH_DEVICE if at_branch else HQ_DEVICE,
            office_id=self.office_id if at_branch else self.head_office_id,
            office_code="KIT" if at_branch else "HQ",
            currency=self.currency,
            digits=self.digits,
            business_date=self.today,
            recorded_at=self.now,
            ids=self.ids if at_branch else self.hq_ids,
        )

    def loan_product(self, code: str) -> LoanProduct:
        """Give a standard loan product."""
        with self.look() as session:
            return session.scalars(select(LoanProduct).where(LoanProduct.code == code)).one()

    def savings_product(self, code: str) -> SavingsProduct:
        """Give a standard savings product."""
        with self.look() as session:
            return session.scalars(select(SavingsProduct).where(SavingsProduct.code == code)).one()

    def gl_account(self, name: str) -> GLAccount:
        """Give a GL account by its name."""
        with self.look() as session:
            return session.scalars(select(GLAccount).where(GLAccount.name == name)).one()


def empty_database(kind: str, folder: Path, server_url: str | None = None) -> Database:
    """Open an empty database of a kind (plain, encrypted, PostgreSQL) with all tables and triggers."""
    if kind == SERVER:
        assert server_url is not None
        database = open_database(server_url)
    else:
        database = open_database(folder / "books.db", KEY if kind == ENCRYPTED else None)
    with database.writer.begin() as connection:
        metadata.create_all(connection)
        create_triggers(connection)
    if kind == SERVER:
        database.order_texts()
    return database


def open_books(database: Database) -> Books:
    """Fill an empty database with an institution, the branch KIT and its till number 1."""
    books = Books(database)
    with books.hq_work() as session:
        create_standard_reference(
            session,
            institution_public_id=bytes(16),
            name="Test institution",
            currency=books.currency,
            digits=books.digits,
        )
        books.office_id = add_office(session, 2, "KIT", "Kitale").id
        head = select(Office.id).where(Office.code == "HQ")
        books.head_office_id = session.scalars(head).one()
    with books.work() as session:
        books.till_id = create_till(session).id
    return books


def copy_of(new_books: Books, folder: Path) -> Books:
    """Give an own copy of a new branch for one example."""
    path = folder / "example.db"
    for old in folder.glob("example.db*"):
        old.unlink()
    shutil.copy(str(new_books.database.writer.url.database), path)
    ids, hq_ids = new_books.ids, new_books.hq_ids
    return replace(
        new_books,
        database=open_database(path),
        ids=Counter(ids.device, ids.last),
        hq_ids=Counter(hq_ids.device, hq_ids.last),
    )
