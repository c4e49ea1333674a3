"""What is stored, read back, against the source, field by field; only differences are told.

The source keeps many figures twice. Rows of the schedule are what was taken over, so each figure of a loan
is derived from the stored rows and held against the source's own figure for the loan. One wrong cell of the
source is told once, under the field that it is about: a figure that differs only because another one does
(the balance, where the principal does) is not told again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from banking.loading.mifos.reading import PAID_OUT
from banking.loading.mifos.source import Branch, Loan, Parts, Savings, ScheduleRow
from banking.loading.mifos.stored import StoredLoan, StoredRow, StoredSavings, principal_outstanding
from banking.loading.report import Difference
from ledger.money import Money, format_major
from ledger.terms import InterestType
from schema.base import plain_decimal

_INTEREST_TYPES = {"1": InterestType.FLAT}
_NAMES = {"principal": "principal", "interest": "interest", "fee": "fees", "penalty": "penalties"}


@dataclass(slots=True)
class Comparison:
    """Collects differences, and counts what was compared."""

    digits: int
    differences: list[Difference] = field(default_factory=list)
    loans: int = 0
    rows: int = 0
    fields: int = 0

    def compared(self) -> dict[str, int]:
        """Give the counts of the report."""
        return {"loans": self.loans, "rows": self.rows, "fields": self.fields}

    def hold(self, account: str, name: str, source: object, ours: object, *, known: bool = False) -> bool:
        """Compare one field; tell a difference unless it is ``known`` under another one. True when equal."""
        self.fields += 1
        if source == ours:
            return True
        if not known:
            self.differences.append(Difference(account, name, self._shown(source), self._shown(ours)))
        return False

    def _shown(self, value: object) -> str:
        if isinstance(value, Money):
            return format_major(value, self.digits)
        if isinstance(value, Decimal):
            return plain_decimal(value)
        if isinstance(value, date):
            return value.isoformat()
        return "" if value is None else str(value)


def compare_branch(
    branch: Branch, loans: dict[str, StoredLoan], savings: dict[str, StoredSavings], digits: int
) -> Comparison:
    """Compare every loan and savings account of the source with what is stored under its number."""
    comparison = Comparison(digits)
    for loan in branch.loans:
        comparison.loans += 1
        stored = loans.get(loan.number)
        if stored is None:
            comparison.hold(loan.number, "account", loan.number, None)
            continue
        _compare_loan(comparison, loan, stored, _owner_in_schedule(branch, loan))
    for account in branch.savings:
        _compare_savings(
            comparison, account, savings.get(account.number), branch.customers[account.owner_id].number
        )
    return comparison


def _owner_in_schedule(branch: Branch, loan: Loan) -> str:
    """Give the number of the customer whom the rows name: another than the account's, if there is one."""
    others = sorted({row.owner_id for row in loan.rows} - {loan.owner_id})
    customer = branch.customers.get(others[0] if others else loan.owner_id)
    return customer.number if customer is not None else others[0]


def _compare_loan(comparison: Comparison, loan: Loan, stored: StoredLoan, owner: str) -> None:
    account = loan.number
    comparison.hold(account, "owner", owner, stored.owner)
    comparison.hold(account, "installments", loan.installments, len(stored.rows))
    comparison.hold(account, "annual_rate", loan.annual_rate, stored.annual_rate)
    wanted = _INTEREST_TYPES.get(loan.offered_interest_type or loan.interest_type, InterestType.DECLINING)
    comparison.hold(account, "interest_type", wanted.value, stored.interest_type)
    due, paid = stored.due, stored.paid
    for part, name in _NAMES.items():
        comparison.hold(account, name, getattr(loan.summary_due, part), getattr(due, part))
    told = {
        part: not comparison.hold(
            account, f"{name}_paid", getattr(loan.summary_paid, part), getattr(paid, part)
        )
        for part, name in _NAMES.items()
    }
    _compare_principal(comparison, loan, stored)
    if loan.state in PAID_OUT:
        comparison.hold(
            account, "disbursed_on", loan.disbursement_date or loan.disbursed_on, stored.disbursed_on
        )
        summary = loan.summary_due.principal
        for table, amount in (loan.disbursal.amounts if loan.disbursal else {}).items():
            name = f"disbursed ({table})"
            comparison.hold(account, name, amount, stored.disbursed, known=amount == summary)
    _compare_rows(comparison, loan, stored, told)


def _compare_principal(comparison: Comparison, loan: Loan, stored: StoredLoan) -> None:
    """Hold the account's own amount and balance against the rows; what the summary explains is told there."""
    agreed, paid = loan.summary_due.principal, loan.summary_paid.principal
    explained = loan.loan_amount == agreed
    comparison.hold(loan.number, "loan_amount", loan.loan_amount, stored.due.principal, known=explained)
    explained = loan.state in PAID_OUT and loan.loan_balance == agreed - paid
    ours = principal_outstanding(stored)
    comparison.hold(loan.number, "outstanding_principal", loan.loan_balance, ours, known=explained)


def _compare_rows(comparison: Comparison, loan: Loan, stored: StoredLoan, paid_told: dict[str, bool]) -> None:
    for row in loan.rows:
        comparison.rows += 1
        ours = stored.rows.get(row.number)
        if ours is None:
            comparison.hold(loan.number, f"row {row.number}", row.number, None)
            continue
        for name, source, found, known in _cells(row, ours, paid_told):
            comparison.hold(loan.number, f"row {row.number} {name}", source, found, known=known)


def _cells(
    row: ScheduleRow, ours: StoredRow, paid_told: dict[str, bool]
) -> Iterator[tuple[str, object, object, bool]]:
    yield "due_date", row.due_on, ours.due_on, False
    for part, name in _NAMES.items():
        yield name, getattr(row.due, part), getattr(ours.due, part), False
        yield f"{name}_paid", getattr(row.paid, part), getattr(ours.paid, part), paid_told[part]


def _compare_savings(
    comparison: Comparison, account: Savings, stored: StoredSavings | None, owner: str
) -> None:
    if stored is None:
        comparison.hold(account.number, "account", account.number, None)
        return
    comparison.hold(account.number, "owner", owner, stored.owner)
    comparison.hold(account.number, "annual_rate", account.annual_rate, stored.annual_rate)
    comparison.hold(account.number, "opened_on", account.opened_on, stored.opened_on)
    comparison.hold(account.number, "balance", account.balance, stored.balance)


def totals(stored: dict[str, StoredLoan], digits: int) -> dict[str, dict[str, str | int]]:
    """Add up what is stored: over all loans, and over those paid out; decimal text in major units."""
    disbursed = [loan for loan in stored.values() if loan.disbursed_on is not None]
    return {
        "all_loans": _sums(list(stored.values()), digits),
        "disbursed_loans": _sums(disbursed, digits),
    }


def _sums(loans: list[StoredLoan], digits: int) -> dict[str, str | int]:
    due = sum((loan.due for loan in loans), Parts())
    paid = sum((loan.paid for loan in loans), Parts())
    owed = sum((loan.outstanding for loan in loans), Parts())
    figures: dict[str, str | int] = {"loans": len(loans)}
    for part, name in _NAMES.items():
        figures[name] = format_major(getattr(due, part), digits)
        figures[f"{name}_paid"] = format_major(getattr(paid, part), digits)
        figures[f"outstanding_{name}"] = format_major(getattr(owed, part), digits)
    return figures
