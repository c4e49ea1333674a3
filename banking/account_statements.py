"""The statement of one account for a period: opening, movements with a running balance, closing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.counter import Owner, get_owner
from banking.errors import BadValueError
from banking.rows import get_row
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money, total
from schema.accounts import LoanAccount, SavingsAccount
from schema.products import LoanProduct, SavingsProduct
from schema.reading import fetch

LOAN, SAVINGS = "loan", "savings"

_OF_SAVINGS: Final = """
SELECT t.id, t.value_date, t.kind, t.receipt, t.note, t.amount, t.amount
  FROM savings_transaction AS t WHERE t.savings_account_id = ? AND t.value_date <= ?
 ORDER BY t.value_date, t.recorded_at, t.id
"""
_AS_RECORDED: Final = """
SELECT t.id, t.value_date, t.kind, t.receipt, t.note, t.amount, t.amount
  FROM savings_transaction AS t WHERE t.savings_account_id = ? ORDER BY t.recorded_at, t.id
"""
_OF_A_LOAN: Final = """
SELECT t.id, t.value_date, t.kind, t.receipt, t.note,
       CASE WHEN coalesce(o.kind, t.kind) IN ('disbursement', 'refund') THEN -t.amount
            WHEN coalesce(o.kind, t.kind) IN ('waiver', 'write_off', 'charge_off', 'moved') THEN 0
            ELSE t.amount END,
       CASE WHEN coalesce(o.kind, t.kind) = 'disbursement' THEN t.principal ELSE -t.principal END
  FROM loan_transaction AS t LEFT JOIN loan_transaction AS o ON o.id = t.reverses_id
 WHERE t.loan_account_id = ? AND t.value_date <= ?
 ORDER BY t.value_date, t.recorded_at, t.id
"""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement. ``out`` is money that the bank gave, ``into`` money that it got; ``balance`` afterwards.

    The balance of savings is what the client has, that of a loan the principal that is still owed.
    """

    id: int
    on: date
    kind: str
    receipt: str
    note: str
    into: Money
    out: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """An account from ``start`` until ``until``, both included. ``account_kind`` is loan or savings."""

    account_kind: str
    account_id: int
    number: str
    product: str
    owner: Owner
    start: date
    until: date
    opening: Money
    lines: tuple[StatementLine, ...]
    closing: Money

    @property
    def into(self) -> Money:
        """Give what the bank got in the period."""
        return total(line.into for line in self.lines)

    @property
    def out(self) -> Money:
        """Give what the bank gave in the period."""
        return total(line.out for line in self.lines)


def account_statement(
    session: Session, account_kind: str, account_id: int, until: date, start: date | None = None
) -> Statement:
    """Give the statement of a loan or a savings account by the dates that movements count.

    start    None: from the first movement on
    raises   NotFoundError, also for another kind of account; BadValueError when it ends before it starts
    """
    number, product, owner = _head(session, account_kind, account_id)
    if start is not None and start > until:
        raise BadValueError(field="start", given=start)
    movements = _OF_A_LOAN if account_kind == LOAN else _OF_SAVINGS
    rows = fetch(session, movements, account_id, until.isoformat())
    first = start or min((date.fromisoformat(row[1]) for row in rows), default=until)
    opening, lines = _run(rows, first)
    return Statement(
        account_kind=account_kind,
        account_id=account_id,
        number=number,
        product=product,
        owner=owner,
        start=first,
        until=until,
        opening=opening,
        lines=tuple(lines),
        closing=lines[-1].balance if lines else opening,
    )


def savings_as_recorded(session: Session, savings_id: int) -> tuple[StatementLine, ...]:
    """Give the movements of a savings account as they were typed, as a passbook has them.

    A passbook cannot be printed in between: what counts from an earlier day stands where it was typed.
    """
    return tuple(_run(fetch(session, _AS_RECORDED, savings_id), date.min)[1])


def _head(session: Session, account_kind: str, account_id: int) -> tuple[str, str, Owner]:
    if account_kind == LOAN:
        loan = get_row(session, LoanAccount, account_id, "loan")
        product = session.get_one(LoanProduct, loan.product_id).name
        return loan.number, product, get_owner(session, loan.client_id, loan.group_id)
    if account_kind == SAVINGS:
        account = get_row(session, SavingsAccount, account_id, "savings account")
        product = session.get_one(SavingsProduct, account.product_id).name
        return account.number, product, get_owner(session, account.client_id, account.group_id)
    raise NotFoundError(kind="account", key=account_kind)


def _run(rows: Sequence[tuple[Any, ...]], first: date) -> tuple[Money, list[StatementLine]]:
    """Give the balance before ``first``, and the movements from it on with the balance after each."""
    opening, balance, lines = ZERO, ZERO, []
    for row_id, on, kind, receipt, note, received, change in rows:
        balance += Money(change)
        day = date.fromisoformat(on)
        if day < first:
            opening = balance
            continue
        into, out = max(Money(received), ZERO), max(Money(-received), ZERO)
        lines.append(StatementLine(row_id, day, kind, receipt, note, into, out, balance))
    return opening, lines
