"""Arrears: how late a loan is, and what part of the portfolio is at risk by the balance definition.

A loan is delinquent from the day after a missed payment, and then its *whole balance* counts, not the
missed installment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from ledger.money import ZERO, Money, total

PAR_DAYS: Final = (0, 1, 30, 60, 90, 180)
"""The usual limits of portfolio at risk, in days."""


@dataclass(frozen=True, slots=True)
class OpenInstallment:
    """What is unpaid on one installment; minor units."""

    due_date: date
    outstanding: Money
    principal: Money = ZERO


def days_past_due(installments: Iterable[OpenInstallment], on: date, *, tolerance: Money = ZERO) -> int:
    """Count the days from the oldest installment with more than ``tolerance`` unpaid; 0 if none is late."""
    unpaid = [row.due_date for row in installments if row.outstanding > tolerance]
    return max(0, (on - min(unpaid)).days) if unpaid else 0


def overdue(installments: Iterable[OpenInstallment], on: date) -> tuple[Money, Money]:
    """Give all that is unpaid although due before ``on``, and the principal in it."""
    late = [row for row in installments if row.due_date < on]
    return total(row.outstanding for row in late), total(row.principal for row in late)


@dataclass(frozen=True, slots=True)
class LoanStanding:
    """A loan in the portfolio: principal still owed (minor units) and how late it is."""

    principal_outstanding: Money
    days_past_due: int
    renegotiated: bool = False


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio that can be followed to what it was made from; minor units."""

    numerator: Money
    denominator: Money

    @property
    def value(self) -> Decimal:
        """Give the ratio as a fraction; 0 of nothing is 0."""
        if not self.denominator:
            return Decimal(0)
        return Decimal(self.numerator.minor) / Decimal(self.denominator.minor)


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Portfolio at risk over ``days``; renegotiated loans that are not late stand apart."""

    days: int
    ratio: Ratio
    renegotiated: Money
    loans: int


def gross_portfolio(loans: Iterable[LoanStanding]) -> Money:
    """Add up the principal outstanding of all loans that are not written off."""
    return total(loan.principal_outstanding for loan in loans)


def portfolio_at_risk(loans: Sequence[LoanStanding], days: int) -> AtRisk:
    """Give PAR>``days``: the whole balance of loans more than ``days`` late, over the gross portfolio.

    source   CGAP consensus definitions 2003; WOCCU
    """
    late = [loan for loan in loans if loan.days_past_due > days and loan.principal_outstanding]
    apart = (loan for loan in loans if loan.renegotiated and loan.days_past_due <= days)
    ratio = Ratio(gross_portfolio(late), gross_portfolio(loans))
    return AtRisk(days, ratio, gross_portfolio(apart), len(late))


@dataclass(frozen=True, slots=True)
class AgeBucket:
    """Loans between two numbers of days late, both included; ``last`` None has no end."""

    first: int
    last: int | None
    principal: Money
    loans: int


def ageing(loans: Sequence[LoanStanding], limits: Sequence[int] = (0, 30, 60, 90, 180)) -> list[AgeBucket]:
    """Sort the portfolio by age: up to the first limit, then from one limit to the next, then beyond.

    limits   days, rising; the buckets add up to the gross portfolio
    """
    firsts = [0, *(limit + 1 for limit in limits)]
    lasts: list[int | None] = [*limits, None]
    buckets = []
    for first, last in zip(firsts, lasts, strict=True):
        inside = [
            loan
            for loan in loans
            if loan.principal_outstanding
            and loan.days_past_due >= first
            and (last is None or loan.days_past_due <= last)
        ]
        buckets.append(AgeBucket(first, last, gross_portfolio(inside), len(inside)))
    return buckets
