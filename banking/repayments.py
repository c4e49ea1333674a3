"""Money on a loan after it was paid out: repayments, fees, waivers, write-offs, recoveries and reversals."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from banking import books
from banking.booking_day import booked_on
from banking.books import require_amount
from banking.cash import CashLeg, cash_leg
from banking.errors import (
    AlreadyReversedError,
    InsufficientFundsError,
    NotReversibleError,
    ReversalDateError,
    StatusError,
)
from banking.loan_books import (
    ACTIVE,
    APPROVED,
    WRITTEN_OFF,
    LoanBook,
    Movement,
    owed_by_component,
    read_book,
    read_dues,
    split_of,
    write,
)
from banking.numbers import receipt_number
from banking.reading import fetch, fetch_one
from banking.text import LONGEST_NOTE, require
from ledger.allocation import Due, Share, allocate, allocate_with_excess
from ledger.errors import NothingOwedError, OverpaymentError
from ledger.money import ZERO, Money
from ledger.posting import (
    Role,
    Split,
    fee_entry,
    overpayment_refund_entry,
    recovery_entry,
    repayment_entry,
    waiver_entry,
    write_off_entry,
)
from schema.accounts import LoanAccount, LoanTransaction, LoanTransactionShare
from schema.writing import act, insert, update

WAIVED_IN_ORDER = ("penalty", "fee", "interest")


def post_repayment(
    session: Session,
    loan_id: int,
    paid: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Book ``paid`` on a loan: shares in its instalments, transaction and journal in one go.

    What is above everything owed is kept as the client's overpayment, or refused, as the product says.
    Money on a loan that was written off is a recovery.

    paid     minor units, above zero
    raises   AmountError, NotDisbursedError, OverpaymentError, ReceiptTakenError, ClosedDayError,
             ClosedPeriodError, NotFoundError, TillClosedError; nothing was written then
    """
    require_amount(paid)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    if book.status == WRITTEN_OFF:
        return recover(session, loan_id, paid, value_date, till_id=till_id, receipt=receipt, note=note)
    dues = read_dues(session, loan_id)
    shares, excess = allocate_with_excess(paid, dues, on=value_date, strategy=book.strategy)
    if excess and not book.keeps_overpayment:
        raise OverpaymentError(paid=paid, owed=paid - excess)
    split = split_of(shares, excess)
    leg = cash_leg(session, till_id)
    movement = Movement(
        kind="repayment",
        amount=paid,
        value_date=value_date,
        split=split,
        shares=shares,
        entry=repayment_entry(split, cash=Role.CASH),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, receipt),
        note=note,
    )
    return write(session, book, movement)


