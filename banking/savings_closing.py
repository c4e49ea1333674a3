"""The end of an account: closed and paid out, ended before its term, and opened again by reversal."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from banking import books, savings
from banking.approval import require_second_person
from banking.errors import BadValueError
from banking.money_legs import paying_leg
from banking.numbers import receipt_number
from banking.savings_book import (
    ACTIVE,
    CLOSED,
    DORMANT,
    MATURED,
    UNCLAIMED,
    SavingsBook,
    balance,
    held,
    read_savings,
    require_status,
)
from banking.savings_charges import CLOSING, charge_occasion
from banking.savings_errors import HeldError, LockedError, OwesError
from banking.savings_interest import settle_interest
from banking.savings_legs import Trace, wake, write_leg
from banking.savings_terms import read_terms
from banking.savings_transfers import write_transfer
from banking.text import LONGEST_NOTE, require
from ledger.money import ZERO, Money
from ledger.posting import Account, Role, entry_between
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.reading import fetch
from schema.saving import StandingInstruction
from schema.writing import update


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """Where what is left goes: a till, a way to pay, or another savings account; neither: older books."""

    till_id: int | None = None
    payment_type_id: int | None = None
    to_savings_id: int | None = None
    receipt: str = ""
    approved_by_id: int | None = None


BROUGHT_IN = PaidOut()
CLOSED_BY: Final = "savings_closing"
"""Kind of the journal entry that pays out what was left, by which a reopening finds it."""


def close_account(
    session: Session, account_id: int, on: date, way: PaidOut = BROUGHT_IN, *, note: str = ""
) -> list[SavingsTransaction]:
    """Close an account: interest to the day before, the charges of closing, what is left paid out.

    A term that ends early earns its rate less what the product takes off for that, from the first day on.

    returns  what was written, the payout last
    raises   HeldError, LockedError for a lock-in; OwesError for an overdraft; BadValueError where something
             counts later than ``on``, and where it would be paid into itself; StatusError, and as
             ``savings.withdraw`` for the payout
    """
    book = read_savings(session, account_id, on)
    require_status(book, "closing", ACTIVE, DORMANT, UNCLAIMED, MATURED)
    if way.to_savings_id == account_id:
        raise BadValueError(field="to", given=account_id)
    wake(session, book, on)
    _require_free(session, book, on)
    account = session.get_one(SavingsAccount, account_id)
    written = []
    if book.status != MATURED:
        rate = _closing_rate(session, account, on)
        written += settle_interest(session, account, read_terms(session, book.product_id), on, rate)
    written += charge_occasion(session, book, CLOSING, balance(session, account_id), on)
    left = balance(session, account_id)
    if left < ZERO:
        raise OwesError(number=book.number, amount=left)
    if left:
        written += _pay_out(session, book, left, on, way, note)
    _cancel_instructions(session, account_id)
    update(session, account, status=CLOSED, closed_on=on)
    return written


def _require_free(session: Session, book: SavingsBook, on: date) -> None:
    kept = held(session, book.id)
    if kept:
        raise HeldError(amount=balance(session, book.id), available=ZERO, held=kept)
    if book.locked_until is not None and on < book.locked_until:
        raise LockedError(number=book.number, until=book.locked_until)
    later = "SELECT 1 FROM savings_transaction WHERE savings_account_id = ? AND value_date > ? LIMIT 1"
    if fetch(session, later, book.id, on.isoformat()):
        raise BadValueError(field="on", given=on)


def _closing_rate(session: Session, account: SavingsAccount, on: date) -> Decimal:
    """Give the rate of all days so far: the agreed one, less what an early end costs."""
    if account.matures_on is None or on >= account.matures_on:
        return account.annual_rate
    off = read_terms(session, account.product_id).product.early_rate or Decimal(0)
    return max(account.annual_rate - off, Decimal(0))


def _pay_out(
    session: Session, book: SavingsBook, left: Money, on: date, way: PaidOut, note: str
) -> list[SavingsTransaction]:
    if way.to_savings_id is not None:
        target = read_savings(session, way.to_savings_id, on)
        second = require_second_person(session, left, way.approved_by_id)
        return write_transfer(
            session, book, target, left, on, note=note, kind=CLOSED_BY, approved_by_id=second
        )
    leg = paying_leg(
        session,
        left,
        till_id=way.till_id,
        payment_type_id=way.payment_type_id,
        savings_product_id=book.product_id,
        approved_by_id=way.approved_by_id,
    )
    paper = receipt_number(session, leg.till_number, way.receipt)
    accounts: dict[Account, int] = {Role.CASH: leg.account_id, Role.SAVINGS_DEPOSITS: book.gl_deposits_id}
    entry = entry_between(CLOSED_BY, Role.SAVINGS_DEPOSITS, Role.CASH, left)
    posted = books.post(session, entry, accounts, value_date=on, note=note)
    trace = Trace(paper, leg.till_id, leg.payment_type_id, approved_by_id=way.approved_by_id)
    return [write_leg(session, book.id, "withdrawal", -left, posted, trace)]


def _cancel_instructions(session: Session, account_id: int) -> None:
    rows = fetch(
        session,
        "SELECT id FROM standing_instruction "
        "WHERE (from_account_id = ? OR to_savings_id = ?) AND state = 'active'",
        account_id,
        account_id,
    )
    for (instruction_id,) in rows:
        update(session, session.get_one(StandingInstruction, instruction_id), state="cancelled")


_ENDED_BY = """
SELECT t.id FROM savings_transaction AS t
  JOIN journal_entry AS e ON e.id = t.journal_entry_id
  LEFT JOIN charge_definition AS c ON c.id = t.charge_id
 WHERE t.savings_account_id = ? AND t.value_date = ? AND t.reverses_id IS NULL
   AND (e.kind = ? OR (t.kind = 'fee' AND c.due = 'closing'))
   AND NOT EXISTS (SELECT 1 FROM savings_transaction AS r WHERE r.reverses_id = t.id)
 ORDER BY t.id DESC
"""


def reopen_account(
    session: Session, account_id: int, *, reason: str, on: date, approved_by_id: int | None = None
) -> SavingsAccount:
    """Take the closing of an account back: its payout and its charges are reversed, and it is active again.

    What was posted as interest stays; what an early end took off comes back with the next posting.

    raises   StatusError for one that is not closed; MissingError; InsufficientFundsError where what was paid
             to another account is gone; SecondPersonNeededError, BadSecondPersonError for much money;
             ClosedDayError, ClosedPeriodError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    book = read_savings(session, account_id, on)
    require_status(book, "opening again", CLOSED)
    account = session.get_one(SavingsAccount, account_id)
    closed_on = account.closed_on
    assert closed_on is not None, "a closed account says when"
    update(session, account, status=ACTIVE, closed_on=None)
    for (transaction_id,) in fetch(session, _ENDED_BY, account_id, closed_on.isoformat(), CLOSED_BY):
        row = session.get_one(SavingsTransaction, transaction_id)
        savings.reverse(session, row, reason=why, on=on, approved_by_id=approved_by_id)
    return account
