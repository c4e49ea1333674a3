"""What stands beside a savings account: other holders, holds, standing instructions."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from schema.base import BranchRow, Count, Id, Merge, reference_to


class SavingsHolder(BranchRow):
    """Somebody beside the first holder to whom an account belongs, until ``removed_on``."""

    __tablename__ = "savings_holder"
    __merge__ = Merge.OWNED
    savings_account_id: Mapped[Id] = reference_to("savings_account.id", index=True)
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    added_on: Mapped[date]
    removed_on: Mapped[date | None]


class SavingsHold(BranchRow):
    """Money that may not be withdrawn until it is released (a guarantee, a court's order)."""

    __tablename__ = "savings_hold"
    __merge__ = Merge.OWNED
    savings_account_id: Mapped[Id] = reference_to("savings_account.id", index=True)
    amount: Mapped[Money]
    reason: Mapped[str]
    held_on: Mapped[date]
    released_on: Mapped[date | None]


class StandingInstruction(BranchRow):
    """Money that leaves a savings account by itself when a day is closed.

    ``amount``   minor units; None: what is due on the loan
    ``next_on``  the next day; moved on when it was done or could not be (``last_outcome`` says which)
    ``state``    active, ended or cancelled
    """

    __tablename__ = "standing_instruction"
    __merge__ = Merge.OWNED
    from_account_id: Mapped[Id] = reference_to("savings_account.id", index=True)
    to_savings_id: Mapped[Id | None] = reference_to("savings_account.id")
    to_loan_id: Mapped[Id | None] = reference_to("loan_account.id", index=True)
    amount: Mapped[Money | None]
    every: Mapped[Count] = mapped_column(default=1)
    unit: Mapped[str] = mapped_column(default="MONTHS")
    first_on: Mapped[date]
    next_on: Mapped[date] = mapped_column(index=True)
    until: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="active")
    last_outcome: Mapped[str] = mapped_column(default="")
