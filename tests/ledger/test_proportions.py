"""Amounts shared in proportion add up, whatever the weights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadTermError
from ledger.money import Money, total
from ledger.proportions import in_proportion

weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)


def test_the_units_left_go_to_the_largest_remainders() -> None:
    """100 over 1, 1, 1 is 34, 33, 33; 10 over 6, 3, 1 is 6, 3, 1; over 5, 5, 1 the last gets its one."""
    shared = [
        in_proportion(Money(100), [Money(1)] * 3),
        in_proportion(Money(10), [Money(6), Money(3), Money(1)]),
    ]
    assert [[part.minor for part in parts] for parts in shared] == [[34, 33, 33], [6, 3, 1]]
    assert [part.minor for part in in_proportion(Money(10), [Money(5), Money(5), Money(1)])] == [5, 4, 1]


@given(amount=st.integers(-(10**12), 10**12), given_weights=weights)
def test_no_unit_is_lost_and_nobody_is_off_by_one_or_more(amount: int, given_weights: list[int]) -> None:
    """Parts add up exactly; each is less than one unit from its exact part, and turns with the sign."""
    parts = in_proportion(Money(amount), [Money(weight) for weight in given_weights])
    whole = sum(given_weights)
    assert total(parts) == Money(amount)
    for part, weight in zip(parts, given_weights, strict=True):
        assert abs(part.minor * whole - amount * weight) < whole
    turned = in_proportion(Money(-amount), [Money(weight) for weight in given_weights])
    assert turned == [-part for part in parts]


@pytest.mark.parametrize("bad", [[], [0, 0], [3, -1]])
def test_weights_that_share_nothing_are_refused(bad: list[int]) -> None:
    """Nobody to give to, or less than nothing: there is no answer."""
    with pytest.raises(BadTermError):
        in_proportion(Money(5), [Money(weight) for weight in bad])
