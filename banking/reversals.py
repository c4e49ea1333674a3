"""Taking loan transactions back: exact negatives, in the open day, the original untouched."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import books
from banking.approval import require_second_person
from banking.booking_day import booked_on
from banking.cash import CashLeg, cash_leg
from banking.charge_reversals import take_all_back
from banking.errors import AlreadyReversedError, NotReversibleError, ReversalDateError
from banking.line_rows import unopen_when_empty
from banking.loan_books import (
    ACTIVE,
    APPROVED,
    MOVED,
    WRITTEN_OFF,
    LoanBook,
    read_book,
    require_not_charged_off,
    written_off_left,
)
from banking.loan_errors import ChargedOffError
from banking.loan_replay import ADJUSTMENT, SHARED, is_after_charge_off, read_story, settle
from banking.numbers import NO_RECEIPT, Receipt, receipt_number
from banking.savings_legs import take_back_legs
from banking.text import LONGEST_NOTE, require
from ledger.money import Money, total
from ledger.posting import Role
from ledger.replay import NoLongerFitsError
from schema.accounts import LoanAccount, LoanTransaction, LoanTransactionShare
from schema.reading import fetch, fetch_one
from schema.writing import act, insert, update

_LIVE_MONEY = """
SELECT count(*) FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.kind <> 'reversal'
   AND (t.kind <> 'disbursement' OR t.value_date <> ?)
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id)
"""

_OTHER_PARTS = """
SELECT t.id FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.kind = 'disbursement' AND t.id <> ?
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id)
 ORDER BY t.id DESC
"""


_PAID_OFF = """
SELECT t.id FROM loan_transaction AS part
  JOIN loan_transaction AS t ON t.recorded_at = part.recorded_at AND t.amount = part.amount
                            AND t.kind = 'repayment'
  JOIN loan_account AS l ON l.id = t.loan_account_id
  JOIN loan_product AS p ON p.id = l.product_id
  JOIN journal_line AS taken ON taken.journal_entry_id = t.journal_entry_id
                            AND taken.gl_account_id = p.gl_overpayment_id AND taken.debit = t.amount
  JOIN journal_line AS given ON given.journal_entry_id = part.journal_entry_id
                            AND given.gl_account_id = p.gl_overpayment_id AND given.credit = t.amount
 WHERE part.id = ?
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id)
"""
"""The repayment of an earlier loan that a disbursement made: money went through that loan's overpayments."""

_CAME_FROM_A_LOAN = """
SELECT 1 FROM journal_line WHERE journal_entry_id = ? AND gl_account_id = ? AND debit = ?
"""


