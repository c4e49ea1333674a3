"""What the counter looks at: accounts at a glance, and a loan row by row."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Cast, ColumnElement, SQLColumnExpression, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from banking.loan_books import (
    PAID_OUT,
    WRITTEN_OFF,
    Components,
    owed_by_component,
    read_dues,
)
from banking.rows import get_row
from banking.savings import balance
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money, total
from schema.accounts import (
    Installment,
    LoanAccount,
    LoanTransaction,
    LoanTransactionShare,
    SavingsAccount,
    SavingsTransaction,
)
from schema.people import Client, Group
from schema.products import LoanProduct, SavingsProduct

CLOSED = "closed"
"""Shown for a loan that was paid out and on which nothing is owed; derived, never stored."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose account it is: a client or a group. ``kind`` is client or group."""

    kind: str
    id: int
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class LoanGlance:
    """A loan in one line. ``next_due`` is what is left of the first row that falls due today or later."""

    id: int
    number: str
    product: str
    status: str
    principal: Money
    outstanding: Money
    overdue: Money
    days_past_due: int
    next_due_on: date | None
    next_due: Money


@dataclass(frozen=True, slots=True)
class SavingsGlance:
    """A savings account in one line."""

    id: int
    number: str
    product: str
    status: str
    balance: Money


def full_name(client: Client) -> str:
    """Give a client's names as they are written: given name first."""
    return f"{client.given_name} {client.name}".strip()


def get_owner(session: Session, client_id: int | None, group_id: int | None) -> Owner:
    """Give the client or group that an account belongs to.

    raises   NotFoundError
    """
    if client_id is not None and (client := session.get(Client, client_id)) is not None:
        return Owner("client", client.id, client.number, full_name(client))
    if group_id is not None and (group := session.get(Group, group_id)) is not None:
        return Owner("group", group.id, group.number, group.name)
    raise NotFoundError(kind="client", key=client_id or group_id)


def loans_at_a_glance(
    session: Session, today: date, *, client_id: int | None = None, group_id: int | None = None
) -> list[LoanGlance]:
    """List the loans of a client or a group: those with something owed first, then by number."""
    loans = session.execute(
        select(LoanAccount, LoanProduct.name)
        .join(LoanProduct, LoanProduct.id == LoanAccount.product_id)
        .where(_owned_by(LoanAccount, client_id, group_id))
        .order_by(LoanAccount.number)
    )
    glances = [glance(session, loan, product, today) for loan, product in loans]
    return sorted(glances, key=lambda loan: not loan.outstanding)


def glance(session: Session, loan: LoanAccount, product: str, today: date) -> LoanGlance:
    """Sum up one loan as it stands on ``today``: a row is overdue the day after its date."""
    dues = read_dues(session, loan.id)
    late = [due for due in dues if due.due_date < today]
    coming = next((due for due in dues if due.due_date >= today), None)
    owed = total(due.owed for due in dues)
    return LoanGlance(
        id=loan.id,
        number=loan.number,
        product=product,
        status=CLOSED if loan.status in PAID_OUT - {WRITTEN_OFF} and not owed else loan.status,
        principal=loan.principal,
        outstanding=owed,
        overdue=total(due.owed for due in late),
        days_past_due=(today - late[0].due_date).days if late else 0,
        next_due_on=coming.due_date if coming else None,
        next_due=coming.owed if coming else ZERO,
    )


def savings_at_a_glance(
    session: Session, *, client_id: int | None = None, group_id: int | None = None
) -> list[SavingsGlance]:
    """List the savings accounts of a client or a group with their balances, by number."""
    rows = session.execute(
        select(
            SavingsAccount,
            SavingsProduct.name,
            select(_sum(SavingsTransaction.amount))
            .where(SavingsTransaction.savings_account_id == SavingsAccount.id)
            .scalar_subquery(),
        )
        .join(SavingsProduct, SavingsProduct.id == SavingsAccount.product_id)
        .where(_owned_by(SavingsAccount, client_id, group_id))
        .order_by(SavingsAccount.number)
    )
    return [
        SavingsGlance(row.id, row.number, product, row.status, Money(balance))
        for row, product, balance in rows
    ]


def _owned_by(
    table: type[LoanAccount | SavingsAccount], client_id: int | None, group_id: int | None
) -> ColumnElement[bool]:
    return table.client_id == client_id if client_id is not None else table.group_id == group_id


