"""Trial balance, balance sheet and income statement from the totals of accounts.

Balances are debit-positive: assets and expenses above zero, liabilities, equity and income below. On the
statements each section is shown by its own side, so that ordinary figures stand above zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.errors import UnbalancedEntryError
from ledger.money import ZERO, Money, total


class AccountType(StrEnum):
    """The five kinds of GL accounts."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


DEBIT_TYPES: Final = frozenset({AccountType.ASSET, AccountType.EXPENSE})
"""Accounts that usually stand on the debit side."""


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """What was posted to one account; ``opening`` is debit-positive, the others are sums of one side."""

    code: str
    name: str
    type: AccountType
    debit: Money
    credit: Money
    opening: Money = ZERO

    @property
    def closing(self) -> Money:
        """Opening plus debit minus credit."""
        return self.opening + self.debit - self.credit

    @property
    def movement(self) -> Money:
        """Debit minus credit."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts by code; ``debit`` and ``credit`` are equal, or it cannot exist."""

    accounts: tuple[AccountTotal, ...]
    debit: Money
    credit: Money

    def __post_init__(self) -> None:
        """Refuse sides that differ."""
        if self.debit != self.credit:
            raise UnbalancedEntryError(kind="trial balance", debit=self.debit, credit=self.credit)
        opening = total(account.opening for account in self.accounts)
        if opening:
            raise UnbalancedEntryError(kind="opening balances", debit=opening, credit=ZERO)


def trial_balance(accounts: Iterable[AccountTotal]) -> TrialBalance:
    """Sort accounts by code and add up their sides.

    raises   UnbalancedEntryError
    """
    rows = tuple(sorted(accounts, key=lambda account: account.code))
    return TrialBalance(rows, total(row.debit for row in rows), total(row.credit for row in rows))


@dataclass(frozen=True, slots=True)
class Figure:
    """One account on a statement, shown by its section's side."""

    code: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Section:
    """Accounts of one type with their sum."""

    type: AccountType
    figures: tuple[Figure, ...]

    @property
    def total(self) -> Money:
        """Add up the section."""
        return total(figure.amount for figure in self.figures)


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    """Income less expense of a period."""

    income: Section
    expense: Section

    @property
    def result(self) -> Money:
        """Surplus above zero, loss below."""
        return self.income.total - self.expense.total


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What the bank has and owes; ``result`` is what income and expense accounts still hold."""

    assets: Section
    liabilities: Section
    equity: Section
    result: Money

    def __post_init__(self) -> None:
        """Refuse a sheet whose sides differ."""
        if self.assets.total != self.funding:
            raise UnbalancedEntryError(kind="balance sheet", debit=self.assets.total, credit=self.funding)

    @property
    def funding(self) -> Money:
        """Add up liabilities, equity and the result."""
        return self.liabilities.total + self.equity.total + self.result


def _section(kind: AccountType, balances: Sequence[tuple[AccountTotal, Money]]) -> Section:
    figures = (
        Figure(account.code, account.name, balance if kind in DEBIT_TYPES else -balance)
        for account, balance in balances
        if account.type is kind
    )
    return Section(kind, tuple(figures))


def income_statement(book: TrialBalance) -> IncomeStatement:
    """Give income and expense of the period that ``book`` covers (movements alone)."""
    balances = [(account, account.movement) for account in book.accounts]
    return IncomeStatement(_section(AccountType.INCOME, balances), _section(AccountType.EXPENSE, balances))


def balance_sheet(book: TrialBalance) -> BalanceSheet:
    """Give the balance sheet at the end of ``book`` (closing balances)."""
    balances = [(account, account.closing) for account in book.accounts]
    income = _section(AccountType.INCOME, balances).total
    expense = _section(AccountType.EXPENSE, balances).total
    return BalanceSheet(
        _section(AccountType.ASSET, balances),
        _section(AccountType.LIABILITY, balances),
        _section(AccountType.EQUITY, balances),
        income - expense,
    )
