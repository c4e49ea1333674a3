"""Statements of single accounts: everything that happened on them, oldest first, with running balances."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from banking.reports.accounts import owner_name, owner_number
from banking.rows import get_row
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


@dataclass(frozen=True, slots=True)
class LoanStatementRow:
    """One transaction of a loan; ``balance`` is the principal outstanding after it."""

    value_date: date
    booked_on: date
    kind: str
    receipt: str
    amount: Money
    principal: Money
    interest: Money
    fees: Money
    penalties: Money
    overpayment: Money
    balance: Money
    note: str


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """One instalment: what fell due and what was paid, waived or written off of it."""

    nr: int
    due_date: date
    principal: Money
    interest: Money
    fees: Money
    penalties: Money
    paid: Money
    outstanding: Money


@dataclass(frozen=True, slots=True)
class LoanStatement:
    """A loan with its schedule and everything that happened on it."""

    table: ClassVar[str] = "transactions"
    title: ClassVar[str] = "Loan statement"
    number: str
    owner: str
    owner_number: str
    product: str
    status: str
    disbursed_on: date | None
    disbursed: Money
    as_of: date
    transactions: tuple[LoanStatementRow, ...]
    schedule: tuple[ScheduleLine, ...]
    principal: Money
    outstanding: Money
    overpaid: Money


def _owner(session: Session, account: LoanAccount | SavingsAccount) -> tuple[str, str]:
    client = session.get(Client, account.client_id) if account.client_id is not None else None
    group = session.get(Group, account.group_id) if account.group_id is not None else None
    return owner_name(client, group), owner_number(client, group)


def loan_statement(session: Session, loan_id: int, *, as_of: date) -> LoanStatement:
    """Give a loan with its transactions to the end of ``as_of`` by value date, oldest first.

    raises   NotFoundError
    """
    loan = get_row(session, LoanAccount, loan_id, "loan")
    owner, its_number = _owner(session, loan)
    rows = _loan_transactions(session, loan_id, as_of)
    schedule = _schedule(session, loan, as_of)
    return LoanStatement(
        number=loan.number,
        owner=owner,
        owner_number=its_number,
        product=session.get_one(LoanProduct, loan.product_id).code,
        status=loan.status,
        disbursed_on=loan.disbursed_on,
        disbursed=loan.principal,
        as_of=as_of,
        transactions=rows,
        schedule=schedule,
        principal=rows[-1].balance if rows else ZERO,
        outstanding=total(line.outstanding for line in schedule),
        overpaid=total(row.overpayment for row in rows),
    )


def _loan_transactions(session: Session, loan_id: int, as_of: date) -> tuple[LoanStatementRow, ...]:
    found = session.scalars(
        select(LoanTransaction)
        .where(LoanTransaction.loan_account_id == loan_id, LoanTransaction.value_date <= as_of)
        .order_by(LoanTransaction.value_date, LoanTransaction.recorded_at, LoanTransaction.id)
    ).all()
    paid_out = {row.id for row in found if row.kind == "disbursement"}
    rows: list[LoanStatementRow] = []
    balance = ZERO
    for row in found:
        adds = row.id in paid_out or row.reverses_id in paid_out
        balance = balance + row.principal if adds else balance - row.principal
        rows.append(
            LoanStatementRow(
                row.value_date,
                row.booked_on,
                row.kind,
                row.receipt,
                row.amount,
                row.principal,
                row.interest,
                row.fee,
                row.penalty,
                row.overpayment,
                balance,
                row.note,
            )
        )
    return tuple(rows)


def _schedule(session: Session, loan: LoanAccount, as_of: date) -> tuple[ScheduleLine, ...]:
    if loan.disbursed_on is None or loan.disbursed_on > as_of:
        return ()
    share = LoanTransactionShare
    paid: dict[int, Any] = {
        row[0]: row[1]
        for row in session.execute(
            select(
                share.installment_id,
                cast(func.sum(share.principal + share.interest + share.fee + share.penalty), BigInteger),
            )
            .join(LoanTransaction, LoanTransaction.id == share.loan_transaction_id)
            .where(LoanTransaction.loan_account_id == loan.id, LoanTransaction.value_date <= as_of)
            .group_by(share.installment_id)
        )
    }
    rows = session.scalars(
        select(Installment).where(Installment.loan_account_id == loan.id).order_by(Installment.number)
    )
    lines = []
    for row in rows:
        due = row.principal + row.interest + row.fee + row.penalty
        got = Money(paid.get(row.id, 0))
        if due:
            lines.append(
                ScheduleLine(
                    row.number, row.due_on, row.principal, row.interest, row.fee, row.penalty, got, due - got
                )
            )
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class SavingsStatementRow:
    """One transaction of a savings account; money out is negative."""

    value_date: date
    booked_on: date
    kind: str
    receipt: str
    amount: Money
    balance: Money
    note: str


@dataclass(frozen=True, slots=True)
class SavingsStatement:
    """A savings account with everything that happened on it."""

    table: ClassVar[str] = "transactions"
    title: ClassVar[str] = "Savings statement"
    number: str
    owner: str
    owner_number: str
    product: str
    as_of: date
    transactions: tuple[SavingsStatementRow, ...]
    balance: Money


def savings_statement(session: Session, account_id: int, *, as_of: date) -> SavingsStatement:
    """Give a savings account with its transactions to the end of ``as_of`` by value date, oldest first.

    raises   NotFoundError
    """
    account = get_row(session, SavingsAccount, account_id, "savings account")
    found = session.scalars(
        select(SavingsTransaction)
        .where(SavingsTransaction.savings_account_id == account_id, SavingsTransaction.value_date <= as_of)
        .order_by(SavingsTransaction.value_date, SavingsTransaction.recorded_at, SavingsTransaction.id)
    )
    rows: list[SavingsStatementRow] = []
    balance = ZERO
    for row in found:
        balance += row.amount
        rows.append(
            SavingsStatementRow(
                row.value_date, row.booked_on, row.kind, row.receipt, row.amount, balance, row.note
            )
        )
    owner, its_number = _owner(session, account)
    product = session.get_one(SavingsProduct, account.product_id).code
    return SavingsStatement(account.number, owner, its_number, product, as_of, tuple(rows), balance)
