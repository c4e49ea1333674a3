"""Interest on savings: what dated balances earn in a posting period, exactly, rounded once.

A day earns its end balance x rate / days in the year. Interest begins to earn interest itself when a
compounding period ends: posted interest counts among the balance from the day after, and until then it waits.
Inside a longer posting period what was earned so far is compounded unrounded. Days below zero owe the rate of
the overdraft. Nothing is rounded before the posting, and there once, half-even, to whole minor units.

Source: the same rule as Fineract's ``PostingPeriod`` and ``EndOfDayBalance``, except that Fineract compounds
what it earned unrounded across postings, while here the posted amount counts, which a client can check.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum
from typing import Final

from ledger.money import ZERO, Money

EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
PERCENT: Final = Decimal(100)
ONE_DAY: Final = timedelta(days=1)


class Every(StrEnum):
    """How often interest is posted or compounded. Periods are those of the calendar year."""

    DAILY = "daily"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    ANNUALLY = "annually"


_MONTHS: Final = {Every.MONTHLY: 1, Every.QUARTERLY: 3, Every.HALF_YEARLY: 6, Every.ANNUALLY: 12}


class BalanceMethod(StrEnum):
    """Whose interest it is: each day's balance, or the average of the days."""

    DAILY = "daily"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class RateStep:
    """The rate (percent a year) of a balance from ``from_amount`` on."""

    from_amount: Money
    annual_rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRule:
    """How an account earns.

    annual_rate     percent a year
    steps           rates by balance; the highest one that the balance reaches counts for all of it
    days_in_year    a number, or None for the actual days of each year
    minimum         a balance below this earns nothing
    overdraft_rate  percent a year owed on a balance below zero
    """

    annual_rate: Decimal
    steps: tuple[RateStep, ...] = ()
    method: BalanceMethod = BalanceMethod.DAILY
    compounding: Every = Every.DAILY
    posting: Every = Every.MONTHLY
    days_in_year: int | None = 365
    minimum: Money = ZERO
    overdraft_rate: Decimal = Decimal(0)

    def rate_of(self, base: Decimal) -> Decimal:
        """Give the yearly rate of a balance in minor units; below zero that of the overdraft."""
        if base < 0:
            return self.overdraft_rate
        if base < self.minimum.minor:
            return Decimal(0)
        if not self.steps:
            return self.annual_rate
        reached = [step for step in self.steps if step.from_amount.minor <= base]
        return max(reached, key=lambda step: step.from_amount).annual_rate if reached else self.annual_rate


@dataclass(frozen=True, slots=True)
class Change:
    """Money that came (positive) or went on a day, in minor units.

    ``interest`` marks what interest postings moved (interest, its tax, its payout): it counts from the day
    after, and earns from the end of its compounding period on.
    """

    on: date
    amount: Money
    interest: bool = False


@dataclass(frozen=True, slots=True)
class Earned:
    """What a span of days earned and owed, both from 0 up, in minor units, not rounded."""

    earned: Decimal = Decimal(0)
    owed: Decimal = Decimal(0)

    @property
    def interest(self) -> Money:
        """What is to be posted as interest."""
        return rounded(self.earned)

    @property
    def overdraft_interest(self) -> Money:
        """What is to be posted as interest on the overdraft."""
        return rounded(self.owed)


def rounded(amount: Decimal) -> Money:
    """Round minor units half-even to whole ones."""
    return Money(int(amount.to_integral_value(ROUND_HALF_EVEN)))


def percent_of(amount: Money, percent: Decimal) -> Money:
    """Give ``percent`` of an amount (tax on interest), rounded half-even; negative for a negative amount."""
    with localcontext(EXACT):
        return rounded(amount.minor * percent / PERCENT)


def period_end(day: date, every: Every) -> date:
    """Give the last day of the posting or compounding period in which ``day`` lies."""
    if every is Every.DAILY:
        return day
    months = _MONTHS[every]
    month = (day.month - 1) // months * months + months
    return date(day.year, month, calendar.monthrange(day.year, month)[1])


def period_ends(first: date, last: date, every: Every) -> list[date]:
    """List the ends of all periods that end between ``first`` and ``last``, both included."""
    ends = []
    end = period_end(first, every)
    while end <= last:
        ends.append(end)
        if end == date.max:
            break
        end = period_end(end + ONE_DAY, every)
    return ends


