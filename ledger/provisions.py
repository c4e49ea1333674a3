"""Loan-loss provisions by age: the older the arrears, the larger the part that is set aside."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from ledger.errors import BadTermError
from ledger.money import ZERO, Money, total


@dataclass(frozen=True, slots=True)
class AgeRate:
    """From ``first`` days late on, ``percent`` of the balance is set aside.

    first   days past due; tables that tell "due today" from "not due yet" begin at -1
    """

    first: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class ProvisionTable:
    """Rates by age that are in force from a day on.

    raises   BadTermError when the ages do not rise or a rate is no percentage
    """

    valid_from: date
    rates: tuple[AgeRate, ...]

    def __post_init__(self) -> None:
        """Refuse tables that would leave an age without a rate."""
        firsts = [rate.first for rate in self.rates]
        if not firsts or firsts != sorted(set(firsts)):
            raise BadTermError(term="provision ages", given=firsts)
        for rate in self.rates:
            if not (rate.percent.is_finite() and 0 <= rate.percent <= 100):  # noqa: PLR2004 - percent
                raise BadTermError(term="provision rate", given=rate.percent)


@dataclass(frozen=True, slots=True)
class ProvisionRow:
    """One age of a table: how much is owed at that age and what is set aside for it; minor units."""

    rate: AgeRate
    balance: Money
    provision: Money


def provisions(balances: Iterable[tuple[int, Money]], table: ProvisionTable) -> list[ProvisionRow]:
    """Set aside what ``table`` says for each balance.

    balances   days past due and principal outstanding of each loan; loans younger than the first age count
               in it
    returns    one row per age, rounded once per row, halves to even
    """
    sums = [ZERO] * len(table.rates)
    for days, balance in balances:
        reached = [index for index, rate in enumerate(table.rates) if rate.first <= days]
        sums[max(reached, default=0)] += balance
    return [
        ProvisionRow(rate, balance, _part(balance, rate.percent))
        for rate, balance in zip(table.rates, sums, strict=True)
    ]


def _part(balance: Money, percent: Decimal) -> Money:
    exact = Decimal(balance.minor) * percent / 100
    return Money(int(exact.to_integral_value(ROUND_HALF_EVEN)))


def provision_total(rows: Iterable[ProvisionRow]) -> Money:
    """Add up what is set aside."""
    return total(row.provision for row in rows)
