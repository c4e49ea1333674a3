"""Interest on savings: worked by hand, compared with published examples, and what holds for any balances."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import ZERO, Money
from ledger.savings_interest import (
    BalanceMethod,
    Change,
    Earned,
    Every,
    InterestRule,
    RateStep,
    interest_between,
    percent_of,
    period_end,
    period_ends,
)

JAN_1, JAN_31, DEC_31 = date(2025, 1, 1), date(2025, 1, 31), date(2025, 12, 31)
SIMPLE = InterestRule(annual_rate=Decimal(10), compounding=Every.ANNUALLY)
DAY = timedelta(days=1)
TINY = Fraction(1, 10**40)


def moved(*changes: tuple[date, int]) -> list[Change]:
    return [Change(on, Money(amount)) for on, amount in changes]


def earned(rule: InterestRule, changes: Sequence[Change], first: date, last: date) -> int:
    return interest_between(rule, changes, first, last).interest.minor


# --- published ------------------------------------------------------------------------------------


def test_fineract_interest_of_a_month_on_one_deposit() -> None:
    """Fineract SavingsInterestPostingTest.testPostInterestWithOverdraftProduct.

    10,000 from 1 February 2025, 10 % on the daily balance, 365 days, compounded annually, posted monthly:
    28 days give 10,000 x 0.10 / 365 x 28 = 76.71.
    """
    paid_in = moved((date(2025, 2, 1), 1_000_000))
    assert earned(SIMPLE, paid_in, date(2025, 2, 1), date(2025, 2, 28)) == 7_671


def test_fineract_interest_of_a_month_on_an_overdraft() -> None:
    """Fineract SavingsInterestPostingTest.testOverdraftInterestWithOverdraftProduct.

    10,000 overdrawn for 28 days at 21 %: 161.10.
    """
    rule = replace(SIMPLE, overdraft_rate=Decimal(21))
    owed = interest_between(rule, moved((date(2025, 2, 1), -1_000_000)), date(2025, 2, 1), date(2025, 2, 28))
    assert (owed.interest, owed.overdraft_interest) == (ZERO, Money(16_110))


def test_fineract_interest_and_overdraft_interest_in_one_month() -> None:
    """Fineract SavingsInterestPostingTest.testOverdraftAndInterestPosting_…_WhitBalanceLessZero.

    10,000 for 15 days earn 41.10; after 20,000 went out on the 16th, 10,000 for 13 days owe 74.79. The other
    way round (…_WhitBalanceGreaterZero) 15 days owe 86.30 and 13 days earn 35.62.
    """
    rule = replace(SIMPLE, overdraft_rate=Decimal(21))
    first, turn, last = date(2025, 2, 1), date(2025, 2, 16), date(2025, 2, 28)
    below = interest_between(rule, moved((first, 1_000_000), (turn, -2_000_000)), first, last)
    assert (below.interest, below.overdraft_interest) == (Money(4_110), Money(7_479))
    above = interest_between(rule, moved((first, -1_000_000), (turn, 2_000_000)), first, last)
    assert (above.interest, above.overdraft_interest) == (Money(3_562), Money(8_630))


# --- by hand --------------------------------------------------------------------------------------


def test_each_day_counts_its_own_end_balance() -> None:
    """1,000.00 for 10 days and 1,500.00 for 21: 41,500.00 day-units x 10 % / 365 = 11.3698."""
    changes = moved((JAN_1, 100_000), (date(2025, 1, 11), 50_000))
    assert earned(SIMPLE, changes, JAN_1, JAN_31) == 1_137
    assert earned(replace(SIMPLE, days_in_year=360), changes, JAN_1, JAN_31) == 1_153  # 11.5278


def test_an_actual_year_has_366_days_when_it_leaps() -> None:
    """36,600.00 at 10 %: a day is 10.00 in 2024; in 2025 it is 10.0274, two days 20.05.

    Compounded at the end of the year, the 20.00 of 2024 earn 0.0110 in two days more.
    """
    rule = replace(SIMPLE, days_in_year=None)
    changes = moved((date(2024, 12, 30), 3_660_000))
    assert earned(rule, changes, date(2024, 12, 30), date(2024, 12, 31)) == 2_000
    assert earned(rule, changes, date(2025, 1, 1), date(2025, 1, 2)) == 2_005
    assert earned(rule, changes, date(2024, 12, 30), date(2025, 1, 2)) == 4_007


def test_daily_compounding_is_the_power_of_a_day() -> None:
    """100,000.00 at 3.65 % for 31 days: 100,000 x (1.0001^31 - 1) = 310.47 by the binomial series.

    31 x 10 + 465 x 0.001 + 4,495 x 0.0000001 = 310.46545; simple interest would be 310.00.
    """
    rule = InterestRule(annual_rate=Decimal("3.65"))
    assert earned(rule, moved((JAN_1, 10_000_000)), JAN_1, JAN_31) == 31_047
    assert (
        earned(replace(rule, compounding=Every.MONTHLY), moved((JAN_1, 10_000_000)), JAN_1, JAN_31) == 31_000
    )


def test_monthly_compounding_inside_a_quarter() -> None:
    """36,500.00 at 10 % is 10.00 a day: January 310.00, then 310.00 earn 0.0849 a day in February, and so on.

    February 28 x (36,810 x 0.1 / 365) = 282.3781; March 31 x (37,092.3781 x 0.1 / 365) = 315.0311.
    """
    rule = replace(SIMPLE, compounding=Every.MONTHLY, posting=Every.QUARTERLY)
    assert earned(rule, moved((JAN_1, 3_650_000)), JAN_1, date(2025, 3, 31)) == 31_000 + 28_238 + 31_503
    plain = replace(rule, compounding=Every.QUARTERLY)
    assert earned(plain, moved((JAN_1, 3_650_000)), JAN_1, date(2025, 3, 31)) == 90_000


def test_posted_interest_earns_from_the_day_after_or_waits_for_its_compounding_period() -> None:
    """36,500.00 and 310.00 posted for January: February gives 282.38 compounded monthly, 280.00 annually."""
    changes = [*moved((JAN_1, 3_650_000)), Change(JAN_31, Money(31_000), interest=True)]
    february = (date(2025, 2, 1), date(2025, 2, 28))
    assert earned(replace(SIMPLE, compounding=Every.DAILY), changes, JAN_31, JAN_31) == 1_000
    assert earned(replace(SIMPLE, compounding=Every.MONTHLY), changes, *february) == 28_238
    assert earned(SIMPLE, changes, *february) == 28_000
    assert earned(SIMPLE, changes, date(2026, 1, 1), date(2026, 1, 31)) == 31_263


def test_taking_out_posted_interest_that_does_not_earn_yet_costs_nothing() -> None:
    changes = [*moved((JAN_1, 3_650_000)), Change(JAN_31, Money(31_000), interest=True)]
    out = [*changes, *moved((date(2025, 2, 10), -31_000))]
    february = (date(2025, 2, 1), date(2025, 2, 28))
    emptied = [*changes, *moved((date(2025, 2, 1), -3_681_000))]
    assert interest_between(SIMPLE, emptied, *february) == Earned()
    assert earned(SIMPLE, out, *february) < earned(SIMPLE, changes, *february)


def test_the_average_of_the_days_decides_about_the_minimum() -> None:
    """1,000.00 for 10 of 31 days: the average is 322.58. A daily rule counts the 10 days above 500.00."""
    changes = moved((JAN_1, 100_000), (date(2025, 1, 11), -100_000))
    average = replace(SIMPLE, method=BalanceMethod.AVERAGE)
    assert earned(average, changes, JAN_1, JAN_31) == earned(SIMPLE, changes, JAN_1, JAN_31) == 274
    assert earned(replace(SIMPLE, minimum=Money(50_000)), changes, JAN_1, JAN_31) == 274
    assert earned(replace(average, minimum=Money(50_000)), changes, JAN_1, JAN_31) == 0
    assert earned(replace(average, minimum=Money(32_258)), changes, JAN_1, JAN_31) == 274


def test_a_balance_below_the_minimum_earns_nothing_and_one_at_it_earns() -> None:
    rule = replace(SIMPLE, minimum=Money(100_000))
    assert earned(rule, moved((JAN_1, 99_999)), JAN_1, JAN_31) == 0
    assert earned(rule, moved((JAN_1, 100_000)), JAN_1, JAN_31) == 849  # 8.4932


def test_a_step_is_the_rate_of_the_whole_balance_from_its_amount_on() -> None:
    """Below 1,000.00 the account's own 10 %, from there 20 %, from 5,000.00 on 30 %."""
    steps = (RateStep(Money(500_000), Decimal(30)), RateStep(Money(100_000), Decimal(20)))
    rule = replace(SIMPLE, steps=steps, days_in_year=360)
    for balance, interest in ((90_000, 25), (100_000, 56), (499_900, 278), (500_000, 417)):
        assert earned(rule, moved((JAN_1, balance)), JAN_1, JAN_1) == interest


