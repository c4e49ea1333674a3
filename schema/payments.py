"""Money that reaches headquarters from outside, by a bank's or a telephone company's list."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from schema.base import BranchRow, Count, Id, Merge, reference_to


class PaymentFile(BranchRow):
    """A list of payments that was read whole; the same bytes are read once.

    ``gl_account_id`` is where the money lies (a bank account, a wallet); ``sha256`` is that of the file.
    ``payments`` counts those that were new and ``total`` adds them up (minor units); ``layout`` says as JSON
    how it was read.
    """

    __tablename__ = "payment_file"
    __merge__ = Merge.FACT
    name: Mapped[str]
    sha256: Mapped[bytes]
    layout: Mapped[str]
    gl_account_id: Mapped[Id] = reference_to("gl_account.id")
    payments: Mapped[Count]
    total: Mapped[Money]
    read_at: Mapped[datetime]


class IncomingPayment(BranchRow):
    """One payment of a list: whose account it is for, and what became of it.

    ``key``     the payer's reference made unique by the account that it came into: it names the payment, so
                that two lists that overlap count it once; ``message_id`` then carries it
    ``state``   unmatched, matched (an account was found), sent (a message carries it), set_aside or returned
                (to the payer); what became of one that was sent is in the message's answer
    ``rule``    how the account was found: number, telephone, reference or person
    ``reference``  the account as the payer typed it; ``note`` is the list's own text
    ``message_id``  the newest message that carried it; ``journal_entry_id`` is the entry of its receipt
    ``reason``  of one that is unmatched: why no rule found an account; of others: what a person wrote
    """

    __tablename__ = "incoming_payment"
    __merge__ = Merge.OWNED
    payment_file_id: Mapped[Id] = reference_to("payment_file.id", index=True)
    row: Mapped[Count]
    key: Mapped[str] = mapped_column(index=True)
    on: Mapped[date]
    amount: Mapped[Money]
    reference: Mapped[str] = mapped_column(default="")
    payer: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="unmatched", index=True)
    rule: Mapped[str] = mapped_column(default="")
    account_number: Mapped[str] = mapped_column(default="")
    office_id: Mapped[Id | None] = reference_to("office.id")
    message_id: Mapped[Id | None] = reference_to("account_message.id")
    journal_entry_id: Mapped[Id | None] = reference_to("journal_entry.id")
    reason: Mapped[str] = mapped_column(default="")
