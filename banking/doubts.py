"""Figures that may be right and look wrong: the counter asks once, naming the number, and then posts.

What the rules of money forbid is no doubt: that is refused, whoever insists.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session, aliased

from banking.counter import loan_sheet
from banking.rows import get_row
from banking.savings_book import balance, look_at
from ledger.errors import N_, as_it_stands
from ledger.money import ZERO, Money
from schema.accounts import LoanAccount, LoanTransaction, SavingsAccount, SavingsTransaction

TIMES_THE_DUE: Final = 3
"""A payment of more than so many times what is due is asked about."""

SOON: Final = timedelta(minutes=1)
"""The same kind of posting for the same client within this time is asked about."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question before a posting. ``code`` names it, ``message`` is its sentence, ``facts`` fill it."""

    code: str
    message: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def told(
        self,
        translate: Callable[[str], str] = N_,
        show: Callable[[object], object] = as_it_stands,
    ) -> str:
        """Give the sentence in the reader's language, every fact as ``show`` writes it."""
        return translate(self.message).format(**{name: show(fact) for name, fact in self.facts.items()})


@dataclass(frozen=True, slots=True)
class Posting:
    """What is about to be posted: minor units, the day that it counts, the open day, and the instant."""

    amount: Money
    on: date
    open_day: date
    now: datetime


def doubts_about_repayment(session: Session, loan_id: int, wanted: Posting) -> list[Doubt]:
    """Ask about a repayment: far above what is due, above all that is owed, twice, or of another day."""
    glance = loan_sheet(session, loan_id, wanted.on).glance
    loan = get_row(session, LoanAccount, loan_id, "loan")
    due = glance.overdue + glance.next_due
    found = []
    if wanted.amount > glance.outstanding > ZERO:
        found.append(_above_balance(wanted.amount, glance.outstanding))
    elif due and wanted.amount.minor > TIMES_THE_DUE * due.minor:
        found.append(_far_above(wanted.amount, due))
    return found + _of_any(wanted, _lately(session, loan, "repayment", wanted.now))


def doubts_about_deposit(session: Session, savings_id: int, wanted: Posting) -> list[Doubt]:
    """Ask about a deposit: far above what the client has agreed to bring, twice, or of another day."""
    account = get_row(session, SavingsAccount, savings_id, "savings account")
    found = []
    expected = account.expected_deposit or ZERO
    if expected and wanted.amount.minor > TIMES_THE_DUE * expected.minor:
        found.append(_far_above(wanted.amount, expected))
    return found + _of_any(wanted, _lately(session, account, "deposit", wanted.now))


def doubts_about_withdrawal(session: Session, savings_id: int, wanted: Posting) -> list[Doubt]:
    """Ask about a withdrawal: above the balance (where an overdraft allows it), twice, or of another day."""
    account = get_row(session, SavingsAccount, savings_id, "savings account")
    held = balance(session, savings_id)
    may_owe = look_at(session, savings_id).overdraft > ZERO  # else it is refused anyway
    found = [_above_balance(wanted.amount, held)] if may_owe and wanted.amount > held else []
    return found + _of_any(wanted, _lately(session, account, "withdrawal", wanted.now))


def doubts_about_day(wanted: Posting) -> list[Doubt]:
    """Ask about money that counts on another day than the open one."""
    return _of_any(wanted, None)


def _far_above(amount: Money, due: Money) -> Doubt:
    message = N_("{amount} is more than three times what is due ({due}).")
    return Doubt("FAR_ABOVE_DUE", message, {"amount": amount, "due": due})


def _above_balance(amount: Money, held: Money) -> Doubt:
    message = N_("{amount} is more than the balance of {balance}.")
    return Doubt("ABOVE_BALANCE", message, {"amount": amount, "balance": held})


def _of_any(wanted: Posting, lately: Row[Money, str, int] | None) -> list[Doubt]:
    found = []
    if lately is not None:
        facts = {"amount": abs(lately.amount), "receipt": lately.receipt or lately.id}
        message = N_("The same was posted for this client less than a minute ago: {amount}, {receipt}.")
        found.append(Doubt("TWICE", message, facts))
    if wanted.on != wanted.open_day:
        message = N_("It will count on {day}. The open day is {open_day}.")
        found.append(Doubt("OTHER_DAY", message, {"day": wanted.on, "open_day": wanted.open_day}))
    return found


def _lately(
    session: Session, account: LoanAccount | SavingsAccount, kind: str, now: datetime
) -> Row[Money, str, int] | None:
    """Find amount, receipt and id of the last such movement at a drawer for the same client just before."""
    accounts: type[LoanAccount | SavingsAccount]
    movements: type[LoanTransaction | SavingsTransaction]
    if isinstance(account, LoanAccount):
        accounts, movements, belongs = LoanAccount, LoanTransaction, LoanTransaction.loan_account_id
    else:
        accounts, movements = SavingsAccount, SavingsTransaction
        belongs = SavingsTransaction.savings_account_id
    later = aliased(movements)
    return session.execute(
        select(movements.amount, movements.receipt, movements.id)
        .join(accounts, accounts.id == belongs)
        .outerjoin(later, later.reverses_id == movements.id)
        .where(
            _same_owner(accounts, account),
            movements.kind == kind,
            movements.recorded_at > now - SOON,
            movements.till_id.is_not(None),
            later.id.is_(None),
        )
        .order_by(movements.id.desc())
        .limit(1)
    ).first()


def _same_owner(
    table: type[LoanAccount | SavingsAccount], account: LoanAccount | SavingsAccount
) -> ColumnElement[bool]:
    if account.client_id is not None:
        return table.client_id == account.client_id
    return table.group_id == account.group_id
