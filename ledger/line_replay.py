"""The draws and entries of one credit line in date order: what it owes, and what each entry paid of it.

Everything is reckoned anew from what happened. An entry finds the interest of all days before its own; what
it pays of principal lowers the part in use from its day on. So a draw or payment that comes late, or is taken
back, changes the interest of the days after it, and what later payments paid.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ledger.allocation import Due
from ledger.credit_line import (
    Change,
    LineTerms,
    interest_by_month,
    row_number,
    row_of_principal,
    rows_through,
)
from ledger.money import Money
from ledger.replay import DatedCharge, LiveEntry, PlanRow, Replay, Sharing
from ledger.rows import INTEREST, PRINCIPAL

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Draw:
    """Money drawn (minor units); ``order`` is its place in the order of entry."""

    order: int
    on: date
    amount: Money

    @property
    def place(self) -> tuple[date, int]:
        """Give its place in time."""
        return self.on, self.order


@dataclass(frozen=True, slots=True)
class LineStory:
    """What makes a loan a credit line: terms, live draws, and the last day whose interest is charged."""

    terms: LineTerms
    draws: tuple[Draw, ...]
    through: date


class LineReplay(Replay):
    """A credit line reckoned anew. ``changes`` are those of its part in use, in date order.

    rows     those that are written down, numbered as ``credit_line`` numbers them. Their own interest and
             principal do not count, their penalties and fees do; one that is missing has its negative number
             for an id
    raises   NoLongerFitsError when a waiver, write-off or refund has not enough to take
    """

    def __init__(
        self,
        line: LineStory,
        rows: Iterable[PlanRow],
        charges: Iterable[DatedCharge],
        entries: Iterable[LiveEntry],
        sharing: Sharing,
    ) -> None:
        entries = list(entries)
        newest = max((entry.on - _DAY for entry in entries), default=line.through)
        self._through = max(line.through, newest)
        bare = [replace(row, due=(row.due[0], row.due[1], 0, 0)) for row in rows]
        known = {row.number for row in bare}
        bare += [
            PlanRow(-number, number, due_on, (0, 0, 0, 0))
            for number, due_on in rows_through(line.terms, self._through).items()
            if number not in known
        ]
        self.changes: list[Change] = []
        self._terms = line.terms
        self._draws = sorted(line.draws, key=lambda draw: draw.place)
        self._ids = {row.number: row.id for row in bare}
        self._lent = self._ids[row_of_principal(line.terms)]
        super().__init__(bare, charges, entries, sharing)

    @property
    def parts(self) -> dict[int, tuple[Money, Money]]:
        """Give interest and principal of each row by its id, minor units."""
        return {
            row_id: (Money(row.due[INTEREST]), Money(row.due[PRINCIPAL]))
            for row_id, row in self._rows.items()
        }

    def dues(self, on: date) -> list[Due]:
        """List what is owed as an entry of ``on`` finds it: interest by months, then what was drawn."""
        return sorted(super().dues(on), key=lambda due: due.installment_id == self._lent)

    def _charge_until(self, entry: LiveEntry | None) -> None:
        drawn = [draw for draw in self._draws if entry is None or draw.place < entry.place]
        self._draws = self._draws[len(drawn) :]
        for draw in drawn:
            self.changes.append(Change(draw.on, drawn=draw.amount))
            self._rows[self._lent].due[PRINCIPAL] += draw.amount.minor
        until = self._through if entry is None else entry.on - _DAY
        for end, interest in interest_by_month(self._terms, self.changes, until).items():
            if interest:
                self._rows[self._ids[row_number(self._terms, end)]].due[INTEREST] = interest.minor
        super()._charge_until(entry)

    def _pay_from_credit(self, on: date) -> None:
        """Pay nothing: what was left over waits until it is given back, whatever is charged later."""

    def _take(self, entry: LiveEntry) -> None:
        before = self._rows[self._lent].gone[PRINCIPAL]
        super()._take(entry)
        repaid = self._rows[self._lent].gone[PRINCIPAL] - before
        if repaid:
            self.changes.append(Change(entry.on, repaid=Money(repaid)))
