"""What moves with a client to another branch: profile, loans with their open rows, savings, security.

Read from the branch's rows as they stand, in words and numbers that mean the same everywhere; so headquarters
and the branch give the same bytes for the same rows, and the SHA-256 of them says whether something changed.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.lending_errors import MoveBlockedError
from banking.loan_books import ACTIVE, APPLIED, APPROVED, overpaid, read_dues
from banking.savings_book import balance
from banking.savings_interest import interest_accrued
from ledger.money import ZERO, Money
from schema.accounts import LoanAccount, SavingsAccount
from schema.base import plain_decimal
from schema.lending import Collateral, Guarantor
from schema.people import Client
from schema.products import LoanProduct
from schema.reading import fetch
from schema.saving import SavingsHold

PIECE: Final = 1_800
"""Characters of one piece; a column that travels holds 2,000."""
_PROFILE: Final = ("number", "name", "given_name", "gender", "national_id", "phone", "address", "village")
_ENDED: Final = ("closed", "moved")

_GUARANTEES = """
SELECT l.number FROM guarantor AS g JOIN loan_account AS l ON l.id = g.loan_account_id
 WHERE g.client_id = ? AND g.released_on IS NULL AND l.status IN ('applied', 'approved', 'active')
   AND (l.client_id IS NULL OR l.client_id <> g.client_id)
UNION ALL
SELECT l.number FROM loan_member AS m JOIN loan_account AS l ON l.id = m.loan_account_id
 WHERE m.client_id = ? AND m.principal > 0 AND l.status IN ('applied', 'approved', 'active')
   AND (SELECT coalesce(sum(i.principal), 0) FROM installment AS i WHERE i.loan_account_id = l.id)
       > (SELECT coalesce(sum(s.principal), 0) FROM loan_transaction_share AS s
            JOIN installment AS i ON i.id = s.installment_id WHERE i.loan_account_id = l.id)
 ORDER BY 1 LIMIT 1
"""

_JOINT = """
SELECT a.number FROM savings_holder AS h JOIN savings_account AS a ON a.id = h.savings_account_id
 WHERE h.removed_on IS NULL AND (h.client_id = ? OR a.client_id = ?) AND a.status NOT IN ('closed', 'moved')
 ORDER BY 1 LIMIT 1
"""

_LATER = """
SELECT a.number FROM loan_account AS a JOIN loan_transaction AS t ON t.loan_account_id = a.id
 WHERE a.client_id = ? AND t.value_date > ?
UNION
SELECT a.number FROM savings_account AS a JOIN savings_transaction AS t ON t.savings_account_id = a.id
 WHERE a.client_id = ? AND t.value_date > ?
 ORDER BY 1 LIMIT 1
