"""Reports: read-only questions to the books, each answered by a plain dataclass (docs/reports.md)."""

from collections.abc import Callable
from typing import Any

from banking.reports.accounts import cash_today, savings_balances
from banking.reports.documents import Report, to_csv, to_json, to_xlsx
from banking.reports.ledger_books import balance_sheet, income_statement, trial_balance
from banking.reports.portfolio import active_loans, collections_due, portfolio_at_risk
from banking.reports.statements import loan_statement, savings_statement

__all__ = [
    "REPORTS",
    "Report",
    "active_loans",
    "balance_sheet",
    "cash_today",
    "collections_due",
    "income_statement",
    "loan_statement",
    "portfolio_at_risk",
    "savings_balances",
    "savings_statement",
    "to_csv",
    "to_json",
    "to_xlsx",
    "trial_balance",
]

REPORTS: dict[str, Callable[..., Any]] = {
    "active-loans": active_loans,
    "balance-sheet": balance_sheet,
    "cash-today": cash_today,
    "collections-due": collections_due,
    "income-statement": income_statement,
    "portfolio-at-risk": portfolio_at_risk,
    "savings-balances": savings_balances,
    "trial-balance": trial_balance,
}
"""The catalogue. Each is called with the session, ``as_of`` (a date) and ``office_id`` (or None for all)."""
