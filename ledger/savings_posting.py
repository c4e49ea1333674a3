"""What is to be posted on a savings account at the end of its posting periods, and what to correct.

Posted interest follows from the dated movements alone. As long as nothing came in late, a new period starts
from what stands on the account. When something did (a deposit dated back, a reversal), all periods are worked
out again from the first day, and the next posting carries the difference to what was posted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ledger.money import ZERO, Money, total
from ledger.savings_interest import (
    ONE_DAY,
    Change,
    InterestRule,
    interest_between,
    percent_of,
    period_ends,
)


@dataclass(frozen=True, slots=True)
class Posting:
    """What is posted for a period that ends ``on``: minor units, below zero only where it corrects.

    ``tax`` is what is withheld of the interest, ``overdraft`` what is owed for days below zero.
    """

    on: date
    interest: Money = ZERO
    overdraft: Money = ZERO
    tax: Money = ZERO

    @property
    def net(self) -> Money:
        """What it changes on the account."""
        return self.interest - self.overdraft - self.tax

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.interest or self.overdraft or self.tax)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """An account's past: its movements without interest, and what was posted as interest so far.

    first      the first day that earns
    posted_to  the last day whose interest is posted; None: none is
    late       whether something came in for days that are posted already
    """

    changes: Sequence[Change]
    posted: Sequence[Posting] = ()
    first: date
    posted_to: date | None = None
    late: bool = False


def postings_due(
    rule: InterestRule,
    saved: Saved,
    until: date,
    *,
    tax_percent: Decimal = Decimal(0),
    to_the_day: bool = False,
) -> list[Posting]:
    """Give what is to be posted up to ``until``, period by period, oldest first; empty periods too.

    to_the_day  also the begun period, to the end of ``until`` (closing, maturity)
    """
    start = saved.first if saved.posted_to is None else saved.posted_to + ONE_DAY
    ends = period_ends(start, until, rule.posting)
    if to_the_day and until >= start and until not in ends:
        ends.append(until)
    if not ends:
        return []
    if not saved.late:
        return _periods(rule, [*saved.changes, *_as_changes(saved.posted)], start, ends, tax_percent)
    earlier = {row.on for row in saved.posted if row.on < start}
    if saved.posted_to is not None:
        earlier.update(period_ends(saved.first, saved.posted_to, rule.posting))
    again = _periods(rule, saved.changes, saved.first, [*sorted(earlier), *ends], tax_percent)
    due = [posting for posting in again if posting.on >= start]
    before = [posting for posting in again if posting.on < start]
    return [_corrected(due[0], before, saved.posted), *due[1:]]


def as_at(rule: InterestRule, saved: Saved, day: date) -> Saved:
    """Give a past as it stood when ``day`` ended: without what was posted for periods that end later."""
    if saved.posted_to is None or saved.posted_to <= day:
        return saved
    ends = period_ends(saved.first, day, rule.posting)
    posted = [posting for posting in saved.posted if posting.on <= day]
    return replace(saved, posted=posted, posted_to=ends[-1] if ends else None)


def accrued(rule: InterestRule, saved: Saved, until: date, *, tax_percent: Decimal = Decimal(0)) -> Posting:
    """Give what would be posted if the account were closed at the end of ``until``, as one sum."""
    due = postings_due(rule, saved, until, tax_percent=tax_percent, to_the_day=True)
    return Posting(
        until,
        total(posting.interest for posting in due),
        total(posting.overdraft for posting in due),
        total(posting.tax for posting in due),
    )


def _periods(
    rule: InterestRule, changes: Sequence[Change], first: date, ends: Sequence[date], tax_percent: Decimal
) -> list[Posting]:
    """Work out periods one after the other; the interest of each is part of what the next ones find."""
    known, postings, start = list(changes), [], first
    for end in ends:
        span = interest_between(rule, known, start, end)
        interest = span.interest
        posting = Posting(end, interest, span.overdraft_interest, percent_of(interest, tax_percent))
        postings.append(posting)
        known.extend(_as_changes([posting]))
        start = end + ONE_DAY
    return postings


def _as_changes(postings: Sequence[Posting]) -> list[Change]:
    return [Change(posting.on, posting.net, interest=True) for posting in postings if posting.net]


def _corrected(due: Posting, right: Sequence[Posting], posted: Sequence[Posting]) -> Posting:
    """Add to a posting what the earlier ones should have been less what they were."""
    return Posting(
        due.on,
        due.interest + total(row.interest for row in right) - total(row.interest for row in posted),
        due.overdraft + total(row.overdraft for row in right) - total(row.overdraft for row in posted),
        due.tax + total(row.tax for row in right) - total(row.tax for row in posted),
    )
