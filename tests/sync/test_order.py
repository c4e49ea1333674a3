"""The order in which bundles come does not matter, nor how often: headquarters' books are the same."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from banking.clients import register_client
from banking.days import close_day, open_day
from banking.loans import apply, approve, disburse
from banking.repayments import post_repayment, reverse
from banking.savings import deposit
from ledger.money import Money
from schema.accounting import Till
from schema.accounts import LoanTransaction
from schema.products import LoanProduct
from schema.writing import update, update_statement
from sync import admission
from sync.admission import Admission, Admitter
from sync.changeset import UPDATE, Changeset
from sync.digest import digest_of
from sync.inbox import import_paths
from sync.installation import Installation
from sync.packing import Signed
from sync.verify import verify_books
from tests.support.institution import (
    CLERK,
    FIRST_DAY,
    HQ,
    TestInstitution,
    passphrase_of,
    register_savers,
    till_of,
)

BRANCHES = ("KIT", "GUL", "LIR")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Carried:
    """An institution whose bundles are all written and not yet imported, and the branches' own digests."""

    bank: TestInstitution
    bundles: tuple[Path, ...]
    digests: dict[str, str]


def _rename_till(branch: Installation, name: str) -> None:
    """Change one row again, so that the order of two changes would show."""
    till_id = till_of(branch)
    with branch.unit_of_work("till.rename", CLERK) as session:
        update(session, session.get_one(Till, till_id), name=name)


def _first_days_work(branch: Installation, number: int) -> int:
    """Register, lend in three steps (each a change of the loan's row), save; gives the loan's id."""
    with branch.unit_of_work("day.open", CLERK) as session:
        open_day(session, FIRST_DAY + timedelta(days=number))
    with branch.unit_of_work("loan.apply", CLERK) as session:
        product = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one()
        client = register_client(session, name=f"Borrower {number}", joined_on=FIRST_DAY)
        loan = apply(
            session,
            client_id=client.id,
            product_id=product.id,
            principal=Money(100_000 + number),
            applied_on=FIRST_DAY,
        )
    with branch.unit_of_work("loan.approve", CLERK) as session:
        approve(session, loan.id, FIRST_DAY)
    with branch.unit_of_work("loan.disburse", CLERK) as session:
        disburse(session, loan.id, FIRST_DAY)
    till = till_of(branch)
    _rename_till(branch, "Counter")
    for account in register_savers(branch, [f"Saver {number}"]):
        with branch.unit_of_work("savings.deposit", CLERK) as session:
            deposit(session, account, Money(500), FIRST_DAY, till_id=till)
    return loan.id