def _sum(amounts: SQLColumnExpression[Money]) -> Cast[int]:
    """Add up in minor units; PostgreSQL would give a Decimal for a sum of whole numbers."""
    return cast(func.coalesce(func.sum(type_coerce(amounts, BigInteger)), 0), BigInteger)


@dataclass(frozen=True, slots=True)
class SavingsSheet:
    """Everything that a savings account's page shows but its movements."""

    account: SavingsAccount
    owner: Owner
    product: str
    balance: Money


def savings_sheet(session: Session, savings_id: int) -> SavingsSheet:
    """Give a savings account with owner and balance.

    raises   NotFoundError
    """
    account = get_row(session, SavingsAccount, savings_id, "savings account")
    return SavingsSheet(
        account=account,
        owner=get_owner(session, account.client_id, account.group_id),
        product=session.get_one(SavingsProduct, account.product_id).name,
        balance=balance(session, savings_id),
    )


# --- one loan ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One instalment: what fell or falls due by component, what was paid of it, what is left.

    ``state`` is paid, overdue, due (today), coming, or planned (before disbursement).
    """

    number: int
    due_on: date
    due: Components
    paid: Money
    outstanding: Money
    state: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """A loan row by row, and the totals under it. ``next_number`` is the first row with something left."""

    rows: tuple[ScheduleRow, ...]
    due: Components
    paid: Money
    outstanding: Money
    next_number: int | None


@dataclass(frozen=True, slots=True)
class LoanSheet:
    """Everything that a loan's page shows but its movements."""

    loan: LoanAccount
    owner: Owner
    glance: LoanGlance
    owed: Components
    schedule: Schedule


def loan_sheet(session: Session, loan_id: int, today: date) -> LoanSheet:
    """Give a loan with owner, figures and schedule.

    raises   NotFoundError
    """
    loan = get_row(session, LoanAccount, loan_id, "loan")
    product = session.get_one(LoanProduct, loan.product_id)
    return LoanSheet(
        loan=loan,
        owner=get_owner(session, loan.client_id, loan.group_id),
        glance=glance(session, loan, product.name, today),
        owed=owed_by_component(read_dues(session, loan_id)),
        schedule=read_schedule(session, loan, today),
    )


def read_schedule(session: Session, loan: LoanAccount, today: date) -> Schedule:
    """Give the rows of a loan's schedule; rows that a shorter schedule left empty are not shown."""
    shares = session.execute(
        select(
            LoanTransactionShare.installment_id,
            _sum(
                LoanTransactionShare.principal
                + LoanTransactionShare.interest
                + LoanTransactionShare.fee
                + LoanTransactionShare.penalty
            ),
        )
        .join(LoanTransaction, LoanTransaction.id == LoanTransactionShare.loan_transaction_id)
        .where(LoanTransaction.loan_account_id == loan.id)
        .group_by(LoanTransactionShare.installment_id)
    )
    paid_by_row = {installment_id: Money(paid) for installment_id, paid in shares}
    installments = session.scalars(
        select(Installment).where(Installment.loan_account_id == loan.id).order_by(Installment.number)
    )
    rows = []
    for row in installments:
        due = Components(row.principal, row.interest, row.fee, row.penalty)
        paid = paid_by_row.get(row.id, ZERO)
        if due.total or paid:
            rows.append(_schedule_row(loan, row, due, paid, today))
    return Schedule(
        rows=tuple(rows),
        due=Components(
            principal=total(row.due.principal for row in rows),
            interest=total(row.due.interest for row in rows),
            fee=total(row.due.fee for row in rows),
            penalty=total(row.due.penalty for row in rows),
        ),
        paid=total(row.paid for row in rows),
        outstanding=total(row.outstanding for row in rows),
        next_number=next((row.number for row in rows if row.outstanding), None),
    )


def _schedule_row(
    loan: LoanAccount, row: Installment, due: Components, paid: Money, today: date
) -> ScheduleRow:
    if loan.disbursed_on is None:
        return ScheduleRow(row.number, row.due_on, due, ZERO, ZERO, "planned")
    left = due.total - paid
    if not left:
        state = "paid"
    elif row.due_on < today:
        state = "overdue"
    else:
        state = "due" if row.due_on == today else "coming"
    return ScheduleRow(row.number, row.due_on, due, paid, left, state)
