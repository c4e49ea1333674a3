"""What loans have in common whose rows follow what happens on them: events in, rows and entries out.

Every event replays all that stands in date order; a subclass says how rows follow and where money goes.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date

from ledger import entries
from ledger.charge_book import ChargeBook
from ledger.charges import Charge, ChargeTime
from ledger.errors import BadTermError, UnsupportedTermError
from ledger.money import ZERO, Money
from ledger.rescheduling import Reschedule
from ledger.rows import INTEREST, PRINCIPAL, WAIVERS, Movement, MovementKind, Row
from ledger.terms import LoanTerms
from ledger.tranches import Tranche


class FollowedLoan(ABC):
    """A loan whose rows are computed anew with each event; feed it events, read rows and movements."""

    def __init__(self, terms: LoanTerms, disbursed_on: date) -> None:
        self.terms = terms
        self.disbursed_on = disbursed_on
        self.dates: list[date] = []
        self.starts: list[date] = []
        self.tranches: list[Tranche] = []
        self.movements: list[Movement] = []
        self.rows: list[Row] = []
        self.charges = ChargeBook(terms, disbursed_on)
        self._changes: list[Reschedule] = []
        self._recalculated: list[date] = []
        self._closed: date | None = None
        self._written_off = False
        self._replayed: list[Movement] = []

    # --- what a subclass says ------------------------------------------------------------------------

    @abstractmethod
    def payoff(self, on: date) -> Money:
        """Give what closes the loan on ``on``."""

    @abstractmethod
    def _begin(self) -> None:
        """Make everything new for a replay: rows that follow from the tranches alone."""

    @abstractmethod
    def _follow(self, today: date, *, whole: bool) -> None:
        """Compute the rows as they are seen on ``today``; ``whole`` also those before the current one."""

    @abstractmethod
    def _take(self, movement: Movement) -> Money:
        """Share a payment, and give what is left over."""

    @abstractmethod
    def _follows_whole(self, on: date) -> bool:
        """Tell whether older rows are brought to ``on`` as well."""

    # --- events --------------------------------------------------------------------------------------

    def pay(self, kind: MovementKind, on: date, amount: Money) -> Movement:
        """Book money or a waiver; what is left over when nothing is owed is an overpayment.

        raises   AmountError; OverpaymentError for a waiver above what it may let go; BadTermError for a date
                 before disbursement
        """
        self._follow(on, whole=self._follows_whole(on))
        return self._enter(entries.payment(kind, on, amount, self.rows))

    def write_off(self, on: date, amount: Money | None = None) -> Movement:
        """Write off everything still owed: nothing on the loan changes after that.

        raises   NothingOwedError; UnsupportedTermError for a part, which no rule is known for
        """
        if amount is not None:
            raise UnsupportedTermError(term="write_off in part where rows follow what happens")
        self._follow(on, whole=self._follows_whole(on))
        return self._enter(entries.writing_off(on, None, self.rows))

    def undo(self, movement: Movement) -> None:
        """Take an entry back."""
        movement.live = False
        movement.forget()
        self._replay()

    def recalculate(self, on: date) -> None:
        """Bring all rows to ``on``, as the daily job does."""
        self._recalculated.append(on)
        self._replay()

    def charge(self, charge: Charge) -> None:
        """Put a charge on the loan: on every row, on the row of its date, or at disbursement."""
        interest = sum(row.due[INTEREST] for row in self.rows)
        self.charges.add(charge, self.terms.principal.minor, interest)
        if charge.when is not ChargeTime.DISBURSEMENT:
            self._replay()

    def charge_overdue(self, charges: Sequence[Charge], on: date) -> None:
        """Put each overdue penalty on the rows unpaid although due before ``on``, as often as it says."""
        made = [
            self.charges.add_overdue(charges, row, on)
            for row in self.rows[: len(self.dates)]
            if row.outstanding
        ]
        if any(made):
            self._replay()

    def live(self) -> list[Movement]:
        """Give the entries that stand, in date order."""
        return sorted((movement for movement in self.movements if movement.live), key=lambda m: m.on)

    def standing_rows(self) -> list[Row]:
        """Give the rows up to the one that pays the loan off; early money may leave fewer than planned."""
        last = max((row.number for row in self.rows if any(row.due)), default=0)
        return self.rows[:last]

    @property
    def disbursed(self) -> bool:
        """Tell whether anything was paid out."""
        return bool(self.tranches)

    @property
    def overpaid(self) -> int:
        """What live payments left over, minor units."""
        return sum(movement.split.overpayment.minor for movement in self.live())

    @property
    def fees_at_disbursement(self) -> int:
        """What was charged at disbursement and paid from it, minor units."""
        return self.charges.at_disbursement

    # --- replay --------------------------------------------------------------------------------------

    def _enter(self, movement: Movement) -> Movement:
        if movement.on < self.disbursed_on:
            raise BadTermError(term="date", given=movement.on)
        self.movements.append(movement)
        self._replay()
        return movement

    def _replay(self) -> None:
        self.rows = [
            Row(number, start, due, [0] * 4)
            for number, (start, due) in enumerate(zip(self.starts, self.dates, strict=True), 1)
        ]
        self._closed, self._written_off, self._replayed = None, False, []
        self._begin()
        steps: list[tuple[date, int, Movement | None]] = [(on, 1, None) for on in self._recalculated]
        steps += [(movement.on, 0, movement) for movement in self.live()]
        for on, _, movement in sorted(steps, key=lambda step: step[:2]):
            self._follow(on, whole=self._follows_whole(on))
            if movement is not None:
                movement.forget()
                self._replayed.append(movement)
                self._apply(movement)
                paid_out = sum(tranche.amount for tranche in self.tranches if tranche.on <= on)
                movement.balance_after = Money(paid_out - self._principal_gone())

    def _apply(self, movement: Movement) -> None:
        left = ZERO
        if movement.kind is MovementKind.WRITE_OFF:
            entries.write_off(movement, self.rows)
            self._written_off = True
        elif movement.kind in WAIVERS:
            entries.waive(movement, self.rows)
        else:
            left = self._take(movement)
        movement.sum_up(left)

    def _principal_gone(self) -> int:
        return sum(row.due[PRINCIPAL] - row.owed(PRINCIPAL) for row in self.rows)

    def _lay_charges(self) -> None:
        """Put the charges on the rows; those of every row fall on rows that still have something to pay."""
        planned = len(self.dates)
        standing = (row.number for row in self.rows[:planned] if self._stands(row))
        bearing = max(standing, default=0)
        self.charges.lay(self.rows, planned, bearing)

    def _stands(self, row: Row) -> bool:
        """Tell whether a row has something to pay before the loan closed, or had charges paid or waived."""
        charged = sum(row.due[part] - row.owed(part) for part in range(INTEREST))
        closed = self._closed is not None and row.start >= self._closed
        return bool(charged) or (any(row.due[INTEREST:]) and not closed)

    def _settle(self) -> None:
        """Note on each row when it was paid off: the day of the last entry that paid something there."""
        last: dict[int, date] = {}
        for movement in self._replayed:
            last.update(dict.fromkeys(movement.shares, movement.on))
        for row in self.rows:
            row.settle(last.get(row.number, self.disbursed_on))

    def _charges_owed(self, on: date) -> int:
        """Give the charges that a payoff pays: all, but those of every row only up to the current one."""
        owed = 0
        for row in self.rows:
            charged = sum(row.owed(part) for part in range(INTEREST))
            if row.start >= on and row.number <= len(self.dates):
                dated = sum(minor for _, _, minor in row.dated)
                charged = min(charged, dated)
            owed += charged
        return owed