def test_a_half_unit_goes_to_the_even_side() -> None:
    """36.50 at 5 % for a day is half a cent exactly, three times as much a cent and a half."""
    rule = replace(SIMPLE, annual_rate=Decimal(5))
    assert earned(rule, moved((JAN_1, 3_650)), JAN_1, JAN_1) == 0
    assert earned(rule, moved((JAN_1, 10_950)), JAN_1, JAN_1) == 2
    assert earned(rule, moved((JAN_1, 3_650)), JAN_1, JAN_1 + 2 * DAY) == 2
    assert percent_of(Money(250), Decimal(15)) == Money(38)  # 37.5
    assert percent_of(Money(-250), Decimal(15)) == Money(-38)


@pytest.mark.parametrize(
    ("every", "ends"),
    [
        (Every.MONTHLY, [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]),
        (Every.QUARTERLY, [date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30)]),
        (Every.HALF_YEARLY, [date(2024, 6, 30), date(2024, 12, 31), date(2025, 6, 30)]),
        (Every.ANNUALLY, [date(2024, 12, 31), date(2025, 12, 31), date(2026, 12, 31)]),
        (Every.DAILY, [date(2024, 1, 15), date(2024, 1, 16), date(2024, 1, 17)]),
    ],
)
def test_periods_are_those_of_the_calendar(every: Every, ends: list[date]) -> None:
    assert period_ends(date(2024, 1, 15), ends[-1], every) == ends
    assert period_ends(ends[0] + DAY, ends[1] - DAY, every) == []
    assert period_end(ends[0], every) == ends[0]


