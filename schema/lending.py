"""What stands beside a loan: charges, changes of its terms, tranches, security, members, officers."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from schema.base import BranchRow, Count, Flag, Id, Merge, reference_to


class LoanCharge(BranchRow):
    """A charge made on a loan. Its amount stands in ``installment.fee`` or ``.penalty`` of its row too.

    ``installment_id``  the row that it fell on; None for a charge at disbursement, which no row bears
    ``charged_on``      the day that the allocation and replay count it from
    ``reverses_id``     a charge taken back carries the negative amount
    """

    __tablename__ = "loan_charge"
    __merge__ = Merge.FACT
    loan_account_id: Mapped[Id] = reference_to("loan_account.id", index=True)
    charge_id: Mapped[Id | None] = reference_to("charge_definition.id")
    installment_id: Mapped[Id | None] = reference_to("installment.id")
    name: Mapped[str]
    penalty: Mapped[Flag] = mapped_column(default=0)
    charged_on: Mapped[date]
    booked_on: Mapped[date]
    amount: Mapped[Money]
    reverses_id: Mapped[Id | None] = reference_to("loan_charge.id")
    note: Mapped[str] = mapped_column(default="")


class LoanChange(BranchRow):
    """A change of a running loan's terms from a day on (reschedule); None: that term stays.

    ``only_row``  1: no term changed, only the row due on ``from_date`` moved to ``new_date``, because a
                  meeting or a holiday moved it; the rows after it stand where they stood
    """

    __tablename__ = "loan_change"
    __merge__ = Merge.FACT
    loan_account_id: Mapped[Id] = reference_to("loan_account.id", index=True)
    from_date: Mapped[date]
    decided_on: Mapped[date]
    new_date: Mapped[date | None]
    extra_installments: Mapped[Count] = mapped_column(default=0)
    grace_principal: Mapped[Count] = mapped_column(default=0)
    grace_interest: Mapped[Count] = mapped_column(default=0)
    new_rate: Mapped[Decimal | None]
    approved_by_id: Mapped[Id | None] = reference_to("user_account.id")
    reason: Mapped[str] = mapped_column(default="")
    only_row: Mapped[Flag] = mapped_column(default=0)


class LoanTranche(BranchRow):
    """A part of a loan that is paid out on a day of its own; ``loan_transaction_id`` once it was."""

    __tablename__ = "loan_tranche"
    __merge__ = Merge.OWNED
    loan_account_id: Mapped[Id] = reference_to("loan_account.id", index=True)
    number: Mapped[Count]
    expected_on: Mapped[date]
    principal: Mapped[Money]
    loan_transaction_id: Mapped[Id | None] = reference_to("loan_transaction.id", index=True)


class LoanMember(BranchRow):
    """A member's part of a group's loan; with joint liability every member answers for all of it."""

    __tablename__ = "loan_member"
    __merge__ = Merge.OWNED
    loan_account_id: Mapped[Id] = reference_to("loan_account.id", index=True)
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    principal: Mapped[Money]


class Guarantor(BranchRow):
    """Somebody who answers for a loan: a client, or a person outside; perhaps with savings held for it."""

    __tablename__ = "guarantor"
    __merge__ = Merge.OWNED
    loan_account_id: Mapped[Id] = reference_to("loan_account.id", index=True)
    client_id: Mapped[Id | None] = reference_to("client.id", index=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    amount: Mapped[Money]
    hold_id: Mapped[Id | None] = reference_to("savings_hold.id")
    released_on: Mapped[date | None]


class Collateral(BranchRow):
    """A thing that secures a loan; ``state`` is held, released or sold."""

    __tablename__ = "collateral"
    __merge__ = Merge.OWNED
    loan_account_id: Mapped[Id] = reference_to("loan_account.id", index=True)
    kind: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    value: Mapped[Money]
    state: Mapped[str] = mapped_column(default="held")


class OfficerAssignment(BranchRow):
    """From this day on an officer looks after a loan, group, center or savings account; the newest counts."""

    __tablename__ = "officer_assignment"
    __merge__ = Merge.FACT
    officer_id: Mapped[Id | None] = reference_to("staff.id")
    loan_account_id: Mapped[Id | None] = reference_to("loan_account.id", index=True)
    savings_account_id: Mapped[Id | None] = reference_to("savings_account.id", index=True)
    group_id: Mapped[Id | None] = reference_to("lending_group.id", index=True)
    center_id: Mapped[Id | None] = reference_to("center.id", index=True)
    from_date: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
