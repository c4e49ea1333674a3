"""The progressive schedule: one installment for the actual periods, solved anew when more is paid out."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import BadTermError, RuleError, UnsupportedTermError
from ledger.money import Money
from ledger.progressive import ProgressiveLoan
from ledger.recalculation import PayoffInterest
from ledger.rows import INTEREST, PRINCIPAL, MovementKind
from ledger.terms import DaysInMonth, InterestPeriod, InterestType, LoanTerms, RepayUnit

START = date(2024, 1, 1)
TERMS = LoanTerms(
    principal=Money(10_000),
    annual_rate=Decimal("9.4822"),
    installments=6,
    interest_period=InterestPeriod.DAILY,
    days_in_year=360,
    days_in_month=DaysInMonth.THIRTY,
)
REPAY = MovementKind.REPAYMENT


def loan(payoff_rule: PayoffInterest | None = None, **terms: object) -> ProgressiveLoan:
    life = ProgressiveLoan(replace(TERMS, **terms), START, payoff_rule=payoff_rule)  # type: ignore[arg-type]  # fields by their names
    life.disburse(START, life.terms.principal)
    return life


def dues(life: ProgressiveLoan) -> list[int]:
    return [row.due[INTEREST] + row.due[PRINCIPAL] for row in life.rows]


tranches = st.lists(
    st.tuples(st.integers(min_value=0, max_value=170), st.integers(min_value=1, max_value=10**7)),
    max_size=3,
)


@settings(max_examples=60)
@given(
    principal=st.integers(min_value=1, max_value=10**9),
    rate=st.decimals(min_value=Decimal("0.01"), max_value=80, places=2),
    unit=st.sampled_from(RepayUnit),
    year=st.sampled_from([None, 360, 364, 365]),
    month=st.sampled_from(DaysInMonth),
    multiple=st.sampled_from([0, 100]),
    more=tranches,
)
def test_principal_adds_up_to_all_that_was_paid_out(
    principal: int,
    rate: Decimal,
    unit: RepayUnit,
    year: int | None,
    month: DaysInMonth,
    multiple: int,
    more: list[tuple[int, int]],
) -> None:
    try:
        life = loan(
            principal=Money(principal),
            annual_rate=rate,
            repay_unit=unit,
            days_in_year=year,
            days_in_month=month,
            installment_multiple=multiple,
        )
        for days, amount in sorted(more):
            life.disburse(START + timedelta(days=days), Money(amount))
    except RuleError:
        return
    assert sum(row.due[PRINCIPAL] for row in life.rows) == sum(tranche.amount for tranche in life.tranches)
    assert all(part >= 0 for row in life.rows for part in row.due)


@settings(max_examples=60)
@given(day=st.integers(min_value=0, max_value=181), on_time=st.integers(min_value=0, max_value=6))
def test_the_payoff_closes_the_loan_on_any_day(day: int, on_time: int) -> None:
    for rule in PayoffInterest:
        life = loan(rule)
        on = START + timedelta(days=day)
        for row in list(life.rows)[:on_time]:
            if row.due_date <= on:
                life.pay(REPAY, row.due_date, Money(row.outstanding))
        quoted = life.payoff(on)
        if quoted:
            assert life.pay(REPAY, on, quoted).split.overpayment == Money(0)
        assert sum(row.outstanding for row in life.rows) == 0


def test_every_row_but_the_last_has_the_same_installment() -> None:
    assert dues(loan())[:-1] == [1713] * 5


def test_the_installment_moves_once_if_that_brings_the_last_row_nearer() -> None:
    """Beside the plain solution, computed here, the last row is never further off, and at times nearer."""
    rate = Decimal("9.4822") / 1200
    nearer = 0
    for count in range(2, 40):
        plain = round(1_234_567 * rate / (1 - (1 + rate) ** -count))
        owed = 1_234_567
        for _ in range(count - 1):
            owed -= plain - round(owed * rate)
        gap = abs(owed + round(owed * rate) - plain)
        rows = dues(loan(installments=count, principal=Money(1_234_567)))
        assert abs(rows[-1] - rows[0]) <= gap, count
        nearer += abs(rows[-1] - rows[0]) < gap
    assert nearer


def test_a_second_tranche_in_the_middle_of_a_row_bears_interest_from_its_day() -> None:
    """100 on 1 January and 200 a week later: 51.33 a month, 2.01 of interest in the first row."""
    life = loan()
    life.disburse(date(2024, 1, 8), Money(20_000))
    assert life.rows[0].due[INTEREST] == 201
    assert dues(life)[0] == 5133
    later = loan()
    later.disburse(date(2024, 2, 15), Money(10_000))
    assert dues(later)[:3] == [1713, 3753, 3753]


def test_actual_years_split_a_row_at_the_turn_of_the_year() -> None:
    """16 days of December in a year of 365 and 15 of January in one of 366."""
    life = ProgressiveLoan(
        replace(TERMS, days_in_year=None, days_in_month=DaysInMonth.ACTUAL, principal=Money(10**9)),
        date(2023, 12, 16),
    )
    life.disburse(date(2023, 12, 16), Money(10**9))
    exact = Decimal(10**9) * Decimal("0.094822") * (Decimal(16) / 365 + Decimal(15) / 366)
    assert abs(life.rows[0].due[INTEREST] - exact) < 1


def test_overdue_principal_stays_in_the_base_until_today() -> None:
    quiet, busy = loan(), loan(PayoffInterest.TILL_DAY)
    for life in (quiet, busy):
        life.recalculate(date(2024, 3, 1))
    assert busy.rows[1].due[INTEREST] == busy.rows[0].due[INTEREST]
    assert quiet.rows[1].due[INTEREST] < quiet.rows[0].due[INTEREST]
    assert dues(busy)[:-1] == dues(quiet)[:-1]
    assert dues(busy)[-1] > dues(quiet)[-1]


def test_without_recalculation_early_money_pays_the_next_rows() -> None:
    life = loan()
    life.pay(REPAY, date(2024, 1, 10), Money(2_000))
    assert [sum(row.paid) for row in life.rows] == [1713, 287, 0, 0, 0, 0]
    life.undo(life.movements[0])
    assert not any(sum(row.paid) for row in life.rows)


def test_foolish_days_and_unknown_terms_are_refused_by_name() -> None:
    life = loan()
    for on in (date(2023, 12, 31), date(2024, 7, 1)):
        with pytest.raises(BadTermError):
            life.disburse(on, Money(1))
    with pytest.raises(BadTermError):
        life.pay(REPAY, date(2023, 12, 31), Money(1))
    with pytest.raises(BadTermError):
        ProgressiveLoan(TERMS, START, period_start=date(2024, 1, 2))
    with pytest.raises(BadTermError):
        ProgressiveLoan(TERMS, START, START)
    for terms in (
        {"interest_type": InterestType.FLAT},
        {"fixed_principal_percent": Decimal(10)},
        {"down_payment_percent": Decimal(10)},
    ):
        with pytest.raises(UnsupportedTermError):
            loan(None, **terms)
