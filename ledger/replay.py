"""What each live entry of a loan must have done to each of its rows: all of them shared anew in date order.

Entries count by their dates, on the same day in the order of entry. Rows are taken as they stand; a dated
charge is owed from the first entry on that knows it: one of the charge's day or later, or one that was
entered after the charge. So a payment never pays what nobody knew of when it came, and sharing anew the
entries that came one by one gives what each of them did at once.

What payments left over belongs to the client, and pays what becomes owed later.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from ledger.allocation import Due, Share, allocate_by_steps, allocate_with_excess
from ledger.errors import N_, RuleError
from ledger.money import ZERO, Money
from ledger.posting import Split
from ledger.rows import FEE, INTEREST, PENALTY, PRINCIPAL
from ledger.terms import AllocationOrder, Strategy


class NoLongerFitsError(RuleError):
    """A later entry that would have nothing to rest on. Facts: kind, day, amount, left."""

    code = "NO_LONGER_FITS"
    message = N_(
        "The {kind} of {amount} on {day} rests on this: only {left} would be left for it. "
        "Nothing was changed; reverse that {kind} first."
    )


class EntryKind(StrEnum):
    """What an entry does to the rows."""

    PAYMENT = "payment"
    WAIVER = "waiver"
    WRITE_OFF = "write_off"
    REFUND = "refund"


Sharing: TypeAlias = Callable[[Money, Sequence[Due], date], tuple[list[Share], Money]]
"""Shares an amount over dues on a day: the shares, and what is left over."""


def sharing_of(strategy: Strategy, order: AllocationOrder | None = None) -> Sharing:
    """Give the order in which a product shares money; the free order of twelve where there is one."""

    def share(amount: Money, dues: Sequence[Due], on: date) -> tuple[list[Share], Money]:
        if order is None:
            return allocate_with_excess(amount, dues, on=on, strategy=strategy)
        return allocate_by_steps(amount, dues, on=on, order=order, future=order.future_rule("repayment"))

    return share


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What falls due on a day without its dated charges: penalty, fee, interest, principal in minor units."""

    id: int
    number: int
    due_on: date
    due: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class DatedCharge:
    """A charge on a row; ``order`` is its place in the order of entry, ``amount`` in minor units."""

    order: int
    row_id: int
    on: date
    penalty: bool
    amount: int


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """An entry that stands; ``order`` is its place in the order of entry.

    amount   minor units, above zero
    parts    of a waiver: how much of each component was let go, oldest rows first
    """

    order: int
    on: date
    kind: EntryKind
    amount: Money
    parts: Split = Split()  # noqa: RUF009 - frozen

    @property
    def place(self) -> tuple[date, int]:
        """Give its place in time."""
        return self.on, self.order

    def knows(self, charge: DatedCharge) -> bool:
        """Tell whether a charge was there for this entry."""
        return charge.on <= self.on or charge.order < self.order


@dataclass(slots=True)
class Outcome:
    """What an entry did: minor units by row (penalty, fee, interest, principal), and what was left over."""

    rows: dict[int, list[int]] = field(default_factory=dict)
    overpayment: int = 0

    @property
    def split(self) -> Split:
        """Add up by component."""
        sums = [sum(parts[at] for parts in self.rows.values()) for at in range(4)]
        penalty, fee, interest, principal = map(Money, sums)
        return Split(
            principal=principal,
            interest=interest,
            fee=fee,
            penalty=penalty,
            overpayment=Money(self.overpayment),
        )

    def add(self, row_id: int, parts: Sequence[int]) -> None:
        """Add to what it did to a row; parts may be below zero."""
        known = self.rows.get(row_id, (0, 0, 0, 0))
        self.rows[row_id] = [old + part for old, part in zip(known, parts, strict=True)]

    def less(self, other: "Outcome") -> "Outcome":
        """Give the difference, rows without one left out."""
        found = Outcome(overpayment=self.overpayment - other.overpayment)
        for row_id in sorted({*self.rows, *other.rows}):
            mine, theirs = self.rows.get(row_id, (0,) * 4), other.rows.get(row_id, (0,) * 4)
            parts = [new - old for new, old in zip(mine, theirs, strict=True)]
            if any(parts):
                found.rows[row_id] = parts
        return found

    def __bool__(self) -> bool:
        """Tell whether there is anything in it."""
        return bool(self.overpayment) or any(any(parts) for parts in self.rows.values())


