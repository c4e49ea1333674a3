"""Journal entries and the rules that make them. An entry that does not balance cannot exist.

Lines name an account *role*; the product's mapping turns roles into GL accounts. Cash legs are given
by the caller, because the till, the vault or "books brought in" stands there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from ledger.errors import BadEntryError, UnbalancedEntryError
from ledger.money import MAX_MINOR, ZERO, Money, total


class Role(StrEnum):
    """What a GL account is for; the chart and the products map each role to an account."""

    CASH = "cash"
    VAULT = "vault"
    BROUGHT_IN = "brought_in"
    OVER_SHORT = "over_short"
    INTER_BRANCH = "inter_branch"
    LOAN_PORTFOLIO = "loan_portfolio"
    INTEREST_RECEIVABLE = "interest_receivable"
    FEE_RECEIVABLE = "fee_receivable"
    PENALTY_RECEIVABLE = "penalty_receivable"
    INTEREST_INCOME = "interest_income"
    FEE_INCOME = "fee_income"
    PENALTY_INCOME = "penalty_income"
    RECOVERY_INCOME = "recovery_income"
    ROUNDING_INCOME = "rounding_income"
    WRITE_OFF_EXPENSE = "write_off_expense"
    CHARGE_OFF_EXPENSE = "charge_off_expense"
    LOSS_ALLOWANCE = "loss_allowance"
    PROVISION_EXPENSE = "provision_expense"
    OVERPAYMENT = "overpayment"
    SAVINGS_DEPOSITS = "savings_deposits"
    SAVINGS_INTEREST_EXPENSE = "savings_interest_expense"
    SAVINGS_FEE_INCOME = "savings_fee_income"
    SAVINGS_TAX = "savings_tax"
    SAVINGS_INTEREST_PAYABLE = "savings_interest_payable"
    SAVINGS_OVERDRAFT = "savings_overdraft"
    OVERDRAFT_INTEREST_INCOME = "overdraft_interest_income"
    UNCLAIMED_SAVINGS = "unclaimed_savings"
    RETAINED_EARNINGS = "retained_earnings"
    UNALLOCATED = "unallocated"


Account: TypeAlias = Role | str
"""A role, or the code of one GL account (a till's own cash account)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry: exactly one of ``debit`` and ``credit`` is above zero, in minor units."""

    account: Account
    debit: Money = ZERO
    credit: Money = ZERO

    def __post_init__(self) -> None:
        """Refuse a line with two sides, none, or an amount that no book can hold."""
        sides = (self.debit.minor, self.credit.minor)
        if min(sides) < 0:
            raise BadEntryError(kind=self.account, reason="an amount is below zero")
        if bool(sides[0]) == bool(sides[1]):
            raise BadEntryError(kind=self.account, reason="a line has exactly one side")
        if max(sides) > MAX_MINOR:
            raise BadEntryError(kind=self.account, reason="an amount is beyond what the books can hold")

    @property
    def net(self) -> Money:
        """Debit minus credit."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry: what kind of event made it, and lines whose two sides are equal."""

    kind: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        """Refuse an empty or unbalanced entry."""
        if not self.lines:
            raise BadEntryError(kind=self.kind, reason="it has no lines")
        debit, credit = total(line.debit for line in self.lines), total(line.credit for line in self.lines)
        if debit != credit:
            raise UnbalancedEntryError(kind=self.kind, debit=debit, credit=credit)
        if debit.minor > MAX_MINOR:
            raise BadEntryError(kind=self.kind, reason="its sum is beyond what the books can hold")

    @property
    def amount(self) -> Money:
        """Give the sum of one side."""
        return total(line.debit for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What an event did to the four components of a loan, and what was left over; minor units, from 0."""

    principal: Money = ZERO
    interest: Money = ZERO
    fee: Money = ZERO
    penalty: Money = ZERO
    overpayment: Money = ZERO

    @property
    def total(self) -> Money:
        """Add up all five parts."""
        return self.principal + self.interest + self.fee + self.penalty + self.overpayment

    def plus(self, other: "Split") -> "Split":
        """Add part by part."""
        return Split(
            principal=self.principal + other.principal,
            interest=self.interest + other.interest,
            fee=self.fee + other.fee,
            penalty=self.penalty + other.penalty,
            overpayment=self.overpayment + other.overpayment,
        )

    def less(self, other: "Split") -> "Split":
        """Take away part by part; parts may be below zero."""
        return Split(
            principal=self.principal - other.principal,
            interest=self.interest - other.interest,
            fee=self.fee - other.fee,
            penalty=self.penalty - other.penalty,
            overpayment=self.overpayment - other.overpayment,
        )


_REPAID: Final[Mapping[str, Role]] = {
    "penalty": Role.PENALTY_INCOME,
    "fee": Role.FEE_INCOME,
    "interest": Role.INTEREST_INCOME,
    "principal": Role.LOAN_PORTFOLIO,
    "overpayment": Role.OVERPAYMENT,
}


def _credits(split: Split) -> list[Line]:
    amounts = ((role, getattr(split, part)) for part, role in _REPAID.items())
    return [Line(role, credit=amount) for role, amount in amounts if amount]


def entry_between(kind: str, debit: Account, credit: Account, amount: Money) -> Entry:
    """Dr ``debit``; Cr ``credit``: the plain entry with two lines."""
    return Entry(kind, (Line(debit, debit=amount), Line(credit, credit=amount)))


def disbursement_entry(principal: Money, *, cash: Account) -> Entry:
    """Dr loan portfolio; Cr cash."""
    return entry_between("disbursement", Role.LOAN_PORTFOLIO, cash, principal)


def repayment_entry(split: Split, *, cash: Account) -> Entry:
    """Dr cash; Cr portfolio, interest, fee and penalty income, overpayment (income is booked when paid)."""
    return Entry("repayment", (Line(cash, debit=split.total), *_credits(split)))


def fee_entry(amount: Money, *, cash: Account) -> Entry:
    """Dr cash; Cr fee income: a fee charged and paid at once."""
    return entry_between("fee", cash, Role.FEE_INCOME, amount)


def recovery_entry(amount: Money, *, cash: Account) -> Entry:
    """Dr cash; Cr recovery income: money that came in on a loan written off before."""
    return entry_between("recovery", cash, Role.RECOVERY_INCOME, amount)


def write_off_entry(principal: Money) -> Entry:
    """Dr write-off expense; Cr loan portfolio. Unpaid interest and charges were never booked as income."""
    return entry_between("write_off", Role.WRITE_OFF_EXPENSE, Role.LOAN_PORTFOLIO, principal)


def waiver_entry(waived: Split) -> Entry | None:
    """Give the entry of a waiver: none, because income is booked when it is paid.

    raises   BadEntryError when principal is among it: principal is written off, not waived
    """
    if waived.principal or waived.overpayment:
        raise BadEntryError(kind="waiver", reason="principal is written off, not waived")
    return None


def overpayment_refund_entry(amount: Money, *, cash: Account) -> Entry:
    """Dr the client's overpayment; Cr cash."""
    return entry_between("overpayment_refund", Role.OVERPAYMENT, cash, amount)


def deposit_entry(amount: Money, *, cash: Account) -> Entry:
    """Dr cash; Cr savings deposits."""
    return entry_between("deposit", cash, Role.SAVINGS_DEPOSITS, amount)


def withdrawal_entry(amount: Money, *, cash: Account) -> Entry:
    """Dr savings deposits; Cr cash."""
    return entry_between("withdrawal", Role.SAVINGS_DEPOSITS, cash, amount)


def over_short_entry(counted: Money, expected: Money, *, cash: Account) -> Entry | None:
    """Book the difference between the cash counted and the cash expected; None when they agree."""
    if counted == expected:
        return None
    if counted > expected:
        return entry_between("over_short", cash, Role.OVER_SHORT, counted - expected)
    return entry_between("over_short", Role.OVER_SHORT, cash, expected - counted)
