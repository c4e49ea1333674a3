"""What is earned by a day, and entries that bring accounts to a target."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.accruals import EarningRow, earned_by, receivable_at, shifts_to_target
from ledger.money import ZERO, Money

FIRST = date(2023, 1, 1)
S15 = EarningRow(FIRST, date(2023, 2, 1), Money(1019))


def test_the_published_daily_accrual_comes_out_to_the_cent() -> None:
    """10.19 over 31 days: 0.33 booked for each of the first two days."""
    assert [earned_by(S15, FIRST + timedelta(days)).minor for days in (0, 1, 2, 31, 400)] == [
        0,
        33,
        66,
        1019,
        1019,
    ]


@given(
    interest=st.integers(0, 10**9),
    length=st.integers(1, 400),
    gone=st.integers(-5, 500),
    paid=st.integers(0, 10**9),
)
def test_earning_rises_to_the_whole_and_never_beyond(
    interest: int, length: int, gone: int, paid: int
) -> None:
    row = EarningRow(FIRST, FIRST + timedelta(length), Money(interest), Money(min(paid, interest)))
    today, tomorrow = (earned_by(row, FIRST + timedelta(days)) for days in (gone, gone + 1))
    assert ZERO <= today <= tomorrow <= row.interest
    assert receivable_at(row, FIRST + timedelta(length)) == row.interest - row.paid
    assert receivable_at(row, FIRST + timedelta(gone)) >= ZERO


def test_a_row_that_is_due_at_once_is_earned_at_once() -> None:
    """A down payment falls due on the day of disbursement."""
    assert earned_by(EarningRow(FIRST, FIRST, Money(5)), FIRST) == Money(5)


amounts = st.integers(-(10**6), 10**6).map(Money)
pairs = st.tuples(st.integers(1, 3), st.integers(10, 12))


@given(
    targets=st.dictionaries(pairs, amounts),
    balances=st.dictionaries(st.integers(1, 3), amounts),
    posted=st.dictionaries(pairs, amounts),
)
def test_shifts_bring_each_account_to_its_target_and_then_nothing_is_left(
    targets: dict[tuple[int, int], Money],
    balances: dict[int, Money],
    posted: dict[tuple[int, int], Money],
) -> None:
    """Whatever stood there before, and however accounts are shared; a second time posts nothing."""
    shifts = shifts_to_target(targets, balances, posted)
    after, then = dict(balances), dict(posted)
    for shift in shifts:
        held, against = int(shift.held), int(shift.against)
        after[held] = after.get(held, ZERO) + shift.amount
        then[held, against] = then.get((held, against), ZERO) + shift.amount
    for held in {pair[0] for pair in targets}:
        wanted = sum((amount for pair, amount in targets.items() if pair[0] == held), ZERO)
        assert after.get(held, ZERO) == wanted
    assert shifts_to_target(targets, after, then) == []


def test_two_incomes_behind_one_receivable_each_get_their_own() -> None:
    targets = {(1, 10): Money(30), (1, 11): Money(70)}
    first = {(int(s.held), int(s.against)): s.amount for s in shifts_to_target(targets, {}, {})}
    assert first == targets
    later = {(1, 10): ZERO, (1, 11): Money(90)}
    moved = shifts_to_target(later, {1: Money(100)}, first)
    assert {(s.against, s.amount) for s in moved} == {(10, Money(-30)), (11, Money(20))}