def interest_between(rule: InterestRule, changes: Iterable[Change], first: date, last: date) -> Earned:
    """Give what the days ``first`` to ``last``, both included, earn and owe.

    changes  every movement up to ``last``, in any order; later ones do not count
    returns  nothing when ``last`` is before ``first``
    """
    if last < first:
        return Earned()
    with localcontext(EXACT):
        spans = _spans(rule, list(changes), first, last)
        if rule.method is BalanceMethod.AVERAGE:
            spans = _averages(rule, spans, last)
        return _add_up(rule, spans)


@dataclass(frozen=True, slots=True)
class _Span:
    """Days with one balance: ``base`` is what earns, in minor units.

    ``joins``: with its last day a compounding period ends, and what was earned joins the balance.
    """

    first: date
    days: int
    base: Decimal
    joins: bool


def _spans(rule: InterestRule, changes: Sequence[Change], first: date, last: date) -> list[_Span]:
    """Cut the days wherever the balance, the compounding period or the length of the year changes."""
    moved: dict[date, list[int]] = {}
    for change in changes:
        counts = change.on + ONE_DAY if change.interest else change.on
        _add(moved, max(counts, first), change.amount.minor, change.amount.minor if change.interest else 0)
        if change.interest:
            freed = period_end(change.on, rule.compounding) + ONE_DAY
            _add(moved, max(freed, first), 0, -change.amount.minor)
    cuts = {day for day in moved if first <= day <= last} | {first}
    cuts.update(end + ONE_DAY for end in period_ends(first, last, _inner(rule)) if end < last)
    if rule.days_in_year is None:
        cuts.update(date(year, 1, 1) for year in range(first.year + 1, last.year + 1))
    starts, inner = sorted(cuts), _inner(rule)
    spans, balance, waiting = [], 0, 0
    for start, end in zip(starts, [*starts[1:], last + ONE_DAY], strict=True):
        change_of_balance, change_of_waiting = moved.get(start, (0, 0))
        balance, waiting = balance + change_of_balance, waiting + change_of_waiting
        joins = inner is Every.DAILY or end - ONE_DAY == period_end(end - ONE_DAY, inner)
        spans.append(_Span(start, (end - start).days, Decimal(_base(balance, waiting)), joins))
    return spans


def _add(moved: dict[date, list[int]], day: date, amount: int, waiting: int) -> None:
    sums = moved.setdefault(day, [0, 0])
    sums[0] += amount
    sums[1] += waiting


def _inner(rule: InterestRule) -> Every:
    """Give the period after which interest is compounded inside a posting period.

    An average has no single days: with daily compounding it is that of the whole posting period.
    """
    if rule.method is BalanceMethod.AVERAGE and rule.compounding is Every.DAILY:
        return rule.posting
    return rule.compounding


def _base(balance: int, waiting: int) -> int:
    """Leave out posted interest that does not earn yet, as far as it is still there."""
    if waiting >= 0:
        return max(balance - waiting, min(balance, 0))
    return min(balance - waiting, max(balance, 0))


def _averages(rule: InterestRule, spans: Sequence[_Span], last: date) -> list[_Span]:
    """Give every span the average of the compounding period, or of its part, in which it lies."""
    ends = [min(period_end(span.first, _inner(rule)), last) for span in spans]
    totals: dict[date, list[Decimal]] = {}
    for span, end in zip(spans, ends, strict=True):
        sums = totals.setdefault(end, [Decimal(0), Decimal(0)])
        sums[0] += span.base * span.days
        sums[1] += span.days
    return [
        _Span(span.first, span.days, totals[end][0] / totals[end][1], span.joins)
        for span, end in zip(spans, ends, strict=True)
    ]


def _add_up(rule: InterestRule, spans: Sequence[_Span]) -> Earned:
    """Add up the spans; at the end of each compounding period what was earned joins the balance.

    Balances x days x rates are summed first and divided once for each compounding period and length of year,
    so that a half unit stays exactly a half.
    """
    earned = owed = compounded = pending = plus = minus = Decimal(0)
    for span, following in zip(spans, (*spans[1:], None), strict=True):
        base = span.base + compounded
        if base > 0:
            plus += base * span.days * rule.rate_of(base)
        elif base < 0:
            minus -= base * span.days * rule.rate_of(base)
        year = _year(rule, span)
        if span.joins or following is None or year != _year(rule, following):
            gained, lost = plus / (PERCENT * year), minus / (PERCENT * year)
            earned, owed, pending = earned + gained, owed + lost, pending + gained - lost
            plus = minus = Decimal(0)
        if span.joins:
            compounded, pending = compounded + pending, Decimal(0)
    return Earned(earned, owed)


def _year(rule: InterestRule, span: _Span) -> int:
    if rule.days_in_year is not None:
        return rule.days_in_year
    return 366 if calendar.isleap(span.first.year) else 365
