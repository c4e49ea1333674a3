"""What is asked of the one who keeps an account, and what became of it; how one device follows another."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from schema.base import BranchRow, Count, Id, Merge, ReferenceRow, columns_copied, places, reference_to


class PaymentElsewhere(BranchRow):
    """Money taken at this office for an account that another one keeps.

    ``key``  names the transfer on both sides (``inter_branch_leg.key``) and the message that carries it, so
    that it is applied once. ``account_number`` is as the payer gave it; ``amount`` is in minor units.
    """

    __tablename__ = "payment_elsewhere"
    __merge__ = Merge.FACT
    key: Mapped[str] = mapped_column(index=True)
    other_office_id: Mapped[Id] = reference_to("office.id")
    account_number: Mapped[str]
    amount: Mapped[Money]
    on: Mapped[date]
    receipt: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    journal_entry_id: Mapped[Id] = reference_to("journal_entry.id", index=True)


class AccountMessage(ReferenceRow):
    """What headquarters asks the keeper of an account to book; it stands in the chain of that branch.

    ``kind``      payment (money that came in elsewhere), void (an entry to take back), other kinds later
    ``key``       outside reference: the keeper books it once, however often the message comes
    ``row_id``    void: id of the loan or savings transaction to reverse
    ``amount``    payment: minor units; ``from_office_id`` is where the money was taken, None at headquarters
    ``repeats_id``  the message that this one addresses again after it was bounced; it stands in the chain of
                    another branch, so that this one may not hold it
    """

    __tablename__ = "account_message"
    office_id: Mapped[Id] = reference_to("office.id", index=True)
    kind: Mapped[str]
    key: Mapped[str]
    account_number: Mapped[str]
    row_id: Mapped[Id | None]
    amount: Mapped[Money | None]
    on: Mapped[date]
    from_office_id: Mapped[Id | None] = reference_to("office.id")
    reason: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
    repeats_id: Mapped[Id | None]


class MessageAnswer(BranchRow):
    """What the keeper of an account did about a message: booked it, or bounced it with a reason."""

    __tablename__ = "message_answer"
    __merge__ = Merge.FACT
    message_id: Mapped[Id] = reference_to("account_message.id", index=True)
    outcome: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    on: Mapped[date]
    journal_entry_id: Mapped[Id | None] = reference_to("journal_entry.id", index=True)


class DeviceSuccession(BranchRow):
    """The first row of a device that goes on with another one's books: where that chain was left.

    ``how`` is restored (from a backup), reseeded (from headquarters) or rotated (new keys, same laptop).
    """

    __tablename__ = "device_succession"
    __merge__ = Merge.FACT
    old_device: Mapped[Count]
    seq: Mapped[Count]
    hash: Mapped[bytes]
    how: Mapped[str]


class ProfileRestatement(ReferenceRow):
    """What another branch wrote on a client, told again in the chain of the branch that keeps the row.

    ``device`` to ``key_time`` name the write as it was made, ``new`` and ``bases`` are those of it (see
    ``profile_write``): so it is folded there as if that changeset itself had come.
    """

    __tablename__ = "profile_restatement"
    table_name: Mapped[str]
    row_id: Mapped[Id]
    column_group: Mapped[str]
    device: Mapped[Count]
    chain: Mapped[Count]
    seq: Mapped[Count]
    hash: Mapped[bytes]
    key_time: Mapped[Count]
    new: Mapped[bytes] = mapped_column(info=columns_copied())
    bases: Mapped[bytes | None] = mapped_column(info=places())
