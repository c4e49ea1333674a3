"""The live entries of a loan whose rows follow what happens, shared anew by its own engine."""

from collections.abc import Iterable, Mapping
from datetime import date

from ledger.allocation import Due
from ledger.entries import dues_of
from ledger.followed import FollowedLoan
from ledger.money import Money
from ledger.posting import Split
from ledger.replay import EntryKind, LiveEntry, NoLongerFitsError, Outcome, Replay
from ledger.rows import Movement, MovementKind, Row


class FollowedReplay(Replay):
    """What each entry did, and the rows that follow from it, as they are seen on ``through``.

    loan     with its tranches, charges and changes of terms, and without entries; it gets them here
    row_ids  the id of each row by its number
    raises   NoLongerFitsError when a waiver, write-off or refund has not enough to take; NeverAmortizesError
    """

    def __init__(
        self, loan: FollowedLoan, row_ids: Mapping[int, int], entries: Iterable[LiveEntry], through: date
    ) -> None:
        ordered = sorted(entries, key=lambda entry: entry.order)
        moved = {entry.order: _movement(entry) for entry in ordered if entry.kind is not EntryKind.REFUND}
        loan.movements.extend(moved.values())
        loan.recalculate(max([through, *(entry.on for entry in ordered)]))
        self.loan = loan
        self._row_ids = row_ids
        self.credit = 0
        self.outcomes = {}
        for entry in sorted(ordered, key=lambda entry: entry.place):
            self.outcomes[entry.order] = self._outcome(entry, moved.get(entry.order))

    @property
    def rows(self) -> list[Row]:
        """Give the rows as they must be."""
        return self.loan.rows

    def dues(self, on: date) -> list[Due]:
        """List what is owed at the end: oldest first, paid rows left out."""
        return list(dues_of(self.loan.rows, on))

    def _outcome(self, entry: LiveEntry, movement: Movement | None) -> Outcome:
        outcome = Outcome()
        if movement is None:
            if entry.amount.minor > self.credit:
                raise _no_longer_fits(entry, Money(self.credit))
            outcome.overpayment = -entry.amount.minor
        else:
            for number, share in movement.shares.items():
                outcome.add(self._row_ids[number], _parts(share))
            outcome.overpayment = movement.split.overpayment.minor
            if movement.split.total != entry.amount:
                raise _no_longer_fits(entry, movement.split.total)
        self.credit += outcome.overpayment
        return outcome


def _movement(entry: LiveEntry) -> Movement:
    kind = MovementKind.REPAYMENT
    if entry.kind is EntryKind.WRITE_OFF:
        kind = MovementKind.WRITE_OFF
    elif entry.kind is EntryKind.WAIVER:
        only_interest = entry.parts.interest == entry.amount
        kind = MovementKind.WAIVE_INTEREST if only_interest else MovementKind.WAIVE
    return Movement(kind, entry.on, entry.amount)


def _parts(share: Split) -> list[int]:
    return [share.penalty.minor, share.fee.minor, share.interest.minor, share.principal.minor]


def _no_longer_fits(entry: LiveEntry, left: Money) -> NoLongerFitsError:
    return NoLongerFitsError(kind=entry.kind.replace("_", "-"), day=entry.on, amount=entry.amount, left=left)
