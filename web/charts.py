"""Small pictures as SVG: bars with their figures at the points, told apart by pattern, not by colour.

The geometry is worked out here, in whole units of the drawing; ``charts.html`` draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 560
HEIGHT: Final = 220
_TOP, _BOTTOM, _SIDE = 24, 30, 8
_GAP = 3
_LETTER: Final = 9
"""Room for one letter of a label, as wide as they come."""
_SHORT: Final = 10_000
"""Numbers below it fit above a bar."""
_WIDEST: Final = 56
"""Units of the drawing, so that few bars are not as wide as doors."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its place and size, what stands above it and in which pattern (1 or 2) it is drawn."""

    x: int
    y: int
    width: int
    height: int
    shown: str
    pattern: int

    @property
    def middle(self) -> int:
        """Where its figure is centred."""
        return self.x + self.width // 2

    @property
    def above(self) -> int:
        """Where its figure stands."""
        return self.y - 5


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture ready to be drawn: its bars, the labels under them, and the line on which they stand."""

    bars: tuple[Bar, ...]
    labels: tuple[tuple[int, str], ...]
    floor: int
    width: int = WIDTH
    height: int = HEIGHT


def bar_chart(labels: Sequence[str], series: Sequence[Sequence[tuple[int, str]]]) -> Chart:
    """Draw one or two rows of bars over the same labels.

    series   for each label the amount (any whole unit) and how it is written; below zero hangs from the line
    """
    amounts = [amount for row in series for amount, _shown in row]
    highest, lowest = max(0, *amounts, 0), min(0, *amounts, 0)
    reach = highest - lowest or 1
    room = HEIGHT - _TOP - _BOTTOM
    floor = _TOP + room * highest // reach
    slot = (WIDTH - 2 * _SIDE) // max(len(labels), 1)
    width = min(_WIDEST, (slot - _GAP * 2) // max(len(series), 1))
    bars = []
    for number, row in enumerate(series):
        for place, (amount, shown) in enumerate(row):
            height = room * abs(amount) // reach
            left = _SIDE + place * slot + (slot - width * len(series)) // 2 + number * width
            bars.append(Bar(left, floor - height if amount > 0 else floor, width, height, shown, number + 1))
    # where they would touch, only every second or third label is written; the last always is
    step = -(-max((len(label) for label in labels), default=1) * _LETTER // slot)
    middles = tuple(
        (_SIDE + place * slot + slot // 2, label)
        for place, label in enumerate(labels)
        if (len(labels) - 1 - place) % max(step, 1) == 0
    )
    return Chart(tuple(bars), middles, floor)


def in_round_numbers(rows: Sequence[Sequence[int]], digits: int) -> tuple[int, list[list[tuple[int, str]]]]:
    """Write amounts so short that they fit above their bars: in units, thousands or millions.

    rows     minor units, of a currency with so many ``digits``
    returns  how many powers of ten were left out of the major unit (0, 3 or 6), and the series for
             ``bar_chart``; halves are rounded up
    """
    largest = max((abs(amount) for row in rows for amount in row), default=0)
    power = next((power for power in (0, 3) if largest < _SHORT * 10 ** (digits + power)), 6)
    scale = 10 ** (digits + power)
    series = [[(amount, f"{(2 * amount + scale) // (2 * scale):,}") for amount in row] for row in rows]
    return power, series