def charge_fee_and_pay(
    session: Session,
    loan_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Charge a fee that is paid at once; what is owed on the loan stays the same.

    raises   as ``post_repayment``, but for OverpaymentError
    """
    require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    leg = cash_leg(session, till_id)
    movement = Movement(
        kind="fee",
        amount=amount,
        value_date=value_date,
        split=Split(fee=amount),
        entry=fee_entry(amount, cash=Role.CASH),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, receipt),
        note=note,
    )
    return write(session, book, movement)


def waive(
    session: Session,
    loan_id: int,
    amount: Money | None,
    value_date: date,
    *,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Let penalties, then fees, then interest go, oldest instalment first; principal is never waived.

    amount   minor units; None waives all three
    raises   AmountError, NotDisbursedError, NothingOwedError, OverpaymentError, ClosedDayError,
             ClosedPeriodError
    """
    if amount is not None:
        require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    dues = read_dues(session, loan_id)
    owed = owed_by_component(dues)
    waivable = owed.penalty + owed.fee + owed.interest
    wanted = waivable if amount is None else amount
    if not waivable:
        raise NothingOwedError
    if wanted > waivable:
        raise OverpaymentError(paid=wanted, owed=waivable)
    shares = _waived(dues, wanted)
    split = split_of(shares)
    movement = Movement(
        kind="waiver",
        amount=wanted,
        value_date=value_date,
        split=split,
        shares=shares,
        entry=waiver_entry(split),
        receipt=receipt_number(session, None, receipt),
        note=note,
    )
    return write(session, book, movement)


def _waived(dues: Sequence[Due], amount: Money) -> list[Share]:
    left = amount.minor
    parts: list[dict[str, Money]] = [{} for _ in dues]
    for component in WAIVED_IN_ORDER:
        for due, waived in zip(dues, parts, strict=True):
            part = min(left, getattr(due, component).minor)
            if part:
                waived[component] = Money(part)
                left -= part
    return [Share(due, **waived) for due, waived in zip(dues, parts, strict=True) if waived]


def write_off(
    session: Session,
    loan_id: int,
    amount: Money | None,
    value_date: date,
    *,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Write off ``amount`` of what is owed, shared as a payment would be; None writes off everything.

    Principal goes to write-off expense; unpaid interest and charges were never income. The loan is written
    off when nothing of it is left.

    raises   AmountError, NotDisbursedError, NothingOwedError, OverpaymentError, ClosedDayError,
             ClosedPeriodError
    """
    if amount is not None:
        require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    dues = read_dues(session, loan_id)
    owed = owed_by_component(dues).total
    if not owed:
        raise NothingOwedError
    wanted = owed if amount is None else amount
    shares = allocate(wanted, dues, on=value_date, strategy=book.strategy)
    split = split_of(shares)
    movement = Movement(
        kind="write_off",
        amount=wanted,
        value_date=value_date,
        split=split,
        shares=shares,
        entry=write_off_entry(split.principal) if split.principal else None,
        receipt=receipt_number(session, None, receipt),
        note=note,
    )
    if wanted == owed:
        update(session, session.get_one(LoanAccount, loan_id), status=WRITTEN_OFF)
    return write(session, book, movement)


_WRITTEN_OFF_LEFT = """
SELECT CAST(coalesce(sum(CASE coalesce(o.kind, t.kind) WHEN 'write_off' THEN t.amount ELSE -t.amount END), 0)
            AS BIGINT)
  FROM loan_transaction AS t
  LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE t.loan_account_id = ? AND coalesce(o.kind, t.kind) IN ('write_off', 'recovery')
"""


def recover(
    session: Session,
    loan_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Book money that came in on a loan written off before: it is income, and nothing is owed again.

    raises   StatusError when the loan is not written off; OverpaymentError above what was written off and not
             recovered yet; else as ``post_repayment``
    """
    require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    if book.status != WRITTEN_OFF:
        raise StatusError(number=book.number, status=book.status, wanted="recover")
    row = fetch_one(session, _WRITTEN_OFF_LEFT, loan_id)
    left = Money(row[0]) if row else ZERO
    if amount > left:
        raise OverpaymentError(paid=amount, owed=left)
    leg = cash_leg(session, till_id)
    movement = Movement(
        kind="recovery",
        amount=amount,
        value_date=value_date,
        entry=recovery_entry(amount, cash=Role.CASH),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, receipt),
        note=note,
    )
    return write(session, book, movement)


def overpaid(session: Session, loan_id: int) -> Money:
    """Give what the client has paid above everything owed and not taken back."""
    row = fetch_one(
        session,
        "SELECT CAST(coalesce(sum(overpayment), 0) AS BIGINT) FROM loan_transaction "
        "WHERE loan_account_id = ?",
        loan_id,
    )
    return Money(row[0]) if row else ZERO


def refund_overpayment(
    session: Session,
    loan_id: int,
    amount: Money,
    value_date: date,
    *,
    till_id: int | None = None,
    receipt: str = "",
    note: str = "",
) -> LoanTransaction:
    """Give a client back what was paid too much.

    raises   InsufficientFundsError above the overpayment; else as ``post_repayment``
    """
    require_amount(amount)
    book = read_book(session, loan_id)
    book.require_paid_out(value_date)
    kept = overpaid(session, loan_id)
    if amount > kept:
        raise InsufficientFundsError(amount=amount, available=kept)
    leg = cash_leg(session, till_id)
    movement = Movement(
        kind="refund",
        amount=amount,
        value_date=value_date,
        split=Split(overpayment=-amount),
        entry=overpayment_refund_entry(amount, cash=Role.CASH),
        leg=leg,
        receipt=receipt_number(session, leg.till_number, receipt),
        note=note,
    )
    return write(session, book, movement)


# --- taking back ----------------------------------------------------------------------------------

_LIVE_MONEY = """
SELECT count(*) FROM loan_transaction AS t
 WHERE t.loan_account_id = ? AND t.id <> ? AND t.kind <> 'reversal'
   AND NOT EXISTS (SELECT 1 FROM loan_transaction AS r WHERE r.reverses_id = t.id)
"""


def reverse(
    session: Session, transaction: LoanTransaction, *, reason: str, on: date, receipt: str = ""
) -> LoanTransaction:
    """Take a transaction back on ``on``: exact negatives of its amounts and shares, and the reversal entry.

    The transaction stays as it is; a closed day or period behind it does not matter, because the reversal is
    booked in the open one.

    raises   AlreadyReversedError; NotReversibleError for a reversal, and for a disbursement or write-off that
             later money rests on; ReversalDateError, MissingError, ClosedDayError, ClosedPeriodError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    book = read_book(session, transaction.loan_account_id)
    named = transaction.receipt or str(transaction.id)
    if transaction.kind == "reversal":
        raise NotReversibleError(receipt=named, reason="it is a reversal itself")
    if on < transaction.value_date:
        raise ReversalDateError(day=on, first=transaction.value_date)
    if fetch(session, "SELECT 1 FROM loan_transaction WHERE reverses_id = ?", transaction.id):
        raise AlreadyReversedError(receipt=named)
    _restore_status(session, book, transaction, named)
    entry_id, shown_on = None, booked_on(session, on)
    if transaction.journal_entry_id is not None:
        entry = books.reverse_entry(session, transaction.journal_entry_id, value_date=on, note=why)
        entry_id = entry.id
    leg = CashLeg(0)
    if transaction.till_id is not None:
        leg = cash_leg(session, transaction.till_id)
    paper = receipt_number(session, leg.till_number, receipt)
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
    """Bring the loan's status back to what it was before ``transaction``, or refuse."""
    loan = session.get_one(LoanAccount, book.id)
    if book.status == WRITTEN_OFF and transaction.kind in {"repayment", "waiver"}:
        raise NotReversibleError(receipt=named, reason="the loan is written off; reverse the write-off first")
    if transaction.kind == "disbursement":
        row = fetch_one(session, _LIVE_MONEY, book.id, transaction.id)
        if row is not None and row[0]:
            raise NotReversibleError(receipt=named, reason="later entries of this loan rest on it")
        update(session, loan, status=APPROVED, disbursed_on=None, first_due_on=None)
    elif transaction.kind == "write_off" and book.status == WRITTEN_OFF:
        row = fetch_one(session, _WRITTEN_OFF_LEFT, book.id)
        if row is not None and row[0] < transaction.amount.minor:
            raise NotReversibleError(receipt=named, reason="money was recovered after it")
        update(session, loan, status=ACTIVE)
    elif transaction.overpayment > overpaid(session, book.id):
        raise NotReversibleError(receipt=named, reason="its overpayment was given back")
