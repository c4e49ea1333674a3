"""The ratios that microfinance reports, each with what it was made from (``Ratio``).

Definitions and sources: Sa-Dhan technical notes; CGAP consensus definitions; SEEP.
"""

from collections.abc import Sequence
from decimal import Decimal

from ledger.arrears import Ratio
from ledger.errors import BadTermError
from ledger.money import Money, total


def repayment_rate(received: Money, prepaid: Money, fell_due: Money) -> Ratio:
    """Current repayment rate: principal received less prepayments, over principal that fell due."""
    return Ratio(received - prepaid, fell_due)


def self_sufficiency(income: Money, costs: Sequence[Money]) -> Ratio:
    """Operational self-sufficiency: operating income over operating, financing and provision expense."""
    return Ratio(income, total(costs))


def cost_ratio(costs: Sequence[Money], average_portfolio: Money) -> Ratio:
    """Operating, total or impairment expense over the average gross portfolio."""
    return Ratio(total(costs), average_portfolio)


def portfolio_yield(earned: Money, average_portfolio: Money) -> Ratio:
    """Interest, fees and commissions received in cash, over the average gross portfolio."""
    return Ratio(earned, average_portfolio)


def write_off_ratio(written_off: Money, average_portfolio: Money) -> Ratio:
    """Principal written off in the period over the average gross portfolio."""
    return Ratio(written_off, average_portfolio)


def risk_coverage(allowance: Money, at_risk: Money) -> Ratio:
    """Loan-loss allowance over the balance of loans more than 30 days late."""
    return Ratio(allowance, at_risk)


def arrears_rate(overdue: Money, portfolio: Money) -> Ratio:
    """Principal overdue over the gross portfolio."""
    return Ratio(overdue, portfolio)


def loss_estimate(repayment: Decimal, term_years: Decimal) -> Decimal:
    """Annual loan-loss estimate: what the current repayment rate misses, twice, over the average term.

    repayment   as a fraction: 0.97
    source      CGAP Occasional Paper 3
    """
    return Decimal(0) if not term_years else (1 - repayment) * 2 / term_years


def average(period_ends: Sequence[Money]) -> Decimal:
    """Average of balances at the ends of periods, the opening one included: minor units, unrounded.

    raises   BadTermError when there is none
    """
    if not period_ends:
        raise BadTermError(term="period ends", given=0)
    return Decimal(total(period_ends).minor) / len(period_ends)


def annualized(ratio: Ratio, months: int | Decimal) -> Decimal:
    """Turn a ratio of ``months`` months into one of a year.

    raises   BadTermError for no time at all
    """
    if months <= 0:
        raise BadTermError(term="months", given=months)
    return ratio.value * 12 / months
