"""A loan lived through: whatever the order of entries, no unit is lost and replay gives the same."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.charges import Charge, ChargeBase, ChargeTime
from ledger.errors import BadTermError, NothingOwedError, OverpaymentError
from ledger.life import LoanLife
from ledger.money import ZERO, Money, total
from ledger.rescheduling import Reschedule
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL, Movement, MovementKind, Row
from ledger.terms import (
    AllocationOrder,
    Amortization,
    DueKind,
    InterestPeriod,
    InterestType,
    LoanTerms,
    RepayUnit,
    Strategy,
)

START = date(2024, 1, 1)
TERMS = LoanTerms(
    principal=Money(30_000),
    annual_rate=Decimal(12),
    installments=3,
    interest_type=InterestType.FLAT,
)
"""Three rows of 100.00 and 3.00, due 1 February, 1 March and 1 April."""
REPAY = MovementKind.REPAYMENT
FREE_ORDER = AllocationOrder(
    tuple((kind, part) for kind in DueKind for part in ("interest", "principal", "fee", "penalty"))
)


def loan(**terms: object) -> LoanLife:
    return LoanLife(replace(TERMS, **terms), START)  # type: ignore[arg-type]  # fields by their names


def fee(minor: int, on: date | None = None, *, penalty: bool = False) -> Charge:
    when = ChargeTime.DATED if on else ChargeTime.INSTALLMENT
    return Charge(name="fee", penalty=penalty, when=when, amount=Money(minor), due_date=on)


def percent(rate: int, base: ChargeBase, when: ChargeTime) -> Charge:
    return Charge(name="percent", penalty=False, when=when, percent=Decimal(rate), base=base)


def picture(life: LoanLife) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [
        (row.number, tuple(row.due), tuple(row.paid), row.in_advance, row.late, row.paid_on)
        for row in life.rows
    ]
    return rows + [(movement.on, movement.split, movement.balance_after) for movement in life.live()]


def column(rows: list[Row], component: int) -> list[int]:
    return [row.due[component] for row in rows]


payments = st.lists(
    st.tuples(st.integers(min_value=0, max_value=150), st.integers(min_value=1, max_value=20_000)), max_size=8
)


@given(paid=payments, strategy=st.sampled_from(Strategy))
def test_money_in_equals_money_booked_and_principal_comes_down_by_it(
    paid: list[tuple[int, int]], strategy: Strategy
) -> None:
    order = FREE_ORDER if strategy is Strategy.ADVANCED else None
    life = loan(strategy=strategy, allocation_order=order)
    life.charge(fee(150))
    life.charge(fee(700, date(2024, 2, 20), penalty=True))
    for days, amount in paid:
        life.pay(REPAY, START + timedelta(days=days), Money(amount))
    assert all(movement.split.total == movement.amount for movement in life.live())
    booked = total(movement.split.principal for movement in life.live())
    assert life.principal_owed == 30_000 - booked.minor
    received = sum(sum(row.paid) for row in life.rows)
    assert received + life.overpaid == sum(amount for _, amount in paid)
    assert all(row.owed(part) >= 0 for row in life.rows for part in range(4))
    assert not life.overpaid or not life.outstanding


@given(paid=payments, chance=st.randoms(use_true_random=False))
def test_order_of_entry_does_not_matter_when_the_dates_differ(
    paid: list[tuple[int, int]], chance: object
) -> None:
    """Back-dated entries replay: the same payments entered in any order give the same loan."""
    by_day = list(dict(paid).items())
    shuffled = sorted(by_day, key=lambda _: chance.random())  # type: ignore[attr-defined]  # the test knows its type
    pictures = []
    for entries in (sorted(by_day), shuffled):
        life = loan()
        life.charge(fee(150))
        for days, amount in entries:
            life.pay(REPAY, START + timedelta(days=days), Money(amount))
        pictures.append(picture(life))
    assert pictures[0] == pictures[1]


@given(paid=payments)
def test_undoing_everything_leaves_the_loan_as_it_was_made(paid: list[tuple[int, int]]) -> None:
    life = loan()
    before = picture(life)
    entered = [life.pay(REPAY, START + timedelta(days=days), Money(amount)) for days, amount in paid]
    for movement in entered:
        life.undo(movement)
    assert picture(life) == before
    assert life.outstanding == 30_900


def test_late_early_and_on_time_money_stand_in_their_columns() -> None:
    life = loan()
    life.pay(REPAY, date(2024, 1, 20), Money(5_000))
    life.pay(REPAY, date(2024, 2, 1), Money(300))
    life.pay(REPAY, date(2024, 2, 9), Money(5_000))
    row = life.rows[0]
    assert (row.in_advance, row.late, sum(row.paid)) == (5_000, 5_000, 10_300)
    assert row.paid_on == date(2024, 2, 9)
    assert life.rows[1].paid_on is None


def test_a_charge_dated_after_every_payment_leaves_them_alone_and_an_earlier_one_replays() -> None:
    life = loan()
    life.pay(REPAY, date(2024, 2, 1), Money(10_300))
    life.charge(fee(50, date(2024, 2, 15)))
    assert life.live()[0].split.fee == ZERO
    life.charge(fee(50, date(2024, 1, 15)))
    assert life.live()[0].split.fee == Money(50)
    assert life.rows[0].owed(PRINCIPAL) == 50


def test_an_overpaid_loan_pays_a_new_charge_from_what_is_left_over() -> None:
    life = loan()
    life.pay(REPAY, date(2024, 2, 1), Money(31_000))
    assert life.overpaid == 100
    life.charge(fee(40, date(2024, 3, 15)))
    assert (life.overpaid, life.outstanding) == (60, 0)


def test_dated_charges_fall_on_the_row_of_their_date_and_after_maturity_on_one_more_row() -> None:
    life = loan()
    for on in (START, date(2024, 2, 1), date(2024, 2, 2), date(2024, 4, 2), date(2024, 4, 20)):
        life.charge(fee(10, on))
    assert column(life.rows, FEE) == [20, 10, 0, 20]
    assert (life.rows[3].due_date, life.rows[3].days) == (date(2024, 4, 20), 19)


def test_percentages_count_from_the_row_or_from_the_whole_loan() -> None:
    life = loan()
    life.charge(percent(10, ChargeBase.INTEREST, ChargeTime.INSTALLMENT))
    assert column(life.rows, FEE) == [30, 30, 30]
    life.charge(percent(1, ChargeBase.PRINCIPAL_INTEREST, ChargeTime.INSTALLMENT))
    assert column(life.rows, FEE) == [133, 133, 133]
    life.charge(percent(1, ChargeBase.PRINCIPAL, ChargeTime.DISBURSEMENT))
    assert (life.fees_at_disbursement, column(life.rows, FEE)) == (300, [133, 133, 133])


def test_an_overdue_penalty_is_charged_once_per_row() -> None:
    life = loan()
    late = Charge(name="late", penalty=True, when=ChargeTime.OVERDUE, percent=Decimal(1))
    life.pay(REPAY, date(2024, 2, 1), Money(10_300))
    for on in (date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 9)):
        life.charge_overdue([late], on)
    assert column(life.rows, PENALTY) == [0, 103, 0]


def test_waived_interest_is_not_owed_and_more_than_is_owed_cannot_be_waived() -> None:
    life = loan()
    life.pay(MovementKind.WAIVE_INTEREST, date(2024, 2, 1), Money(400))
    assert [row.owed(INTEREST) for row in life.rows] == [0, 200, 300]
    with pytest.raises(OverpaymentError):
        life.pay(MovementKind.WAIVE_INTEREST, date(2024, 2, 1), Money(501))


def test_a_write_off_closes_the_loan_with_all_that_is_owed() -> None:
    life = loan()
    life.pay(REPAY, date(2024, 2, 1), Money(10_300))
    written = life.write_off(date(2024, 3, 5))
    assert (written.split.principal, written.split.interest) == (Money(20_000), Money(600))
    assert life.outstanding == 0
    with pytest.raises(NothingOwedError):
        life.write_off(date(2024, 3, 6))


def test_nothing_happens_before_the_loan_is_disbursed() -> None:
    with pytest.raises(BadTermError):
        loan().pay(REPAY, date(2023, 12, 31), Money(1))
    with pytest.raises(BadTermError):
        loan().charge(fee(1, date(2023, 12, 31)))


def test_a_down_payment_is_a_row_of_its_own_and_may_pay_itself() -> None:
    life = loan(down_payment_percent=Decimal(25), auto_down_payment=True, annual_rate=Decimal(0))
    assert column(life.rows, PRINCIPAL) == [7_500, 7_500, 7_500, 7_500]
    assert [row.days for row in life.rows] == [0, 31, 29, 31]
    assert (life.rows[0].paid_on, life.principal_owed) == (START, 22_500)
    promised = loan(down_payment_percent=Decimal(25))
    assert (promised.principal_owed, column(promised.rows, INTEREST)) == (30_000, [0, 300, 300, 300])


# --- rescheduling ----------------------------------------------------------------------------------------


def test_a_new_date_moves_this_and_all_later_rows_and_keeps_their_amounts() -> None:
    life = loan()
    life.reschedule(Reschedule(from_date=date(2024, 3, 1), new_date=date(2024, 3, 15)))
    assert [row.due_date for row in life.rows] == [date(2024, 2, 1), date(2024, 3, 15), date(2024, 4, 15)]
    assert column(life.rows, PRINCIPAL) == [10_000] * 3


def test_more_rows_spread_the_balance_and_each_carries_flat_interest() -> None:
    life = loan()
    life.reschedule(Reschedule(from_date=date(2024, 3, 1), extra_rows=2))
    assert column(life.rows, PRINCIPAL) == [10_000, 5_000, 5_000, 5_000, 5_000]
    assert column(life.rows, INTEREST) == [300] * 5
    assert life.rows[-1].due_date == date(2024, 6, 1)


def test_a_pause_puts_rows_without_principal_before_the_others() -> None:
    life = loan(interest_type=InterestType.DECLINING)
    before = column(life.rows, PRINCIPAL)
    life.reschedule(Reschedule(from_date=date(2024, 3, 1), grace_principal=2))
    assert column(life.rows, PRINCIPAL) == [before[0], 0, 0, *before[1:]]
    owed = 30_000 - before[0]
    assert column(life.rows, INTEREST)[1:3] == [round(owed / 100)] * 2


def test_a_new_rate_counts_from_its_row_on() -> None:
    flat = loan()
    flat.reschedule(Reschedule(from_date=date(2024, 3, 1), new_rate=Decimal(24)))
    assert column(flat.rows, INTEREST) == [300, 600, 600]
    declining = loan(interest_type=InterestType.DECLINING)
    first = declining.rows[0].due[PRINCIPAL]
    declining.reschedule(Reschedule(from_date=date(2024, 3, 1), new_rate=Decimal(24)))
    assert column(declining.rows, INTEREST)[1] == round((30_000 - first) * 0.02)


def test_payments_are_replayed_on_the_new_rows() -> None:
    life = loan()
    life.pay(REPAY, date(2024, 2, 1), Money(15_300))
    life.reschedule(Reschedule(from_date=date(2024, 3, 1), extra_rows=2))
    assert [sum(row.paid) for row in life.rows] == [10_300, 5_000, 0, 0, 0]


@given(
    kind=st.sampled_from(InterestType),
    amortization=st.sampled_from(Amortization),
    count=st.integers(min_value=1, max_value=12),
    at=st.integers(min_value=1, max_value=12),
    extra=st.integers(min_value=0, max_value=5),
    pause=st.integers(min_value=0, max_value=3),
    rate=st.none() | st.integers(min_value=0, max_value=60).map(Decimal),
    multiple=st.sampled_from([0, 100]),
)
def test_principal_adds_up_after_any_change(
    kind: InterestType,
    amortization: Amortization,
    count: int,
    at: int,
    extra: int,
    pause: int,
    rate: Decimal | None,
    multiple: int,
) -> None:
    life = loan(
        interest_type=kind, amortization=amortization, installments=count, installment_multiple=multiple
    )
    row = life.rows[min(at, len(life.rows)) - 1]
    life.reschedule(
        Reschedule(from_date=row.due_date, extra_rows=extra, grace_principal=pause, new_rate=rate)
    )
    assert sum(column(life.rows, PRINCIPAL)) == 30_000
    assert all(part >= 0 for row in life.rows for part in row.due)


def test_a_date_on_which_nothing_is_due_and_a_date_before_its_row_are_refused() -> None:
    with pytest.raises(BadTermError):
        loan().reschedule(Reschedule(from_date=date(2024, 3, 2)))
    with pytest.raises(BadTermError):
        loan().reschedule(Reschedule(from_date=date(2024, 3, 1), new_date=date(2024, 2, 1)))


# --- charges ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        {"when": ChargeTime.DATED, "amount": Money(1)},
        {"when": ChargeTime.INSTALLMENT, "amount": Money(1), "due_date": START},
        {"when": ChargeTime.INSTALLMENT},
        {"when": ChargeTime.INSTALLMENT, "amount": Money(1), "percent": Decimal(1)},
        {"when": ChargeTime.INSTALLMENT, "amount": ZERO},
        {"when": ChargeTime.INSTALLMENT, "percent": Decimal(-1)},
        {"when": ChargeTime.INSTALLMENT, "percent": Decimal("NaN")},
    ],
)
def test_a_charge_says_exactly_what_it_costs_and_when(facts: dict[str, object]) -> None:
    with pytest.raises(BadTermError):
        Charge(name="fee", penalty=False, **facts)  # type: ignore[arg-type]  # fields by their names


def test_a_movement_that_is_undone_no_longer_lives() -> None:
    life = loan()
    movement: Movement = life.pay(REPAY, START, Money(5))
    life.undo(movement)
    assert life.live() == []
    assert movement.split.total == ZERO


def test_weekly_daily_loans_can_move_their_dates() -> None:
    """Declining daily interest follows the new number of days."""
    life = loan(
        interest_type=InterestType.DECLINING,
        interest_period=InterestPeriod.DAILY,
        repay_unit=RepayUnit.WEEKS,
        principal=Money(365_000),
    )
    life.reschedule(Reschedule(from_date=date(2024, 1, 8), new_date=date(2024, 1, 11)))
    assert (life.rows[0].days, life.rows[0].due[INTEREST]) == (10, 1_200)
