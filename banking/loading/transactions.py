"""Rows of transactions into the books, each by the service that a clerk would use, without till and day."""

from collections.abc import Callable
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import loans, repayments, savings
from banking.loading.known import AccountKind
from banking.loading.sheets import TransactionRow
from banking.loan_charges import put_amount, put_charge
from banking.payoffs import pay_off
from ledger.errors import N_, NotFoundError, RuleError
from ledger.money import Money
from schema.accounts import LoanAccount, LoanTransaction, SavingsTransaction
from schema.products import ChargeDefinition


class NotThePrincipalError(RuleError):
    """A disbursement of another amount than was agreed. Facts: given, principal."""

    code = "NOT_THE_PRINCIPAL"
    message = N_("{given} is not the principal of the loan, {principal}. Correct it, or leave it empty.")


def post_row(session: Session, row: TransactionRow, account_id: int, of: AccountKind) -> None:
    """Book one row on the account ``account_id``; the kind of account fits the kind of row.

    Cash comes from and goes to "Books brought in". raises RuleError, and then part of the row may be written.
    """
    post = _ON_SAVINGS[row.kind] if of == "savings" else _ON_LOANS[row.kind]
    post(session, row, account_id)


def _repay(session: Session, row: TransactionRow, loan_id: int) -> None:
    repayments.post_repayment(session, loan_id, _amount(row), row.on, receipt=row.receipt, note=row.note)


def _fee(session: Session, row: TransactionRow, loan_id: int) -> None:
    repayments.charge_fee_and_pay(session, loan_id, _amount(row), row.on, receipt=row.receipt, note=row.note)


def _waive(session: Session, row: TransactionRow, loan_id: int) -> None:
    repayments.waive(session, loan_id, _amount(row), row.on, receipt=row.receipt, note=row.note)


def _write_off(session: Session, row: TransactionRow, loan_id: int) -> None:
    repayments.write_off(session, loan_id, row.amount, row.on, receipt=row.receipt, note=row.note)


def _recover(session: Session, row: TransactionRow, loan_id: int) -> None:
    repayments.recover(session, loan_id, _amount(row), row.on, receipt=row.receipt, note=row.note)


def _charge(session: Session, row: TransactionRow, loan_id: int) -> None:
    """Put on the charge whose code the note is, or else a fee of that name and the amount."""
    wanted = select(ChargeDefinition.id).where(
        ChargeDefinition.code == row.note, ChargeDefinition.active == 1, ChargeDefinition.applies_to == "loan"
    )
    charge_id = session.scalars(wanted.limit(1)).first() if row.note else None
    if charge_id is not None:
        put_charge(session, loan_id, charge_id, row.on, amount=row.amount)
    elif row.amount is None:
        raise NotFoundError(kind="charge", key=row.note)
    else:
        put_amount(session, loan_id, row.amount, row.on, name=row.note)


def _charge_off(session: Session, row: TransactionRow, loan_id: int) -> None:
    repayments.charge_off(session, loan_id, row.on, receipt=row.receipt, note=row.note)


def _pay_off(session: Session, row: TransactionRow, loan_id: int) -> None:
    pay_off(session, loan_id, row.on, receipt=row.receipt, note=row.note)


def _deposit(session: Session, row: TransactionRow, account_id: int) -> None:
    savings.deposit(session, account_id, _amount(row), row.on, receipt=row.receipt, note=row.note)


def _withdraw(session: Session, row: TransactionRow, account_id: int) -> None:
    savings.withdraw(session, account_id, _amount(row), row.on, receipt=row.receipt, note=row.note)


def _disburse(session: Session, row: TransactionRow, loan_id: int) -> None:
    loan = session.get_one(LoanAccount, loan_id)
    if row.amount is not None and row.amount != loan.principal:
        raise NotThePrincipalError(given=row.amount, principal=loan.principal)
    if loan.status == "applied":
        loans.approve(session, loan_id, row.on)
    agreed = loan.first_due_on
    first_due_on = agreed if agreed is not None and agreed > row.on else None
    loans.disburse(session, loan_id, row.on, first_due_on=first_due_on, receipt=row.receipt, note=row.note)


def _reverse_on_loan(session: Session, row: TransactionRow, loan_id: int) -> None:
    wanted = select(LoanTransaction).where(
        LoanTransaction.receipt == row.reverses, LoanTransaction.loan_account_id == loan_id
    )
    found = session.scalars(wanted).first()
    if found is None:
        raise NotFoundError(kind="receipt", key=row.reverses)
    repayments.reverse(session, found, reason=_reason(row), on=row.on, receipt=row.receipt)


def _reverse_on_savings(session: Session, row: TransactionRow, account_id: int) -> None:
    wanted = select(SavingsTransaction).where(
        SavingsTransaction.receipt == row.reverses, SavingsTransaction.savings_account_id == account_id
    )
    found = session.scalars(wanted).first()
    if found is None:
        raise NotFoundError(kind="receipt", key=row.reverses)
    savings.reverse(session, found, reason=_reason(row), on=row.on, receipt=row.receipt)


def _reason(row: TransactionRow) -> str:
    return row.note or f"Reverses receipt {row.reverses}"


def _amount(row: TransactionRow) -> Money:
    assert row.amount is not None, "the checks require an amount"
    return row.amount


_Post: TypeAlias = Callable[[Session, TransactionRow, int], None]
_ON_LOANS: Final[dict[str, _Post]] = {
    "repay": _repay,
    "disburse": _disburse,
    "fee": _fee,
    "waive": _waive,
    "write_off": _write_off,
    "recover": _recover,
    "charge": _charge,
    "charge_off": _charge_off,
    "pay_off": _pay_off,
    "reverse": _reverse_on_loan,
}
_ON_SAVINGS: Final[dict[str, _Post]] = {
    "deposit": _deposit,
    "withdraw": _withdraw,
    "reverse": _reverse_on_savings,
}