def _later_work(branch: Installation, loan_id: int) -> None:
    """Repay twice, take the first one back, close the day."""
    till = till_of(branch)
    _rename_till(branch, "Front counter")
    for amount in (1_000, 2_000):
        with branch.unit_of_work("loan.repay", CLERK) as session:
            post_repayment(session, loan_id, Money(amount), FIRST_DAY, till_id=till)
    with branch.unit_of_work("loan.reverse", CLERK) as session:
        first = session.scalars(select(LoanTransaction).where(LoanTransaction.kind == "repayment")).first()
        assert first is not None
        reverse(session, first, reason="typed twice", on=FIRST_DAY)
    with branch.unit_of_work("day.close", CLERK) as session:
        close_day(session)


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Carried:
    """Three branches, four bundles each: cumulative, delta, delta, and one with everything."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("order") / "bank", BRANCHES)
    bundles: list[Path] = []
    for number, code in enumerate(BRANCHES):
        with bank.open(code) as branch:
            loan = _first_days_work(branch, number)
        bundles.append(bank.send(code)[0])
        with bank.open(code) as branch:
            _later_work(branch, loan)
        bundles.append(bank.send(code, since_last=True)[0])
        with bank.open(code) as branch:
            register_savers(branch, [f"Late {number}"])
        bundles += [bank.send(code, since_last=True)[0], bank.send(code)[0]]
    digests = {code: bank.digests(code)[0].sha256.hex() for code in BRANCHES}
    return Carried(bank, tuple(bundles), digests)


def _shuffled(bundles: Sequence[Path], seed: int) -> list[Path]:
    """A random order, a third of the bundles twice."""
    chance = random.Random(seed)
    order = [*bundles, *chance.sample(bundles, len(bundles) // 3)]
    chance.shuffle(order)
    return order


def _import_in_order(carried: Carried, order: Iterable[Path], home: Path) -> str:
    """Import one by one into a copy of headquarters; gives the digest of all its books."""
    bank = carried.bank
    shutil.copytree(bank.root / HQ, home / HQ)
    with TestInstitution(home, bank.clock).open(HQ) as headquarters:
        for folder in order:
            import_paths(headquarters, [folder])
        with headquarters.database.reading() as session:
            return digest_of(session, headquarters.roster(session)).sha256.hex()


def test_any_order_gives_the_same_books(carried: Carried, tmp_path: Path) -> None:
    """Six random orders with doubled bundles: one digest, and each branch's part equals the branch's own."""
    found = {
        _import_in_order(carried, _shuffled(carried.bundles, seed), tmp_path / str(seed)) for seed in range(6)
    }
    assert len(found) == 1
    copy = TestInstitution(tmp_path / "0", carried.bank.clock)
    with copy.open(HQ) as headquarters:
        assert [check for check in verify_books(headquarters) if not check.ok] == []
    for code in BRANCHES:
        shutil.copytree(carried.bank.root / code, tmp_path / "0" / code)
        here, there = copy.digests(code)
        assert here.cut == there.cut
        assert here.sha256 == there.sha256
        assert here.sha256.hex() == carried.digests[code]


def test_a_planted_last_arrival_wins_rule_is_found(
    carried: Carried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same drill with a fold that lets the last arrival win gives other books: it is noticed."""
    honest = Admitter.receive

    def last_arrival_wins(
        self: Admitter, signed: Iterable[Signed], *, bundle_id: bytes | None = None
    ) -> Admission:
        arrived = list(signed)
        result = honest(self, arrived, bundle_id=bundle_id)
        connection = self._session.connection()
        for body, _ in arrived:
            for op in Changeset.from_bytes(body).ops:
                if op.sign == UPDATE and op.new:
                    statement = update_statement(op.table, tuple(op.new), "sqlite")
                    connection.exec_driver_sql(statement, (*op.new.values(), op.id))
        return result

    monkeypatch.setattr(admission.Admitter, "receive", last_arrival_wins)
    found = {
        _import_in_order(carried, _shuffled(carried.bundles, seed), tmp_path / str(seed)) for seed in range(6)
    }
    assert len(found) > 1


def test_separate_processes_with_nothing_shared_but_files(carried: Carried, tmp_path: Path) -> None:
    """The command line, one process a bundle, files renamed at random: the branches' own digests."""
    for seed in (11, 12):
        home = tmp_path / str(seed)
        shutil.copytree(carried.bank.root / HQ, home / HQ)
        chance = random.Random(seed)
        for number, folder in enumerate(_shuffled(carried.bundles[1::2], seed)):
            stick = home / f"stick {number}"
            stick.mkdir()
            for volume in folder.iterdir():
                shutil.copy(volume, stick / f"{chance.randrange(10**6)} (1).BIN")
            rows = _satchel("hq", "import", "--home", str(home / HQ), "--json", str(stick))["bundles"]
            assert isinstance(rows, list)
            assert {row["verdict"] for row in rows} <= {"ADMIT", "NOOP", "HOLD"}
        for code in BRANCHES:
            told = _satchel("hq", "digest", "--home", str(home / HQ), "--branch", code, "--json")
            assert told["digest"] == carried.digests[code]


def test_one_merged_row_altered_by_sql_changes_the_digest_and_is_named(
    carried: Carried, tmp_path: Path
) -> None:
    """Headquarters' own administrator changes one figure behind the program's back."""
    honest = _import_in_order(carried, carried.bundles, tmp_path)
    copy = TestInstitution(tmp_path, carried.bank.clock)
    with copy.open(HQ) as headquarters:
        with headquarters.database.writer.begin() as connection:
            row_id = connection.execute(text("SELECT max(id) FROM loan_account")).scalar_one()
            connection.execute(text("UPDATE loan_account SET principal = 1 WHERE id = :id"), {"id": row_id})
        with headquarters.database.reading() as session:
            assert digest_of(session, headquarters.roster(session)).sha256.hex() != honest
        failed = [check for check in verify_books(headquarters) if not check.ok]
    assert [(check.name, check.detail) for check in failed] == [
        ("table loan_account", f"id {row_id} differs in principal")
    ]


def _satchel(*arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", "from satchel.cli import run; run()", *arguments],
        cwd=ROOT,
        env={**os.environ, "SATCHEL_PASSPHRASE": passphrase_of(HQ)},
        capture_output=True,
        text=True,
        check=True,
    )
    document: dict[str, object] = json.loads(done.stdout)
    return document
