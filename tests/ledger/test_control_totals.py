"""What could explain a difference between cash and rows, as a counting house would look for it."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.control_totals import (
    Clue,
    ControlRow,
    Reason,
    exchanged_digits,
    find_clues,
    is_divisible_by_nine,
)
from ledger.money import Money

amounts = st.integers(min_value=1, max_value=10**9).map(Money)


def row(due: int, keyed: int | None, number: int = 1, *, pays_out: bool = False) -> ControlRow:
    """Give a row of one column."""
    return ControlRow((number, "loan"), Money(due), None if keyed is None else Money(keyed), pays_out)


def clue(difference: int, *rows: ControlRow) -> list[tuple[str, int, int]]:
    """Give reason, row and right amount of every clue."""
    return [
        (str(found.reason), found.key[0], found.right.minor) for found in find_clues(rows, Money(difference))
    ]


def test_a_row_that_was_skipped_is_named() -> None:
    """It expects exactly what is too much in the drawer."""
    assert clue(500, row(500, 0), row(300, 300, 2)) == [("skipped", 1, 500)]
    assert clue(500, row(500, None)) == [("skipped", 1, 500)]


def test_a_row_that_was_keyed_although_nothing_was_paid_is_named() -> None:
    """Its amount is exactly what is missing in the drawer."""
    assert clue(-300, row(500, 500), row(300, 300, 2)) == [("extra", 2, 0)]


def test_exchanged_digits_are_named_with_the_right_amount() -> None:
    """540 keyed for 450 is 90 too much."""
    assert clue(-90, row(450, 540)) == [("transposed", 1, 450)]
    assert clue(-90, row(999, 540)) == [("transposed", 1, 450)]


def test_a_row_that_paid_as_due_after_all_is_named() -> None:
    """The difference leads from what is keyed to what is due."""
    assert clue(123, row(500, 377)) == [("due", 1, 500)]


def test_half_of_the_difference_names_a_row_on_the_wrong_side() -> None:
    """A withdrawal keyed as a deposit makes a difference of twice its amount."""
    assert clue(-400, row(0, 200)) == [("half", 1, 200)]
    assert clue(400, row(0, 200, pays_out=True)) == [("half", 1, 200)]


def test_money_that_goes_out_counts_the_other_way() -> None:
    """A payout that was not made leaves its amount in the drawer."""
    assert clue(1000, row(1000, 1000, pays_out=True)) == [("extra", 1, 0)]
    assert clue(-1000, row(1000, 0, pays_out=True)) == [("skipped", 1, 1000)]


def test_the_likeliest_reason_stands_first() -> None:
    """Skipped before keyed too much, and that before exchanged digits."""
    found = clue(90, row(540, 450, 1), row(90, 0, 2))
    assert found == [("skipped", 2, 90), ("transposed", 1, 540)]


def test_nothing_explains_no_difference_and_some_differences() -> None:
    """An empty answer, not a guess."""
    assert clue(0, row(500, 0)) == []
    assert clue(7, row(500, 500)) == []


@given(amount=amounts, digit=st.integers(min_value=0, max_value=8))
def test_exchanged_neighbours_always_differ_by_a_multiple_of_nine(amount: Money, digit: int) -> None:
    """The old rule of bookkeepers, for every amount and every pair of digits."""
    for other in exchanged_digits(amount):
        assert is_divisible_by_nine(other - amount)
    assert not is_divisible_by_nine(Money(9 * digit + 1))


@given(rows=st.lists(st.tuples(amounts, st.none() | amounts, st.booleans()), max_size=20), data=st.data())
def test_every_clue_makes_the_totals_agree(
    rows: list[tuple[Money, Money | None, bool]], data: st.DataObject
) -> None:
    """With the right amount in its row (on the other side for a half) the difference is gone."""
    given_rows = [ControlRow((at, "x"), *one) for at, one in enumerate(rows)]
    difference = data.draw(st.integers(min_value=-2000, max_value=2000).map(Money))
    by_key = {one.key: one for one in given_rows}
    for found in find_clues(given_rows, difference):
        assert _explained(found, by_key[found.key]) == difference


def _explained(found: Clue, of: ControlRow) -> Money:
    before = of.keyed or Money(0)
    after = -found.right if found.reason is Reason.HALF else found.right
    return before - after if of.pays_out else after - before
