"""Savings: accounts, deposits, withdrawals, and taking a movement back.

No account goes below zero or below its product's minimum, unless an overdraft was agreed; what is held,
locked or not matured stays. What other postings leave on an account is in ``banking.savings_legs``.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.books import require_amount
from banking.cash import CashLeg, cash_leg
from banking.errors import (
    AlreadyReversedError,
    BadValueError,
    NotReversibleError,
    OneOwnerError,
    ReversalDateError,
)
from banking.numbers import account_number, receipt_number
from banking.savings_errors import OneDepositError
from banking.savings_legs import (
    ACTIVE,
    DORMANT,
    LOAN_DISBURSEMENT,
    LOAN_PAYMENT,
    MATURED,
    UNCLAIMED,
    SavingsBook,
    Trace,
    balance,
    read_savings,
    require_funds,
    require_status,
    require_unlocked,
    take_back_legs,
    wake,
    write_leg,
)
from banking.text import LONGEST_NOTE, clean, require
from ledger.errors import NotFoundError
from ledger.money import Money
from ledger.posting import Account, Entry, Role, deposit_entry, withdrawal_entry
from schema.accounting import JournalEntry
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.people import Client, Group
from schema.products import SavingsProduct
from schema.reading import fetch
from schema.writing import insert

__all__ = ["balance", "deposit", "find_savings", "get_savings", "open_account", "reverse", "withdraw"]

ELSEWHERE = {
    LOAN_PAYMENT: "it belongs to a loan: reverse the loan's repayment",
    LOAN_DISBURSEMENT: "it belongs to a loan: reverse the loan's disbursement",
    "moved": "the account moved to another branch",
    "reversal": "it is a reversal itself",
}
"""Movements that are not reversed by themselves, and why."""


def open_account(
    session: Session,
    *,
    client_id: int | None = None,
    group_id: int | None = None,
    product_id: int,
    opened_on: date | None,
    number: str | None = None,
    annual_rate: Decimal | None = None,
) -> SavingsAccount:
    """Open a savings account; the rate is the product's unless older books had another one.

    raises   OneOwnerError, NotFoundError, NumberTakenError; BadValueError for a rate below zero
    """
    if (client_id is None) == (group_id is None):
        raise OneOwnerError
    if client_id is not None and session.get(Client, client_id) is None:
        raise NotFoundError(kind="client", key=client_id)
    if group_id is not None and session.get(Group, group_id) is None:
        raise NotFoundError(kind="group", key=group_id)
    product = session.get(SavingsProduct, product_id)
    if product is None or not product.active:
        raise NotFoundError(kind="savings product", key=product_id)
    rate = product.annual_rate if annual_rate is None else annual_rate
    if not rate.is_finite() or rate < 0:
        raise BadValueError(field="annual_rate", given=rate)
    account = SavingsAccount(
        number=account_number(session, SavingsAccount, number),
        client_id=client_id,
        group_id=group_id,
        product_id=product_id,
        annual_rate=rate,
        opened_on=opened_on,
    )
    insert(session, account)
    return account


def get_savings(session: Session, number: str) -> SavingsAccount:
    """Give the savings account with this number.

    raises   NotFoundError
    """
    found = find_savings(session, number)
    if found is None:
        raise NotFoundError(kind="savings account", key=number)
    return found


def find_savings(session: Session, number: str) -> SavingsAccount | None:
    """Find a savings account by its number."""
    wanted = select(SavingsAccount).where(SavingsAccount.number == number.strip())
    return session.scalars(wanted.limit(1)).first()


def deposit(
    session: Session,
    account_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> SavingsTransaction:
    """Put money into a savings account; a dormant or unclaimed one is active again by that.

    amount   minor units, above zero
    raises   AmountError, NotFoundError, ReceiptTakenError, TillClosedError, ClosedDayError,
             ClosedPeriodError; BadValueError for a day before the account was opened; StatusError for one
             that is closed or matured; OneDepositError for a second deposit on a fixed term
    """
    require_amount(amount)
    book = read_savings(session, account_id, value_date)
    require_status(book, "deposit", ACTIVE, DORMANT, UNCLAIMED)
    if book.product_kind == "fixed" and _has_deposit(session, account_id):
        raise OneDepositError(number=book.number)
    wake(session, book, value_date)
    leg = cash_leg(session, till_id)
    paper = receipt_number(session, leg.till_number, receipt)
    posted = _post(session, deposit_entry(amount, cash=Role.CASH), book, leg, value_date, note)
    return write_leg(session, account_id, "deposit", amount, posted, Trace(paper, leg.till_id))


def _has_deposit(session: Session, account_id: int) -> bool:
    live = (
        "SELECT 1 FROM savings_transaction AS t WHERE t.savings_account_id = ? AND t.kind IN "
        "('deposit', 'transfer_in', 'loan_disbursement') AND NOT EXISTS "
        "(SELECT 1 FROM savings_transaction AS r WHERE r.reverses_id = t.id)"
    )
    return bool(fetch(session, live, account_id))


def withdraw(
    session: Session,
    account_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> SavingsTransaction:
    """Take money out of a savings account, as far as it has some.

    raises   InsufficientFundsError, also where money that came later would be needed; HeldError, LockedError,
             StatusError; else as ``deposit``
    """
    require_amount(amount)
    book = read_savings(session, account_id, value_date)
    require_status(book, "withdrawal", ACTIVE, DORMANT, UNCLAIMED, MATURED)
    require_unlocked(book, value_date)
    wake(session, book, value_date)
    require_funds(session, book, amount, value_date)
    leg = cash_leg(session, till_id)
    paper = receipt_number(session, leg.till_number, receipt)
    posted = _post(session, withdrawal_entry(amount, cash=Role.CASH), book, leg, value_date, note)
    return write_leg(session, account_id, "withdrawal", -amount, posted, Trace(paper, leg.till_id))


def _post(
    session: Session, entry: Entry, book: SavingsBook, leg: CashLeg, value_date: date, note: str
) -> JournalEntry:
    accounts: dict[Account, int] = {Role.CASH: leg.account_id, Role.SAVINGS_DEPOSITS: book.gl_deposits_id}
    text = clean(note, "note", LONGEST_NOTE) if note else ""
    return books.post(session, entry, accounts, value_date=value_date, note=text)


def reverse(
    session: Session, transaction: SavingsTransaction, *, reason: str, on: date, receipt: str = ""
) -> SavingsTransaction:
    """Take a movement back on ``on``, both legs of a transfer together; everything stays visible.

    raises   AlreadyReversedError, ReversalDateError, MissingError, ClosedDayError, ClosedPeriodError;
             NotReversibleError for what belongs to a loan, and on a closed account; InsufficientFundsError
             when the deposit was taken out since
    """
    why = require(reason, "reason", LONGEST_NOTE)
    require_reversible(session, transaction, on)
    leg = CashLeg(0) if transaction.till_id is None else cash_leg(session, transaction.till_id)
    paper = receipt_number(session, leg.till_number, receipt)
    entry_id = transaction.journal_entry_id
    posted = books.reverse_entry(session, entry_id, value_date=on, note=why)
    taken = take_back_legs(session, entry_id, posted, papers={transaction.id: paper})
    return next(row for row in taken if row.reverses_id == transaction.id)


def require_reversible(session: Session, transaction: SavingsTransaction, on: date) -> None:
    """Refuse to take back what cannot be, or not on ``on``.

    raises   NotReversibleError, ReversalDateError, AlreadyReversedError, NotFoundError
    """
    named = transaction.receipt or str(transaction.id)
    if transaction.kind in ELSEWHERE:
        raise NotReversibleError(receipt=named, reason=ELSEWHERE[transaction.kind])
    if on < transaction.value_date:
        raise ReversalDateError(day=on, first=transaction.value_date)
    if fetch(session, "SELECT 1 FROM savings_transaction WHERE reverses_id = ?", transaction.id):
        raise AlreadyReversedError(receipt=named)
    read_savings(session, transaction.savings_account_id, on)
