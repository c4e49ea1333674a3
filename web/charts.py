"""Small pictures as SVG: bars with their figures at the points, told apart by pattern and not by colour alone.

The geometry is worked out here, in whole units of the drawing; ``charts.html`` draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 560
HEIGHT: Final = 220
_TOP, _BOTTOM, _SIDE = 24, 30, 8
_GAP = 3
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
    middles = tuple((_SIDE + place * slot + slot // 2, label) for place, label in enumerate(labels))
    return Chart(tuple(bars), middles, floor)
