"""Reports of single accounts, of all savings, and of the day's cash."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sqlalchemy import BigInteger, cast, func, or_, select
from sqlalchemy.orm import Session

from banking.cash import BROUGHT_IN_TILL, till_reports
from ledger.money import ZERO, Money, total
from ledger.posting import Role
from schema.accounting import GLDayTotal, Till
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.people import Client, Group
from schema.products import SavingsProduct
from schema.reference import GLAccount, Office

# --- savings --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SavingsRow:
    """One savings account and its balance."""

    number: str
    owner: str
    owner_number: str
    group: str
    product: str
    opened_on: date | None
    balance: Money


@dataclass(frozen=True, slots=True)
class SavingsBalances:
    """Every savings account at the end of ``as_of`` by value date, and the sum of their balances."""

    table: ClassVar[str] = "savings"
    title: ClassVar[str] = "Savings balances"
    as_of: date
    savings: tuple[SavingsRow, ...]
    count: int
    balance: Money


def savings_balances(session: Session, *, as_of: date, office_id: int | None = None) -> SavingsBalances:
    """List the savings accounts opened by ``as_of``, by number."""
    balances = (
        select(
            SavingsTransaction.savings_account_id,
            cast(func.sum(SavingsTransaction.amount), BigInteger).label("balance"),
        )
        .where(SavingsTransaction.value_date <= as_of)
        .group_by(SavingsTransaction.savings_account_id)
        .subquery()
    )
    wanted = (
        select(SavingsAccount, SavingsProduct.code, Client, Group, func.coalesce(balances.c.balance, 0))
        .join(SavingsProduct, SavingsProduct.id == SavingsAccount.product_id)
        .outerjoin(Client, Client.id == SavingsAccount.client_id)
        .outerjoin(Group, Group.id == func.coalesce(SavingsAccount.group_id, Client.group_id))
        .outerjoin(balances, balances.c.savings_account_id == SavingsAccount.id)
        .where(or_(SavingsAccount.opened_on.is_(None), SavingsAccount.opened_on <= as_of))
        .order_by(SavingsAccount.number, SavingsAccount.id)
    )
    if office_id is not None:
        wanted = wanted.where(SavingsAccount.origin_office_id == office_id)
    rows = [
        SavingsRow(
            account.number,
            owner_name(client, group),
            owner_number(client, group),
            group.name if group else "",
            product,
            account.opened_on,
            Money(balance),
        )
        for account, product, client, group, balance in session.execute(wanted)
    ]
    return SavingsBalances(as_of, tuple(rows), len(rows), total(row.balance for row in rows))


def owner_name(client: Client | None, group: Group | None) -> str:
    """Give the name of an account's owner, the given name first."""
    if client is not None:
        return f"{client.given_name} {client.name}".strip()
    return group.name if group is not None else ""


def owner_number(client: Client | None, group: Group | None) -> str:
    """Give the number of an account's owner."""
    owner = client or group
    return "" if owner is None else owner.number


# --- the day's cash -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CashRow:
    """One movement of a till: cash in is positive."""

    till: int
    receipt: str
    kind: str
    account: str
    amount: Money
    note: str


@dataclass(frozen=True, slots=True)
class CashToday:
    """The cash of an office on one day: ``opening`` + ``received`` - ``paid_out`` + ``other`` = ``closing``.

    ``opening`` and ``closing`` are what the books say of all drawers; ``other`` is what moved there without a
    till: counts, transfers, manual entries.
    """

    table: ClassVar[str] = "movements"
    title: ClassVar[str] = "Cash of the day"
    as_of: date
    opening: Money
    received: Money
    paid_out: Money
    other: Money
    closing: Money
    movements: tuple[CashRow, ...]


def cash_today(session: Session, *, as_of: date, office_id: int | None = None) -> CashToday:
    """Give what the tills moved on ``as_of`` by the books, and the cash in hand before and after.

    office_id   one office; None adds up all of them
    """
    offices = [office_id] if office_id is not None else list(session.scalars(select(Office.id)))
    reports = [report for office in offices for report in till_reports(session, office, as_of)]
    movements = tuple(
        CashRow(line.till_number, line.receipt, line.kind, line.account, line.amount, line.note)
        for report in reports
        if report.number != BROUGHT_IN_TILL
        for line in report.lines
    )
    received = total(row.amount for row in movements if row.amount > ZERO)
    paid_out = -total(row.amount for row in movements if row.amount < ZERO)
    closing = _drawers(session, office_id, as_of, with_the_day=True)
    opening = _drawers(session, office_id, as_of, with_the_day=False)
    other = closing - opening - received + paid_out
    return CashToday(as_of, opening, received, paid_out, other, closing, movements)


def _drawers(session: Session, office_id: int | None, day: date, *, with_the_day: bool) -> Money:
    """Add up the cash accounts: the one with the role, and those that tills have of their own."""
    brought_in = select(GLAccount.id).where(GLAccount.role == Role.BROUGHT_IN)
    own = select(Till.gl_account_id).where(Till.gl_account_id.not_in(brought_in))
    by_role = select(GLAccount.id).where(GLAccount.role == Role.CASH)
    until = GLDayTotal.booked_on <= day if with_the_day else GLDayTotal.booked_on < day
    wanted = select(cast(func.coalesce(func.sum(GLDayTotal.debit - GLDayTotal.credit), 0), BigInteger)).where(
        GLDayTotal.gl_account_id.in_(own.union(by_role)), until
    )
    if office_id is not None:
        wanted = wanted.where(GLDayTotal.origin_office_id == office_id)
    return Money(session.scalar(wanted) or 0)
