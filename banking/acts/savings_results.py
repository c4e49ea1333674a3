"""What acts on savings answer with."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from banking.acts.results import amount
from banking.rows import get_row
from banking.savings_book import available, balance, held
from banking.savings_holds import holders
from banking.savings_interest import interest_accrued
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.products import SavingsProduct


def of_account(session: Session, account_id: int, on: date) -> dict[str, object]:
    """Tell an account as it stands at the end of ``on``."""
    account = get_row(session, SavingsAccount, account_id, "savings account")
    accrued = interest_accrued(session, account_id, on)
    return {
        "account": account.number,
        "product": session.get_one(SavingsProduct, account.product_id).code,
        "status": account.status,
        "annual_rate": str(account.annual_rate),
        "balance": amount(session, balance(session, account_id, on)),
        "held": amount(session, held(session, account_id)),
        "available": amount(session, available(session, account_id, on)),
        "interest_accrued": amount(session, accrued.interest),
        "interest_to": _iso(account.interest_to),
        "opened_on": _iso(account.opened_on),
        "matures_on": _iso(account.matures_on),
        "closed_on": _iso(account.closed_on),
        "holders": [holder.number for holder in holders(session, account_id)],
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def of_movement(session: Session, row: SavingsTransaction) -> dict[str, object]:
    """Tell one movement and the balance after everything."""
    return {
        "transaction": str(row.id),
        "account": get_row(session, SavingsAccount, row.savings_account_id, "savings account").number,
        "kind": row.kind,
        "amount": amount(session, row.amount),
        "on": row.value_date.isoformat(),
        "receipt": row.receipt,
        "balance": amount(session, balance(session, row.savings_account_id)),
    }


def of_movements(session: Session, rows: Sequence[SavingsTransaction]) -> dict[str, object]:
    """Tell several movements, as they were written."""
    return {"movements": [of_movement(session, row) for row in rows]}
