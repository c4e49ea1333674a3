"""A whole institution in a folder: headquarters and branches with real homes, keys and databases."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from banking.cash import create_till
from banking.clients import register_client
from banking.loans import apply, approve, disburse
from banking.savings import open_account
from branch.founding import create_branch
from hq.founding import NewInstitution, confirm, create_institution, enrol
from hq.sending import export_to_branch
from ledger.money import Money
from schema.accounting import Till
from schema.products import LoanProduct, SavingsProduct
from sync.digest import Digest, digest_of
from sync.export import WrittenBundle, write_branch_bundle
from sync.home import Home
from sync.inbox import import_paths
from sync.installation import Installation
from sync.kit import Kit
from sync.receiving import BundleResult
from sync.signing import fingerprint20
from tests.support.postgres import Cluster, cluster_of

HQ = "hq"
CLERK = 1
servers: list[Cluster] = []
"""The PostgreSQL on which headquarters lie that say nothing else; empty: they lie in encrypted files."""
FIRST_DAY = date(2026, 1, 5)


def passphrase_of(name: str) -> str:
    """Give the passphrase of a test home."""
    return f"passphrase of {name}"


@dataclass
class Clock:
    """Goes on by a second each time that somebody looks."""

    now: datetime = field(default_factory=lambda: datetime(2026, 1, 5, 6, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        """Give the present instant."""
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class TestInstitution:
    """Homes below one folder, by short name; ``hq`` is headquarters."""

    __test__ = False

    root: Path
    clock: Clock = field(default_factory=Clock)
    written: int = 0

    @classmethod
    def create(
        cls, root: Path, branches: tuple[str, ...] = ("KIT",), database: str | None = None
    ) -> "TestInstitution":
        """Make headquarters and enrol branches; their devices are not confirmed yet."""
        made = cls(root)
        if database is None and servers:
            database = servers[-1].new_database()
        wanted = NewInstitution("Test bank", "KES", 2, "admin", passphrase_of(HQ), database=database)
        create_institution(root / HQ, wanted, recovery_out=root / "recovery.age", clock=made.clock)
        with made.open(HQ) as headquarters:
            for code in branches:
                _, file = enrol(headquarters, code, f"Branch {code}", "code 4711", CLERK)
                create_branch(
                    root / code,
                    Kit.from_file(file, "code 4711"),
                    admin="admin",
                    passphrase=passphrase_of(code),
                    clock=made.clock,
                )
        return made

    def copy_to(self, root: Path) -> "TestInstitution":
        """Copy every home while nothing runs."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        _copy_database(Home.at(root / HQ))
        return TestInstitution(root, Clock(self.clock.now), self.written)

    @contextmanager
    def open(self, name: str) -> Iterator[Installation]:
        """Open a home by its short name."""
        installation = Installation.open(str(self.root / name), passphrase_of(name), clock=self.clock)
        with installation:
            yield installation

    def send(self, code: str, *, since_last: bool = False) -> tuple[Path, WrittenBundle]:
        """Write the next bundle of a branch into a folder of its own."""
        folder = self._folder()
        with self.open(code) as branch:
            return folder, write_branch_bundle(branch, folder, since_last=since_last)

    def receive(self, *folders: Path, dry_run: bool = False) -> list[BundleResult]:
        """Import folders at headquarters."""
        with self.open(HQ) as headquarters:
            return import_paths(headquarters, folders, dry_run=dry_run)

    def answer(self, code: str) -> list[BundleResult]:
        """Carry a return bundle from headquarters to a branch."""
        folder = self._folder()
        with self.open(HQ) as headquarters:
            export_to_branch(headquarters, code, folder, volume_bytes=7 << 20)
        with self.open(code) as branch:
            return import_paths(branch, [folder])

    def confirm(self, code: str) -> str:
        """Confirm a branch's device by the digits that it reads out."""
        with self.open(code) as branch:
            digits = fingerprint20(branch.signer.key.public, branch.recipient.encode())
            device = branch.facts.device
        with self.open(HQ) as headquarters:
            return confirm(headquarters, device, digits, CLERK)

    def digests(self, code: str) -> tuple[Digest, Digest]:
        """Give the digest of a branch's books as the branch and as headquarters have them."""
        with self.open(code) as branch, branch.database.reading() as session:
            office_id = branch.place.office_id
            here = digest_of(session, branch.roster(session), office_id=office_id)
        with self.open(HQ) as headquarters, headquarters.database.reading() as session:
            return here, digest_of(session, headquarters.roster(session), office_id=office_id)

    def _folder(self) -> Path:
        self.written += 1
        folder = self.root / f"stick-{self.written}"
        folder.mkdir()
        return folder


def _copy_database(home: Home) -> None:
    """Give a copied home its own copy of the database; one in a file was copied with its folder."""
    facts = home.facts()
    if "://" in facts.database:
        copy = cluster_of(facts.database).new_database(like=facts.database)
        home.write_facts(replace(facts, database=copy))


def till_of(installation: Installation) -> int:
    """Give the branch's first till; makes it when there is none."""
    with installation.database.reading() as session:
        found = session.scalars(select(Till.id).order_by(Till.number)).first()
    if found is None:
        with installation.unit_of_work("till.create", CLERK) as session:
            found = create_till(session).id
    return found


def register_savers(installation: Installation, names: list[str]) -> list[int]:
    """Register clients with one voluntary savings account each; gives the accounts' ids."""
    accounts: list[int] = []
    with installation.unit_of_work("client.register", CLERK) as session:
        product = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one()
        for name in names:
            client = register_client(session, name=name, joined_on=FIRST_DAY)
            account = open_account(session, client_id=client.id, product_id=product.id, opened_on=FIRST_DAY)
            accounts.append(account.id)
    return accounts


def lend(installation: Installation, name: str, principal: Money, *, product: str = "WEEKLY") -> int:
    """Register a client and disburse a loan on the first day; gives the loan's id."""
    with installation.unit_of_work("loan.disburse", CLERK) as session:
        terms = session.scalars(select(LoanProduct).where(LoanProduct.code == product)).one()
        client = register_client(session, name=name, joined_on=FIRST_DAY)
        loan = apply(
            session, client_id=client.id, product_id=terms.id, principal=principal, applied_on=FIRST_DAY
        )
        approve(session, loan.id, FIRST_DAY)
        disburse(session, loan.id, FIRST_DAY)
        return loan.id
