"""What the books hold already, by the numbers and names that files use."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.accounts import LoanAccount, LoanTransaction, SavingsAccount, SavingsTransaction
from schema.people import Center, Client, Group, Staff
from schema.products import LoanProduct, SavingsProduct
from schema.writing import act

_AT_ONCE = 500

AccountKind: TypeAlias = Literal["loan", "savings"]


@dataclass(slots=True)
class Known:
    """Ids by number (centers, officers: by name; products: by code). Grows while rows are written."""

    groups: dict[str, int] = field(default_factory=dict)
    clients: dict[str, int] = field(default_factory=dict)
    loans: dict[str, int] = field(default_factory=dict)
    savings: dict[str, int] = field(default_factory=dict)
    centers: dict[str, int] = field(default_factory=dict)
    officers: dict[str, int] = field(default_factory=dict)
    loan_products: dict[str, int] = field(default_factory=dict)
    savings_products: dict[str, int] = field(default_factory=dict)

    def account_kind(self, number: str) -> AccountKind | None:
        """Tell whether ``number`` is a loan or savings; None when there is no such account."""
        if number in self.loans:
            return "loan"
        return "savings" if number in self.savings else None


def read_known(session: Session) -> Known:
    """Read what this branch has, and the products that it may use."""
    office = act(session).office_id

    def ids(key: Any, model: type[Any]) -> dict[str, int]:  # noqa: ANN401 - a column of any table
        statement = select(key, model.id).where(model.origin_office_id == office).order_by(model.id.desc())
        return {row[0]: row[1] for row in session.execute(statement)}

    def products(model: type[Any]) -> dict[str, int]:
        statement = select(model.code, model.id).where(model.active == 1).order_by(model.version)
        return {row[0]: row[1] for row in session.execute(statement)}

    return Known(
        groups=ids(Group.number, Group),
        clients=ids(Client.number, Client),
        loans=ids(LoanAccount.number, LoanAccount),
        savings=ids(SavingsAccount.number, SavingsAccount),
        centers=ids(Center.name, Center),
        officers=ids(Staff.name, Staff),
        loan_products=products(LoanProduct),
        savings_products=products(SavingsProduct),
    )


def receipts_in_books(session: Session, receipts: Iterable[str]) -> dict[str, str]:
    """Give those of ``receipts`` that the books hold, with the number of their account."""
    office = act(session).office_id
    wanted, found = iter(receipts), {}
    while part := list(islice(wanted, _AT_ONCE)):
        of_loans = (
            select(LoanTransaction.receipt, LoanAccount.number)
            .join(LoanAccount, LoanAccount.id == LoanTransaction.loan_account_id)
            .where(LoanTransaction.receipt.in_(part), LoanTransaction.origin_office_id == office)
        )
        of_savings = (
            select(SavingsTransaction.receipt, SavingsAccount.number)
            .join(SavingsAccount, SavingsAccount.id == SavingsTransaction.savings_account_id)
            .where(SavingsTransaction.receipt.in_(part), SavingsTransaction.origin_office_id == office)
        )
        for statement in (of_loans, of_savings):
            found.update({row[0]: row[1] for row in session.execute(statement)})
    return found
