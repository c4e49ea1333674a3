"""Bars with their figures at the points."""

from web.charts import HEIGHT, WIDTH, bar_chart, in_round_numbers


def test_bars_stand_on_one_line_and_keep_their_proportions() -> None:
    chart = bar_chart(["a", "b", "c"], [[(100, "1"), (50, "½"), (0, "0")]])
    first, second, third = chart.bars
    assert (first.height, third.height) == (2 * second.height, 0)
    assert {bar.y + bar.height for bar in chart.bars} == {chart.floor}
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH and 0 < bar.above < HEIGHT for bar in chart.bars)


def test_what_is_below_zero_hangs_from_the_line() -> None:
    chart = bar_chart(["a", "b"], [[(100, "1"), (-100, "-1")]])
    assert chart.bars[0].y + chart.bars[0].height == chart.floor == chart.bars[1].y


def test_two_rows_stand_beside_each_other_in_two_patterns() -> None:
    chart = bar_chart(["a"], [[(1, "1")], [(2, "2")]])
    left, right = chart.bars
    assert left.x + left.width == right.x
    assert (left.pattern, right.pattern) == (1, 2)


def test_nothing_at_all_is_drawn_as_an_empty_line() -> None:
    assert bar_chart([], []).bars == ()
    assert [bar.height for bar in bar_chart(["a"], [[(0, "0")]]).bars] == [0]


def test_large_numbers_are_written_in_thousands_or_millions() -> None:
    """Halves go up; a currency without cents loses nothing."""
    assert in_round_numbers([[999_900, 50]], 2) == (0, [[(999_900, "9,999"), (50, "1")]])
    assert in_round_numbers([[123_456_700]], 2) == (3, [[(123_456_700, "1,235")]])
    assert in_round_numbers([[12_345_678_900]], 0) == (6, [[(12_345_678_900, "12,346")]])
    assert in_round_numbers([[]], 2) == (0, [[]])


def test_labels_that_would_touch_are_left_out_from_the_last_backwards() -> None:
    days = [f"{day} Nov" for day in range(9, 23)]
    shown = [label for _x, label in bar_chart(days, [[(1, "1")] * len(days)]).labels]
    assert shown == days[1::2]
    assert len(bar_chart(["a"] * 14, [[(1, "1")] * 14]).labels) == 14
