"""What a Mifos 2 branch is made of, as values: customers, loans with rows and payments, savings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from ledger.money import ZERO, Money, total
from ledger.terms import RepayUnit

CLIENT_LEVEL, GROUP_LEVEL, CENTER_LEVEL = "1", "2", "3"
LOAN_ACCOUNT, SAVINGS_ACCOUNT = "1", "2"
REPAID, DISBURSED = "1", "10"
COMPONENTS: Final = ("penalty", "fee", "interest", "principal")


@dataclass(frozen=True, slots=True)
class Parts:
    """Amounts by component, in minor units."""

    principal: Money = ZERO
    interest: Money = ZERO
    fee: Money = ZERO
    penalty: Money = ZERO

    def __add__(self, other: "Parts") -> "Parts":
        """Add component by component."""
        return Parts(
            self.principal + other.principal,
            self.interest + other.interest,
            self.fee + other.fee,
            self.penalty + other.penalty,
        )

    @property
    def total(self) -> Money:
        """Add up the four."""
        return self.principal + self.interest + self.fee + self.penalty

    def capped(self, most: "Parts") -> "Parts":
        """Give each component up to that of ``most``."""
        return Parts(**{name: min(getattr(self, name), getattr(most, name)) for name in COMPONENTS})


@dataclass(frozen=True, slots=True)
class Meeting:
    """When somebody meets: weekday 1 Monday to 7, every so many weeks, first on."""

    weekday: int
    every_weeks: int
    first_on: date


@dataclass(frozen=True, slots=True)
class Customer:
    """A center, group or client; ``where`` is its row in customer.csv."""

    id: str
    where: int
    level: str
    number: str
    name: str
    given_name: str
    state: str
    parent_id: str
    joined_on: date | None
    born_on: date | None
    blacklisted: bool
    meeting: Meeting | None


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A row of a loan's schedule, and what was paid on it."""

    number: int
    due_on: date
    owner_id: str
    due: Parts
    paid: Parts


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in on one day; by row where the source says which rows it paid (0: it does not)."""

    id: str
    on: date
    amount: Money
    parts: Sequence[tuple[int, Parts]]


@dataclass(frozen=True, slots=True)
class Disbursal:
    """Money that went out: as the transaction, the payment and the detail of it have it, if they do."""

    on: date | None
    amounts: Mapping[str, Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A loan of the source; ``where`` is its row in loan_account.csv."""

    id: str
    where: int
    number: str
    owner_id: str
    state: str
    product_id: str
    loan_amount: Money
    loan_balance: Money
    interest_type: str
    offered_interest_type: str
    annual_rate: Decimal
    installments: int
    repay_every: int
    repay_unit: RepayUnit
    applied_on: date | None
    disbursement_date: date | None
    changed_on: date | None
    rows: Sequence[ScheduleRow]
    summary_due: Parts
    summary_paid: Parts
    disbursal: Disbursal | None
    payments: Sequence[Payment]

    @property
    def principal(self) -> Money:
        """Give the sum of the rows' principal, which is what is taken over."""
        return total(row.due.principal for row in self.rows)

    @property
    def disbursed_on(self) -> date | None:
        """Give the day on which the money went out: of the transaction, else of the account."""
        if self.disbursal is not None and self.disbursal.on is not None:
            return self.disbursal.on
        return self.disbursement_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """A savings account of the source; ``where`` is its row in savings_account.csv."""

    id: str
    where: int
    number: str
    owner_id: str
    state: str
    product_id: str
    mandatory: bool
    annual_rate: Decimal
    opened_on: date | None
    balance: Money


@dataclass(slots=True)
class Branch:
    """Everything that is taken over. ``known_on`` is the last day that the export knows of."""

    customers: dict[str, Customer] = field(default_factory=dict)
    loans: list[Loan] = field(default_factory=list)
    savings: list[Savings] = field(default_factory=list)
    products: dict[str, str] = field(default_factory=dict)
    known_on: date | None = None

    def of_level(self, level: str) -> list[Customer]:
        """List the customers of a level in the order of the source."""
        return [customer for customer in self.customers.values() if customer.level == level]
