"""How money that moves on a loan is written: entry, transaction, and its shares in the instalments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking import books
from banking.booking_day import booked_on
from banking.cash import CashLeg
from banking.loan_books import LoanBook
from banking.numbers import NO_RECEIPT, Receipt
from banking.text import LONGEST_NOTE, clean
from ledger.allocation import Share
from ledger.money import Money
from ledger.posting import Entry, Split
from schema.accounting import JournalEntry
from schema.accounts import LoanTransaction, LoanTransactionShare
from schema.writing import act, insert

NOTHING = Split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One event on a loan, ready to be written: amounts, shares in instalments, entry and papers.

    adjusts_id  the entry whose shares an adjustment changes
    beside      writes what else stands under the entry, and gives the id of the savings transaction
    """

    kind: str
    amount: Money
    value_date: date
    split: Split = NOTHING
    shares: Sequence[Share] = ()
    entry: Entry | None = None
    leg: CashLeg | None = None
    receipt: Receipt = NO_RECEIPT
    approved_by_id: int | None = None
    adjusts_id: int | None = None
    beside: Callable[[JournalEntry], int] | None = None
    note: str = ""


def write(session: Session, book: LoanBook, movement: Movement) -> LoanTransaction:
    """Write the entry, the transaction and its shares; gives the transaction.

    raises   ClosedDayError, ClosedPeriodError
    """
    current = act(session)
    note = clean(movement.note, "note", LONGEST_NOTE) if movement.note else ""
    leg = movement.leg
    entry_id, shown_on, savings_id = None, None, None
    if movement.entry is not None:
        accounts = book.accounts if leg is None else book.with_cash(leg)
        posted = books.post(
            session,
            movement.entry,
            accounts,
            value_date=movement.value_date,
            note=note,
            approved_by_id=movement.approved_by_id,
        )
        entry_id, shown_on = posted.id, posted.booked_on
        savings_id = movement.beside(posted) if movement.beside else None
    transaction = LoanTransaction(
        loan_account_id=book.id,
        journal_entry_id=entry_id,
        kind=movement.kind,
        amount=movement.amount,
        principal=movement.split.principal,
        interest=movement.split.interest,
        fee=movement.split.fee,
        penalty=movement.split.penalty,
        overpayment=movement.split.overpayment,
        value_date=movement.value_date,
        booked_on=shown_on or booked_on(session, movement.value_date),
        recorded_at=current.recorded_at,
        till_id=leg.till_id if leg else None,
        receipt=movement.receipt.text,
        receipt_till=movement.receipt.till,
        receipt_sequence=movement.receipt.sequence,
        payment_type_id=leg.payment_type_id if leg else None,
        adjusts_id=movement.adjusts_id,
        savings_transaction_id=savings_id,
        approved_by_id=movement.approved_by_id,
        note=note,
    )
    insert(session, transaction)
    _write_shares(session, transaction.id, movement.shares)
    return transaction


def _write_shares(session: Session, transaction_id: int, shares: Sequence[Share]) -> None:
    insert(
        session,
        *(
            LoanTransactionShare(
                loan_transaction_id=transaction_id,
                installment_id=share.due.installment_id,
                principal=share.principal,
                interest=share.interest,
                fee=share.fee,
                penalty=share.penalty,
            )
            for share in shares
        ),
    )