def reverse(
    session: Session,
    transaction: LoanTransaction,
    *,
    reason: str,
    on: date,
    receipt: str = "",
    approved_by_id: int | None = None,
) -> LoanTransaction:
    """Take a transaction back on ``on``: exact negatives of its amounts and shares, and the reversal entry.

    The transaction stays as it is; a closed day or period behind it does not matter, because the reversal is
    booked in the open one. Its adjustments are taken back with it, and the entries left are shared anew.

    raises   AlreadyReversedError; NotReversibleError for a reversal, and for a disbursement or write-off that
             later money rests on, or for what a new loan paid; ReversalDateError, MissingError,
             ClosedDayError, ClosedPeriodError;
             SecondPersonNeededError, BadSecondPersonError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    book = read_book(session, transaction.loan_account_id)
    named = transaction.receipt or str(transaction.id)
    if transaction.kind == "reversal":
        raise NotReversibleError(receipt=named, reason="it is a reversal itself")
    if transaction.kind == ADJUSTMENT:
        raise NotReversibleError(receipt=named, reason="it follows an entry; reverse that one")
    if on < transaction.value_date:
        raise ReversalDateError(day=on, first=transaction.value_date)
    if fetch(session, "SELECT 1 FROM loan_transaction WHERE reverses_id = ?", transaction.id):
        raise AlreadyReversedError(receipt=named)
    if _came_from_a_loan(session, book, transaction):
        raise NotReversibleError(
            receipt=named, reason="a new loan paid it; take that one's disbursement back"
        )
    together = [transaction]
    if transaction.kind == "disbursement" and not book.is_line:
        parts = _other_parts(session, transaction)
        together += [session.get_one(LoanTransaction, row[0]) for row in parts]
    if any(one.till_id is not None or one.payment_type_id is not None for one in together):
        require_second_person(session, total(one.amount for one in together), approved_by_id)
    return _take_back(session, book, transaction, on, why, receipt, approved_by_id)


def _take_back(
    session: Session,
    book: LoanBook,
    transaction: LoanTransaction,
    on: date,
    why: str,
    receipt: str = "",
    approved_by_id: int | None = None,
) -> LoanTransaction:
    """Take back what may be taken back by itself; state and other entries allowing."""
    named = transaction.receipt or str(transaction.id)
    _restore_status(session, book, transaction, named)
    _check_the_rest(session, book, transaction, named)
    leg = CashLeg(0)
    if transaction.till_id is not None:
        leg = cash_leg(session, transaction.till_id)
    paper = receipt_number(session, leg.till_number, receipt)
    reversal = write_reversal(session, transaction, on, why, paper, approved_by_id)
    for adjustment in _adjustments(session, transaction.id):
        write_reversal(session, adjustment, on, why)
    _set_right(session, book, transaction, on, why)
    return reversal


def _set_right(session: Session, book: LoanBook, transaction: LoanTransaction, on: date, why: str) -> None:
    """Share anew what is left; a loan that is not paid out any more loses its other parts and its charges."""
    if transaction.kind in SHARED or book.is_line:
        settle(session, book.id, cause_on=on)
    if transaction.kind == "disbursement" and not book.is_line:
        others = [session.get_one(LoanTransaction, row[0]) for row in _other_parts(session, transaction)]
        for other in others:
            write_reversal(session, other, on, why)
        take_paid_off_back(session, [transaction, *others], on, why)
        take_all_back(session, book.id, on, reason=why)
    if book.is_line and unopen_when_empty(session, session.get_one(LoanAccount, book.id)):
        take_all_back(session, book.id, on, reason=why)


def _other_parts(session: Session, transaction: LoanTransaction) -> Sequence[Sequence[int]]:
    return fetch(session, _OTHER_PARTS, transaction.loan_account_id, transaction.id)


def _came_from_a_loan(session: Session, book: LoanBook, transaction: LoanTransaction) -> bool:
    """Tell whether a new loan paid this repayment, whose other side is the disbursement of that loan."""
    if transaction.kind != "repayment" or transaction.till_id or transaction.payment_type_id:
        return False
    account_id, entry_id = book.accounts.get(Role.OVERPAYMENT), transaction.journal_entry_id
    return account_id is not None and bool(
        fetch(session, _CAME_FROM_A_LOAN, entry_id, account_id, transaction.amount.minor)
    )


def take_paid_off_back(
    session: Session, parts: Sequence[LoanTransaction], on: date, why: str
) -> list[LoanTransaction]:
    """Take back what ``parts`` of a disbursement, which are taken back themselves, paid on earlier loans.

    raises   NotReversibleError, ClosedDayError, ClosedPeriodError
    """
    taken = []
    for part in parts:
        for row in fetch(session, _PAID_OFF, part.id):
            paid = session.get_one(LoanTransaction, row[0])
            book = read_book(session, paid.loan_account_id)
            taken.append(_take_back(session, book, paid, on, why))
    return taken


def _check_the_rest(session: Session, book: LoanBook, transaction: LoanTransaction, named: str) -> None:
    """Refuse where something live could not stand without ``transaction``."""
    if transaction.kind not in SHARED:
        return
    if book.charged_off_on is not None and not is_after_charge_off(session, book, transaction):
        raise ChargedOffError(number=book.number, day=book.charged_off_on)
    try:
        read_story(session, book.id).without(transaction.id).replay(book)
    except NoLongerFitsError as refusal:
        raise NotReversibleError(
            receipt=named, reason=f"a later {refusal.facts['kind']} rests on it"
        ) from refusal


def _adjustments(session: Session, transaction_id: int) -> Sequence[LoanTransaction]:
    """List what changed the shares of a transaction since."""
    wanted = select(LoanTransaction).where(LoanTransaction.adjusts_id == transaction_id)
    return session.scalars(wanted.order_by(LoanTransaction.id)).all()


def write_reversal(
    session: Session,
    transaction: LoanTransaction,
    on: date,
    why: str,
    paper: Receipt = NO_RECEIPT,
    approved_by_id: int | None = None,
) -> LoanTransaction:
    """Write the exact negative of one row: its entry, what it left on a savings account, its shares."""
    entry_id, savings_id, shown_on = None, None, booked_on(session, on)
    if transaction.journal_entry_id is not None:
        posted = books.reverse_entry(
            session, transaction.journal_entry_id, value_date=on, note=why, approved_by_id=approved_by_id
        )
        entry_id = posted.id
        if transaction.savings_transaction_id is not None:
            savings_id = take_back_legs(session, transaction.journal_entry_id, posted)[0].id
    reversal = LoanTransaction(
        loan_account_id=transaction.loan_account_id,
        journal_entry_id=entry_id,
        kind="reversal",
        amount=-transaction.amount,
        principal=-transaction.principal,
        interest=-transaction.interest,
        fee=-transaction.fee,
        penalty=-transaction.penalty,
        overpayment=-transaction.overpayment,
        value_date=on,
        booked_on=shown_on,
        recorded_at=act(session).recorded_at,
        till_id=transaction.till_id,
        receipt=paper.text,
        receipt_till=paper.till,
        receipt_sequence=paper.sequence,
        reverses_id=transaction.id,
        payment_type_id=transaction.payment_type_id,
        savings_transaction_id=savings_id,
        approved_by_id=approved_by_id,
        note=why,
    )
    insert(session, reversal)
    insert(session, *_negative_shares(session, transaction.id, reversal.id))
    return reversal


def _negative_shares(session: Session, transaction_id: int, reversal_id: int) -> list[LoanTransactionShare]:
    statement = (
        "SELECT installment_id, principal, interest, fee, penalty FROM loan_transaction_share "
        "WHERE loan_transaction_id = ? ORDER BY id"
    )
    return [
        LoanTransactionShare(
            loan_transaction_id=reversal_id,
            installment_id=row[0],
            principal=Money(-row[1]),
            interest=Money(-row[2]),
            fee=Money(-row[3]),
            penalty=Money(-row[4]),
        )
        for row in fetch(session, statement, transaction_id)
    ]


def _restore_status(session: Session, book: LoanBook, transaction: LoanTransaction, named: str) -> None:
    """Bring the loan's state back to what it was before ``transaction``, or refuse."""
    loan = session.get_one(LoanAccount, book.id)
    if book.status == MOVED:
        raise NotReversibleError(receipt=named, reason="the loan moved to another branch")
    if book.status == WRITTEN_OFF and transaction.kind in {"repayment", "waiver", "refund", "charge_off"}:
        raise NotReversibleError(receipt=named, reason="the loan is written off; reverse the write-off first")
    if transaction.kind == "disbursement" and book.is_line:
        require_not_charged_off(loan)
        return
    if transaction.kind == "disbursement":
        row = fetch_one(session, _LIVE_MONEY, book.id, transaction.value_date.isoformat())
        if row is not None and row[0]:
            raise NotReversibleError(receipt=named, reason="later entries of this loan rest on it")
        update(session, loan, status=APPROVED, disbursed_on=None, first_due_on=None)
    elif transaction.kind == "write_off" and book.status == WRITTEN_OFF:
        if written_off_left(session, book.id) < transaction.amount:
            raise NotReversibleError(receipt=named, reason="money was recovered after it")
        update(session, loan, status=ACTIVE)
    elif transaction.kind == "charge_off":
        story = read_story(session, book.id)
        if any(entry.place > (transaction.value_date, transaction.id) for entry in story.entries):
            raise NotReversibleError(receipt=named, reason="entries came after it; reverse those first")
        update(session, loan, charged_off_on=None)
