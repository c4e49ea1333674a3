"""The savings side of any posting: the row that a journal entry leaves on an account, and taking it back.

A deposit at the till, a loan paid from savings, a disbursement into savings and a transfer all have the same
savings side: a line on the product's deposits account in the journal, and a ``SavingsTransaction`` of the
same amount under the same entry. Whoever writes the entry asks for the account (``leg_account``) and leaves
the row with ``move_out`` or ``move_in``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.books import require_amount, reverse_entry
from banking.errors import NotReversibleError
from banking.numbers import NO_RECEIPT, Receipt
from banking.savings_book import (
    ACTIVE,
    CLOSED,
    DORMANT,
    MATURED,
    MOVED,
    UNCLAIMED,
    SavingsBook,
    read_savings,
    require_funds,
    require_room,
    require_status,
    require_unlocked,
)
from ledger.money import ZERO, Money, total
from schema.accounting import JournalEntry
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.reading import fetch, fetch_one
from schema.writing import insert, update

LOAN_PAYMENT, LOAN_DISBURSEMENT = "loan_payment", "loan_disbursement"
BY_THE_BANK = frozenset({"interest", "overdraft_interest", "tax", "fee", "unclaimed", "moved"})
"""Kinds of movement that nobody asked for: they wake no dormant account and no lock stops them."""


def move_out(
    session: Session,
    account_id: int,
    amount: Money,
    on: date,
    kind: str,
    *,
    posted: JournalEntry,
    note: str = "",
) -> SavingsTransaction:
    """Take money out of a savings account as one side of ``posted``, which has the line on ``leg_account``.

    amount   minor units, above zero
    on       the value date of ``posted``
    kind     loan_payment, transfer_out, fee, tax, … (see ``SavingsTransaction``)
    raises   InsufficientFundsError, HeldError, LockedError, StatusError, NotFoundError, AmountError
    """
    require_amount(amount)
    book = read_savings(session, account_id, on)
    by_the_bank = kind in BY_THE_BANK
    if by_the_bank:
        require_status(book, kind, ACTIVE, DORMANT, MATURED)
    else:
        require_status(book, kind, ACTIVE, DORMANT, UNCLAIMED, MATURED)
        require_unlocked(book, on)
        wake(session, book, on)
    require_funds(session, book, amount, on, to_the_last=by_the_bank)
    return write_leg(session, account_id, kind, -amount, posted, Trace(note=note))


def move_in(
    session: Session,
    account_id: int,
    amount: Money,
    on: date,
    kind: str,
    *,
    posted: JournalEntry,
    note: str = "",
) -> SavingsTransaction:
    """Put money into a savings account as one side of ``posted``, which has the line on ``leg_account``.

    raises   StatusError, OneDepositError, NotFoundError, AmountError; BadValueError for a day before the
             account was opened
    """
    require_amount(amount)
    book = read_savings(session, account_id, on)
    if kind in BY_THE_BANK:
        require_status(book, kind, ACTIVE, DORMANT, MATURED)
    else:
        require_status(book, kind, ACTIVE, DORMANT, UNCLAIMED)
        require_room(session, book)
        wake(session, book, on)
    return write_leg(session, account_id, kind, amount, posted, Trace(note=note))


_UNCLAIMED = """
SELECT t.journal_entry_id, t.value_date FROM savings_transaction AS t
 WHERE t.savings_account_id = ? AND t.kind = 'unclaimed'
   AND NOT EXISTS (SELECT 1 FROM savings_transaction AS r WHERE r.reverses_id = t.id)
 ORDER BY t.id DESC LIMIT 1
"""


def wake(session: Session, book: SavingsBook, on: date) -> None:
    """Make a dormant or unclaimed account active again, because its owner moves money on it on ``on``.

    What was moved to the unclaimed savings comes back first, by a reversal.
    """
    if book.status not in {DORMANT, UNCLAIMED}:
        return
    update(session, session.get_one(SavingsAccount, book.id), status=ACTIVE)
    row = fetch_one(session, _UNCLAIMED, book.id) if book.status == UNCLAIMED else None
    if row is not None:
        back_on = max(on, date.fromisoformat(row[1]))
        posted = reverse_entry(session, row[0], value_date=back_on, note="claimed by the owner")
        take_back_legs(session, row[0], posted)


@dataclass(frozen=True, slots=True)
class Trace:
    """What a movement points at beside its entry. ``approved_by_id`` is the second person."""

    paper: Receipt = NO_RECEIPT
    till_id: int | None = None
    payment_type_id: int | None = None
    charge_id: int | None = None
    reverses_id: int | None = None
    approved_by_id: int | None = None
    note: str = ""


NO_TRACE = Trace()


def write_leg(
    session: Session,
    account_id: int,
    kind: str,
    amount: Money,
    posted: JournalEntry,
    trace: Trace = NO_TRACE,
) -> SavingsTransaction:
    """Write the row of one movement under its entry; what may be moved was asked before."""
    transaction = SavingsTransaction(
        savings_account_id=account_id,
        journal_entry_id=posted.id,
        kind=kind,
        amount=amount,
        value_date=posted.value_date,
        booked_on=posted.booked_on,
        recorded_at=posted.recorded_at,
        till_id=trace.till_id,
        receipt=trace.paper.text,
        receipt_till=trace.paper.till,
        receipt_sequence=trace.paper.sequence,
        reverses_id=trace.reverses_id,
        charge_id=trace.charge_id,
        payment_type_id=trace.payment_type_id,
        approved_by_id=trace.approved_by_id,
        note=trace.note or posted.note,
    )
    insert(session, transaction)
    return transaction


_LEGS = "SELECT id FROM savings_transaction WHERE journal_entry_id = ? AND reverses_id IS NULL ORDER BY id"


def legs_of(session: Session, entry_id: int) -> list[SavingsTransaction]:
    """List the savings movements under one journal entry, as they were written."""
    return [session.get_one(SavingsTransaction, row[0]) for row in fetch(session, _LEGS, entry_id)]


def take_back_legs(
    session: Session, entry_id: int, posted: JournalEntry, *, papers: Mapping[int, Receipt] | None = None
) -> list[SavingsTransaction]:
    """Write the exact negatives of all savings movements under ``entry_id``; ``posted`` reverses that.

    papers   receipts of the reversal, by the id of the movement taken back
    raises   InsufficientFundsError, HeldError where money put in was taken out since; NotReversibleError on
             an account that is closed
    """
    legs = legs_of(session, entry_id)
    for account_id in sorted({leg.savings_account_id for leg in legs}):
        book = read_savings(session, account_id)
        if book.status in {CLOSED, MOVED, UNCLAIMED}:
            reason = f"the account {book.number} is {book.status}"
            raise NotReversibleError(receipt=legs[0].receipt or legs[0].id, reason=reason)
        put_in = total(leg.amount for leg in legs if leg.savings_account_id == account_id)
        if put_in > ZERO:
            require_funds(session, book, put_in, posted.value_date, to_the_last=True)
    return [_take_back(session, leg, posted, (papers or {}).get(leg.id, NO_RECEIPT)) for leg in legs]


def _take_back(
    session: Session, leg: SavingsTransaction, posted: JournalEntry, paper: Receipt
) -> SavingsTransaction:
    trace = Trace(
        paper=paper,
        till_id=leg.till_id,
        payment_type_id=leg.payment_type_id,
        charge_id=leg.charge_id,
        reverses_id=leg.id,
        approved_by_id=posted.approved_by_id,
    )
    return write_leg(session, leg.savings_account_id, "reversal", -leg.amount, posted, trace)
