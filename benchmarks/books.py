"""Books to measure with: an institution in a folder, one branch opened, loans disbursed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path

from sqlalchemy import select

from banking.cash import create_till
from banking.clients import register_client
from banking.loans import apply, approve, disburse
from branch.founding import create_branch
from hq.founding import NewInstitution, create_institution, enrol
from ledger.money import Money
from schema.products import LoanProduct
from sync.installation import Installation
from sync.kit import Kit

PASSPHRASE = "a passphrase for measuring"  # noqa: S105 - of a home that lives for minutes
CODE = "code 4711"
CLERK = 1
DAY = date(2026, 1, 5)


class Clock:
    """Goes on by a millisecond with each look."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 5, 6, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Give the present instant."""
        self._now += timedelta(milliseconds=1)
        return self._now


@dataclass
class Branch:
    """An opened branch with loans to repay."""

    installation: Installation
    loan_ids: list[int]
    till_id: int
    clerk_id: int = CLERK
    day: date = DAY
    turn: Iterator[int] = field(init=False)
    """The loans again and again, so that none collects more payments than a loan has in its life."""

    def __post_init__(self) -> None:
        self.turn = cycle(self.loan_ids)


def make_headquarters(folder: Path, clock: Clock, *, database: str | None = None) -> Path:
    """Make headquarters below ``folder``; ``database`` is the URL of a server, None: an encrypted file."""
    home = folder / "hq"
    wanted = NewInstitution("Measured", "KES", 2, "admin", PASSPHRASE, database=database)
    create_institution(home, wanted, recovery_out=folder / "recovery.age", clock=clock)
    return home


def add_branch(headquarters: Installation, folder: Path, code: str, clock: Clock) -> Path:
    """Enrol a branch and make its home below ``folder``."""
    _, file = enrol(headquarters, code, f"Branch {code}", CODE, CLERK)
    home = folder / code
    create_branch(home, Kit.from_file(file, CODE), admin="admin", passphrase=PASSPHRASE, clock=clock)
    return home


@contextmanager
def open_home(home: Path, clock: Clock) -> Iterator[Installation]:
    """Open a home that was made here."""
    with Installation.open(str(home), PASSPHRASE, clock=clock) as installation:
        yield installation


def lend(installation: Installation, loans: int) -> Branch:
    """Disburse ``loans`` loans of 1,000,000.00 in 25 weeks; gives what is needed to repay them."""
    with installation.unit_of_work("till.create", CLERK) as session:
        till_id = create_till(session).id
        product = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one()
    ids: list[int] = []
    for number in range(loans):
        with installation.unit_of_work("loan.disburse", CLERK) as session:
            client = register_client(session, name=f"Borrower {number}", joined_on=DAY)
            loan = apply(
                session,
                client_id=client.id,
                product_id=product.id,
                principal=Money(100_000_000),
                applied_on=DAY,
            )
            approve(session, loan.id, DAY)
            disburse(session, loan.id, DAY)
            ids.append(loan.id)
    return Branch(installation, ids, till_id)


@contextmanager
def open_branch(folder: Path, loans: int = 1) -> Iterator[Branch]:
    """Make an institution with one branch and open that branch."""
    clock = Clock()
    hq_home = make_headquarters(folder, clock)
    with open_home(hq_home, clock) as headquarters:
        home = add_branch(headquarters, folder, "KIT", clock)
    with open_home(home, clock) as installation:
        yield lend(installation, loans)
