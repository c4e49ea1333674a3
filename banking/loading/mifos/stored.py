"""What is stored of loans and savings, read back from the database and from nowhere else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking import loans, savings
from banking.loading.mifos.source import Parts
from ledger.money import ZERO, Money, total
from schema.accounts import (
    Installment,
    LoanAccount,
    LoanTransaction,
    LoanTransactionShare,
    SavingsAccount,
)
from schema.people import Client, Group
from schema.writing import act

_REPAID = ("repayment", "reversal")


@dataclass(frozen=True, slots=True)
class StoredRow:
    """An instalment, and what repayments paid of it."""

    due_on: date
    due: Parts
    paid: Parts


@dataclass(slots=True, kw_only=True)
class StoredLoan:
    """A loan as the database has it. ``outstanding`` is what is owed by the books' own answer."""

    owner: str
    annual_rate: Decimal
    interest_type: str
    disbursed_on: date | None
    disbursed: Money
    outstanding: Parts
    rows: Mapping[int, StoredRow] = field(default_factory=dict)

    @property
    def due(self) -> Parts:
        """Add up what the rows ask for."""
        return sum((row.due for row in self.rows.values()), Parts())

    @property
    def paid(self) -> Parts:
        """Add up what was repaid."""
        return sum((row.paid for row in self.rows.values()), Parts())


@dataclass(frozen=True, slots=True)
class StoredSavings:
    """A savings account as the database has it."""

    owner: str
    annual_rate: Decimal
    opened_on: date | None
    balance: Money


def read_loans(session: Session, numbers: Iterable[str]) -> dict[str, StoredLoan]:
    """Read back the loans with these numbers."""
    session.expire_all()
    found: dict[str, StoredLoan] = {}
    for number in numbers:
        statement = (
            select(
                LoanAccount.id,
                LoanAccount.annual_rate,
                LoanAccount.interest_type,
                LoanAccount.disbursed_on,
                func.coalesce(Client.number, Group.number),
            )
            .outerjoin(Client, Client.id == LoanAccount.client_id)
            .outerjoin(Group, Group.id == LoanAccount.group_id)
            .where(LoanAccount.number == number, LoanAccount.origin_office_id == act(session).office_id)
        )
        row = session.execute(statement).first()
        if row is not None:
            owed = loans.outstanding(session, row[0])
            found[number] = StoredLoan(
                owner=row[4],
                annual_rate=row[1],
                interest_type=row[2],
                disbursed_on=row[3],
                disbursed=_disbursed(session, row[0]),
                outstanding=Parts(owed.principal, owed.interest, owed.fee, owed.penalty),
                rows=_rows(session, row[0]),
            )
    return found


def _disbursed(session: Session, loan_id: int) -> Money:
    statement = select(LoanTransaction.amount).where(
        LoanTransaction.loan_account_id == loan_id, LoanTransaction.kind == "disbursement"
    )
    return total(session.scalars(statement))


def _rows(session: Session, loan_id: int) -> dict[int, StoredRow]:
    shares = (
        select(LoanTransactionShare)
        .join(LoanTransaction, LoanTransaction.id == LoanTransactionShare.loan_transaction_id)
        .where(LoanTransaction.loan_account_id == loan_id, LoanTransaction.kind.in_(_REPAID))
    )
    paid: dict[int, Parts] = {}
    for share in session.scalars(shares):
        part = Parts(share.principal, share.interest, share.fee, share.penalty)
        paid[share.installment_id] = paid.get(share.installment_id, Parts()) + part
    installments = select(Installment).where(Installment.loan_account_id == loan_id)
    return {
        row.number: StoredRow(
            row.due_on,
            Parts(row.principal, row.interest, row.fee, row.penalty),
            paid.get(row.id, Parts()),
        )
        for row in session.scalars(installments.order_by(Installment.number))
    }


def read_savings(session: Session, numbers: Iterable[str]) -> dict[str, StoredSavings]:
    """Read back the savings accounts with these numbers."""
    found: dict[str, StoredSavings] = {}
    for number in numbers:
        statement = (
            select(
                SavingsAccount.id,
                SavingsAccount.annual_rate,
                SavingsAccount.opened_on,
                func.coalesce(Client.number, Group.number),
            )
            .outerjoin(Client, Client.id == SavingsAccount.client_id)
            .outerjoin(Group, Group.id == SavingsAccount.group_id)
            .where(SavingsAccount.number == number, SavingsAccount.origin_office_id == act(session).office_id)
        )
        row = session.execute(statement).first()
        if row is not None:
            found[number] = StoredSavings(row[3], row[1], row[2], savings.balance(session, row[0]))
    return found


def principal_outstanding(loan: StoredLoan) -> Money:
    """Give the principal owed; zero for an application."""
    return loan.outstanding.principal if loan.disbursed_on is not None else ZERO
