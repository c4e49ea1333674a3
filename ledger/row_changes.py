"""Rows whose figures follow what happens: their days, rates and pauses as they are changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ledger.dates import step
from ledger.errors import BadTermError, UnsupportedTermError
from ledger.rescheduling import Reschedule
from ledger.terms import LoanTerms


@dataclass(slots=True)
class RowTerms:
    """What each row follows from; ``change`` moves all rows from a date on.

    terms              of each row, for a rate may change
    seed_days          the day of month that the due date of each row keeps
    without_principal  rows that pay interest alone
    solved_at          rows from which the installment is solved anew
    """

    start: date
    dates: list[date]
    terms: list[LoanTerms]
    seed_days: list[int]
    without_principal: set[int] = field(default_factory=set)
    solved_at: set[int] = field(default_factory=set)
    cut_from: dict[int, date] = field(default_factory=dict)
    """Rows that early money cut in two: the first part's number and the due date that the whole had."""

    @classmethod
    def of(cls, terms: LoanTerms, start: date, dates: Sequence[date], seed_day: int) -> "RowTerms":
        """Begin with rows that all follow from ``terms``."""
        count = len(dates)
        grace = set(range(terms.grace_principal))
        return cls(start, list(dates), [terms] * count, [seed_day] * count, grace)

    @property
    def starts(self) -> list[date]:
        """Give the first day of each row."""
        return [self.start, *self.dates[:-1]]

    def change(self, change: Reschedule) -> None:
        """Change the rows from a date on: new days, more rows, rows without principal, a new rate.

        raises   BadTermError when no row is due on ``change.from_date`` or the dates would not rise;
                 UnsupportedTermError for grace on interest
        """
        at = change.row_in(self.dates)
        if change.grace_interest:
            raise UnsupportedTermError(
                term="reschedule with grace on interest where rows follow what happens"
            )
        first = change.new_date or self.dates[at]
        if first <= self.starts[at]:
            raise BadTermError(term="reschedule.adjusted_due_date", given=first)
        pause, terms = change.grace_principal, self.terms[at]
        count = len(self.dates) - at + change.extra_rows + pause
        day = first.day if change.new_date else self.seed_days[at]
        self.dates[at:] = [step(first, terms.repay_every * k, terms.repay_unit, day) for k in range(count)]
        if change.new_rate is not None:
            terms = replace(terms, annual_rate=change.new_rate)
        self.terms[at:], self.seed_days[at:] = [terms] * count, [day] * count
        paused = {index + pause if index >= at else index for index in self.without_principal}
        self.without_principal = paused | set(range(at, at + pause))
        self.solved_at = {index + pause if index > at else index for index in self.solved_at}
        if change.extra_rows or change.new_rate is not None:
            self.solved_at.add(at)

    def copy(self) -> "RowTerms":
        """Give the same rows, to be cut without changing these."""
        return RowTerms(
            self.start,
            list(self.dates),
            list(self.terms),
            list(self.seed_days),
            set(self.without_principal),
            set(self.solved_at),
            dict(self.cut_from),
        )

    def cut(self, index: int, on: date) -> None:
        """Cut a row in two: the first part falls due on ``on``, the second when the whole did."""
        self.cut_from = {row + (row >= index): due for row, due in self.cut_from.items()}
        self.cut_from[index] = self.dates[index]
        self.dates.insert(index, on)
        self.terms.insert(index, self.terms[index])
        self.seed_days.insert(index, self.seed_days[index])
        self.without_principal = {row + (row > index) for row in self.without_principal}
        self.solved_at = {row + (row > index) for row in self.solved_at}
