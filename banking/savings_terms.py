"""The terms under which an account earns: those of its product's version, and what is its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.books import account_with_role
from ledger.money import ZERO, Money
from ledger.posting import Role
from ledger.savings_interest import BalanceMethod, Every, InterestRule, RateStep
from schema.accounts import SavingsAccount
from schema.products import SavingsProduct, SavingsRateStep

WITH_TERM = frozenset({"fixed", "recurring"})
"""Kinds of products whose accounts end on a day, at a rate that was agreed when they were opened."""


@dataclass(frozen=True, slots=True)
class InterestAccounts:
    """GL accounts behind the interest of one product."""

    deposits: int
    expense: int
    tax: int
    overdraft_income: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What the interest of accounts under one version of a product follows from.

    ``steps`` are the rates by balance; those by term count when an account with a term is opened.
    """

    product: SavingsProduct
    steps: tuple[RateStep, ...]
    accounts: InterestAccounts

    @property
    def tax_percent(self) -> Decimal:
        """What is withheld of interest."""
        return self.product.tax_percent or Decimal(0)

    def rule(self, annual_rate: Decimal) -> InterestRule:
        """Give the rule of an account with this rate; a rate other than the product's has no steps."""
        product = self.product
        own = annual_rate != product.annual_rate or product.kind in WITH_TERM
        return InterestRule(
            annual_rate=annual_rate,
            steps=() if own else self.steps,
            method=BalanceMethod(product.balance_method),
            compounding=Every(product.compounding),
            posting=Every(product.posting),
            days_in_year=None if product.days_in_year == "actual" else int(product.days_in_year),
            minimum=product.interest_minimum or ZERO,
            overdraft_rate=product.overdraft_rate or Decimal(0),
        )

    def earns(self, annual_rate: Decimal) -> bool:
        """Tell whether an account can earn or owe anything at all."""
        rule = self.rule(annual_rate)
        rates = (rule.annual_rate, rule.overdraft_rate, *(step.annual_rate for step in rule.steps))
        return any(rates)


def read_terms(session: Session, product_id: int) -> Terms:
    """Read the terms of one version of a product."""
    product = session.get_one(SavingsProduct, product_id)
    steps = tuple(
        RateStep(step.from_amount or ZERO, step.annual_rate)
        for step in _steps(session, product_id)
        if not step.from_days
    )
    overdraft = product.gl_overdraft_interest_id
    return Terms(
        product,
        steps,
        InterestAccounts(
            product.gl_deposits_id,
            product.gl_interest_id,
            product.gl_tax_id or account_with_role(session, Role.SAVINGS_TAX),
            overdraft or account_with_role(session, Role.OVERDRAFT_INTEREST_INCOME),
        ),
    )


def _steps(session: Session, product_id: int) -> Sequence[SavingsRateStep]:
    wanted = select(SavingsRateStep).where(SavingsRateStep.savings_product_id == product_id)
    return session.scalars(wanted.order_by(SavingsRateStep.id)).all()


def rate_for(session: Session, product: SavingsProduct, days: int, amount: Money) -> Decimal:
    """Give the rate (percent a year) of a term and an amount: that of the highest step which both reach."""
    reached = [
        step
        for step in _steps(session, product.id)
        if step.from_days <= days and (step.from_amount or ZERO) <= amount
    ]
    if not reached:
        return product.annual_rate
    return max(reached, key=lambda step: (step.from_days, step.from_amount or ZERO)).annual_rate


def last_earning_day(account: SavingsAccount, until: date) -> date:
    """Give the last day up to ``until`` that earns: the day before a term ends."""
    if account.matures_on is None:
        return until
    return min(until, date.fromordinal(account.matures_on.toordinal() - 1))
