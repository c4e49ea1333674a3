"""Rows of a loan as they stand, and the entries that made them so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from ledger.money import ZERO, Money
from ledger.posting import Split

PENALTY, FEE, INTEREST, PRINCIPAL = range(4)
"""Places of the components in the lists of a row."""


class MovementKind(StrEnum):
    """What moved; waivers and write-offs let go of what is owed, all others are shared like a repayment."""

    REPAYMENT = "repayment"
    DOWN_PAYMENT = "down_payment"
    GOODWILL_CREDIT = "goodwill_credit"
    PAYOUT_REFUND = "payout_refund"
    MERCHANT_ISSUED_REFUND = "merchant_issued_refund"
    RECOVERY = "recovery"
    WAIVE_INTEREST = "waive_interest"
    WAIVE = "waive"
    WRITE_OFF = "write_off"
    WRITE_OFF_PART = "write_off_part"


WAIVERS: Final = {
    MovementKind.WAIVE_INTEREST: (INTEREST,),
    MovementKind.WAIVE: (PENALTY, FEE, INTEREST),
}
"""What each waiver lets go, in order: one component in all rows, oldest first, then the next."""


@dataclass(slots=True)
class Row:
    """One row as it stands; lists hold penalty, fee, interest, principal in minor units."""

    number: int
    start: date
    due_date: date
    due: list[int]
    paid: list[int] = field(default_factory=lambda: [0] * 4)
    waived: list[int] = field(default_factory=lambda: [0] * 4)
    written_off: list[int] = field(default_factory=lambda: [0] * 4)
    in_advance: int = 0
    late: int = 0
    paid_on: date | None = None
    dated: list[tuple[int, date, int]] = field(default_factory=list)
    """Dated charges on this row: component, date, minor units."""

    @property
    def days(self) -> int:
        """Count the days that the row covers."""
        return (self.due_date - self.start).days

    @property
    def outstanding(self) -> int:
        """Give what is still owed, minor units."""
        return sum(self.due) - sum(self.paid) - sum(self.waived) - sum(self.written_off)

    def owed(self, component: int) -> int:
        """Give what is still owed of one component, minor units."""
        gone = self.paid[component] + self.waived[component] + self.written_off[component]
        return self.due[component] - gone

    def owed_dated(self, component: int, on: date) -> int:
        """Give what is still owed of the charges dated up to ``on``; money pays the oldest charges first."""
        if not self.dated:
            return 0
        dated = sum(amount for part, day, amount in self.dated if part == component and day <= on)
        return max(0, dated - (self.due[component] - self.owed(component)))

    def receive(self, parts: Sequence[int], on: date) -> None:
        """Book what a payment paid here."""
        self.paid = [paid + part for paid, part in zip(self.paid, parts, strict=True)]
        if on < self.due_date:
            self.in_advance += sum(parts)
        elif on > self.due_date:
            self.late += sum(parts)
        self.settle(on)

    def waive(self, parts: Sequence[int], on: date) -> None:
        """Book what is owed no more because it was waived."""
        if any(parts):
            self.waived = [waived + part for waived, part in zip(self.waived, parts, strict=True)]
            self.settle(on)

    def write_off(self, parts: Sequence[int], on: date) -> None:
        """Book what was given up."""
        self.written_off = [gone + part for gone, part in zip(self.written_off, parts, strict=True)]
        self.settle(on)

    def settle(self, on: date) -> None:
        """Note the day on which the row was paid off, or that it is open again."""
        if self.outstanding:
            self.paid_on = None
        elif self.paid_on is None:
            self.paid_on = on

    def forget(self) -> None:
        """Take back everything but what is due."""
        self.paid, self.waived, self.written_off = [0] * 4, [0] * 4, [0] * 4
        self.in_advance = self.late = 0
        self.paid_on = None


@dataclass(slots=True)
class Movement:
    """An entry on the loan and, as long as it lives, what it did; ``amount`` in minor units."""

    kind: MovementKind
    on: date
    amount: Money
    live: bool = True
    split: Split = field(default_factory=Split)
    balance_after: Money = field(default_factory=lambda: Money(0))
    """Principal still owed right after this entry, in date order."""
    shares: dict[int, Split] = field(default_factory=dict)
    """What this entry did to each row that it touched, by the number of the row."""

    def forget(self) -> None:
        """Take back what it did."""
        self.split, self.shares = Split(), {}

    def note(self, row: int, parts: Sequence[int]) -> None:
        """Add what it did to a row: penalty, fee, interest, principal in minor units."""
        penalty, fee, interest, principal = map(Money, parts)
        share = Split(principal=principal, interest=interest, fee=fee, penalty=penalty)
        if share.total:
            self.shares[row] = self.shares.get(row, Split()).plus(share)

    def sum_up(self, overpayment: Money = ZERO) -> None:
        """Make its split from its shares and what was left over."""
        self.split = Split(overpayment=overpayment)
        for share in self.shares.values():
            self.split = self.split.plus(share)
