"""Headquarters with three enrolled branches and bundles on sticks, made once and copied for each test."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from banking.repayments import post_repayment
from banking.savings import deposit
from banking.users import create_user
from ledger.money import Money
from schema.people import User
from sync.chain import HEAD_OFFICE_CHAIN
from sync.export import write_branch_bundle
from sync.installation import Installation
from tests.support.institution import (
    CLERK,
    FIRST_DAY,
    HQ,
    Clock,
    TestInstitution,
    lend,
    register_savers,
    till_of,
)

PASSWORD = "a password for tests"
MARKUP = "market day <b>&amp; =1+1"
"""A note that a page must show as it was typed, and never obey."""

MORNING = datetime(2026, 1, 12, 6, 0, tzinfo=UTC)
WORKING = ("KIT", "ELW")
IDLE = "NAK"
FIRST, LOST, LATER = "first", "lost", "later"


class SteadyClock(Clock):
    """A clock that moves a little with each look, and far when a test says so."""

    def move(self, by: timedelta) -> None:
        """Move on."""
        self.now += by


def make_headquarters(root: Path, database: str | None = None) -> TestInstitution:
    """Make headquarters and the branches KIT, ELW and NAK; nothing is imported yet.

    ``root/first`` holds the first bundles of KIT and ELW. ``root/later`` holds KIT's next one, which is
    cumulative, and ELW's third, which is a delta: what comes before it lies in ``root/lost``.

    database  URL of a server for headquarters; None for an encrypted file
    """
    made = TestInstitution.create(root, (*WORKING, IDLE), database)
    with made.open(HQ) as headquarters:
        for username, role in (("amina", "accountant"), ("aisha", "auditor"), ("clara", "clerk")):
            with headquarters.unit_of_work("user.create", CLERK, chain=HEAD_OFFICE_CHAIN) as session:
                create_user(session, username, f"{username.title()} Wanyama", role, PASSWORD)
    for stick in (FIRST, LOST, LATER):
        (root / stick).mkdir()
    for code in WORKING:
        with made.open(code) as branch:
            _work(branch, root, is_late=code == "ELW")
    made.clock.now = MORNING
    return made


def _work(branch: Installation, root: Path, *, is_late: bool) -> None:
    """A loan of 10,000.00 with 440.00 repaid; savings of 500.00, then 700.00 and 800.00 more."""
    (savings,) = register_savers(branch, ["Wanjiku"])
    loan = lend(branch, "Kamau", Money(1_000_000))
    till = till_of(branch)
    with branch.unit_of_work("loan.repay", admin_of(branch)) as session:
        post_repayment(session, loan, Money(44_000), FIRST_DAY, till_id=till)
    save(branch, savings, Money(50_000), note=MARKUP)
    write_branch_bundle(branch, root / FIRST)
    save(branch, savings, Money(70_000))
    if is_late:
        write_branch_bundle(branch, root / LOST, since_last=True)
    save(branch, savings, Money(80_000))
    write_branch_bundle(branch, root / LATER, since_last=is_late)


def save(branch: Installation, savings_id: int, amount: Money, note: str = "") -> int:
    """Post a deposit at the branch's first till; gives its id."""
    till = till_of(branch)
    with branch.unit_of_work("savings.deposit", admin_of(branch)) as session:
        return deposit(session, savings_id, amount, FIRST_DAY, till_id=till, note=note).id


def admin_of(installation: Installation) -> int:
    """Give the id of the first user of an office."""
    with installation.database.reading() as session:
        first = select(User.id).where(User.origin_office_id == installation.place.office_id)
        return session.scalars(first.order_by(User.id)).first() or 0


def copy_headquarters(made: TestInstitution, root: Path) -> TestInstitution:
    """Copy all of it for one test."""
    copied = made.copy_to(root)
    copied.clock = SteadyClock(MORNING)
    return copied
