"""Rates: what part of a balance a row's interest is, and how amounts are rounded (convention "fineract").

Rates keep 12 significant digits; money is rounded to whole minor units HALF_EVEN at each step, or, in a
currency without decimals that has a multiple, to that multiple with halves up.
"""

from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

from ledger.dates import RepayUnit, add_months
from ledger.terms import DaysInMonth, InterestPeriod, LoanTerms

RATE: Final = Context(prec=12, rounding=ROUND_HALF_EVEN)
EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
ACTUAL_YEAR_DAYS: Final = 365
MONTH_DAYS: Final = 30
WEEK_DAYS: Final = 7
MONTHS_A_YEAR: Final = 12
WEEKS_A_YEAR: Final = 52


def round_multiple(amount: Decimal, multiple: int, rounding: str = ROUND_HALF_EVEN) -> int:
    """Round ``amount`` (minor units) to a multiple of ``multiple`` minor units."""
    if multiple <= 1:
        return int(amount.to_integral_value(rounding))
    return int(EXACT.divide(amount, Decimal(multiple)).to_integral_value(rounding)) * multiple


def round_money(amount: Decimal, terms: LoanTerms) -> int:
    """Round ``amount`` (minor units) as the currency of ``terms`` is rounded."""
    if terms.currency_multiple > 1 and terms.currency_digits == 0:
        return round_multiple(amount, terms.currency_multiple, ROUND_HALF_UP)
    return int(amount.to_integral_value(ROUND_HALF_EVEN))


def fraction_a_year(terms: LoanTerms) -> Decimal:
    """Give the annual rate as a fraction: 24 percent is 0.24."""
    return RATE.divide(terms.annual_rate, Decimal(100))


def _days_in_year(terms: LoanTerms) -> Decimal:
    return Decimal(terms.days_in_year or ACTUAL_YEAR_DAYS)


def _unit_rate(terms: LoanTerms) -> Decimal:
    """Give the rate of one day, week or month when interest counts whole periods."""
    if terms.repay_unit is RepayUnit.MONTHS:
        return RATE.divide(fraction_a_year(terms), Decimal(MONTHS_A_YEAR))
    if terms.repay_unit is RepayUnit.WEEKS:
        return RATE.divide(fraction_a_year(terms), Decimal(WEEKS_A_YEAR))
    return RATE.divide(fraction_a_year(terms), _days_in_year(terms))


def daily_rate(terms: LoanTerms) -> Decimal:
    """Give the rate of one day: actual years count 365 days, leap years too."""
    return RATE.divide(fraction_a_year(terms), _days_in_year(terms))


def nominal_rate(terms: LoanTerms) -> Decimal:
    """Give the rate of one regular period, from which the equal installment follows.

    With daily interest a month counts 30 days and a week 7, whatever the calendar says.
    """
    if terms.interest_period is InterestPeriod.SAME_AS_REPAYMENT:
        return RATE.multiply(_unit_rate(terms), Decimal(terms.repay_every))
    days = {RepayUnit.MONTHS: MONTH_DAYS, RepayUnit.WEEKS: WEEK_DAYS, RepayUnit.DAYS: 1}[terms.repay_unit]
    return RATE.multiply(daily_rate(terms), Decimal(days * terms.repay_every))


def periods_between(start: date, end: date, unit: RepayUnit, seed_day: int) -> Decimal:
    """Count days, weeks or months from ``start`` to ``end``, with the part of the last one as a fraction.

    seed_day  the day of month that due dates keep (31 Jan to 28 Feb is one month)
    """
    days = (end - start).days
    if unit is RepayUnit.DAYS:
        return Decimal(days)
    if unit is RepayUnit.WEEKS:
        return RATE.divide(Decimal(days), Decimal(WEEK_DAYS))
    months = (end.year - start.year) * MONTHS_A_YEAR + end.month - start.month - (end.day < start.day)
    if start != add_months(start, 0, seed_day):
        seed_day = start.day  # a first period that begins off the seed day counts from its own day
    elif end == add_months(end, 0, seed_day):
        return Decimal((end.year - start.year) * MONTHS_A_YEAR + end.month - start.month)
    begun, ended = add_months(start, months, seed_day), add_months(start, months + 1, seed_day)
    return Decimal(months) + RATE.divide(Decimal((end - begun).days), Decimal((ended - begun).days))


def span_rate(terms: LoanTerms, start: date, end: date, months: int, seed_day: int) -> Decimal:
    """Give the rate from ``start`` to ``end``, a span of ``months`` repayment units by the plan.

    months    repayment units (days, weeks or months) that the span is meant to have
    seed_day  as in ``periods_between``
    """
    if terms.interest_period is InterestPeriod.DAILY:
        thirty = terms.repay_unit is RepayUnit.MONTHS and terms.days_in_month is DaysInMonth.THIRTY
        days = MONTH_DAYS * months if thirty else (end - start).days
        return RATE.multiply(daily_rate(terms), Decimal(days))
    if not terms.partial_periods:
        return RATE.multiply(_unit_rate(terms), Decimal(months))
    return RATE.multiply(_unit_rate(terms), periods_between(start, end, terms.repay_unit, seed_day))


def equal_installment(balance: int, rate: Decimal, rows: int) -> Decimal:
    """Give the unrounded payment that pays ``balance`` off in ``rows`` equal rows at ``rate`` a row."""
    with localcontext(EXACT):
        if not rate:
            return Decimal(balance) / rows
        growth = (1 + rate) ** rows
        return balance * rate * growth / (growth - 1)
