"""Money that moved on an account, and what its receipt prints."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from banking import repayments, savings
from banking.counter import Owner, get_owner
from banking.loan_books import Components, read_dues
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money, total
from schema.accounting import Till
from schema.accounts import LoanAccount, LoanTransaction, SavingsAccount, SavingsTransaction
from schema.products import LoanProduct, SavingsProduct

LOAN, SAVINGS = "loan", "savings"


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved on an account. ``split`` and ``overpayment`` are empty for savings.

    ``reversed_by`` is the id of the movement that took this one back, ``reverses`` of the one taken back.
    """

    account_kind: str
    id: int
    kind: str
    amount: Money
    split: Components
    overpayment: Money
    value_date: date
    booked_on: date
    recorded_at: datetime
    receipt: str
    note: str
    reverses: int | None
    reversed_by: int | None


def loan_movements(session: Session, loan_id: int) -> list[Movement]:
    """List what moved on a loan, newest first."""
    return _movements(session, LoanTransaction, LoanTransaction.loan_account_id == loan_id)


def savings_movements(session: Session, savings_id: int) -> list[Movement]:
    """List what moved on a savings account, newest first."""
    return _movements(session, SavingsTransaction, SavingsTransaction.savings_account_id == savings_id)


def _movements(
    session: Session, table: type[LoanTransaction | SavingsTransaction], wanted: ColumnElement[bool]
) -> list[Movement]:
    later = aliased(table)
    rows = session.execute(
        select(table, later.id)
        .outerjoin(later, later.reverses_id == table.id)
        .where(wanted)
        .order_by(table.value_date.desc(), table.id.desc())
    )
    return [_movement(cast("LoanTransaction | SavingsTransaction", row), by) for row, by in rows]


def _movement(row: LoanTransaction | SavingsTransaction, reversed_by: int | None) -> Movement:
    split, overpayment = Components(), ZERO
    if isinstance(row, LoanTransaction):
        split = Components(row.principal, row.interest, row.fee, row.penalty)
        overpayment = row.overpayment
    return Movement(
        account_kind=LOAN if isinstance(row, LoanTransaction) else SAVINGS,
        id=row.id,
        kind=row.kind,
        amount=row.amount,
        split=split,
        overpayment=overpayment,
        value_date=row.value_date,
        booked_on=row.booked_on,
        recorded_at=row.recorded_at,
        receipt=row.receipt,
        note=row.note,
        reverses=row.reverses_id,
        reversed_by=reversed_by,
    )


@dataclass(frozen=True, slots=True)
class ReceiptSheet:
    """What a receipt prints. ``balance`` is the loan's outstanding or the savings' balance now.

    ``payment_type_id`` is the way it was paid when it was no cash.
    """

    movement: Movement
    account_id: int
    account_number: str
    product: str
    owner: Owner
    till: str
    balance: Money
    payment_type_id: int | None = None


def receipt_sheet(session: Session, account_kind: str, transaction_id: int) -> ReceiptSheet:
    """Give what the receipt of one movement prints.

    account_kind  loan or savings
    raises        NotFoundError
    """
    row: LoanTransaction | SavingsTransaction | None = None
    if account_kind == LOAN:
        row = session.get(LoanTransaction, transaction_id)
    elif account_kind == SAVINGS:
        row = session.get(SavingsTransaction, transaction_id)
    if row is None:
        raise NotFoundError(kind="receipt", key=transaction_id)
    table = type(row)
    later = session.scalar(select(table.id).where(table.reverses_id == row.id))
    till = session.get(Till, row.till_id) if row.till_id is not None else None
    account: LoanAccount | SavingsAccount
    if isinstance(row, LoanTransaction):
        account = session.get_one(LoanAccount, row.loan_account_id)
        product = session.get_one(LoanProduct, account.product_id).name
        balance = total(due.owed for due in read_dues(session, account.id))
    else:
        account = session.get_one(SavingsAccount, row.savings_account_id)
        product = session.get_one(SavingsProduct, account.product_id).name
        balance = savings.balance(session, account.id)
    return ReceiptSheet(
        movement=_movement(row, later),
        account_id=account.id,
        account_number=account.number,
        product=product,
        owner=get_owner(session, account.client_id, account.group_id),
        till=till.name if till else "",
        balance=balance,
        payment_type_id=row.payment_type_id,
    )


def reverse_movement(
    session: Session,
    account_kind: str,
    transaction_id: int,
    *,
    reason: str,
    on: date,
    approved_by_id: int | None = None,
) -> int:
    """Take a movement of a loan or of savings back; gives the id of the reversal.

    raises   NotFoundError; as ``banking.repayments.reverse`` and ``banking.savings.reverse``
    """
    if account_kind == LOAN and (of_loan := session.get(LoanTransaction, transaction_id)) is not None:
        return repayments.reverse(session, of_loan, reason=reason, on=on, approved_by_id=approved_by_id).id
    if account_kind == SAVINGS and (saved := session.get(SavingsTransaction, transaction_id)) is not None:
        return savings.reverse(session, saved, reason=reason, on=on, approved_by_id=approved_by_id).id
    raise NotFoundError(kind="receipt", key=transaction_id)


def find_receipt(session: Session, receipt: str) -> tuple[str, int] | None:
    """Find a movement by the number on its receipt; gives account kind and id."""
    wanted = receipt.strip()
    for kind, table in ((LOAN, LoanTransaction), (SAVINGS, SavingsTransaction)):
        found = session.scalar(
            select(table.id).where(or_(table.receipt == wanted, table.receipt == wanted.upper())).limit(1)
        )
        if wanted and found is not None:
            return kind, found
    return None
