"""What acts answer with: rows as JSON, amounts in major units, dates as ISO text, numbers for people."""

from sqlalchemy.orm import Session

from ledger.money import Money, format_major
from schema.accounts import LoanAccount
from schema.writing import act


def amount(session: Session, money: Money | None) -> str | None:
    """Write an amount in major units."""
    return None if money is None else format_major(money, act(session).digits)


def of_loan(session: Session, loan: LoanAccount) -> dict[str, object]:
    """Tell a loan after what was done: number, state, amount, days."""
    return {
        "loan": loan.number,
        "status": loan.status,
        "principal": amount(session, loan.principal),
        "applied_on": loan.applied_on.isoformat() if loan.applied_on else None,
        "approved_on": loan.approved_on.isoformat() if loan.approved_on else None,
        "disbursed_on": loan.disbursed_on.isoformat() if loan.disbursed_on else None,
        "first_due_on": loan.first_due_on.isoformat() if loan.first_due_on else None,
    }
