"""What has been earned by a day and not been paid, and the journal that brings an account to a target.

Closes do not remember what they posted before: they compute where an account must stand and post the
difference, so that a close that runs twice posts nothing the second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeVar

from ledger.money import ZERO, Money

AccountT = TypeVar("AccountT", bound=int | str)


@dataclass(frozen=True, slots=True)
class EarningRow:
    """Interest of one row of a schedule, earned day by day from ``starts_on`` until ``due_on``; minor units.

    starts_on   the due date before, or the day of disbursement
    """

    starts_on: date
    due_on: date
    interest: Money
    paid: Money = ZERO


def earned_by(row: EarningRow, on: date) -> Money:
    """Give the interest of a row that is earned at the close of ``on``.

    It is round(interest x days gone / days of the row), halves to even: nothing on the first day, all of it
    on the due date and later.

    source   loan-rules, section 3 (S15): 10.19 over 31 days are 0.33 after one day and 0.66 after two
    """
    if on >= row.due_on:
        return row.interest
    gone, days = (on - row.starts_on).days, (row.due_on - row.starts_on).days
    if gone <= 0:
        return ZERO
    exact = Decimal(row.interest.minor) * gone / days
    return Money(int(exact.to_integral_value(ROUND_HALF_EVEN)))


def receivable_at(row: EarningRow, on: date) -> Money:
    """Give what is earned and not paid; what was paid in advance does not make it negative."""
    return max(ZERO, earned_by(row, on) - row.paid)


@dataclass(frozen=True, slots=True)
class Shift:
    """Two lines of one entry: ``held`` gains ``amount`` (debit-positive), and ``against`` loses it."""

    held: int | str
    against: int | str
    amount: Money


def shifts_to_target(
    targets: Mapping[tuple[AccountT, AccountT], Money],
    balances: Mapping[AccountT, Money],
    posted: Mapping[tuple[AccountT, AccountT], Money],
) -> list[Shift]:
    """Give the entries that bring accounts to their targets; none for those that stand there.

    targets    debit-positive balance that the first account of a pair must have because of the second
    balances   debit-positive balance of each first account
    posted     what was posted for a pair before; asked only where one account stands in several pairs
    returns    shifts whose sum brings each account exactly to the sum of its targets. What no pair explains
               (an opening balance) goes with the account's first pair.
    """
    pairs_of: dict[AccountT, list[tuple[AccountT, AccountT]]] = {}
    for pair in sorted(targets, key=lambda pair: (str(pair[0]), str(pair[1]))):
        pairs_of.setdefault(pair[0], []).append(pair)
    shifts = []
    for held, pairs in pairs_of.items():
        missing = sum((targets[pair] for pair in pairs), ZERO) - balances.get(held, ZERO)
        for pair in pairs[1:]:
            own = targets[pair] - posted.get(pair, ZERO)
            missing -= own
            shifts.append(Shift(held, pair[1], own))
        shifts.append(Shift(held, pairs[0][1], missing))
    return [shift for shift in shifts if shift.amount]