"""

_TRANCHES = "SELECT 1 FROM loan_tranche WHERE loan_account_id = ? AND loan_transaction_id IS NULL LIMIT 1"


def snapshot(session: Session, client: Client, on: date) -> str:
    """Give what moves with a client as canonical JSON; interest of savings counts to the day before ``on``.

    Amounts are minor units. What is paid and closed stays with the old branch, and so does what was written
    off: money that still comes in on it is recovered there.

    raises   MoveBlockedError for what must be settled first
    """
    _require_free(session, client, on)
    loans = [_loan(session, loan) for loan in _loans(session, client)]
    savings = [_savings(session, account, on) for account in open_savings(session, client.id)]
    document = {
        "on": on.isoformat(),
        "profile": {
            **{name: getattr(client, name) for name in _PROFILE},
            "born_on": _day(client.born_on),
            "joined_on": _day(client.joined_on),
            "blacklisted": int(client.is_blacklisted),
        },
        "loans": loans,
        "savings": savings,
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(content: str) -> bytes:
    """Give the SHA-256 by which a decision names its content."""
    return hashlib.sha256(content.encode()).digest()


def pieces(content: str) -> list[str]:
    """Cut content into pieces that columns hold."""
    return [content[start : start + PIECE] for start in range(0, len(content), PIECE)]


def open_loans(session: Session, client_id: int) -> list[LoanAccount]:
    """List the loans that move: paid out, with something owed on them."""
    wanted = select(LoanAccount).where(LoanAccount.client_id == client_id, LoanAccount.status == ACTIVE)
    return [
        loan
        for loan in session.scalars(wanted.order_by(LoanAccount.number, LoanAccount.id))
        if read_dues(session, loan.id)
    ]


def open_savings(session: Session, client_id: int) -> list[SavingsAccount]:
    """List the savings accounts that move: all that are not closed."""
    wanted = select(SavingsAccount).where(
        SavingsAccount.client_id == client_id, SavingsAccount.status.not_in(_ENDED)
    )
    return list(session.scalars(wanted.order_by(SavingsAccount.number, SavingsAccount.id)))


def _require_free(session: Session, client: Client, on: date) -> None:
    for reason in _hindrances(session, client, on):
        raise MoveBlockedError(number=client.number, reason=reason)


def _hindrances(session: Session, client: Client, on: date) -> Iterator[str]:
    """Tell what keeps a client at the branch."""
    if client.state == "moved":
        yield "the client moved before"
    for row in fetch(session, _LATER, client.id, on.isoformat(), client.id, on.isoformat()):
        yield f"{row[0]} has a movement after {on}"
    for row in fetch(session, _GUARANTEES, client.id, client.id):
        yield f"the client answers for the loan {row[0]} of others"
    for row in fetch(session, _JOINT, client.id, client.id):
        yield f"the account {row[0]} has several holders"
    pending = select(LoanAccount.number).where(
        LoanAccount.client_id == client.id, LoanAccount.status.in_((APPLIED, APPROVED))
    )
    for number in session.scalars(pending.order_by(LoanAccount.number)):
        yield f"the application {number} is not decided or not paid out"


def _loans(session: Session, client: Client) -> Iterator[LoanAccount]:
    wanted = select(LoanAccount).where(LoanAccount.client_id == client.id, LoanAccount.status == ACTIVE)
    for loan in session.scalars(wanted.order_by(LoanAccount.number, LoanAccount.id)).all():
        product = session.get_one(LoanProduct, loan.product_id)
        reason = ""
        if loan.charged_off_on is not None:
            reason = f"{loan.number} is charged off"
        elif product.kind != "loan" and (loan.credit_limit is None or loan.credit_limit):
            reason = f"the credit line {loan.number} is open"
        elif fetch(session, _TRANCHES, loan.id):
            reason = f"a part of {loan.number} is not paid out"
        elif overpaid(session, loan.id):
            reason = f"what was paid too much on {loan.number} is not given back"
        if reason:
            raise MoveBlockedError(number=client.number, reason=reason)
    yield from open_loans(session, client.id)


def _loan(session: Session, loan: LoanAccount) -> dict[str, Any]:
    guarantors = session.scalars(
        select(Guarantor)
        .where(Guarantor.loan_account_id == loan.id, Guarantor.released_on.is_(None))
        .order_by(Guarantor.id)
    )
    things = session.scalars(
        select(Collateral)
        .where(Collateral.loan_account_id == loan.id, Collateral.state == "held")
        .order_by(Collateral.id)
    )
    return {
        "number": loan.number,
        "product": loan.product_id,
        "rate": plain_decimal(loan.annual_rate),
        "interest_type": loan.interest_type,
        "amortization": loan.amortization,
        "every": loan.repay_every,
        "unit": loan.repay_unit,
        "applied_on": _day(loan.applied_on),
        "approved_on": _day(loan.approved_on),
        "paid_out_on": _day(loan.disbursed_on),
        "purpose": loan.purpose,
        "cycle": loan.cycle,
        "non_performing_since": _day(loan.non_performing_since),
        "rows": [
            [due.number, due.due_date.isoformat(), due.principal.minor, due.interest.minor, due.fee.minor,
             due.penalty.minor]
            for due in read_dues(session, loan.id)
        ],
        "guarantors": [[row.name, row.phone, row.amount.minor] for row in guarantors],
        "collateral": [[row.kind, row.description, row.value.minor] for row in things],
    }  # fmt: skip


def _savings(session: Session, account: SavingsAccount, on: date) -> dict[str, Any]:
    owner = session.get_one(Client, account.client_id)
    amount, earned = (
        balance(session, account.id),
        interest_accrued(session, account.id, on - timedelta(days=1)),
    )
    reason = ""
    if amount < ZERO or earned.overdraft:
        reason = f"the account {account.number} is overdrawn"
    elif account.status == "unclaimed":
        reason = f"the account {account.number} is among the unclaimed savings"
    elif account.pays_interest_to_id is not None:
        reason = f"the interest of {account.number} is paid to another account"
    if reason:
        raise MoveBlockedError(number=owner.number, reason=reason)
    holds = session.scalars(
        select(SavingsHold)
        .where(SavingsHold.savings_account_id == account.id, SavingsHold.released_on.is_(None))
        .order_by(SavingsHold.id)
    )
    return {
        "number": account.number,
        "product": account.product_id,
        "rate": plain_decimal(account.annual_rate),
        "status": account.status,
        "opened_on": _day(account.opened_on),
        "balance": amount.minor,
        "interest": earned.interest.minor,
        "tax": earned.tax.minor,
        "locked_until": _day(account.locked_until),
        "matures_on": _day(account.matures_on),
        "term_days": account.term_days,
        "expected_deposit": _minor(account.expected_deposit),
        "overdraft_limit": _minor(account.overdraft_limit),
        "holds": [[row.amount.minor, row.reason, row.held_on.isoformat()] for row in holds],
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor
