"""A center of forty members with two loans and two savings accounts each, in the branch of all tests."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from banking.clients import register_client
from banking.groups import create_center, create_group, create_staff
from banking.loans import apply, approve, disburse
from banking.savings import deposit, open_account
from ledger.money import Money
from schema.products import LoanProduct, SavingsProduct
from sync.installation import Installation
from tests.support.branch_home import TODAY, Clock, Known, copy_homes, opened

MEMBERS = 40
GROUPS = 8
LENT_ON = date(2026, 11, 15)
OFFICER = "Daniel Officer"
CENTER = "Sabwani Market"
_NAMES = (
    "Achieng", "Barasa", "Chebet", "Dube", "Ekai", "Fatuma", "Gathoni", "Halima", "Imali", "Jelagat",
)  # fmt: skip
_GIVEN = ("Amina", "Beatrice", "Caroline", "Diana")


@dataclass(frozen=True, slots=True)
class CenterKnown:
    """Ids of the center: clients, and their loans and savings accounts, in the order of the sheet."""

    center: int
    officer: int
    clients: tuple[int, ...]
    first_loans: tuple[int, ...]
    second_loans: tuple[int, ...]
    must: tuple[int, ...]
    save: tuple[int, ...]


def make_center(branch: Installation, admin: int) -> CenterKnown:
    """Set the center up: it meets on the day of the tests, when each loan's first installment is due."""
    with branch.unit_of_work("center.set_up", admin) as session:
        codes = select(LoanProduct.id).where(LoanProduct.code == "WEEKLY")
        weekly = session.scalars(codes).one()
        save, must = (
            session.scalars(select(SavingsProduct.id).where(SavingsProduct.code == code)).one()
            for code in ("SAVE", "MUST")
        )
        officer = create_staff(session, OFFICER).id
        center = create_center(
            session,
            name=CENTER,
            officer_id=officer,
            meeting_weekday=TODAY.isoweekday(),
            meeting_every_weeks=1,
        ).id
        groups = [create_group(session, name=f"Group {one}", center_id=center).id for one in range(GROUPS)]
        rows = []
        for place in range(MEMBERS):
            client = register_client(
                session,
                name=_NAMES[place % len(_NAMES)],
                given_name=_GIVEN[place // len(_NAMES)],
                group_id=groups[place * GROUPS // MEMBERS],
            ).id
            loans = []
            for principal in (1_000_000, 500_000):
                loan = apply(
                    session,
                    client_id=client,
                    product_id=weekly,
                    principal=Money(principal),
                    applied_on=LENT_ON,
                )
                approve(session, loan.id, LENT_ON)
                disburse(session, loan.id, LENT_ON)
                loans.append(loan.id)
            saved = [
                open_account(session, client_id=client, product_id=product, opened_on=LENT_ON).id
                for product in (must, save)
            ]
            deposit(session, saved[1], Money(20_000), LENT_ON)
            rows.append((client, *loans, *saved))
    return CenterKnown(center, officer, *zip(*rows, strict=True))


@dataclass(frozen=True, slots=True)
class CenterHomes:
    """The homes with the center, made once, to be copied."""

    folder: Path
    known: Known
    center: CenterKnown


def make_center_homes(made: tuple[Path, Known], folder: Path) -> CenterHomes:
    """Copy the branch of all tests and set the center up in it."""
    copy_homes(made[0], folder)
    with opened(folder / "branch", Clock()) as branch:
        return CenterHomes(folder, made[1], make_center(branch, made[1].admin))
