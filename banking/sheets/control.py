"""Hints for a clerk whose cash is not what the rows come to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from banking.sheets.keyed import KeyedSheet
from ledger.control_totals import Clue, ControlRow, Reason, find_clues, is_divisible_by_nine
from ledger.errors import N_, as_it_stands
from ledger.money import Money

NINE, NOTHING = "nine", "nothing"
"""Reasons of hints that name no row: digits exchanged somewhere, and no explanation found."""

_TOLD: Final = {
    Reason.SKIPPED: N_("Row {line}, {name}: nothing is keyed, and {right} is due."),
    Reason.EXTRA: N_("Row {line}, {name}: {keyed} is keyed. Was nothing paid there?"),
    Reason.TRANSPOSED: N_("Row {line}, {name}: {keyed} is keyed. Is it {right}, with two digits exchanged?"),
    Reason.DUE: N_("Row {line}, {name}: {keyed} is keyed. Is it {right}, as due?"),
    Reason.HALF: N_(
        "Row {line}, {name}: {keyed} is half of the difference. Does it stand in a wrong column?"
    ),
    NINE: N_("The difference can be divided by 9: two digits may be exchanged in some row."),
    NOTHING: N_("No single row explains the difference. Count the cash again, then look at the rows."),
}
MOST_HINTS: Final = 8


@dataclass(frozen=True, slots=True)
class Hint:
    """What could explain a difference. ``line`` and ``slot`` are empty where no row is named.

    reason  one of ``ledger.control_totals.Reason``, or ``NINE`` or ``NOTHING``
    """

    reason: str
    line: int | None = None
    slot: str = ""
    name: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    def told(
        self,
        translate: Callable[[str], str] = N_,
        show: Callable[[object], object] = as_it_stands,
    ) -> str:
        """Give the sentence in the reader's language, as ``RuleError.told`` does."""
        return translate(_TOLD[self.reason]).format(**{name: show(fact) for name, fact in self.facts.items()})


def explain_difference(keyed: KeyedSheet, counted: Money) -> list[Hint]:
    """Name what could explain that the cash counted is not what was keyed, the likeliest first.

    counted  minor units; cash in less cash out, as the officer brought it back
    returns  at most ``MOST_HINTS``; nothing where both agree, and at least one hint where they do not
    """
    difference = counted - keyed.total
    if not difference:
        return []
    rows = [
        ControlRow((line.line, cell.slot), cell.printed, cell.amount, column.pays_out)
        for line in keyed.lines
        for column in keyed.columns
        if (cell := line.cells.get(column.slot)) is not None
    ]
    hints = [_hint(keyed, clue) for clue in find_clues(rows, difference)]
    if not any(hint.reason == Reason.TRANSPOSED for hint in hints) and is_divisible_by_nine(difference):
        hints.append(Hint(NINE))
    return hints[:MOST_HINTS] or [Hint(NOTHING)]


def _hint(keyed: KeyedSheet, clue: Clue) -> Hint:
    number, slot = clue.key
    line = keyed.lines[number - 1]
    amount = line.cells[slot].amount
    facts: dict[str, object] = {
        "line": number,
        "name": line.name,
        "keyed": amount if amount is not None else Money(0),
        "right": clue.right,
    }
    return Hint(clue.reason, number, slot, line.name, facts)
