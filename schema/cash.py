"""Cash between drawers and the bank: counts, floats, cashiers, inter-branch legs, bank statements."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from schema.base import BranchRow, Count, Id, Merge, reference_to


class CashCount(BranchRow):
    """A drawer counted by denomination.

    ``pieces``      ``1000x12 500x3 coins=45``: denominations in minor units, times how many
    ``expected``    what the books said; the difference went to over and short
    ``moment``      opening, closing, handover or check
    """

    __tablename__ = "cash_count"
    __merge__ = Merge.FACT
    till_id: Mapped[Id] = reference_to("till.id", index=True)
    on: Mapped[date]
    moment: Mapped[str]
    pieces: Mapped[str] = mapped_column(default="")
    counted: Mapped[Money]
    expected: Mapped[Money]
    journal_entry_id: Mapped[Id | None] = reference_to("journal_entry.id", index=True)
    counted_by_id: Mapped[Id | None]
    seen_by_id: Mapped[Id | None]
    recorded_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")


class CashMovement(BranchRow):
    """Cash from one drawer to another, or between a drawer and a GL account of a bank.

    ``kind`` is float, settle, handover, to_bank, from_bank, pay (an expense) or receive (other money, or
    money of another office); the vault is a till of kind vault. What takes a movement back is a movement of
    the opposite kind whose entry reverses the first one's.
    """

    __tablename__ = "cash_movement"
    __merge__ = Merge.FACT
    kind: Mapped[str]
    from_till_id: Mapped[Id | None] = reference_to("till.id", index=True)
    to_till_id: Mapped[Id | None] = reference_to("till.id", index=True)
    amount: Mapped[Money]
    pieces: Mapped[str] = mapped_column(default="")
    journal_entry_id: Mapped[Id] = reference_to("journal_entry.id", index=True)
    on: Mapped[date]
    approved_by_id: Mapped[Id | None] = reference_to("user_account.id")
    note: Mapped[str] = mapped_column(default="")


class CashierAssignment(BranchRow):
    """A cashier answers for a till from a day to a day (None: until further notice)."""

    __tablename__ = "cashier_assignment"
    __merge__ = Merge.OWNED
    till_id: Mapped[Id] = reference_to("till.id", index=True)
    user_id: Mapped[Id]
    from_date: Mapped[date]
    until: Mapped[date | None]


class InterBranchLeg(BranchRow):
    """One office's side of a transfer between two offices; the other writes its own, with the same ``key``.

    ``amount`` is what this office has to receive from (positive) or to give to (negative) the other one.
    """

    __tablename__ = "inter_branch_leg"
    __merge__ = Merge.FACT
    key: Mapped[str] = mapped_column(index=True)
    other_office_id: Mapped[Id] = reference_to("office.id")
    amount: Mapped[Money]
    on: Mapped[date]
    journal_entry_id: Mapped[Id] = reference_to("journal_entry.id", index=True)
    note: Mapped[str] = mapped_column(default="")


class BankStatement(BranchRow):
    """A bank's statement as it was imported, once (``fingerprint``: SHA-256 of the file)."""

    __tablename__ = "bank_statement"
    __merge__ = Merge.FACT
    gl_account_id: Mapped[Id] = reference_to("gl_account.id", index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    opening: Mapped[Money]
    closing: Mapped[Money]
    fingerprint: Mapped[bytes]


class BankStatementLine(BranchRow):
    """One line of a bank's statement; ``journal_line_id`` once it is matched with the books."""

    __tablename__ = "bank_statement_line"
    __merge__ = Merge.OWNED
    bank_statement_id: Mapped[Id] = reference_to("bank_statement.id", index=True)
    number: Mapped[Count]
    on: Mapped[date]
    amount: Mapped[Money]
    text: Mapped[str] = mapped_column(default="")
    reference: Mapped[str] = mapped_column(default="")
    journal_line_id: Mapped[Id | None] = reference_to("journal_line.id", index=True)
    matched_on: Mapped[date | None]
