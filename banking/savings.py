"""Savings: accounts, deposits, withdrawals, and taking a movement back.

No account goes below zero or below its product's minimum, unless an overdraft was agreed; what is held,
locked or not matured stays. What other postings leave on an account is in ``banking.savings_legs``.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.approval import require_second_person
from banking.books import require_amount
from banking.cash import CashLeg, cash_leg
from banking.errors import (
    AlreadyReversedError,
    NotReversibleError,
    ReversalDateError,
)
from banking.money_legs import money_leg, paying_leg
from banking.numbers import receipt_number
from banking.savings_book import (
    ACTIVE,
    DORMANT,
    MATURED,
    UNCLAIMED,
    SavingsBook,
    balance,
    has_deposit,
    read_savings,
    require_funds,
    require_room,
    require_status,
    require_unlocked,
)
from banking.savings_charges import OPENING, WITHDRAWAL, charge_occasion, charges_on
from banking.savings_errors import OpeningAmountError
from banking.savings_legs import LOAN_DISBURSEMENT, LOAN_PAYMENT, Trace, take_back_legs, wake, write_leg
from banking.savings_opening import open_account, settle_rate
from banking.text import LONGEST_NOTE, clean, require
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money
from ledger.posting import Account, Entry, Role, deposit_entry, withdrawal_entry
from schema.accounting import JournalEntry
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.products import SavingsProduct
from schema.reading import fetch

__all__ = ["balance", "deposit", "find_savings", "get_savings", "open_account", "reverse", "withdraw"]

ELSEWHERE = {
    LOAN_PAYMENT: "it belongs to a loan: reverse the loan's repayment",
    LOAN_DISBURSEMENT: "it belongs to a loan: reverse the loan's disbursement",
    "moved": "the account moved to another branch",
    "reversal": "it is a reversal itself",
}
"""Movements that are not reversed by themselves, and why."""


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


def deposit(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    account_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    note: str = "",
    between: CashLeg | None = None,
) -> SavingsTransaction:
    """Put money into a savings account; a dormant or unclaimed one is active again by that.

    The first deposit that comes in a till or by a way to pay is at least what the product asks for, and bears
    its charges for opening; what only writes older books down is taken as it is.

    amount   minor units, above zero
    between  the account between offices, for money that another one took: as at the counter
    raises   AmountError, NotFoundError, ReceiptTakenError, TillClosedError, ClosedDayError,
             ClosedPeriodError; BadValueError for a day before the account was opened; StatusError for one
             that is closed or matured; OpeningAmountError; OneDepositError for a second one on a fixed term
    """
    require_amount(amount)
    book = read_savings(session, account_id, value_date)
    require_status(book, "deposit", ACTIVE, DORMANT, UNCLAIMED)
    leg = between or money_leg(
        session, till_id=till_id, payment_type_id=payment_type_id, savings_product_id=book.product_id
    )
    moves_now = between is not None or _at_the_counter(leg)
    opens = moves_now and not has_deposit(session, account_id)
    if opens and amount < (least := _opening_minimum(session, book.product_id)):
        raise OpeningAmountError(amount=amount, least=least)
    if moves_now:
        require_room(session, book)
    wake(session, book, value_date)
    paper = receipt_number(session, leg.till_number, receipt)
    posted = _post(session, deposit_entry(amount, cash=Role.CASH), book, leg, value_date, note)
    trace = Trace(paper, leg.till_id, leg.payment_type_id)
    paid_in = write_leg(session, account_id, "deposit", amount, posted, trace)
    if book.product_kind == "fixed":
        settle_rate(session, session.get_one(SavingsAccount, account_id), balance(session, account_id))
    if opens:
        charge_occasion(session, book, OPENING, amount, value_date)
    return paid_in


def _at_the_counter(leg: CashLeg) -> bool:
    """Tell whether money moves now, rather than older books being written down."""
    return leg.till_id is not None or leg.payment_type_id is not None


def _opening_minimum(session: Session, product_id: int) -> Money:
    return session.get_one(SavingsProduct, product_id).opening_minimum or ZERO


def withdraw(  # noqa: PLR0913 - one parameter for each field of the form
    session: Session,
    account_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    payment_type_id: int | None = None,
    receipt: str = "",
    note: str = "",
    approved_by_id: int | None = None,
) -> SavingsTransaction:
    """Take money out of a savings account, as far as it has some, and the product's charges for that.

    raises   InsufficientFundsError, also where money that came later would be needed, or where the charge
             would not fit beside the amount; HeldError, LockedError, StatusError, SecondPersonNeededError,
             BadSecondPersonError, TillCashError; else as ``deposit``
    """
    require_amount(amount)
    book = read_savings(session, account_id, value_date)
    require_status(book, "withdrawal", ACTIVE, DORMANT, UNCLAIMED, MATURED)
    require_unlocked(book, value_date)
    wake(session, book, value_date)
    leg = paying_leg(
        session,
        amount,
        till_id=till_id,
        payment_type_id=payment_type_id,
        savings_product_id=book.product_id,
        approved_by_id=approved_by_id,
    )
    fees = charges_on(session, book, WITHDRAWAL, amount) if _at_the_counter(leg) else ZERO
    require_funds(session, book, amount + fees, value_date)
    paper = receipt_number(session, leg.till_number, receipt)
    posted = _post(session, withdrawal_entry(amount, cash=Role.CASH), book, leg, value_date, note)
    trace = Trace(paper, leg.till_id, leg.payment_type_id, approved_by_id=approved_by_id)
    paid_out = write_leg(session, account_id, "withdrawal", -amount, posted, trace)
    if fees:
        charge_occasion(session, book, WITHDRAWAL, amount, value_date)
    return paid_out


def _post(
    session: Session, entry: Entry, book: SavingsBook, leg: CashLeg, value_date: date, note: str
) -> JournalEntry:
    accounts: dict[Account, int] = {Role.CASH: leg.account_id, Role.SAVINGS_DEPOSITS: book.gl_deposits_id}
    text = clean(note, "note", LONGEST_NOTE) if note else ""
    return books.post(session, entry, accounts, value_date=value_date, note=text)


def reverse(
    session: Session,
    transaction: SavingsTransaction,
    *,
    reason: str,
    on: date,
    receipt: str = "",
    approved_by_id: int | None = None,
) -> SavingsTransaction:
    """Take a movement back on ``on``, both legs of a transfer together; everything stays visible.

    raises   AlreadyReversedError, ReversalDateError, MissingError, ClosedDayError, ClosedPeriodError;
             NotReversibleError for what belongs to a loan, and on a closed account; InsufficientFundsError
             when the deposit was taken out since; SecondPersonNeededError for much money of a till or another
             way to pay, BadSecondPersonError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    require_reversible(session, transaction, on)
    if transaction.till_id is not None or transaction.payment_type_id is not None:
        require_second_person(session, transaction.amount, approved_by_id)
    leg = CashLeg(0) if transaction.till_id is None else cash_leg(session, transaction.till_id)
    paper = receipt_number(session, leg.till_number, receipt)
    entry_id = transaction.journal_entry_id
    posted = books.reverse_entry(session, entry_id, value_date=on, note=why, approved_by_id=approved_by_id)
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
