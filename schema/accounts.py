"""Loan and savings accounts and the money that moved on them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import ZERO, Money
from schema.base import BranchRow, Count, Flag, Id, Merge, reference_to


class LoanAccount(BranchRow):
    """A loan with the terms that it was made under.

    ``status`` is applied, approved, rejected, withdrawn, active, written_off or moved (handed over to another
    branch); *closed* is derived from the balance. What is still owed is never stored: it is the
    instalments less the shares paid on them. Terms that are None are those of the product's version.

    ``cycle``                how many loans this client or group has had, this one included
    ``non_performing_since`` business date of the close that found it so; None: performing
    ``charged_off_on``       its principal stands as an expense, and money on it is a recovery
    ``rows_follow_terms``    0 for a loan taken over with rows of its own: nothing computes them again
    ``replaces_id``          the loan that this one paid off at disbursement (top-up)
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
    cycle: Mapped[Count] = mapped_column(default=1)
    grace_principal: Mapped[Count | None]
    grace_interest_payment: Mapped[Count | None]
    grace_interest_charged: Mapped[Count | None]
    rows_follow_terms: Mapped[Flag] = mapped_column(default=1)
    joint_liability: Mapped[Flag] = mapped_column(default=0)
    credit_limit: Mapped[Money | None]
    non_performing_since: Mapped[date | None]
    charged_off_on: Mapped[date | None]
    replaces_id: Mapped[Id | None] = reference_to("loan_account.id", index=True)
    savings_account_id: Mapped[Id | None] = reference_to("savings_account.id")


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
    (of an overpayment), adjustment, charge_off, moved (to another branch) or reversal. A reversal
    carries the negative of every amount that it reverses, so that sums over all rows are what is true. What
    was waived moves no GL account, so it has no journal entry.

    An *adjustment* moves no money (``amount`` 0): when an earlier entry is taken back or comes late, the live
    payments are shared anew in date order, and an adjustment of ``adjusts_id`` carries what one payment's
    components gained and lost by that. What a payment paid is its own shares and those of its adjustments.
    """

    __tablename__ = "loan_transaction"
    __merge__ = Merge.FACT
    __table_args__ = (Index("ix_loan_transaction_receipt_series", "receipt_till", "receipt_sequence"),)
    loan_account_id: Mapped[Id] = reference_to("loan_account.id", index=True)
    journal_entry_id: Mapped[Id | None] = reference_to("journal_entry.id", index=True)
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
    adjusts_id: Mapped[Id | None] = reference_to("loan_transaction.id", index=True)
    payment_type_id: Mapped[Id | None] = reference_to("payment_type.id")
    savings_transaction_id: Mapped[Id | None] = reference_to("savings_transaction.id", index=True)
    approved_by_id: Mapped[Id | None] = reference_to("user_account.id")
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
    """A client's savings under one product.

    ``status`` is active, dormant, unclaimed, matured, closed or moved. ``interest_to`` is the last day whose
    interest is posted, ``earns_from`` the first day of a renewed term or a new rate: what was earned before
    it is settled and never worked out again. Terms that are None are those of the product's version.
    """

    __tablename__ = "savings_account"
    __merge__ = Merge.OWNED
    number: Mapped[str] = mapped_column(index=True)
    client_id: Mapped[Id | None] = reference_to("client.id", index=True)
    group_id: Mapped[Id | None] = reference_to("lending_group.id", index=True)
    product_id: Mapped[Id] = reference_to("savings_product.id")
    annual_rate: Mapped[Decimal]
    opened_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(default="active")
    officer_id: Mapped[Id | None] = reference_to("staff.id")
    closed_on: Mapped[date | None]
    interest_to: Mapped[date | None]
    earns_from: Mapped[date | None]
    locked_until: Mapped[date | None]
    matures_on: Mapped[date | None]
    term_days: Mapped[Count | None]
    expected_deposit: Mapped[Money | None]
    overdraft_limit: Mapped[Money | None]
    pays_interest_to_id: Mapped[Id | None] = reference_to("savings_account.id")


class SavingsTransaction(BranchRow):
    """Money in (positive) or out (negative) of a savings account; a reversal carries the negative.

    ``kind`` is deposit, withdrawal, interest, overdraft_interest, tax, fee, transfer_in, transfer_out,
    loan_payment, loan_disbursement, unclaimed, moved or reversal; both legs of a transfer share their
    journal entry.
    """

    __tablename__ = "savings_transaction"
    __merge__ = Merge.FACT
    __table_args__ = (Index("ix_savings_transaction_receipt_series", "receipt_till", "receipt_sequence"),)
    savings_account_id: Mapped[Id] = reference_to("savings_account.id", index=True)
    journal_entry_id: Mapped[Id] = reference_to("journal_entry.id", index=True)
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
    charge_id: Mapped[Id | None] = reference_to("charge_definition.id")
    payment_type_id: Mapped[Id | None] = reference_to("payment_type.id")
    approved_by_id: Mapped[Id | None] = reference_to("user_account.id")
    note: Mapped[str] = mapped_column(default="")
