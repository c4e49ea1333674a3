"""Samples by hand: monetary units as in a textbook, strata, and the same numbers for the same seed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import sampling
from ledger.sampling import (
    allocation,
    digest_of_ids,
    number_of,
    random_sample,
    stratified_sample,
    unit_sample,
)

BOOK = [(1, 400), (2, 1250), (3, 900), (4, 2600), (5, 50), (6, 1800)]
"""Accounts of a textbook's example: 7,000 units in all; five of them taken are every 1,400th."""


def test_units_of_money_are_taken_at_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand, from unit 700: 700, 2100, 3500, 4900, 6300.

    The accounts end at 400, 1650, 2550, 5150, 5200 and 7000: units 700 in the second, 2100 in the third, 3500
    and 4900 in the fourth, 6300 in the sixth.
    """
    monkeypatch.setattr(sampling, "start_of", lambda _interval, _seed: 700)
    assert unit_sample(BOOK, 5, "any") == [(2, 1), (3, 1), (4, 2), (6, 1)]


def test_the_first_unit_follows_from_the_seed() -> None:
    """It is SHA-256 of seed and the word start, within the interval."""
    whole = int.from_bytes(hashlib.sha256(b"seed 7\nstart").digest(), "big")
    assert sampling.start_of(1400, "seed 7") == whole % 1400 + 1


@given(st.lists(st.integers(-50, 5000), min_size=1, max_size=60), st.integers(1, 40), st.text(max_size=5))
def test_what_is_larger_than_the_interval_is_always_taken(amounts: list[int], size: int, seed: str) -> None:
    """And as many units as were wanted, from nothing that is not above zero."""
    rows = list(enumerate(amounts, start=1))
    total = sum(amount for amount in amounts if amount > 0)
    taken = dict(unit_sample(rows, size, seed))
    interval = total // size
    if not interval:
        assert taken == {}
        return
    assert sum(taken.values()) == size
    assert all(amounts[row - 1] > 0 for row in taken)
    assert {row for row, amount in rows if amount >= interval * 2} <= set(taken)


def test_a_random_sample_is_the_smallest_numbers() -> None:
    """Whoever has SHA-256 can draw it again; one more is the same and one."""
    ids = list(range(1, 101))
    by_hand = sorted(ids, key=lambda one: hashlib.sha256(f"2026\n{one}".encode()).digest())
    assert random_sample(ids, 10, "2026") == by_hand[:10]
    assert random_sample(reversed(ids), 11, "2026")[:10] == by_hand[:10]
    assert random_sample(ids, 10, "2027") != by_hand[:10]
    assert number_of("a", "b") == int(hashlib.sha256(b"a\nb").hexdigest(), 16)


def test_strata_get_their_share_or_the_same() -> None:
    """Seven shared over 60, 30 and 10 are 4.2, 2.1 and 0.7: the rest goes to the largest remainder."""
    sizes = {"A": 60, "B": 30, "C": 10}
    assert allocation(sizes, 7) == {"A": 4, "B": 2, "C": 1}
    assert allocation(sizes, 9, equal=True) == {"A": 3, "B": 3, "C": 3}
    assert allocation({"A": 60, "B": 2}, 10, equal=True) == {"A": 8, "B": 2}
    assert allocation(sizes, 500) == sizes
    drawn = stratified_sample({"A": list(range(60)), "B": list(range(100, 130))}, 6, "s")
    assert (len([one for one in drawn if one < 60]), len(drawn)) == (4, 6)


def test_the_digest_is_over_the_ids_in_their_order() -> None:
    """Eight bytes each."""
    assert digest_of_ids([1, 2]) == hashlib.sha256(bytes(7) + b"\x01" + bytes(7) + b"\x02").digest()
    assert digest_of_ids([2, 1]) != digest_of_ids([1, 2])
