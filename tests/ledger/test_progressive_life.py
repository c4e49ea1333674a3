"""Progressive loans with early money, charges, waivers, write-offs and changed rows: no unit is lost."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.charges import Charge, ChargeTime
from ledger.errors import NothingOwedError, OverpaymentError, UnsupportedTermError
from ledger.money import Money, total
from ledger.progressive import ProgressiveLoan
from ledger.recalculation import PayoffInterest
from ledger.rescheduling import Reschedule
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, MovementKind
from ledger.terms import AllocationOrder, Amortization, DueKind, FutureRule, InterestPeriod, Strategy
from tests.ledger.test_life import fee
from tests.ledger.test_progressive import REPAY, START, TERMS, dues, loan

STEPS = tuple((kind, part) for kind in DueKind for part in ("penalty", "fee", "principal", "interest"))
payments = st.lists(
    st.tuples(st.integers(min_value=0, max_value=240), st.integers(min_value=1, max_value=6_000)), max_size=6
)


def counted(life: ProgressiveLoan) -> None:
    """Assert that what came in is what the rows and the overpayment hold, and no row holds too much."""
    for entry in life.live():
        assert total(share.total for share in entry.shares.values()) + entry.split.overpayment == entry.amount
    assert all(row.owed(part) >= 0 for row in life.rows for part in range(4))
    assert sum(row.due[PRINCIPAL] for row in life.rows) == sum(tranche.amount for tranche in life.tranches)
    held = sum(sum(row.paid) + sum(row.waived) + sum(row.written_off) for row in life.rows)
    assert held + life.overpaid == sum(entry.amount.minor for entry in life.live())


@given(
    rule=st.none() | st.sampled_from(PayoffInterest),
    future=st.sampled_from(FutureRule),
    by_row=st.booleans(),
    paid=payments,
    days=st.lists(st.integers(min_value=0, max_value=240), max_size=3),
    waived=st.integers(min_value=1, max_value=300),
    grace=st.integers(min_value=0, max_value=3),
    asked=st.integers(min_value=0, max_value=300),
)
def test_no_unit_is_lost_whatever_comes_when(
    rule: PayoffInterest | None,
    future: FutureRule,
    by_row: bool,
    paid: list[tuple[int, int]],
    days: list[int],
    waived: int,
    grace: int,
    asked: int,
) -> None:
    order = AllocationOrder(STEPS, by_row, (("DEFAULT", future),))
    life = loan(rule, strategy=Strategy.ADVANCED, allocation_order=order, grace_principal=grace)
    life.charge(fee(10))
    for day in days:
        life.charge(fee(70, START + timedelta(days=day), penalty=True))
    for day, amount in paid:
        life.pay(REPAY, START + timedelta(days=day), Money(amount))
    try:
        life.pay(MovementKind.WAIVE, START + timedelta(days=100), Money(waived))
    except OverpaymentError:
        assert waived > sum(row.owed(part) for row in life.rows for part in (PENALTY, FEE, INTEREST))
    life.recalculate(START + timedelta(days=asked))
    counted(life)


@given(rule=st.sampled_from(PayoffInterest), paid=payments, day=st.integers(min_value=1, max_value=240))
def test_the_payoff_closes_the_loan_after_whatever_came(
    rule: PayoffInterest, paid: list[tuple[int, int]], day: int
) -> None:
    life = loan(rule)
    life.charge(fee(10))
    for days, amount in paid:
        life.pay(REPAY, START + timedelta(days=min(days, day)), Money(amount))
    quoted = life.payoff(START + timedelta(days=day))
    if quoted:
        life.pay(REPAY, START + timedelta(days=day), quoted)
    assert sum(row.outstanding for row in life.rows) == 0


@given(rule=st.none() | st.sampled_from(PayoffInterest), paid=payments)
def test_order_of_entry_does_not_matter_and_undoing_gives_the_promised_schedule(
    rule: PayoffInterest | None, paid: list[tuple[int, int]]
) -> None:
    by_day = sorted(dict(paid).items())
    pictures = []
    for given_order in (by_day, list(reversed(by_day))):
        life = loan(rule)
        before = [list(row.due) for row in life.rows]
        made = [life.pay(REPAY, START + timedelta(days=day), Money(amount)) for day, amount in given_order]
        pictures.append([(row.due, row.paid, row.paid_on) for row in life.rows])
        for entry in made:
            life.undo(entry)
        assert [row.due for row in life.rows] == before
    assert pictures[0] == pictures[1]


def test_early_money_saves_interest_from_its_day_and_the_last_row_takes_what_is_left() -> None:
    """17.13 two weeks early: the installment stays, and the last one is smaller by the interest saved."""
    life = loan(PayoffInterest.TILL_DAY)
    life.pay(REPAY, date(2024, 1, 18), Money(1_713))
    assert life.rows[0].due[INTEREST] < 79
    assert dues(life)[:5] == [1_713] * 5
    assert dues(life)[5] < 1_713


@settings(max_examples=50)
@given(
    at=st.integers(min_value=0, max_value=5),
    extra=st.integers(min_value=0, max_value=4),
    pause=st.integers(min_value=0, max_value=3),
    rate=st.none() | st.integers(min_value=0, max_value=40).map(Decimal),
    shift=st.none() | st.integers(min_value=0, max_value=20),
    paid=payments,
)
def test_changed_rows_add_up_and_those_before_the_change_stay(
    at: int, extra: int, pause: int, rate: Decimal | None, shift: int | None, paid: list[tuple[int, int]]
) -> None:
    life = loan(PayoffInterest.TILL_DAY)
    before = [list(row.due) for row in life.rows]
    day = life.dates[at]
    life.reschedule(
        Reschedule(
            from_date=day,
            new_date=None if shift is None else day + timedelta(days=shift),
            extra_rows=extra,
            grace_principal=pause,
            new_rate=rate,
        )
    )
    assert [row.due for row in life.rows][:at] == before[:at]
    assert len(life.dates) == 6 + extra + pause
    for days, amount in paid:
        life.pay(REPAY, START + timedelta(days=days), Money(amount))
    counted(life)


def test_a_new_rate_solves_the_installment_anew_from_its_row() -> None:
    """100.00 at 7 percent, 4 percent from the second row on.

    Figures: Apache Fineract, ProgressiveEMICalculatorTest, reschedule of interest on 1 February to 4 percent.
    """
    life = loan(annual_rate=Decimal(7))
    life.reschedule(Reschedule(from_date=date(2024, 3, 1), new_rate=Decimal(4)))
    assert dues(life) == [1701, 1688, 1688, 1688, 1688, 1689]
    assert [row.due[INTEREST] for row in life.rows] == [58, 28, 22, 17, 11, 6]


@pytest.mark.parametrize(
    ("terms", "interest", "expected"),
    [
        (
            {"repay_unit": "DAYS", "repay_every": 15},
            [40, 33, 26, 20, 13, 7],
            [1690, 1690, 1690, 1690, 1690, 1689],
        ),
        ({}, [79, 66, 53, 40, 27, 13], [1713] * 6),
        (
            {"principal": Money(100_000), "annual_rate": Decimal(7), "installments": 1},
            [583],
            [100_583],
        ),
    ],
    ids=["15 days", "months of 30 days", "one row"],
)
def test_installments_of_the_public_examples(
    terms: dict[str, object], interest: list[int], expected: list[int]
) -> None:
    """Figures: Apache Fineract, ProgressiveEMICalculatorTest."""
    life = loan(None, **terms)
    assert [row.due[INTEREST] for row in life.rows] == interest
    assert dues(life) == expected


def test_a_second_tranche_in_the_only_row_bears_interest_for_its_days() -> None:
    """Figures: Apache Fineract, ProgressiveEMICalculatorTest, 2,000 in two parts over one month."""
    life = loan(principal=Money(100_000), annual_rate=Decimal(7), installments=1)
    life.disburse(date(2024, 1, 15), Money(100_000))
    assert (life.rows[0].due[INTEREST], dues(life)) == (903, [200_903])


def test_a_pause_pays_interest_alone_and_a_write_off_freezes_the_loan() -> None:
    life = loan(grace_principal=2)
    assert [row.due[PRINCIPAL] for row in life.rows[:2]] == [0, 0]
    assert len(set(dues(life)[2:5])) == 1
    life.pay(REPAY, date(2024, 2, 1), Money(79))
    life.write_off(date(2024, 5, 5))
    assert sum(row.outstanding for row in life.rows) == 0
    assert life.pay(REPAY, date(2024, 6, 1), Money(5)).split.overpayment == Money(5)
    with pytest.raises(NothingOwedError):
        life.write_off(date(2024, 6, 2))
    counted(life)


def test_interest_of_whole_periods_counts_a_twelfth_of_the_year() -> None:
    """Rows of 31 and 29 days bear the same rate: 12 percent a year is 1 percent a row."""
    life = loan(interest_period=InterestPeriod.SAME_AS_REPAYMENT, annual_rate=Decimal(12), days_in_year=None)
    assert life.rows[0].due[INTEREST] == 100
    assert life.rows[1].due[INTEREST] == round((10_000 - life.rows[0].due[PRINCIPAL]) / 100)


def test_equal_parts_of_principal_are_solved_anew_by_a_tranche() -> None:
    life = loan(amortization=Amortization.EQUAL_PRINCIPAL, principal=Money(60_000))
    assert [row.due[PRINCIPAL] for row in life.rows] == [10_000] * 6
    life.disburse(date(2024, 3, 10), Money(20_000))
    assert [row.due[PRINCIPAL] for row in life.rows] == [10_000, 10_000, *[15_000] * 4]
    counted(life)


def test_interest_put_off_by_grace_is_paid_in_the_row_after_it() -> None:
    plain, graceful = loan(), loan(grace_interest_payment=2)
    interest = [row.due[INTEREST] for row in plain.rows]
    assert [row.due[INTEREST] for row in graceful.rows] == [0, 0, sum(interest[:3]), *interest[3:]]
    with pytest.raises(UnsupportedTermError):
        loan(PayoffInterest.TILL_DAY, grace_interest_payment=2)


def test_overdue_penalties_fall_on_the_unpaid_rows() -> None:
    life = loan(PayoffInterest.TILL_DAY)
    late = Charge(name="late", penalty=True, when=ChargeTime.OVERDUE, percent=Decimal(1), wait_days=5)
    life.charge_overdue([late], date(2024, 3, 6))
    assert [row.due[PENALTY] for row in life.rows[:3]] == [17, 0, 0]
    life.charge_overdue([late], date(2024, 3, 7))
    assert life.rows[1].due[PENALTY] == 17


def test_a_charge_after_maturity_gets_a_row_of_its_own() -> None:
    life = loan(PayoffInterest.TILL_DAY)
    life.charge(fee(40, date(2024, 8, 3)))
    assert (life.rows[6].due[FEE], life.rows[6].due_date) == (40, date(2024, 8, 3))
    assert replace(life.terms) == TERMS
    life.pay(REPAY, date(2024, 8, 4), life.payoff(date(2024, 8, 4)))
    assert sum(row.outstanding for row in life.rows) == 0
