"""In which period the books show what is dated in a closed one (protocol, section 7.7).

A closed period keeps what was known when it was closed: its cut. What comes later, for a day inside it, is
shown in the first later period that is open, or that was closed when it was known. The fact keeps its dates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class PostingPeriod:
    """The newest version of a period, of one office or of all; ``ends_on`` is its last day."""

    name: str
    starts_on: date
    ends_on: date
    closed: bool

    def covers(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class Posting:
    """Where a late entry is shown: on the first day of a period; without a later period its name is empty."""

    on: date
    period: str


Version = TypeVar("Version", bound=PostingPeriod)


def posting_of(
    periods: Sequence[Version], booked_on: date, holds: Callable[[Version], bool]
) -> Posting | None:
    """Give where an entry is shown that is late; None for one that is shown on its own day.

    periods    those that count for its office: months and years, of the office and of all, in any order
    holds      whether the entry's place in its chain lies in the cut of a closed one
    returns    the first day of the first period after its day that no closed period without the entry
               covers; where there is none, the day after the last of those
    """
    barring = [one for one in periods if one.closed and one.ends_on >= booked_on and not holds(one)]
    if not any(one.covers(booked_on) for one in barring):
        return None
    later = [
        one
        for one in periods
        if one.starts_on > booked_on and not any(bar.covers(one.starts_on) for bar in barring)
    ]
    if not later:
        return Posting(max(one.ends_on for one in barring) + timedelta(days=1), "")
    first = min(later, key=lambda one: (one.starts_on, one.ends_on, one.name))
    return Posting(first.starts_on, first.name)
