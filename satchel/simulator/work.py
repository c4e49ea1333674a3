"""What clerks do all day, through the services that the pages use; drawn from the seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.applications import apply
from banking.clients import mark_client, register_client, update_client
from banking.days import close_day, current_day, last_closed_day, open_day
from banking.disbursements import disburse
from banking.loans import approve
from banking.repayments import post_repayment
from banking.savings import deposit, open_account, reverse, withdraw
from ledger.errors import RuleError, TrustError
from ledger.money import Money
from satchel.simulator.node import Computer
from satchel.simulator.template import CLERK
from schema.accounting import Till
from schema.accounts import LoanAccount, SavingsAccount, SavingsTransaction
from schema.people import Client
from schema.products import LoanProduct, SavingsProduct
from sync.installation import Installation

_LARGEST: Final = 50_000


class LifeError(AssertionError):
    """An invariant is broken: the life has failed. The text begins with the invariant's name."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What a clerk was told had been done: money into savings, and onto loans (minor units)."""

    kind: str
    saved: int = 0
    repaid: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a clerk sits: the session of the act, the office, the day and the drawer."""

    session: Session
    office: int
    on: date
    till: int
    chance: random.Random

    def pick(self, model: type[Client] | type[LoanAccount] | type[SavingsAccount]) -> int:
        """Draw a row of this office; NothingThereError where there is none."""
        wanted = select(model.id).where(model.origin_office_id == self.office).order_by(model.id)
        found = self.session.scalars(wanted).all()
        return self.chance.choice(found) if found else 0

    def amount(self) -> Money:
        """Draw an amount."""
        return Money(self.chance.randrange(1, _LARGEST))


def work(computer: Computer, chance: random.Random) -> dict[bytes, Slip]:
    """Let a clerk do one thing; gives what was answered, by the hash of the changeset that holds it.

    A refusal must leave nothing behind. What stops the computer (disk, crash) is the caller's.

    raises  LifeError; Crashed; TrustError
    """
    installation = computer.installation
    before = computer.head()
    kind, act = chance.choice(_ACTS)
    try:
        with installation.unit_of_work(kind, CLERK) as session:
            desk = _desk(session, installation, chance)
            saved, repaid = act(desk)
    except RuleError as refusal:
        if computer.head() != before:
            raise LifeError(f"kept: {kind} was refused ({refusal.code}) and something stayed") from refusal
        return {}
    made = computer.own_hashes(before)
    slips = {sha256: Slip(kind) for _, sha256 in made[:-1]}
    if made:
        slips[made[-1][1]] = Slip(kind, saved, repaid)
    elif saved or repaid:
        raise LifeError(f"kept: {kind} was answered and nothing was signed")
    return slips


def refused_for(error: TrustError) -> bool:
    """Tell whether a clerk's work ended because of the computer and not of the work."""
    return error.code in {"READ_ONLY", "IO_ERROR", "CHAIN_RESTORED", "RETIRED"}


def _desk(session: Session, installation: Installation, chance: random.Random) -> Desk:
    office = installation.place.office_id
    day = current_day(session, office)
    till = session.scalars(
        select(Till.id).where(Till.origin_office_id == office, Till.number > 0).order_by(Till.number)
    ).first()
    return Desk(session, office, day.on if day else installation.clock().date(), till or 0, chance)


def _deposit(desk: Desk) -> tuple[int, int]:
    amount = desk.amount()
    deposit(desk.session, desk.pick(SavingsAccount), amount, desk.on, till_id=desk.till)
    return amount.minor, 0


def _withdraw(desk: Desk) -> tuple[int, int]:
    amount = desk.amount()
    withdraw(desk.session, desk.pick(SavingsAccount), amount, desk.on, till_id=desk.till)
    return -amount.minor, 0


def _reverse(desk: Desk) -> tuple[int, int]:
    wanted = select(SavingsTransaction).where(
        SavingsTransaction.origin_office_id == desk.office,
        SavingsTransaction.kind.in_(("deposit", "withdrawal")),
        SavingsTransaction.reverses_id.is_(None),
    )
    found = desk.session.scalars(wanted.order_by(SavingsTransaction.id.desc()).limit(4)).all()
    taken = desk.chance.choice(found)
    reverse(desk.session, taken, reason="typed twice", on=desk.on)
    return -taken.amount.minor, 0


def _repay(desk: Desk) -> tuple[int, int]:
    amount = desk.amount()
    post_repayment(desk.session, desk.pick(LoanAccount), amount, desk.on, till_id=desk.till)
    return 0, amount.minor


def _lend(desk: Desk) -> tuple[int, int]:
    product = desk.session.scalars(select(LoanProduct.id).where(LoanProduct.code == "WEEKLY")).one()
    loan = apply(
        desk.session,
        client_id=desk.pick(Client),
        product_id=product,
        principal=Money(desk.chance.randrange(1, 40) * 50_000),
        applied_on=desk.on,
    )
    approve(desk.session, loan.id, desk.on)
    disburse(desk.session, loan.id, desk.on, till_id=desk.till)
    return 0, 0


def _register(desk: Desk) -> tuple[int, int]:
    product = desk.session.scalars(select(SavingsProduct.id).where(SavingsProduct.code == "SAVE")).one()
    client = register_client(desk.session, name=f"Client {desk.chance.randrange(1000)}", joined_on=desk.on)
    open_account(desk.session, client_id=client.id, product_id=product, opened_on=desk.on)
    return 0, 0


def _edit(desk: Desk) -> tuple[int, int]:
    field = desk.chance.choice(("name", "phone", "address", "village", "national_id"))
    update_client(desk.session, desk.pick(Client), **{field: f"Kapsara {desk.chance.randrange(100)}"})
    return 0, 0


def _mark(desk: Desk) -> tuple[int, int]:
    mark_client(desk.session, desk.pick(Client), blacklisted=True)
    return 0, 0


def _change_day(desk: Desk) -> tuple[int, int]:
    """Close the open day, or open the next one."""
    if current_day(desk.session, desk.office) is not None:
        close_day(desk.session)
        return 0, 0
    last = last_closed_day(desk.session, desk.office)
    open_day(desk.session, last.on + timedelta(days=1) if last else desk.on)
    return 0, 0


Act = Callable[[Desk], tuple[int, int]]
_ACTS: Final[tuple[tuple[str, Act], ...]] = (
    ("savings.deposit", _deposit),
    ("savings.deposit", _deposit),
    ("savings.withdraw", _withdraw),
    ("savings.reverse", _reverse),
    ("loan.repay", _repay),
    ("loan.repay", _repay),
    ("loan.disburse", _lend),
    ("client.register", _register),
    ("client.update", _edit),
    ("client.mark", _mark),
    ("day.change", _change_day),
)
