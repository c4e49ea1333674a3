"""A small institution for tests: headquarters and branches with real books, bundles carried between them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from banking.cash import create_till
from banking.clients import register_client
from banking.days import open_day
from banking.disbursements import disburse
from banking.loans import apply, approve
from banking.repayments import post_repayment
from banking.savings import deposit, open_account
from branch.founding import create_branch
from hq.founding import NewInstitution, confirm, create_institution, enrol
from ledger.money import Money
from schema.people import User
from schema.reference import LoanProduct, SavingsProduct
from sync.export import WrittenBundle, write_branch_bundle
from sync.installation import Installation
from sync.kit import Kit
from sync.signing import fingerprint20

PASSPHRASE = "a long passphrase"
KIT_CODE = "CODE-12345"
FIRST_DAY = date(2026, 11, 16)


class Clock:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def move(self, **by: int) -> None:
        self.instant += timedelta(**by)


@dataclass
class Branch:
    """An opened branch and what tests want to know of it."""

    code: str
    installation: Installation
    loan_id: int = 0
    savings_id: int = 0
    till_id: int = 0
    repaid: Money = field(default_factory=lambda: Money(0))

    @property
    def actor(self) -> int:
        """The branch's first user."""
        with self.installation.database.reading() as session:
            return session.scalars(select(User.id).order_by(User.id)).first() or 0

    @property
    def device(self) -> int:
        """Its device number."""
        return self.installation.facts.device

    @property
    def fingerprint(self) -> str:
        """The twenty digits that it reads out."""
        return fingerprint20(self.installation.signer.key.public, self.installation.recipient.encode())

    def begin(self) -> None:
        """Open the first day with cash, and lend to a client who also saves."""
        with self.installation.unit_of_work("day.open", self.actor) as session:
            self.till_id = create_till(session).id
            open_day(session, FIRST_DAY, Money(5_000_000))
        with self.installation.unit_of_work("client.register", self.actor) as session:
            client = register_client(session, name="Wanjiku", given_name=f"Jane {self.code}")
        with self.installation.unit_of_work("loan.apply", self.actor) as session:
            product = session.scalars(select(LoanProduct).where(LoanProduct.code == "MONTHLY")).one()
            loan = apply(
                session,
                client_id=client.id,
                product_id=product.id,
                principal=Money(1_000_000),
                applied_on=FIRST_DAY,
            )
            approve(session, loan.id, FIRST_DAY)
        with self.installation.unit_of_work("loan.disburse", self.actor) as session:
            disburse(session, loan.id, FIRST_DAY, till_id=self.till_id)
        with self.installation.unit_of_work("savings.open", self.actor) as session:
            saving = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one()
            account = open_account(session, client_id=client.id, product_id=saving.id, opened_on=FIRST_DAY)
        self.loan_id, self.savings_id = loan.id, account.id

    def repay(self, amount: Money) -> int:
        """Post a repayment; gives the id of its transaction."""
        with self.installation.unit_of_work("loan.repay", self.actor) as session:
            done = post_repayment(session, self.loan_id, amount, FIRST_DAY, till_id=self.till_id)
        self.repaid += amount
        return done.id

    def save(self, amount: Money, note: str = "") -> int:
        """Post a deposit; gives the id of its transaction."""
        with self.installation.unit_of_work("savings.deposit", self.actor) as session:
            return deposit(session, self.savings_id, amount, FIRST_DAY, till_id=self.till_id, note=note).id

    def write(self, folder: Path, *, since_last: bool = False) -> WrittenBundle:
        """Write a bundle into a folder, made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        return write_branch_bundle(self.installation, folder, since_last=since_last)


def found_headquarters(root: Path, clock: Clock) -> Installation:
    """Make and open headquarters."""
    create_institution(
        root,
        NewInstitution("Jamii Microfinance", "KES", 2, "admin", PASSPHRASE),
        recovery_out=None,
        clock=clock,
    )
    return Installation.open(str(root), PASSPHRASE, clock=clock)


def found_branch(hq: Installation, root: Path, code: str, name: str, clock: Clock) -> Branch:
    """Enrol a branch and set its laptop up."""
    _kit, sealed = enrol(hq, code, name, KIT_CODE, 0)
    create_branch(root, Kit.from_file(sealed, KIT_CODE), admin="admin", passphrase=PASSPHRASE, clock=clock)
    return Branch(code, Installation.open(str(root), PASSPHRASE, clock=clock))


def confirm_branch(hq: Installation, branch: Branch) -> None:
    """Compare the fingerprint, once a bundle of the branch is here."""
    confirm(hq, branch.device, branch.fingerprint, 0)
