"""What waits for a second person: at the branch, and at headquarters."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from schema.base import BranchRow, Id, Merge, ReferenceRow, reference_to


class ApprovalRequest(BranchRow):
    """An act that somebody typed and somebody else must confirm; confirmed, it is done as it was typed.

    ``act`` and ``fields`` (JSON of texts) are what ``banking.acts`` takes; ``subject`` says in a line what it
    is about. ``state`` is waiting, approved (and done), refused or withdrawn. ``answer`` names what was done,
    such as a receipt's number.
    """

    __tablename__ = "approval_request"
    __merge__ = Merge.OWNED
    act: Mapped[str]
    fields: Mapped[str]
    subject: Mapped[str]
    amount: Mapped[Money | None]
    reason: Mapped[str] = mapped_column(default="")
    asked_by_id: Mapped[Id] = reference_to("user_account.id")
    asked_at: Mapped[datetime]
    asked_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="waiting", index=True)
    decided_by_id: Mapped[Id | None] = reference_to("user_account.id")
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")


class LoanDecision(ReferenceRow):
    """What headquarters decided about an application that a branch may not approve alone.

    ``decision`` is approved (``amount`` at most, None: as applied for) or rejected. The branch does it.
    """

    __tablename__ = "loan_decision"
    loan_account_id: Mapped[Id]
    office_id: Mapped[Id] = reference_to("office.id")
    decision: Mapped[str]
    amount: Mapped[Money | None]
    on: Mapped[date]
    decided_by: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
