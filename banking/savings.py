"""Savings: accounts, deposits, withdrawals. No account goes below zero or below its product's minimum."""

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
    InsufficientFundsError,
    NotReversibleError,
    OneOwnerError,
    ReversalDateError,
)
from banking.numbers import Receipt, account_number, receipt_number
from banking.text import LONGEST_NOTE, clean, require
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money
from ledger.posting import Account, Entry, Role, deposit_entry, withdrawal_entry
from schema.accounting import JournalEntry
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.people import Client, Group
from schema.products import SavingsProduct
from schema.reading import fetch, fetch_one
from schema.writing import act, insert


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


def balance(session: Session, account_id: int, until: date | None = None) -> Money:
    """Give the balance at the end of ``until`` by value date (default: everything)."""
    row = fetch_one(
        session,
        "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM savings_transaction "
        "WHERE savings_account_id = ? AND value_date <= ?",
        account_id,
        (until or date.max).isoformat(),
    )
    return Money(row[0]) if row else ZERO


_ACCOUNT = """
SELECT a.number, a.origin_office_id, a.opened_on, p.gl_deposits_id, p.minimum_balance
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
 WHERE a.id = ?
"""


def _read_account(session: Session, account_id: int, on: date) -> tuple[int, Money]:
    """Give the GL account of the deposits and the least that must stay."""
    row = fetch_one(session, _ACCOUNT, account_id)
    if row is None or row[1] != act(session).office_id:
        raise NotFoundError(kind="savings account", key=account_id)
    if row[2] is not None and on.isoformat() < row[2]:
        raise BadValueError(field="value_date", given=on)
    return row[3], Money(row[4] or 0)


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
    """Put money into a savings account.

    amount   minor units, above zero
    raises   AmountError, NotFoundError, ReceiptTakenError, TillClosedError, ClosedDayError,
             ClosedPeriodError; BadValueError for a day before the account was opened
    """
    require_amount(amount)
    gl_deposits_id, _ = _read_account(session, account_id, value_date)
    leg = cash_leg(session, till_id)
    paper = receipt_number(session, leg.till_number, receipt)
    entry = deposit_entry(amount, cash=Role.CASH)
    posted = _post(session, entry, gl_deposits_id, leg, value_date, note)
    return _write(session, account_id, "deposit", amount, posted, leg, paper)


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

    raises   InsufficientFundsError, also where money that came later would be needed; else as ``deposit``
    """
    require_amount(amount)
    gl_deposits_id, least = _read_account(session, account_id, value_date)
    available = _lowest_balance_from(session, account_id, value_date) - least
    if amount > available:
        raise InsufficientFundsError(amount=amount, available=max(available, ZERO))
    leg = cash_leg(session, till_id)
    paper = receipt_number(session, leg.till_number, receipt)
    entry = withdrawal_entry(amount, cash=Role.CASH)
    posted = _post(session, entry, gl_deposits_id, leg, value_date, note)
    return _write(session, account_id, "withdrawal", -amount, posted, leg, paper)


_BY_DAY_FROM = """
SELECT value_date, CAST(sum(amount) AS BIGINT) FROM savings_transaction
 WHERE savings_account_id = ? AND value_date > ? GROUP BY value_date ORDER BY value_date
"""


def _lowest_balance_from(session: Session, account_id: int, on: date) -> Money:
    """Give the lowest balance at the end of ``on`` or of any later day: what can be taken out on ``on``."""
    running = lowest = balance(session, account_id, on)
    for _, amount in fetch(session, _BY_DAY_FROM, account_id, on.isoformat()):
        running += Money(amount)
        lowest = min(lowest, running)
    return lowest


def _post(
    session: Session, entry: Entry, gl_deposits_id: int, leg: CashLeg, value_date: date, note: str
) -> JournalEntry:
    accounts: dict[Account, int] = {Role.CASH: leg.account_id, Role.SAVINGS_DEPOSITS: gl_deposits_id}
    text = clean(note, "note", LONGEST_NOTE) if note else ""
    return books.post(session, entry, accounts, value_date=value_date, note=text)


def _write(
    session: Session,
    account_id: int,
    kind: str,
    amount: Money,
    posted: JournalEntry,
    leg: CashLeg,
    paper: Receipt,
    reverses_id: int | None = None,
) -> SavingsTransaction:
    transaction = SavingsTransaction(
        savings_account_id=account_id,
        journal_entry_id=posted.id,
        kind=kind,
        amount=amount,
        value_date=posted.value_date,
        booked_on=posted.booked_on,
        recorded_at=posted.recorded_at,
        till_id=leg.till_id,
        receipt=paper.text,
        receipt_till=paper.till,
        receipt_sequence=paper.sequence,
        reverses_id=reverses_id,
        note=posted.note,
    )
    insert(session, transaction)
    return transaction


def reverse(
    session: Session, transaction: SavingsTransaction, *, reason: str, on: date, receipt: str = ""
) -> SavingsTransaction:
    """Take a deposit or withdrawal back on ``on``; both stay visible.

    raises   AlreadyReversedError, NotReversibleError, ReversalDateError, MissingError, ClosedDayError,
             ClosedPeriodError; InsufficientFundsError when the deposit was taken out since
    """
    why = require(reason, "reason", LONGEST_NOTE)
    named = transaction.receipt or str(transaction.id)
    if transaction.kind == "reversal":
        raise NotReversibleError(receipt=named, reason="it is a reversal itself")
    if on < transaction.value_date:
        raise ReversalDateError(day=on, first=transaction.value_date)
    if fetch(session, "SELECT 1 FROM savings_transaction WHERE reverses_id = ?", transaction.id):
        raise AlreadyReversedError(receipt=named)
    account_id = transaction.savings_account_id
    _read_account(session, account_id, on)
    if transaction.amount > ZERO:
        available = _lowest_balance_from(session, account_id, on)
        if transaction.amount > available:
            raise InsufficientFundsError(amount=transaction.amount, available=max(available, ZERO))
    leg = CashLeg(0) if transaction.till_id is None else cash_leg(session, transaction.till_id)
    paper = receipt_number(session, leg.till_number, receipt)
    posted = books.reverse_entry(session, transaction.journal_entry_id, value_date=on, note=why)
    return _write(session, account_id, "reversal", -transaction.amount, posted, leg, paper, transaction.id)
