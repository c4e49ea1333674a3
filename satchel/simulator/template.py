"""The institution that every life begins with: founded once a process, its homes copied for each seed."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select

from banking.applications import apply
from banking.cash import create_till
from banking.clients import register_client
from banking.days import open_day
from banking.disbursements import disburse
from banking.loans import approve
from banking.savings import deposit, open_account
from branch.founding import create_branch
from hq.founding import NewInstitution, create_institution, enrol
from ledger.money import Money
from satchel.simulator.chance import seeded_program
from satchel.simulator.disk import virtual_disk
from schema.database import open_database
from schema.products import LoanProduct, SavingsProduct
from sync.home import Home, HomeFacts
from sync.installation import Installation
from sync.keyslots import DeviceSecrets, KeySlots, SealedSigningKey
from sync.kit import Kit

HQ: Final = "hq"
BRANCHES: Final = ("KIT", "GUL", "LIR")
TWIN: Final = "LIR"
"""The branch whose kit a second laptop was set up from as well."""
PASSPHRASE: Final = "words for a life"  # noqa: S105 - of homes that live for a second
KIT_CODE: Final = "CODE OF THE KIT"
FIRST_INSTANT: Final = datetime(2026, 1, 5, 6, tzinfo=UTC)
SCRATCH_KEY: Final = bytes(32)
_SCRATCH: Final = "empty.db"
_SEED: Final = 20260105
CLERK: Final = 1


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens a home without stretching a passphrase again."""

    facts: HomeFacts
    master: bytes
    secrets: DeviceSecrets

    @classmethod
    def of(cls, home: Path) -> "Opener":
        """Open the keys of a home by its passphrase."""
        place = Home.at(home)
        master = KeySlots.from_bytes(place.keyslots.read_bytes()).open_with_passphrase(PASSPHRASE)
        sealed = SealedSigningKey.from_bytes(place.device_key.read_bytes())
        return cls(place.facts(), master, sealed.open_with_passphrase(PASSPHRASE))


@dataclass(frozen=True, slots=True)
class Template:
    """Homes of headquarters and branches below ``folder``; ``kits`` are what the branches began with."""

    folder: Path
    openers: dict[str, Opener]
    kits: dict[str, Kit]

    @property
    def scratch(self) -> Path:
        """An empty database of the present schema, under ``SCRATCH_KEY``."""
        return self.folder / _SCRATCH


def found_template(folder: Path) -> Template:
    """Found the institution in ``folder``."""
    folder.mkdir(parents=True)
    source = random.Random(_SEED)  # noqa: S311 - repeatable is what it is to be
    with virtual_disk(), seeded_program(source):
        return _found(folder)


def _found(folder: Path) -> Template:
    clock = _founding_clock()
    wanted = NewInstitution("Bank of the seeds", "KES", 2, "admin", PASSPHRASE)
    create_institution(folder / HQ, wanted, recovery_out=folder / "recovery.age", clock=clock)
    openers = {HQ: Opener.of(folder / HQ)}
    kits = {}
    with Installation.open(str(folder / HQ), PASSPHRASE, clock=clock) as headquarters:
        for code in BRANCHES:
            kits[code], _ = enrol(headquarters, code, f"Branch {code}", KIT_CODE, CLERK)
    for name, code in (*((code, code) for code in BRANCHES), (f"{TWIN}-twin", TWIN)):
        create_branch(folder / name, kits[code], admin="admin", passphrase=PASSPHRASE, clock=clock)
        openers[name] = Opener.of(folder / name)
        with Installation.open(str(folder / name), PASSPHRASE, clock=clock) as branch:
            _fill(branch)
    scratch = open_database(folder / _SCRATCH, SCRATCH_KEY)
    scratch.migrate()
    scratch.close()
    return Template(folder, openers, kits)


def _founding_clock() -> Callable[[], datetime]:
    now = FIRST_INSTANT - timedelta(hours=4)

    def look() -> datetime:
        nonlocal now
        now += timedelta(seconds=1)
        return now

    return look


def _fill(branch: Installation) -> None:
    """A till, three clients with savings, one of them with a loan, and an open day."""
    first = FIRST_INSTANT.date()
    with branch.database.reading() as session:
        save = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one().id
        weekly = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one().id
    with branch.unit_of_work("day.open", CLERK) as session:
        till = create_till(session).id
        open_day(session, first, Money(50_000_000))
    clients = []
    with branch.unit_of_work("client.register", CLERK) as session:
        for name in ("Achieng", "Baraka", "Chebet"):
            client = register_client(session, name=name, phone="+254 700 123 456", joined_on=first)
            account = open_account(session, client_id=client.id, product_id=save, opened_on=first)
            deposit(session, account.id, Money(1_000_000), first, till_id=till)
            clients.append(client.id)
    with branch.unit_of_work("loan.disburse", CLERK) as session:
        loan = apply(
            session, client_id=clients[0], product_id=weekly, principal=Money(2_000_000), applied_on=first
        )
        approve(session, loan.id, first)
        disburse(session, loan.id, first, till_id=till)


def copy_home(source: Path, target: Path) -> None:
    """Copy a home while nothing runs on it, sparse as it is."""
    shutil.copytree(source, target)
