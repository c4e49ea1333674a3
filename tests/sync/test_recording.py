"""Recording: one sealed changeset a unit of work, and nothing else ever written."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert as sql_insert
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from banking.clients import register_client
from banking.repayments import post_repayment
from banking.savings import deposit
from ledger.errors import TrustError
from ledger.money import Money
from schema.people import Client
from schema.replication import StoredChangeset
from schema.writing import UndeclaredWriteError, insert
from sync.changeset import Changeset, digest
from sync.installation import Installation
from sync.verify import verify_books
from tests.support.institution import (
    CLERK,
    FIRST_DAY,
    TestInstitution,
    lend,
    passphrase_of,
    register_savers,
    till_of,
)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """An institution with one branch, made once for all tests of this file."""
    return TestInstitution.create(tmp_path_factory.mktemp("made") / "bank")


@pytest.fixture
def bank(made_once: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy of it for one test."""
    return made_once.copy_to(tmp_path / "bank")


def _chain(installation: Installation) -> list[StoredChangeset]:
    with installation.database.reading() as session:
        return list(
            session.scalars(
                select(StoredChangeset)
                .where(StoredChangeset.device == installation.facts.device)
                .order_by(StoredChangeset.seq)
            )
        )


def test_each_unit_of_work_is_one_changeset_chained_to_the_one_before(bank: TestInstitution) -> None:
    """Two actions give two changesets; the hash of each stands in the next."""
    with bank.open("KIT") as branch:
        before = len(_chain(branch))
        register_savers(branch, ["Amina"])
        register_savers(branch, ["Baraka"])
        chain = _chain(branch)
    assert len(chain) == before + 2
    assert all(one.hash == digest(one.body) for one in chain)
    assert [one.prev for one in chain[1:]] == [one.hash for one in chain[:-1]]
    newest = Changeset.from_bytes(chain[-1].body)
    assert newest.kind == "client.register"
    assert [op.table for op in newest.ops] == ["client", "savings_account"]


def test_what_fails_leaves_nothing_behind(bank: TestInstitution) -> None:
    """An error inside a unit of work undoes rows, changeset, second copy and the numbers it took."""
    with bank.open("KIT") as branch:
        chain, size = _chain(branch), len(list(branch.second_copy.records()))
        taken: list[str] = []

        def fail_halfway() -> None:
            with branch.unit_of_work("client.register", CLERK) as session:
                taken.append(register_client(session, name="Chausiku", joined_on=FIRST_DAY).number)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_halfway()
        assert len(_chain(branch)) == len(chain)
        assert len(list(branch.second_copy.records())) == size
        with branch.unit_of_work("client.register", CLERK) as session:
            assert register_client(session, name="Chausiku", joined_on=FIRST_DAY).number == taken[0]


def test_a_recorded_table_cannot_be_written_around_the_recorder(bank: TestInstitution) -> None:
    """Without a declared unit of work, through the mapper, or in bulk: an error, and nothing is written."""

    def through_the_mapper(session: Session) -> None:
        session.add(Client(id=5, origin_office_id=1, number="X", name="X"))
        session.flush()

    ways: list[Callable[[Session], object]] = [
        lambda session: insert(session, Client(number="X", name="X")),
        through_the_mapper,
        lambda session: session.execute(sql_insert(Client).values(id=5, number="X")),
    ]

    def write_around(branch: Installation, way: Callable[[Session], object]) -> None:
        with branch.exclusive() as session:
            way(session)

    with bank.open("KIT") as branch:
        for way in ways:
            with pytest.raises(UndeclaredWriteError):
                write_around(branch, way)
        with branch.database.reading() as session:
            assert session.scalars(select(Client).where(Client.number == "X")).all() == []


def test_all_changesets_into_an_empty_database_give_the_same_tables(bank: TestInstitution) -> None:
    """Replay: the chain is the books. Every row of every table follows from it, and nothing else is there."""
    with bank.open("KIT") as branch:
        loan = lend(branch, "Dalila", Money(1_000_000))
        accounts = register_savers(branch, ["Eshe", "Faraji"])
        for account in accounts:
            with branch.unit_of_work("savings.deposit", CLERK) as session:
                deposit(session, account, Money(12_345), FIRST_DAY)
        with branch.unit_of_work("loan.repay", CLERK) as session:
            post_repayment(session, loan, Money(50_000), FIRST_DAY)
        checks = verify_books(branch)
    assert [check for check in checks if not check.ok] == []
    assert any(check.name == "table journal_line" and "row(s) follow" in check.detail for check in checks)


def test_verify_names_table_and_id_of_a_row_altered_by_sql(bank: TestInstitution) -> None:
    """Somebody with the key of the database changes one amount: verify names the table and the id."""
    with bank.open("KIT") as branch:
        lend(branch, "Dalila", Money(1_000_000))
        with branch.database.writer.begin() as connection:
            row_id = connection.execute(text("SELECT min(id) FROM installment")).scalar_one()
            connection.execute(
                text("UPDATE installment SET principal = principal + 1 WHERE id = :id"), {"id": row_id}
            )
        failed = [check for check in verify_books(branch) if not check.ok]
    assert [check.name for check in failed] == ["table installment"]
    assert failed[0].detail == f"id {row_id} differs in principal"