class _Running:
    """A row on its way through time."""

    def __init__(self, plan: PlanRow) -> None:
        self.plan = plan
        self.due = list(plan.due)
        self.gone = [0, 0, 0, 0]
        self.charges: list[DatedCharge] = []

    def owed(self, component: int) -> int:
        return self.due[component] - self.gone[component]

    def charge(self, charge: DatedCharge) -> None:
        self.due[PENALTY if charge.penalty else FEE] += charge.amount
        self.charges.append(charge)

    def owed_dated(self, component: int, on: date) -> Money:
        """Give what is still owed of the charges dated up to ``on``; money pays the oldest charges first."""
        wanted = component == PENALTY
        dated = sum(charge.amount for charge in self.charges if charge.penalty is wanted and charge.on <= on)
        return Money(max(0, dated - self.gone[component]))

    def take(self, parts: Sequence[int]) -> None:
        self.gone = [gone + part for gone, part in zip(self.gone, parts, strict=True)]

    def due_on(self, on: date) -> Due:
        return Due(
            self.plan.id,
            self.plan.number,
            self.plan.due_on,
            penalty=Money(self.owed(PENALTY)),
            fee=Money(self.owed(FEE)),
            interest=Money(self.owed(INTEREST)),
            principal=Money(self.owed(PRINCIPAL)),
            penalty_dated=self.owed_dated(PENALTY, on),
            fee_dated=self.owed_dated(FEE, on),
        )


class Replay:
    """The live entries of one loan in date order; ``outcomes`` by their place in the order of entry.

    raises   NoLongerFitsError when a waiver, write-off or refund has not enough to take
    """

    def __init__(
        self,
        rows: Iterable[PlanRow],
        charges: Iterable[DatedCharge],
        entries: Iterable[LiveEntry],
        sharing: Sharing,
    ) -> None:
        ordered = sorted(rows, key=lambda row: row.number)
        self._rows = {row.id: _Running(row) for row in ordered}
        self._waiting = sorted(charges, key=lambda charge: (charge.on, charge.order))
        self._entries = sorted(entries, key=lambda entry: entry.place)
        self._sharing = sharing
        self.credit = 0
        self.outcomes: dict[int, Outcome] = {}
        for entry in self._entries:
            self._charge_until(entry)
            self._take(entry)
        self._charge_until(None)

    def dues(self, on: date) -> list[Due]:
        """List what is owed at the end, as an entry of ``on`` finds it: oldest first, paid rows left out."""
        found = (row.due_on(on) for row in self._rows.values())
        return [due for due in found if due.owed]

    def _charge_until(self, entry: LiveEntry | None) -> None:
        """Make the charges that ``entry`` knows (None: all); what the client has to his credit pays them."""
        made = [charge for charge in self._waiting if entry is None or entry.knows(charge)]
        self._waiting = [charge for charge in self._waiting if charge not in made]
        for charge in made:
            self._rows[charge.row_id].charge(charge)
            self._pay_from_credit(charge.on)

    def _pay_from_credit(self, on: date) -> None:
        for entry in self._entries:
            outcome = self.outcomes.get(entry.order)
            if outcome is None or not self.credit:
                return
            part = min(outcome.overpayment, self.credit)
            dues = self.dues(on)
            if part <= 0 or not dues:
                continue
            shares, left = self._sharing(Money(part), dues, on)
            self._book(outcome, shares)
            used = part - left.minor
            outcome.overpayment -= used
            self.credit -= used

    def _take(self, entry: LiveEntry) -> None:
        outcome = self.outcomes[entry.order] = Outcome()
        if entry.kind is EntryKind.REFUND:
            if entry.amount.minor > self.credit:
                raise _no_longer_fits(entry, self.credit)
            self.credit -= entry.amount.minor
            outcome.overpayment = -entry.amount.minor
        elif entry.kind is EntryKind.WAIVER:
            self._waive(entry, outcome)
        else:
            shares, left = self._sharing(entry.amount, self.dues(entry.on), entry.on)
            if left and entry.kind is EntryKind.WRITE_OFF:
                raise _no_longer_fits(entry, (entry.amount - left).minor)
            self._book(outcome, shares)
            outcome.overpayment = left.minor
            self.credit += left.minor

    def _book(self, outcome: Outcome, shares: Iterable[Share]) -> None:
        for share in shares:
            parts = [share.penalty.minor, share.fee.minor, share.interest.minor, share.principal.minor]
            self._rows[share.due.installment_id].take(parts)
            outcome.add(share.due.installment_id, parts)

    def _waive(self, entry: LiveEntry, outcome: Outcome) -> None:
        wanted = entry.parts
        left = [wanted.penalty.minor, wanted.fee.minor, wanted.interest.minor, 0]
        for row_id, row in self._rows.items():
            parts = [min(left[at], row.owed(at)) for at in range(4)]
            if any(parts):
                row.take(parts)
                outcome.add(row_id, parts)
                left = [rest - part for rest, part in zip(left, parts, strict=True)]
        if any(left):
            raise _no_longer_fits(entry, entry.amount.minor - sum(left))


def _no_longer_fits(entry: LiveEntry, left: int) -> NoLongerFitsError:
    kind = entry.kind.replace("_", "-")
    return NoLongerFitsError(kind=kind, day=entry.on, amount=entry.amount, left=Money(max(0, left)))


def waived_parts(dues: Iterable[Due], amount: Money, components: Sequence[str]) -> Split:
    """Cut a waiver over components, the first one of them first; what is beyond them is left out."""
    rows, left = list(dues), amount.minor
    parts: dict[str, Money] = {}
    for component in components:
        part = min(left, sum(getattr(due, component).minor for due in rows))
        parts[component] = Money(part)
        left -= part
    return Split(**{name: part for name, part in parts.items() if part != ZERO})
