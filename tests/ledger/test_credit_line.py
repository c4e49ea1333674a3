"""Interest by the day on the part of a credit line that is in use."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.credit_line import (
    Change,
    LineTerms,
    interest_by_month,
    month_end,
    most_used_from,
    piece_interest,
    rows_through,
    used,
)
from ledger.money import ZERO, Money, total

OPENED = date(2026, 1, 10)
TERMS = LineTerms(OPENED, date(2026, 3, 10), Decimal(24))


def on(day: int) -> date:
    return OPENED + timedelta(days=day)


def a_line(steps: list[tuple[int, int]]) -> list[Change]:
    """Draw where an amount is above zero, else pay back as far as there is something."""
    changes: list[Change] = []
    day = 0
    for gap, amount in steps:
        day += gap
        if amount > 0:
            changes.append(Change(on(day), drawn=Money(amount)))
        else:
            back = min(used(changes), Money(-amount))
            if back:
                changes.append(Change(on(day), repaid=back))
    return changes


lines = st.lists(st.tuples(st.integers(0, 60), st.integers(-90_000, 90_000)), min_size=1, max_size=12).map(
    a_line
)


def test_each_month_bears_the_interest_of_its_days() -> None:
    """10,000.00 from 10 January at 24 % of 365 days: 22 days in January, then 5,000.00 from 10 February."""
    changes = [Change(OPENED, drawn=Money(1_000_000)), Change(date(2026, 2, 10), repaid=Money(500_000))]
    assert interest_by_month(TERMS, changes, date(2026, 4, 5)) == {
        date(2026, 1, 31): Money(14_466),  # 1,000,000 x 0.24 / 365 x 22 = 14,465.75
        date(2026, 2, 28): Money(5_918 + 6_247),  # 9 days and 19 days, each rounded
        date(2026, 3, 31): Money(10_192),
        date(2026, 4, 30): Money(1_644),
    }


def test_months_have_their_rows_and_what_is_drawn_stands_behind_those_up_to_the_end() -> None:
    """Three months touch 10 January to 10 March; what comes later is numbered behind the principal."""
    assert rows_through(TERMS, OPENED) == {1: date(2026, 1, 31), 4: TERMS.ends_on}
    assert rows_through(TERMS, date(2026, 5, 1)) == {
        1: date(2026, 1, 31),
        2: date(2026, 2, 28),
        3: date(2026, 3, 31),
        4: TERMS.ends_on,
        5: date(2026, 4, 30),
        6: date(2026, 5, 31),
    }
    assert len(rows_through(replace(TERMS, opened_on=date(9999, 11, 1), ends_on=date.max), date.max)) == 3


@pytest.mark.parametrize(
    ("through", "interest"), [(OPENED - timedelta(days=1), 0), (OPENED, 658), (on(1), 1_315), (on(2), 1_973)]
)
def test_the_day_of_the_draw_counts_and_the_day_of_repayment_does_not(through: date, interest: int) -> None:
    """Drawn on the 10th and paid back on the 13th: three days."""
    changes = [Change(OPENED, drawn=Money(1_000_000)), Change(on(3), repaid=Money(1_000_000))]
    assert total(interest_by_month(TERMS, changes, through).values()) == Money(interest)
    assert total(interest_by_month(TERMS, changes, on(400)).values()) == Money(1_973)


def test_halves_go_to_the_even_unit() -> None:
    """365 units at 10 % for 5 days are half a unit: 0; for 15 days one and a half: 2."""
    assert piece_interest(Money(365), 5, Decimal(10), None) == ZERO
    assert piece_interest(Money(365), 15, Decimal(10), 365) == Money(2)


def test_months_end_where_they_end() -> None:
    """Also in leap years, in December and at the end of all dates."""
    assert month_end(date(2028, 2, 3)) == date(2028, 2, 29)
    assert month_end(date(2026, 12, 31)) == date(2026, 12, 31)
    assert month_end(date(9999, 12, 1)) == date.max


def test_the_most_in_use_from_a_day_on() -> None:
    """What later draws take is not there for an earlier one."""
    changes = [Change(on(0), drawn=Money(5)), Change(on(2), repaid=Money(4)), Change(on(4), drawn=Money(7))]
    assert [most_used_from(changes, on(day)).minor for day in (0, 2, 3, 4, 9)] == [8, 8, 8, 8, 8]
    assert [most_used_from(changes[:2], on(day)).minor for day in (0, 1, 2)] == [5, 5, 1]


@given(changes=lines, days=st.lists(st.integers(0, 800), min_size=1, max_size=5))
def test_interest_adds_up_whatever_was_asked_before(changes: list[Change], days: list[int]) -> None:
    """A later question never lowers a month that was told, and finished months stay as they were told."""
    told: dict[date, Money] = {}
    told_through = OPENED
    for day in sorted(days):
        found = interest_by_month(TERMS, changes, on(day))
        assert all(found[end] >= interest for end, interest in told.items())
        assert all(found[end] == interest for end, interest in told.items() if end <= told_through)
        told, told_through = found, on(day)
    assert told == interest_by_month(TERMS, changes, on(max(days)))


@given(changes=lines, day=st.integers(0, 800))
def test_interest_is_that_of_the_balances_by_day(changes: list[Change], day: int) -> None:
    """It differs from the exact sum over all days by less than half a unit for each rounded piece."""
    exact = sum(
        (Fraction(used(changes, on(each)).minor * 24, 36_500) for each in range(day + 1)), start=Fraction(0)
    )
    found = interest_by_month(TERMS, changes, on(day))
    pieces = len({change.on for change in changes}) + len(found)
    assert abs(total(found.values()).minor - exact) <= Fraction(pieces, 2)
