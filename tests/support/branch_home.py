"""A real branch with keys, chain and users, made once and copied for each test; a home may be copied."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from banking.cash import create_till
from banking.clients import register_client
from banking.days import open_day
from banking.groups import create_group
from banking.loans import apply, approve, disburse
from banking.repayments import post_repayment
from banking.savings import deposit, open_account
from banking.users import create_user
from branch.founding import create_branch
from hq.founding import NewInstitution, create_institution, enrol
from ledger.money import Money
from schema.people import User
from schema.products import LoanProduct, SavingsProduct
from sync.installation import Installation
from sync.kit import read_kit

PASSPHRASE = "open the books"
PASSWORD = "a password for tests"
KIT_CODE = "TEST-CODE-OF-KIT"
TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that moves when a test says so, and a little by itself with each look."""

    def __init__(self) -> None:
        """Begin at nine in the morning (UTC)."""
        self.instant = NOON

    def __call__(self) -> datetime:
        """Give the instant."""
        self.instant += timedelta(milliseconds=5)
        return self.instant

    def move(self, by: timedelta) -> None:
        """Move on."""
        self.instant += by


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of what the branch begins with."""

    client: int
    other: int
    group: int
    loan: int
    late_loan: int
    savings: int
    admin: int


@contextmanager
def opened(home: Path, clock: Clock) -> Iterator[Installation]:
    """Open a home of these tests."""
    with Installation.open(str(home), PASSPHRASE, clock=clock) as installation:
        yield installation


def make_homes(folder: Path, currency: str = "KES", digits: int = 2) -> Known:
    """Make an HQ (``folder/hq``) and the branch KIT (``folder/branch``) with an open day and some clients."""
    clock = Clock()
    clock.move(timedelta(days=-100))
    wanted = NewInstitution("Jamii Savings and Credit", currency, digits, "admin", PASSPHRASE)
    create_institution(folder / "hq", wanted, recovery_out=None, clock=clock)
    with opened(folder / "hq", clock) as hq:
        _, file = enrol(hq, "KIT", "Kitale", KIT_CODE, 0)
    kit_file = folder / "kit.satchel"
    kit_file.write_bytes(file)
    kit = read_kit(kit_file, KIT_CODE)
    create_branch(folder / "branch", kit, admin="admin", passphrase=PASSPHRASE, clock=clock)
    with opened(folder / "branch", clock) as branch:
        known = _fill(branch)
        clock.instant = NOON
        with branch.unit_of_work("day.open", known.admin) as session:
            open_day(session, TODAY, Money(1_000_000))
    return known


def _fill(branch: Installation) -> Known:
    """Users of each kind; two clients in a group; a loan that is paid as due, one that is late; savings."""
    with branch.database.reading() as session:
        admin = session.scalars(select(User)).one().id
        weekly = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one().id
        save = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one().id
    for name, role in (("clara", "clerk"), ("moses", "manager"), ("aisha", "auditor")):
        with branch.unit_of_work("user.create", admin) as session:
            create_user(session, name, f"{name.title()} Wanyama", role, PASSWORD)
    with branch.unit_of_work("client.register", admin) as session:
        create_till(session)
        group = create_group(session, name="Tumaini Group").id
        client = register_client(
            session,
            name="Ōkoth",
            given_name="Wanjirũ",
            phone="+254 700 123 456",
            village="Kapsara",
            group_id=group,
            joined_on=date(2024, 5, 3),
        ).id
        other = register_client(session, name="Kamau", given_name="Peter", group_id=group).id
    loans = []
    for owner, on in ((client, date(2026, 11, 1)), (other, date(2026, 9, 6))):
        with branch.unit_of_work("loan.disburse", admin) as session:
            loan = apply(
                session, client_id=owner, product_id=weekly, principal=Money(1_000_000), applied_on=on
            )
            approve(session, loan.id, on)
            disburse(session, loan.id, on)
            loans.append(loan.id)
    with branch.unit_of_work("loan.repay", admin) as session:
        post_repayment(session, loans[0], Money(44_000), date(2026, 11, 8), receipt="OLD-1")
        account = open_account(session, client_id=client, product_id=save, opened_on=date(2026, 1, 5))
        deposit(session, account.id, Money(250_000), date(2026, 1, 5))
    return Known(client, other, group, loans[0], loans[1], account.id, admin)


def copy_homes(made: Path, folder: Path) -> Path:
    """Copy both homes for one test; gives the folder with ``hq`` and ``branch``."""
    shutil.copytree(made / "hq", folder / "hq")
    shutil.copytree(made / "branch", folder / "branch")
    return folder
