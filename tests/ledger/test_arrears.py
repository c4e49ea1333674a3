"""Arrears by the balance definition: one day late puts the whole loan at risk."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ledger.arrears import (
    PAR_DAYS,
    LoanStanding,
    OpenInstallment,
    ageing,
    days_past_due,
    gross_portfolio,
    overdue,
    portfolio_at_risk,
)
from ledger.money import ZERO, Money, total

JANUARY = date(2024, 1, 10)
FEBRUARY = date(2024, 2, 10)

loans = st.lists(
    st.builds(
        LoanStanding,
        st.integers(min_value=0, max_value=10**12).map(Money),
        st.integers(min_value=0, max_value=400),
        st.booleans(),
    ),
    max_size=30,
)


def test_days_count_from_the_oldest_unpaid_installment() -> None:
    rows = [OpenInstallment(JANUARY, ZERO), OpenInstallment(FEBRUARY, Money(5))]
    assert days_past_due(rows, date(2024, 3, 10)) == 29
    assert days_past_due([OpenInstallment(JANUARY, Money(1)), *rows], date(2024, 3, 10)) == 60


def test_on_its_due_date_a_loan_is_not_late_and_the_day_after_it_is() -> None:
    rows = [OpenInstallment(JANUARY, Money(5))]
    assert days_past_due(rows, JANUARY) == 0
    assert days_past_due(rows, date(2024, 1, 11)) == 1
    assert days_past_due(rows, date(2023, 1, 1)) == 0


def test_what_is_within_tolerance_is_not_late() -> None:
    assert days_past_due([OpenInstallment(JANUARY, Money(5))], FEBRUARY, tolerance=Money(5)) == 0
    assert days_past_due([OpenInstallment(JANUARY, Money(6))], FEBRUARY, tolerance=Money(5)) == 31


def test_overdue_is_what_fell_due_before_the_day() -> None:
    rows = [
        OpenInstallment(JANUARY, Money(12), Money(10)),
        OpenInstallment(FEBRUARY, Money(12), Money(9)),
    ]
    assert overdue(rows, FEBRUARY) == (Money(12), Money(10))
    assert overdue(rows, JANUARY) == (ZERO, ZERO)


def test_the_whole_balance_of_a_late_loan_is_at_risk() -> None:
    portfolio = [LoanStanding(Money(700), 31), LoanStanding(Money(300), 30), LoanStanding(Money(0), 99)]
    risk = portfolio_at_risk(portfolio, 30)
    assert (risk.ratio.numerator, risk.ratio.denominator, risk.loans) == (Money(700), Money(1000), 1)
    assert risk.ratio.value == Decimal("0.7")
    assert portfolio_at_risk([], 30).ratio.value == 0


def test_renegotiated_loans_stand_apart_and_count_once() -> None:
    portfolio = [
        LoanStanding(Money(700), 31, renegotiated=True),
        LoanStanding(Money(300), 2, renegotiated=True),
    ]
    risk = portfolio_at_risk(portfolio, 30)
    assert (risk.ratio.numerator, risk.renegotiated) == (Money(700), Money(300))


@given(loans)
def test_risk_falls_as_the_limit_rises_and_ages_add_up(portfolio: list[LoanStanding]) -> None:
    risks = [portfolio_at_risk(portfolio, days).ratio.numerator for days in PAR_DAYS]
    assert risks == sorted(risks, reverse=True)
    buckets = ageing(portfolio)
    assert total(bucket.principal for bucket in buckets) == gross_portfolio(portfolio)
    assert buckets[-1].principal == portfolio_at_risk(portfolio, 180).ratio.numerator
    assert buckets[0].principal == gross_portfolio(portfolio) - risks[0]
