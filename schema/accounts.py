"""Loan and savings accounts and the money that moved on them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import ZERO, Money
from schema.base import BranchRow, Count, Id, Merge, reference_to


class LoanAccount(BranchRow):
    """A loan with the terms that it was made under.

    ``status`` is applied, approved, rejected, withdrawn, active or written_off; *closed* is derived from the
    balance. What is still owed is never stored: it is the instalments less the shares paid on them.
    """

    __tablename__ = "loan_account"
    __merge__ = Merge.OWNED
    number: Mapped[str] = mapped_column(index=True)
    client_id: Mapped[Id | None] = reference_to("client.id", index=True)
    group_id: Mapped[Id | None] = reference_to("lending_group.id", index=True)
    product_id: Mapped[Id] = reference_to("loan_product.id")
    product_version: Mapped[Count] = mapped_column(default=1)
    status: Mapped[str]
    principal: Mapped[Money]
    annual_rate: Mapped[Decimal]
    interest_type: Mapped[str]
    amortization: Mapped[str] = mapped_column(default="EQUAL_INSTALLMENTS")
    installments: Mapped[Count]
    repay_every: Mapped[Count]
    repay_unit: Mapped[str]
    applied_on: Mapped[date | None]
    approved_on: Mapped[date | None]
    disbursed_on: Mapped[date | None]
    first_due_on: Mapped[date | None]
    officer_id: Mapped[Id | None] = reference_to("staff.id")
    purpose: Mapped[str] = mapped_column(default="")


class Installment(BranchRow):
    """One row of a repayment schedule: what falls due on a day."""

    __tablename__ = "installment"
    __merge__ = Merge.OWNED
    loan_account_id: Mapped[Id] = reference_to("loan_account.id", index=True)
    number: Mapped[Count]
    due_on: Mapped[date]
    principal: Mapped[Money]
    interest: Mapped[Money]
    fee: Mapped[Money] = mapped_column(default=ZERO)
    penalty: Mapped[Money] = mapped_column(default=ZERO)


class LoanTransaction(BranchRow):
    """Money that moved on a loan. Never edited: a mistake is put right by a reversal.

    ``kind`` is disbursement, repayment, fee (charged and paid at once), waiver, write_off, recovery, refund
    (of an overpayment) or reversal. A reversal carries the negative of every amount that it reverses, so that
    sums over all rows are what is true. What was waived moves no GL account, so it has no journal entry.
    """

    __tablename__ = "loan_transaction"
    __merge__ = Merge.FACT
    __table_args__ = (Index("ix_loan_transaction_receipt_series", "receipt_till", "receipt_sequence"),)
    loan_account_id: Mapped[Id] = reference_to("loan_account.id", index=True)
    journal_entry_id: Mapped[Id | None] = reference_to("journal_entry.id")
    kind: Mapped[str]
    amount: Mapped[Money]
    principal: Mapped[Money] = mapped_column(default=ZERO)
    interest: Mapped[Money] = mapped_column(default=ZERO)
    fee: Mapped[Money] = mapped_column(default=ZERO)
    penalty: Mapped[Money] = mapped_column(default=ZERO)
    overpayment: Mapped[Money] = mapped_column(default=ZERO)
    value_date: Mapped[date]
    booked_on: Mapped[date] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    till_id: Mapped[Id | None] = reference_to("till.id")
    receipt: Mapped[str] = mapped_column(default="", index=True)
    receipt_till: Mapped[Count | None]
    receipt_sequence: Mapped[Count | None]
    reverses_id: Mapped[Id | None] = reference_to("loan_transaction.id", index=True)
    note: Mapped[str] = mapped_column(default="")


class LoanTransactionShare(BranchRow):
    """What one transaction paid, waived or wrote off of one instalment (negative in a reversal)."""

    __tablename__ = "loan_transaction_share"
    __merge__ = Merge.FACT
    loan_transaction_id: Mapped[Id] = reference_to("loan_transaction.id", index=True)
    installment_id: Mapped[Id] = reference_to("installment.id", index=True)
    principal: Mapped[Money] = mapped_column(default=ZERO)
    interest: Mapped[Money] = mapped_column(default=ZERO)
    fee: Mapped[Money] = mapped_column(default=ZERO)
    penalty: Mapped[Money] = mapped_column(default=ZERO)


class SavingsAccount(BranchRow):
    """A client's savings under one product."""

    __tablename__ = "savings_account"
    __merge__ = Merge.OWNED
    number: Mapped[str] = mapped_column(index=True)
    client_id: Mapped[Id | None] = reference_to("client.id", index=True)
    group_id: Mapped[Id | None] = reference_to("lending_group.id", index=True)
    product_id: Mapped[Id] = reference_to("savings_product.id")
    annual_rate: Mapped[Decimal]
    opened_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(default="active")


class SavingsTransaction(BranchRow):
    """Money in (positive) or out (negative) of a savings account; a reversal carries the negative."""

    __tablename__ = "savings_transaction"
    __merge__ = Merge.FACT
    __table_args__ = (Index("ix_savings_transaction_receipt_series", "receipt_till", "receipt_sequence"),)
    savings_account_id: Mapped[Id] = reference_to("savings_account.id", index=True)
    journal_entry_id: Mapped[Id] = reference_to("journal_entry.id")
    kind: Mapped[str]
    amount: Mapped[Money]
    value_date: Mapped[date]
    booked_on: Mapped[date] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    till_id: Mapped[Id | None] = reference_to("till.id")
    receipt: Mapped[str] = mapped_column(default="", index=True)
    receipt_till: Mapped[Count | None]
    receipt_sequence: Mapped[Count | None]
    reverses_id: Mapped[Id | None] = reference_to("savings_transaction.id", index=True)
    note: Mapped[str] = mapped_column(default="")