# --- whatever the balances ------------------------------------------------------------------------

days = st.dates(JAN_1, DEC_31)
amounts = st.integers(-10_000_000, 10_000_000)
histories = st.lists(st.tuples(days, amounts), max_size=12)
rates = st.decimals(0, 100, places=2)
rules = st.builds(
    InterestRule,
    annual_rate=rates,
    overdraft_rate=rates,
    compounding=st.sampled_from(list(Every)),
    method=st.sampled_from(list(BalanceMethod)),
    days_in_year=st.sampled_from([360, 365, None]),
)


def by_days(rule: InterestRule, history: list[tuple[date, int]], first: date, last: date) -> Fraction:
    """Add up day by day what simple interest gives: the definition."""
    assert rule.days_in_year is not None
    net = Fraction(0)
    for offset in range((last - first).days + 1):
        balance = sum(amount for on, amount in history if on <= first + offset * DAY)
        rate = rule.overdraft_rate if balance < 0 else rule.annual_rate
        net += Fraction(balance) * Fraction(rate) / 100 / rule.days_in_year
    return net


@given(history=histories, first=days, last=days, rate=rates)
def test_simple_interest_is_its_definition(
    history: list[tuple[date, int]], first: date, last: date, rate: Decimal
) -> None:
    rule = InterestRule(annual_rate=rate, overdraft_rate=Decimal(7), compounding=Every.ANNUALLY)
    got = interest_between(rule, moved(*history), first, last)
    wanted = by_days(rule, history, first, last)
    assert abs(Fraction(got.earned) - Fraction(got.owed) - wanted) < TINY


@given(rule=rules, history=histories, first=days, middle=days, last=days)
def test_days_split_in_two_add_up_when_nothing_is_compounded_between(
    rule: InterestRule, history: list[tuple[date, int]], first: date, middle: date, last: date
) -> None:
    first, middle, last = sorted((first, middle, last))
    rule = replace(rule, compounding=Every.ANNUALLY, method=BalanceMethod.DAILY)
    whole = interest_between(rule, moved(*history), first, last)
    one = interest_between(rule, moved(*history), first, middle)
    two = interest_between(rule, moved(*history), middle + DAY, last)
    for part in ("earned", "owed"):
        split = Fraction(getattr(one, part)) + Fraction(getattr(two, part))
        assert abs(split - Fraction(getattr(whole, part))) < TINY
    assert abs(one.interest.minor + two.interest.minor - whole.interest.minor) <= 1


@given(rule=rules, first=days, last=days)
def test_nothing_earns_nothing(rule: InterestRule, first: date, last: date) -> None:
    assert interest_between(rule, [], first, last) == Earned()


@given(rule=rules, history=histories, more=rates, last=days)
def test_a_higher_rate_never_earns_less_on_what_is_never_below_zero(
    rule: InterestRule, history: list[tuple[date, int]], more: Decimal, last: date
) -> None:
    saved = [(on, abs(amount)) for on, amount in history]
    higher = replace(rule, annual_rate=rule.annual_rate + more)
    low = interest_between(rule, moved(*saved), JAN_1, last)
    high = interest_between(higher, moved(*saved), JAN_1, last)
    assert high.earned >= low.earned
    assert high.owed == low.owed == 0


@given(rule=rules, history=histories, last=days)
def test_compounding_never_earns_less_than_simple_interest(
    rule: InterestRule, history: list[tuple[date, int]], last: date
) -> None:
    saved = [(on, abs(amount)) for on, amount in history]
    simple = replace(rule, compounding=Every.ANNUALLY)
    with_it = interest_between(rule, moved(*saved), JAN_1, last)
    without = interest_between(simple, moved(*saved), JAN_1, last)
    assert Fraction(with_it.earned) > Fraction(without.earned) - TINY


@given(rule=rules, history=histories, last=days)
def test_the_order_in_which_movements_are_told_does_not_matter(
    rule: InterestRule, history: list[tuple[date, int]], last: date
) -> None:
    forward = interest_between(rule, moved(*history), JAN_1, last)
    assert interest_between(rule, moved(*reversed(history)), JAN_1, last) == forward
