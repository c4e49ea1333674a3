"""Schedules add up to the principal whatever the terms, or are refused by name."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.errors import BadTermError, NeverAmortizesError, RuleError, UnsupportedTermError
from ledger.money import ZERO, Money, total
from ledger.schedule import ScheduledInstallment, build_schedule
from ledger.terms import (
    Amortization,
    Convention,
    DaysInMonth,
    InterestPeriod,
    InterestType,
    LoanTerms,
    MifosRounding,
    RepayUnit,
    Rounding,
)

START = date(2024, 1, 15)
WEEKLY = LoanTerms(
    principal=Money(1_000_000),
    annual_rate=Decimal(20),
    interest_type=InterestType.FLAT,
    installments=25,
    repay_unit=RepayUnit.WEEKS,
)
MONTHLY = LoanTerms(principal=Money(1_200_000), annual_rate=Decimal(24), installments=12)


@st.composite
def any_terms(draw: st.DrawFn) -> LoanTerms:
    """Draw terms of all kinds, also foolish ones."""
    count = draw(st.integers(min_value=1, max_value=30))
    digits = draw(st.sampled_from([0, 2, 3]))
    return LoanTerms(
        principal=Money(draw(st.integers(min_value=1, max_value=10**11))),
        annual_rate=draw(st.decimals(min_value=0, max_value=1200, places=3)),
        installments=count,
        repay_every=draw(st.integers(min_value=1, max_value=4)),
        repay_unit=draw(st.sampled_from(RepayUnit)),
        interest_type=draw(st.sampled_from(InterestType)),
        amortization=draw(st.sampled_from(Amortization)),
        interest_period=draw(st.sampled_from(InterestPeriod)),
        partial_periods=draw(st.booleans()),
        days_in_year=draw(st.sampled_from([None, 360, 364, 365])),
        days_in_month=draw(st.sampled_from(DaysInMonth)),
        currency_digits=digits,
        currency_multiple=0 if digits else draw(st.sampled_from([0, 1, 50, 100])),
        installment_multiple=draw(st.sampled_from([0, 1, 100, 500])),
        grace_principal=draw(st.integers(min_value=0, max_value=count - 1)),
        grace_interest_payment=draw(st.integers(min_value=0, max_value=count - 1)),
        grace_interest_charged=draw(st.integers(min_value=0, max_value=count - 1)),
        fixed_principal_percent=draw(st.none() | st.just(Decimal(5))),
    )


def principals(rows: list[ScheduledInstallment]) -> list[int]:
    return [row.principal.minor for row in rows]


def interests(rows: list[ScheduledInstallment]) -> list[int]:
    return [row.interest.minor for row in rows]


@given(terms=any_terms(), start=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_principal_adds_up_exactly_and_nothing_is_below_zero(terms: LoanTerms, start: date) -> None:
    try:
        rows = build_schedule(terms, start)
    except NeverAmortizesError:
        return
    assert total(row.principal for row in rows) == terms.principal
    assert all(row.principal >= ZERO and row.interest >= ZERO for row in rows)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0].start == start
    assert all(earlier.due_date == later.start < later.due_date for earlier, later in pairwise(rows))


@given(terms=any_terms())
def test_grace_on_paying_interest_moves_interest_and_loses_none(terms: LoanTerms) -> None:
    """Declining loans: the same interest in all, none in the rows of the grace."""
    assume(terms.interest_type is InterestType.DECLINING)
    try:
        rows = build_schedule(terms, START)
    except NeverAmortizesError:
        return
    plain = build_schedule(replace(terms, grace_interest_payment=0), START)
    assert sum(interests(rows)) == sum(interests(plain))
    assert principals(rows) == principals(plain)
    assert not any(interests(rows)[: min(terms.grace_interest_payment, len(rows) - 1)])


def test_the_standard_weekly_loan() -> None:
    """10,000.00 flat at 20 percent for 25 weeks: 961.54 of interest, the last row takes the odd cents."""
    rows = build_schedule(WEEKLY, START)
    assert sum(interests(rows)) == 96_154
    assert interests(rows) == [3846] * 24 + [3850]
    assert principals(rows) == [40_000] * 25
    assert (rows[0].due_date, rows[0].days) == (date(2024, 1, 22), 7)


def test_the_standard_monthly_loan() -> None:
    """12,000.00 declining at 24 percent for 12 months: installments of 1,134.72, the last one differs."""
    rows = build_schedule(MONTHLY, START)
    assert [row.due.minor for row in rows[:-1]] == [113_472] * 11
    assert interests(rows)[0] == 24_000
    assert rows[-1].due != rows[0].due
    assert rows[-1].due_date == date(2025, 1, 15)


def test_rounding_up_may_pay_the_loan_off_in_fewer_rows() -> None:
    terms = replace(MONTHLY, principal=Money(1000), annual_rate=Decimal(0), installment_multiple=100)
    assert principals(build_schedule(terms, START)) == [100] * 10


def test_a_fixed_part_of_principal_leaves_a_balloon() -> None:
    terms = replace(MONTHLY, principal=Money(100_000), fixed_principal_percent=Decimal(5))
    assert principals(build_schedule(terms, START)) == [5_000] * 11 + [45_000]


def test_interest_free_rows_charge_nothing() -> None:
    """Declining: none in those rows; flat: their share is dropped from the total."""
    declining = build_schedule(replace(MONTHLY, grace_interest_charged=2), START)
    assert interests(declining)[:2] == [0, 0]
    assert interests(declining)[2] > 0
    terms = replace(MONTHLY, interest_type=InterestType.FLAT, principal=Money(120_000))
    flat = build_schedule(replace(terms, grace_interest_charged=3), START)
    assert interests(flat) == [0, 0, 0, *[2400] * 9]


def test_daily_interest_counts_actual_days_or_thirty_a_month() -> None:
    """31 days and 29 days of 12 percent on 10,000.00 a year of 365; or 30 of 360 in each month."""
    terms = replace(
        MONTHLY,
        principal=Money(1_000_000),
        annual_rate=Decimal(12),
        interest_period=InterestPeriod.DAILY,
        days_in_year=None,
        grace_principal=11,
    )
    rows = build_schedule(terms, date(2024, 1, 1))
    assert interests(rows)[:2] == [10_192, 9_534]
    thirty = replace(terms, days_in_year=360, days_in_month=DaysInMonth.THIRTY)
    assert set(interests(build_schedule(thirty, date(2024, 1, 1)))) == {10_000}


def test_a_short_first_period_counts_its_part_only_where_the_product_says_so() -> None:
    """15 Jan to 31 Jan is 16 days of a month of 31; whole periods are charged otherwise."""
    first = date(2024, 1, 31)
    whole = build_schedule(MONTHLY, START, first)
    part = build_schedule(replace(MONTHLY, partial_periods=True), START, first)
    assert interests(whole)[0] == 24_000
    assert interests(part)[0] == round(24_000 * 16 / 31)


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("principal", ZERO),
        ("principal", Money(-1)),
        ("annual_rate", Decimal(-1)),
        ("annual_rate", Decimal("NaN")),
        ("annual_rate", Decimal(10_001)),
        ("installments", 0),
        ("installments", 1_201),
        ("repay_every", 0),
        ("days_in_year", 366),
        ("currency_digits", 7),
        ("grace_principal", 12),
        ("grace_interest_payment", -1),
        ("fixed_principal_percent", Decimal(101)),
    ],
)
def test_impossible_terms_are_refused_by_name(term: str, value: object) -> None:
    with pytest.raises(BadTermError) as refusal:
        replace(MONTHLY, **{term: value})  # type: ignore[arg-type]  # fields by their names
    assert refusal.value.facts["term"] == term


def test_a_first_date_that_is_not_after_disbursement_is_refused() -> None:
    for first in (START, date(2023, 12, 31)):
        with pytest.raises(BadTermError):
            build_schedule(MONTHLY, START, first)


def test_dates_beyond_the_calendar_and_amounts_beyond_the_books_are_refused() -> None:
    with pytest.raises(BadTermError):
        build_schedule(MONTHLY, date(9999, 6, 1))
    with pytest.raises(RuleError):
        build_schedule(replace(MONTHLY, principal=Money(2**63 - 1), annual_rate=Decimal(10_000)), START)


def test_an_installment_below_its_interest_is_refused() -> None:
    """Daily interest of long months at a huge rate outgrows an installment solved for months of 30 days."""
    terms = replace(MONTHLY, annual_rate=Decimal(6000), installments=24, interest_period=InterestPeriod.DAILY)
    with pytest.raises(NeverAmortizesError):
        build_schedule(terms, date(2024, 7, 1))


def test_the_other_convention_takes_the_same_terms() -> None:
    """A 1,000.00 flat loan at 10 percent, 50 weeks, whole payments: 49 of 22.00 and the rest last."""
    whole = Rounding(100)
    terms = replace(
        WEEKLY,
        principal=Money(100_000),
        annual_rate=Decimal(10),
        installments=50,
        convention=Convention.MIFOS,
        mifos_rounding=MifosRounding(initial=whole, final=whole),
    )
    rows = build_schedule(terms, START)
    assert [row.due.minor for row in rows] == [2_200] * 49 + [1_800]
    assert sum(principals(rows)) == 100_000
    assert (rows[0].interest, rows[-1].due_date) == (Money(192), date(2024, 12, 30))
    fortnights = build_schedule(replace(terms, repay_every=2), START)
    assert fortnights[0].interest == Money(384)
    fixed = replace(terms, interest_type=InterestType.DECLINING, amortization=Amortization.EQUAL_PRINCIPAL)
    assert principals(build_schedule(fixed, START)) == [2_000] * 50


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("interest_period", InterestPeriod.DAILY),
        ("partial_periods", True),
        ("grace_interest_payment", 1),
        ("grace_interest_charged", 1),
        ("fixed_principal_percent", Decimal(5)),
    ],
)
def test_what_the_other_convention_does_not_know_is_refused_by_name(term: str, value: object) -> None:
    plain = replace(MONTHLY, convention=Convention.MIFOS, mifos_rounding=MifosRounding())
    terms = replace(plain, **{term: value})  # type: ignore[arg-type]  # fields by their names
    assert build_schedule(plain, START)
    with pytest.raises(UnsupportedTermError) as refusal:
        build_schedule(terms, START)
    assert term in str(refusal.value.facts["term"])


def test_a_multiple_that_would_make_a_row_negative_is_refused() -> None:
    """10.00 in twenty payments rounded up to 1.00 is paid long before the last."""
    terms = replace(
        WEEKLY,
        principal=Money(1_000),
        annual_rate=Decimal(5),
        installments=20,
        convention=Convention.MIFOS,
        mifos_rounding=MifosRounding(initial=Rounding(100, ROUND_CEILING)),
    )
    with pytest.raises(BadTermError):
        build_schedule(terms, START)


def test_the_other_convention_has_no_schedule_without_its_roundings() -> None:
    with pytest.raises(UnsupportedTermError):
        build_schedule(replace(MONTHLY, convention=Convention.MIFOS), START)
