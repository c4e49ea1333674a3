"""Interest follows the money: early money saves it, late money costs it, and nothing is lost on the way."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadTermError, UnsupportedTermError
from ledger.money import Money
from ledger.recalculation import (
    AfterExcess,
    Compounding,
    PayoffInterest,
    RecalculatedLoan,
    Recalculation,
    Rest,
)
from ledger.rows import INTEREST, PRINCIPAL, Movement, MovementKind
from ledger.terms import InterestPeriod, InterestType, LoanTerms

START = date(2022, 11, 1)
TERMS = LoanTerms(
    principal=Money(500_000),
    annual_rate=Decimal(12),
    installments=6,
    interest_period=InterestPeriod.DAILY,
    days_in_year=None,
    installment_multiple=100,
)
DAILY = Recalculation()
REPAY = MovementKind.REPAYMENT


def loan(rule: Recalculation = DAILY, **terms: object) -> RecalculatedLoan:
    own: Any = replace(TERMS, **terms)  # type: ignore[arg-type]  # fields by their names
    life = RecalculatedLoan(own, rule, START, may_add_rows=True)
    life.disburse(START, life.terms.principal)
    return life


def interests(life: RecalculatedLoan) -> list[int]:
    return [row.due[INTEREST] for row in life.standing_rows()]


def principals(life: RecalculatedLoan) -> list[int]:
    return [row.due[PRINCIPAL] for row in life.standing_rows()]


rules = st.builds(
    Recalculation,
    rest=st.sampled_from(Rest),
    after_excess=st.sampled_from(AfterExcess),
    compounding=st.sampled_from(Compounding),
    compounding_day=st.none() | st.integers(min_value=1, max_value=28),
    payoff=st.sampled_from(PayoffInterest),
    daily_job=st.booleans(),
)
payments = st.lists(
    st.tuples(st.integers(min_value=0, max_value=260), st.integers(min_value=1, max_value=300_000)),
    max_size=6,
)


@given(rule=rules, paid=payments, asked=st.integers(min_value=0, max_value=300))
def test_no_unit_is_lost_whatever_comes_when(
    rule: Recalculation, paid: list[tuple[int, int]], asked: int
) -> None:
    life = loan(rule)
    for days, amount in paid:
        life.pay(REPAY, START + timedelta(days=days), Money(amount))
    life.recalculate(START + timedelta(days=asked))
    assert all(movement.split.total == movement.amount for movement in life.live())
    assert sum(principals(life)) == 500_000
    received = sum(sum(row.paid) for row in life.rows)
    over = sum(movement.split.overpayment.minor for movement in life.live())
    assert received + over == sum(amount for _, amount in paid)
    assert all(row.owed(part) >= 0 for row in life.rows for part in (INTEREST, PRINCIPAL))


def test_overdue_interest_paid_on_the_day_it_would_bear_interest_bears_none() -> None:
    """The rest of such a payment pays no more interest of the running row than that row then has."""
    rule = replace(DAILY, rest=Rest.SAME_AS_REPAYMENT, compounding=Compounding.INTEREST, compounding_day=2)
    life = loan(rule)
    life.pay(REPAY, date(2022, 12, 2), Money(86_200 + 5_097))
    running = life.rows[1]
    assert (running.due[INTEREST], running.paid[INTEREST], running.paid[PRINCIPAL]) == (5_096, 5_096, 1)


@given(rule=rules, paid=payments)
def test_undoing_everything_gives_the_promised_schedule(
    rule: Recalculation, paid: list[tuple[int, int]]
) -> None:
    life = loan(rule)
    before = (principals(life), interests(life))
    entered: list[Movement] = [
        life.pay(REPAY, START + timedelta(days=days), Money(amount)) for days, amount in paid
    ]
    for movement in entered:
        life.undo(movement)
    assert (principals(life), interests(life)) == before


@given(rule=rules, paid=payments, day=st.integers(min_value=1, max_value=260))
def test_the_payoff_closes_the_loan(rule: Recalculation, paid: list[tuple[int, int]], day: int) -> None:
    """Whoever pays what is quoted owes no principal."""
    life = loan(rule)
    for days, amount in paid:
        life.pay(REPAY, START + timedelta(days=min(days, day)), Money(amount))
    quoted = life.payoff(START + timedelta(days=day))
    if quoted:
        life.pay(REPAY, START + timedelta(days=day), quoted)
    assert sum(row.owed(PRINCIPAL) for row in life.rows) == 0


def test_paid_as_promised_nothing_changes() -> None:
    life = loan()
    before = interests(life)
    for row in list(life.rows):
        life.pay(REPAY, row.due_date, Money(row.outstanding))
    assert interests(life) == before
    assert all(row.paid_on == row.due_date for row in life.rows)


def test_early_money_counts_from_its_day_and_more_than_scheduled_stays_in_its_row() -> None:
    """863.00 four days early: 48.18 of interest left to pay, and installments solved anew."""
    life = loan()
    life.pay(REPAY, date(2022, 11, 27), Money(86_300))
    first = life.rows[0]
    assert (first.due[PRINCIPAL], first.due[INTEREST], first.outstanding) == (86_300, 4_818, 4_818)
    assert life.rows[1].due[PRINCIPAL] + life.rows[1].due[INTEREST] < 86_200


def test_late_money_costs_interest_until_its_day() -> None:
    """Row two: four days on 5,000.00, then 27 days on what is left after 1,500.00."""
    life = loan()
    life.pay(REPAY, date(2022, 12, 5), Money(150_000))
    assert life.rows[1].due[INTEREST] == 658 + 3_151
    assert (life.rows[0].outstanding, sum(life.rows[1].paid)) == (0, 63_800)


def test_the_installment_falls_or_the_number_falls_or_the_next_rows_fall() -> None:
    after = {}
    for choice in AfterExcess:
        life = loan(Recalculation(after_excess=choice))
        life.pay(REPAY, date(2022, 12, 1), Money(250_000))
        after[choice] = life.standing_rows()
    assert len(after[AfterExcess.REDUCE_INSTALLMENT]) == 6
    assert len(after[AfterExcess.REDUCE_NUMBER]) == 5
    assert sum(after[AfterExcess.REDUCE_NUMBER][1].due) == 86_200
    lowered = after[AfterExcess.LOWER_NEXT]
    assert lowered[1].due[PRINCIPAL] == 0
    assert sum(after[AfterExcess.REDUCE_INSTALLMENT][1].due) < 86_200


def test_overdue_interest_bears_interest_only_where_it_compounds() -> None:
    plain, compound = (
        loan(Recalculation(compounding=choice, daily_job=True))
        for choice in (Compounding.NONE, Compounding.INTEREST)
    )
    for life in (plain, compound):
        life.recalculate(date(2023, 2, 1))
    assert interests(plain)[1] == round(500_000 * 31 * 12 / 36_500)
    assert interests(compound)[1] == round((500_000 + interests(compound)[0]) * 31 * 12 / 36_500)


def test_without_a_daily_job_older_rows_keep_their_figures() -> None:
    asked = date(2023, 2, 1)
    quiet, busy = loan(), loan(Recalculation(daily_job=True))
    before = interests(quiet)
    for life in (quiet, busy):
        life.pay(REPAY, asked, Money(100))
    assert interests(quiet)[:2] == before[:2]
    assert interests(busy)[1] > before[1]


def test_a_tranche_bears_interest_from_its_day() -> None:
    life = RecalculatedLoan(TERMS, DAILY, START)
    life.disburse(START, Money(200_000))
    one = interests(life)
    life.disburse(date(2022, 11, 16), Money(300_000))
    assert one[0] == round(200_000 * 30 * 12 / 36_500)
    assert interests(life)[0] == round(200_000 * 15 * 12 / 36_500) + round(500_000 * 15 * 12 / 36_500)
    assert sum(principals(life)) == 500_000


def test_tranches_beyond_what_was_approved_and_foolish_days_are_refused() -> None:
    life = loan()
    with pytest.raises(BadTermError):
        life.disburse(date(2022, 12, 1), Money(1))
    with pytest.raises(BadTermError):
        RecalculatedLoan(TERMS, DAILY, START).disburse(date(2022, 11, 2), Money(1))
    with pytest.raises(BadTermError):
        life.pay(REPAY, date(2022, 10, 31), Money(1))
    with pytest.raises(BadTermError):
        RecalculatedLoan(TERMS, DAILY, START, START)


@pytest.mark.parametrize(
    "terms",
    [
        {"interest_type": InterestType.FLAT},
        {"grace_interest_payment": 1},
        {"down_payment_percent": Decimal(10)},
        {"fixed_principal_percent": Decimal(10)},
    ],
)
def test_terms_without_known_rules_are_refused_by_name(terms: dict[str, object]) -> None:
    with pytest.raises(UnsupportedTermError):
        loan(DAILY, **terms)


def test_early_money_gets_a_row_of_its_own_only_where_rows_may_be_added() -> None:
    terms = replace(TERMS, interest_period=InterestPeriod.SAME_AS_REPAYMENT)
    fewer = Recalculation(after_excess=AfterExcess.REDUCE_NUMBER)
    with pytest.raises(UnsupportedTermError):
        RecalculatedLoan(terms, fewer, START)
    life = loan(fewer, interest_period=InterestPeriod.SAME_AS_REPAYMENT)
    life.pay(REPAY, date(2022, 11, 20), Money(100_000))
    assert [row.due_date for row in life.rows][:2] == [date(2022, 11, 20), date(2022, 12, 1)]
