"""Bank lines and book lines find each other, each once, whatever the order."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ledger.matching import Candidate, match_lines
from ledger.money import Money

DAY = date(2026, 3, 10)


def line(number: int, day: int, minor: int, *words: str) -> Candidate:
    return Candidate(number, DAY + timedelta(days=day), Money(minor), words)


def test_equal_amounts_go_to_the_nearest_day() -> None:
    bank = [line(1, 0, 500), line(2, 3, 500)]
    books = [line(10, 2, 500), line(11, 0, 500), line(12, 0, -500)]
    assert sorted(match_lines(bank, books, 5)) == [(1, 11), (2, 10)]


def test_a_shared_reference_goes_before_the_day() -> None:
    bank = [line(1, 0, 500, "CHQ 004711 Wanjiku")]
    books = [line(10, 0, 500, "deposit"), line(11, -4, 500, "cheque", "004711")]
    assert match_lines(bank, books, 5) == [(1, 11)]


def test_short_words_and_words_without_digits_are_no_references() -> None:
    bank = [line(1, 0, 500, "12 rent")]
    books = [line(10, 1, 500, "12 rent"), line(11, 0, 500)]
    assert match_lines(bank, books, 5) == [(1, 11)]


def test_what_stands_in_many_lines_names_none_of_them() -> None:
    """The year in every text does not make a pair of lines that lie further apart."""
    bank = [line(number, 0, 500, f"{number} of 2026") for number in range(30)]
    books = [line(100 + number, number % 2, 500, f"{number} in 2026") for number in range(30)]
    found = dict(match_lines(bank, books, 5))
    assert [found[number] for number in range(15)] == list(range(100, 130, 2))


def test_thousands_of_equal_amounts_are_matched_at_once() -> None:
    bank = [line(number, number % 30, 500, "deposit") for number in range(4000)]
    books = [line(10_000 + number, number % 30, 500, "deposit") for number in range(4000)]
    assert len(match_lines(bank, books, 5)) == 4000


def test_what_is_too_far_apart_or_another_amount_stays_open() -> None:
    assert match_lines([line(1, 0, 500)], [line(10, 6, 500), line(11, 0, 501)], 5) == []


sides = st.lists(
    st.tuples(st.integers(0, 9), st.integers(-3, 3).filter(bool), st.sampled_from(["", "R-1", "R-2 x"])),
    max_size=12,
)


@given(bank=sides, books=sides, window=st.integers(0, 6), chance=st.randoms(use_true_random=False))
def test_no_line_is_used_twice_and_the_order_does_not_matter(
    bank: list[tuple[int, int, str]],
    books: list[tuple[int, int, str]],
    window: int,
    chance: Random,
) -> None:
    """Also: amounts agree, days are within the window, and no two lines are left that could be a pair."""
    left = [line(number, *row) for number, row in enumerate(bank)]
    right = [line(100 + number, *row) for number, row in enumerate(books)]
    found = match_lines(left, right, window)
    assert len({pair[0] for pair in found}) == len({pair[1] for pair in found}) == len(found)
    by_id = {row.id: row for row in (*left, *right)}
    for first, second in found:
        assert by_id[first].amount == by_id[second].amount
        assert abs((by_id[first].on - by_id[second].on).days) <= window
    used = {number for pair in found for number in pair}
    for one in left:
        for other in right:
            if not {one.id, other.id} & used:
                assert one.amount != other.amount or abs((one.on - other.on).days) > window
    shuffled_left, shuffled_right = list(left), list(right)
    chance.shuffle(shuffled_left)
    chance.shuffle(shuffled_right)
    assert sorted(match_lines(shuffled_left, shuffled_right, window)) == sorted(found)
