"""Recalculated loans with charges, waivers, write-offs and changed rows: no unit is lost there either."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.charges import Charge, ChargeBase, ChargeTime
from ledger.errors import BadTermError, NothingOwedError, OverpaymentError, UnsupportedTermError
from ledger.money import Money, total
from ledger.recalculation import AfterExcess, RecalculatedLoan, Recalculation, Rest
from ledger.rescheduling import Reschedule
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, MovementKind
from ledger.terms import Amortization, InterestPeriod, Strategy
from tests.ledger.test_life import fee
from tests.ledger.test_recalculation import REPAY, START, TERMS, interests, loan, payments, principals, rules

PLAIN = [strategy for strategy in Strategy if strategy is not Strategy.ADVANCED]


def counted(life: RecalculatedLoan) -> None:
    """Assert that what came in is what the rows and the overpayment hold, and no row holds too much."""
    for entry in life.live():
        assert total(share.total for share in entry.shares.values()) + entry.split.overpayment == entry.amount
    assert all(row.owed(part) >= 0 for row in life.rows for part in range(4))
    came = sum(entry.amount.minor for entry in life.live())
    held = sum(sum(row.paid) + sum(row.waived) + sum(row.written_off) for row in life.rows)
    assert held + life.overpaid == came


@given(
    rule=rules,
    paid=payments,
    strategy=st.sampled_from(PLAIN),
    amortization=st.sampled_from(Amortization),
    grace=st.integers(min_value=0, max_value=3),
    period=st.sampled_from(InterestPeriod),
    days=st.lists(st.integers(min_value=0, max_value=260), max_size=3),
    waived=st.integers(min_value=1, max_value=3_000),
)
def test_no_unit_is_lost_with_charges_waivers_grace_and_equal_principal(
    *,
    rule: Recalculation,
    paid: list[tuple[int, int]],
    strategy: Strategy,
    amortization: Amortization,
    grace: int,
    period: InterestPeriod,
    days: list[int],
    waived: int,
) -> None:
    life = loan(
        rule, strategy=strategy, amortization=amortization, grace_principal=grace, interest_period=period
    )
    life.charge(fee(150))
    for day in days:
        life.charge(fee(700, START + timedelta(days=day), penalty=True))
    for day, amount in paid:
        life.pay(REPAY, START + timedelta(days=day), Money(amount))
    try:
        life.pay(MovementKind.WAIVE, START + timedelta(days=100), Money(waived))
    except OverpaymentError:
        assert waived > sum(row.owed(part) for row in life.rows for part in (PENALTY, FEE, INTEREST))
    assert sum(principals(life)) == 500_000
    counted(life)


@given(rule=rules, paid=payments, period=st.sampled_from(InterestPeriod))
def test_order_of_entry_does_not_matter_when_the_dates_differ(
    rule: Recalculation, paid: list[tuple[int, int]], period: InterestPeriod
) -> None:
    by_day = sorted(dict(paid).items())
    pictures = []
    for entries in (by_day, list(reversed(by_day))):
        life = loan(rule, interest_period=period)
        for day, amount in entries:
            life.pay(REPAY, START + timedelta(days=day), Money(amount))
        pictures.append([(row.due, row.paid, row.paid_on) for row in life.rows])
    assert pictures[0] == pictures[1]


def test_charges_whose_day_has_come_are_paid_before_early_principal() -> None:
    life = loan()
    life.charge(fee(700, date(2022, 11, 10), penalty=True))
    life.charge(fee(300, date(2022, 11, 29)))
    entry = life.pay(REPAY, date(2022, 11, 20), Money(10_000))
    assert (entry.split.penalty, entry.split.fee, entry.split.principal) == (
        Money(700),
        Money(0),
        Money(9_300),
    )
    assert life.rows[0].owed(FEE) == 300


def test_a_fee_on_every_row_follows_the_interest_of_its_row() -> None:
    life = loan()
    life.charge(
        Charge(
            name="fee",
            penalty=False,
            when=ChargeTime.INSTALLMENT,
            percent=Decimal(10),
            base=ChargeBase.INTEREST,
        )
    )
    life.pay(REPAY, date(2022, 12, 1), Money(250_000))
    assert all(row.due[FEE] == round(Decimal(row.due[INTEREST]) / 10) for row in life.rows)


def test_rows_that_fall_away_bear_no_fee_and_a_payoff_pays_none_for_them() -> None:
    life = loan()
    life.charge(fee(150))
    quoted = life.payoff(date(2022, 11, 16))
    assert quoted == Money(500_000 + round(500_000 * 15 * 12 / 36_500) + 150)
    life.pay(REPAY, date(2022, 11, 16), quoted)
    assert sum(row.outstanding for row in life.rows) == 0
    assert [row.due[FEE] for row in life.standing_rows()] == [150]


def test_overdue_penalties_are_charged_on_unpaid_rows() -> None:
    life = loan(Recalculation(daily_job=True))
    late = Charge(name="late", penalty=True, when=ChargeTime.OVERDUE, amount=Money(500), repeat_days=30)
    life.charge_overdue([late], date(2023, 1, 5))
    assert [row.due[PENALTY] for row in life.rows[:3]] == [1_000, 500, 0]


def test_a_write_off_freezes_the_loan() -> None:
    life = loan()
    life.pay(REPAY, date(2022, 12, 1), Money(86_200))
    owed = sum(row.outstanding for row in life.rows)
    written = life.write_off(date(2023, 2, 10))
    assert written.amount.minor >= owed
    assert sum(row.outstanding for row in life.rows) == 0
    assert life.payoff(date(2023, 3, 1)) == Money(0)
    later = life.pay(REPAY, date(2023, 3, 1), Money(100))
    assert later.split.overpayment == Money(100)
    with pytest.raises(NothingOwedError):
        life.write_off(date(2023, 3, 2))
    with pytest.raises(UnsupportedTermError):
        loan().write_off(date(2023, 3, 2), Money(1))
    counted(life)


def test_waived_interest_stays_waived_when_early_money_makes_it_less() -> None:
    life = loan()
    life.pay(MovementKind.WAIVE_INTEREST, date(2022, 11, 2), Money(4_932))
    life.pay(REPAY, date(2022, 11, 3), Money(400_000))
    assert life.rows[0].owed(INTEREST) == 0
    counted(life)


@given(
    at=st.integers(min_value=0, max_value=5),
    extra=st.integers(min_value=0, max_value=4),
    pause=st.integers(min_value=0, max_value=3),
    rate=st.none() | st.integers(min_value=0, max_value=40).map(Decimal),
    shift=st.none() | st.integers(min_value=0, max_value=20),
    paid=payments,
    rule=rules,
)
def test_changed_rows_add_up_and_those_before_the_change_stay(
    at: int,
    extra: int,
    pause: int,
    rate: Decimal | None,
    shift: int | None,
    paid: list[tuple[int, int]],
    rule: Recalculation,
) -> None:
    life = loan(rule)
    before = list(zip(principals(life), interests(life), strict=True))
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
    assert list(zip(principals(life), interests(life), strict=True))[:at] == before[:at]
    assert len(life.dates) == 6 + extra + pause
    for days, amount in paid:
        life.pay(REPAY, START + timedelta(days=days), Money(amount))
    assert sum(principals(life)) == 500_000
    counted(life)


def test_more_rows_solve_the_installment_anew_and_a_pause_keeps_it() -> None:
    life = loan()
    life.reschedule(Reschedule(from_date=date(2023, 1, 1), grace_principal=2))
    assert [row.due[PRINCIPAL] for row in life.rows[1:3]] == [0, 0]
    assert sum(life.rows[3].due) == 86_200
    more = loan()
    more.reschedule(Reschedule(from_date=date(2023, 1, 1), extra_rows=3))
    assert sum(more.rows[0].due) == 86_200
    assert sum(more.rows[1].due) < 60_000
    for change in (
        Reschedule(from_date=date(2023, 1, 2)),
        Reschedule(from_date=date(2023, 1, 1), new_date=date(2022, 12, 1)),
    ):
        with pytest.raises(BadTermError):
            loan().reschedule(change)


def test_the_last_rows_take_what_was_paid_beyond_the_schedule() -> None:
    life = loan(Recalculation(after_excess=AfterExcess.ADJUST_LAST))
    life.pay(REPAY, date(2022, 12, 1), Money(100_000))
    rows = life.standing_rows()
    assert [sum(row.due) for row in rows[1:-1]] == [86_200] * 4
    assert sum(rows[-1].due) < 86_200


def test_the_installment_follows_what_was_approved_or_what_was_paid_out() -> None:
    for follows_approved, expected in ((True, 86_200), (False, 43_100)):
        life = RecalculatedLoan(
            TERMS, Recalculation(rest=Rest.DAILY), START, follows_approved=follows_approved
        )
        life.disburse(START, Money(250_000))
        assert sum(life.rows[0].due) == expected


def test_interest_free_rows_bear_none() -> None:
    life = loan(grace_interest_charged=2)
    assert interests(life)[:2] == [0, 0]
    assert interests(life)[2] > 0
    assert replace(life.terms, grace_interest_charged=0) == TERMS
