"""What accounts of a sheet owe and hold on a day: read for all of them at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.credit_lines import dues_on
from banking.loan_books import ACTIVE, APPROVED, CREDIT_LINE, look_at_book
from banking.loan_charges import AT_DISBURSEMENT, charge_of, charges_of_product
from banking.loan_plans import planned_schedule
from banking.loan_replay import read_story
from banking.savings_book import ACTIVE as SAVING
from banking.savings_expected import Expected, expected_deposits
from ledger.allocation import Due
from ledger.money import ZERO, Money, total
from ledger.terms import LoanTerms
from schema.accounts import LoanAccount, SavingsAccount
from schema.people import Client
from schema.products import LoanProduct, SavingsProduct
from schema.reading import fetch


@dataclass(frozen=True, slots=True)
class Figure:
    """How an account stands on the day of a meeting; minor units.

    due      what is to be paid then, what is overdue included; of a payout the cash to hand over
    overdue  the part of it that fell due on earlier days
    balance  what is owed on a loan in all, what is saved, or the principal that is paid out
    is_open  whether money can be keyed on it
    takes_out      money can be withdrawn at a meeting
    keeps_excess   of a loan: more than everything owed is kept as the client's overpayment
    """

    account_id: int
    owner_id: int
    number: str
    code: str
    product: str
    due: Money
    overdue: Money
    balance: Money
    is_open: bool = True
    takes_out: bool = False
    keeps_excess: bool = False


def marks(ids: Sequence[object]) -> str:
    """Give the placeholders of a list of values."""
    return ", ".join("?" * len(ids))


# --- loans ----------------------------------------------------------------------------------------

_LOANS = """
SELECT l.id, coalesce(l.client_id, l.group_id), l.number, p.code, p.name, l.status, p.kind,
       CASE WHEN l.rows_follow_terms = 1 AND (p.recalculation <> 'none' OR p.schedule_kind <> 'cumulative')
            THEN 1 ELSE 0 END, p.overpayment
  FROM loan_account AS l JOIN loan_product AS p ON p.id = l.product_id
 WHERE l.id IN ({marks})
"""

_ROWS = """
SELECT i.loan_account_id, i.due_on, i.principal + i.interest + i.fee + i.penalty
       - coalesce((SELECT CAST(sum(s.principal + s.interest + s.fee + s.penalty) AS BIGINT)
                     FROM loan_transaction_share AS s WHERE s.installment_id = i.id), 0)
  FROM installment AS i WHERE i.loan_account_id IN ({marks})
"""


def loan_figures(session: Session, loan_ids: Sequence[int], on: date) -> dict[int, Figure]:
    """Read loans by id: what is due on each on ``on``, net of what was paid before."""
    if not loan_ids:
        return {}
    rows = fetch(session, _LOANS.format(marks=marks(loan_ids)), *loan_ids)
    owed = _owed_by_loan(session, [row[0] for row in rows if row[5] == ACTIVE])
    figures = {}
    for loan_id, owner_id, number, code, product, status, kind, follows, overpayment in rows:
        dues = owed.get(loan_id, [])
        if status == ACTIVE and (follows or kind == CREDIT_LINE):
            dues = list(_reckoned(session, loan_id, on))
        figures[loan_id] = Figure(
            loan_id,
            owner_id,
            number,
            code,
            product,
            due=total(amount for day, amount in dues if day <= on),
            overdue=total(amount for day, amount in dues if day < on),
            balance=(balance := total(amount for _, amount in dues)),
            is_open=status == ACTIVE and bool(balance),
            keeps_excess=overpayment == "keep",
        )
    return figures


def _owed_by_loan(session: Session, loan_ids: Sequence[int]) -> dict[int, list[tuple[date, Money]]]:
    owed: dict[int, list[tuple[date, Money]]] = {}
    if loan_ids:
        for loan_id, due_on, amount in fetch(session, _ROWS.format(marks=marks(loan_ids)), *loan_ids):
            if amount:
                owed.setdefault(loan_id, []).append((date.fromisoformat(due_on), Money(amount)))
    return owed


def _reckoned(session: Session, loan_id: int, on: date) -> Iterator[tuple[date, Money]]:
    """Give the dues of a loan whose rows follow what happens, as a payment of ``on`` would find them."""
    book = look_at_book(session, loan_id)
    dues: Iterable[Due]
    if book.is_line:
        dues = dues_on(session, session.get_one(LoanAccount, loan_id), on)
    else:
        dues = read_story(session, loan_id).replay(book).dues(on)
    return ((due.due_date, due.owed) for due in dues)


# --- savings --------------------------------------------------------------------------------------

_SAVINGS = """
SELECT a.id, coalesce(a.client_id, a.group_id), a.number, p.code, p.name, a.status, p.kind,
       coalesce(a.locked_until, '')
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
 WHERE a.id IN ({marks})