def test_many_clerks_on_one_loan_book_each_payment_once(bank: TestInstitution) -> None:
    """Eight threads repay one loan until it is paid: never more than was owed, never a number twice."""
    with bank.open("KIT") as branch:
        loan = lend(branch, "Gathoni", Money(64_000))
        till, refused = till_of(branch), list[Exception]()

        def clerk() -> None:
            for _ in range(10):
                try:
                    with branch.unit_of_work("loan.repay", CLERK) as session:
                        post_repayment(session, loan, Money(1_000), FIRST_DAY, till_id=till)
                except Exception as error:  # noqa: BLE001 - collected and looked at below
                    refused.append(error)

        clerks = [threading.Thread(target=clerk) for _ in range(8)]
        for thread in clerks:
            thread.start()
        for thread in clerks:
            thread.join()
        with branch.database.reading() as session:
            rows = session.execute(
                text(
                    "SELECT amount, overpayment, receipt_sequence FROM loan_transaction"
                    " WHERE kind = 'repayment'"
                )
            ).all()
        checks = verify_books(branch)
    assert len(rows) + len(refused) == 80
    assert sum(row.amount - row.overpayment for row in rows) <= 71_000
    assert len({row.receipt_sequence for row in rows}) == len(rows)
    assert all(check.ok for check in checks)


def test_a_wrong_passphrase_opens_nothing(bank: TestInstitution) -> None:
    """The home stays shut, and says so by name."""
    with pytest.raises(TrustError) as refusal:
        Installation.open(str(bank.root / "KIT"), "wrong", clock=bank.clock)
    assert refusal.value.code == "WRONG_PASSPHRASE"


def test_a_home_may_be_moved_while_nothing_runs(bank: TestInstitution) -> None:
    """No absolute path stands in a home."""
    (bank.root / "KIT").rename(bank.root / "moved")
    with Installation.open(str(bank.root / "moved"), passphrase_of("KIT"), clock=bank.clock) as branch:
        assert branch.place.office_code == "KIT"
        register_savers(branch, ["Halima"])


def test_two_programs_on_one_home_lose_nothing_of_the_second_copy(bank: TestInstitution) -> None:
    """The pages are served while somebody uses the command line: each goes on after what the other wrote."""
    old = bank.copy_to(bank.root / "yesterday")
    with bank.open("KIT") as pages:
        register_savers(pages, ["Amina"])
        with bank.open("KIT") as command:
            register_savers(command, ["Baraka with a longer name than Amina had"])
            register_savers(pages, ["Chausiku"])
            register_savers(command, ["Dalila"])
        register_savers(pages, ["Eshe"])
        assert [check for check in verify_books(pages) if not check.ok] == []
        here = len(_chain(pages))
    for suffix in ("", "-wal", "-shm"):
        (bank.root / "KIT" / f"satchel.db{suffix}").unlink(missing_ok=True)
    shutil.copy(old.root / "KIT" / "satchel.db", bank.root / "KIT" / "satchel.db")
    with bank.open("KIT") as branch:
        assert len(branch.healed) == 1
        assert len(_chain(branch)) == here


def test_what_a_killed_program_left_undone_is_copied_by_the_other(bank: TestInstitution) -> None:
    """One process dies between commit and second copy while another goes on: nothing is missing there."""

    def die(step: str) -> None:
        if step == "commit":
            raise KeyboardInterrupt

    with bank.open("KIT") as pages:
        register_savers(pages, ["Amina"])
        command = Installation.open(
            str(bank.root / "KIT"), passphrase_of("KIT"), clock=bank.clock, reached=die
        )
        with command, pytest.raises(KeyboardInterrupt):
            register_savers(command, ["Baraka"])
        register_savers(pages, ["Chausiku"])
        assert [check for check in verify_books(pages) if not check.ok] == []


def test_what_headquarters_would_not_take_is_not_booked(bank: TestInstitution) -> None:
    """A number longer than an index takes, past every service: refused here, before it is signed."""
    with bank.open("KIT") as branch:
        before = len(_chain(branch))
        with (
            pytest.raises(TrustError) as refusal,
            branch.unit_of_work("client.register", CLERK) as session,
        ):
            insert(session, Client(number="9" * 301, name="Amina"))
        assert refusal.value.code == "LIMIT_SIZE"
        assert len(_chain(branch)) == before


def test_what_a_killed_check_left_is_removed_by_the_next_one(bank: TestInstitution) -> None:
    """A scratch database of days ago goes; one of a check that may still run stays."""
    with bank.open("KIT") as branch:
        old, new = branch.home.root / "verify-1.db", branch.home.root / "verify-2.db-wal"
        for left in (old, new):
            left.write_bytes(b"encrypted, and nobody has the key")
        days_ago = new.stat().st_mtime - 3 * 86_400
        os.utime(old, (days_ago, days_ago))
        verify_books(branch)
    assert not old.exists()
    assert new.exists()
