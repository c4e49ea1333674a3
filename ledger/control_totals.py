"""Why the cash that was counted is not what was keyed: rows that could explain the difference.

The rules are those of every counting house. A difference that is the amount of a row: that row was left out,
or keyed although nothing was paid. Half of it: a row stands on the wrong side. Divisible by nine: two digits
of an amount changed places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.money import ZERO, Money

NINE: Final = 9


class Reason(StrEnum):
    """Why a row could explain a difference, the likeliest first."""

    SKIPPED = "skipped"
    """It expects the difference, and nothing is keyed, or 0."""
    EXTRA = "extra"
    """Its amount is the difference: it may be keyed although no money moved."""
    TRANSPOSED = "transposed"
    """Its amount with two neighbouring digits exchanged makes the totals agree."""
    DUE = "due"
    """Paying exactly what is due there makes the totals agree."""
    HALF = "half"
    """Its amount is half of the difference, which it would be on the other side: money in for money out."""


@dataclass(frozen=True, slots=True)
class ControlRow:
    """A cell; minor units from 0. ``keyed`` None: not keyed. ``pays_out``: its money goes out."""

    key: tuple[int, str]
    due: Money
    keyed: Money | None
    pays_out: bool = False


@dataclass(frozen=True, slots=True)
class Clue:
    """A row that could explain a difference; ``right`` is the amount that would."""

    reason: Reason
    key: tuple[int, str]
    right: Money


def is_divisible_by_nine(difference: Money) -> bool:
    """Tell whether exchanged digits alone could make a difference."""
    return bool(difference) and difference.minor % NINE == 0


def find_clues(rows: Sequence[ControlRow], difference: Money) -> list[Clue]:
    """Find the rows of which each alone could explain a difference, the likeliest first.

    Rows that were keyed otherwise than due go before those that are as due, which are accepted all at once.

    difference  cash counted less the total of the rows (in less out), in minor units
    returns     at most one clue for each row; nothing where there is no difference
    """
    if not difference:
        return []
    found = [(row.keyed == row.due, clue) for row in rows if (clue := _clue_of(row, difference)) is not None]
    order = list(Reason)
    return [clue for _, clue in sorted(found, key=lambda one: (one[0], order.index(one[1].reason)))]


def _clue_of(row: ControlRow, difference: Money) -> Clue | None:
    """Give the likeliest reason with the amount that the row would have."""
    keyed = row.keyed or ZERO
    right = keyed - difference if row.pays_out else keyed + difference
    if row.due and right == row.due and not keyed:
        return Clue(Reason.SKIPPED, row.key, right)
    if not keyed:
        return None
    if not right:
        return Clue(Reason.EXTRA, row.key, right)
    if right in exchanged_digits(keyed):
        return Clue(Reason.TRANSPOSED, row.key, right)
    if row.due and right == row.due:
        return Clue(Reason.DUE, row.key, right)
    return Clue(Reason.HALF, row.key, keyed) if right == -keyed else None


def exchanged_digits(amount: Money) -> set[Money]:
    """Give every amount that comes out when two neighbouring digits of ``amount`` are exchanged."""
    digits = str(amount.minor)
    swapped = {digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(len(digits) - 1)}
    return {Money(int(text)) for text in swapped} - {amount}