"""

_AGREED = frozenset({"mandatory", "recurring"})
"""Kinds of savings whose deposits are agreed."""

_BALANCES = """
SELECT savings_account_id, CAST(sum(amount) AS BIGINT) FROM savings_transaction
 WHERE savings_account_id IN ({marks}) GROUP BY savings_account_id
"""


def savings_figures(session: Session, account_ids: Sequence[int], on: date) -> dict[int, Figure]:
    """Read savings accounts by id: the deposits agreed up to ``on`` that did not come yet, and the balance.

    Money is taken out at a meeting from voluntary savings that are not locked (``takes_out``).
    """
    if not account_ids:
        return {}
    balances = {
        row[0]: row[1] for row in fetch(session, _BALANCES.format(marks=marks(account_ids)), *account_ids)
    }
    figures = {}
    rows = fetch(session, _SAVINGS.format(marks=marks(account_ids)), *account_ids)
    agreed = [row[0] for row in rows if row[5] == SAVING and row[6] in _AGREED]
    missing = _missing(session, agreed, on)
    for account_id, owner_id, number, code, product, status, kind, locked_until in rows:
        expected = missing.get(account_id, ())
        figures[account_id] = Figure(
            account_id,
            owner_id,
            number,
            code,
            product,
            due=total(one.missing for one in expected),
            overdue=total(one.missing for one in expected if one.due_on < on),
            balance=Money(balances.get(account_id, 0)),
            is_open=status == SAVING,
            takes_out=kind == "voluntary" and locked_until <= on.isoformat(),
        )
    return figures


def _missing(session: Session, account_ids: Sequence[int], on: date) -> dict[int, list[Expected]]:
    """Give the agreed deposits of accounts up to ``on``."""
    accounts = list(session.scalars(select(SavingsAccount).where(SavingsAccount.id.in_(account_ids))))
    owners = {one.client_id for one in accounts if one.client_id is not None}
    clients = select(Client).where(Client.id.in_(owners))
    products = select(SavingsProduct).where(SavingsProduct.id.in_({one.product_id for one in accounts}))
    held = (*session.scalars(clients), *session.scalars(products))  # each is asked for again by its id
    found = {account.id: expected_deposits(session, account.id, on) for account in accounts}
    del held
    return found


# --- approved loans -------------------------------------------------------------------------------

_APPROVED = """
SELECT l.id, coalesce(l.client_id, l.group_id), l.number, p.code, p.name, l.status, l.principal, p.id
  FROM loan_account AS l JOIN loan_product AS p ON p.id = l.product_id
 WHERE l.id IN ({marks})
"""


def payout_figures(session: Session, loan_ids: Sequence[int], on: date) -> dict[int, Figure]:
    """Read approved loans by id: the cash to hand over (``due``), less charges that are kept of it."""
    if not loan_ids:
        return {}
    figures = {}
    for row in fetch(session, _APPROVED.format(marks=marks(loan_ids)), *loan_ids):
        loan_id, owner_id, number, code, product, status, principal, product_id = row
        is_open = status == APPROVED
        kept = _kept(session, loan_id, product_id, on) if is_open else ZERO
        figures[loan_id] = Figure(
            loan_id,
            owner_id,
            number,
            code,
            product,
            due=Money(principal) - kept if is_open else ZERO,
            overdue=ZERO,
            balance=Money(principal),
            is_open=is_open,
        )
    return figures


def _kept(session: Session, loan_id: int, product_id: int, on: date) -> Money:
    """Give what is taken out of the money paid out: the product's charges at disbursement."""
    definitions = charges_of_product(session, product_id, AT_DISBURSEMENT)
    if not definitions:
        return ZERO
    loan, product = session.get_one(LoanAccount, loan_id), session.get_one(LoanProduct, product_id)
    digits = currency_digits(session)
    first = loan.first_due_on if loan.first_due_on is not None and loan.first_due_on > on else None
    rows = planned_schedule(session, loan, on, first, digits=digits)
    interest = total(row.interest for row in rows)
    rounding = LoanTerms(
        principal=Money(1),
        annual_rate=Decimal(0),
        installments=1,
        currency_digits=digits,
        currency_multiple=product.currency_multiple,
    )
    return Money(
        sum(charge_of(one).minor(rounding, loan.principal.minor, interest.minor) for one in definitions)
    )


def currency_digits(session: Session) -> int:
    """Give the number of decimals of the institution's currency."""
    rows: Sequence[tuple[Any, ...]] = fetch(session, "SELECT digits FROM institution")
    return int(rows[0][0])
