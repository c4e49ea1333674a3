"""Charges on a loan: what they count from, and on which row they fall."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from ledger.errors import BadTermError
from ledger.interest import EXACT, round_money
from ledger.money import MAX_MINOR, Money
from ledger.terms import LoanTerms

MAX_PERCENT = 1000
"""More than ten times the base is a typing error."""
MAX_DAYS = 3660
"""Penalties that wait or repeat over more than ten years are a typing error."""


class ChargeTime(StrEnum):
    """When a charge is made."""

    DISBURSEMENT = "disbursement"
    DATED = "date"
    INSTALLMENT = "installment"
    OVERDUE = "overdue installment"


class ChargeBase(StrEnum):
    """What a percentage counts from: of the row, or of the whole loan for dated charges and disbursement."""

    PRINCIPAL = "principal"
    PRINCIPAL_INTEREST = "principal+interest"
    INTEREST = "interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A fee, or a penalty: ``amount`` in minor units, or ``percent`` of ``base``.

    due_date     for dated charges only
    least, most  what a percentage comes to at least and at most
    wait_days    of an overdue penalty: days after the due date before it is made
    repeat_days  of an overdue penalty: made again so often while the row is unpaid; None: once
    raises       BadTermError when amount and percent are both given or both missing, or a date is missing
    """

    name: str
    penalty: bool
    when: ChargeTime
    amount: Money | None = None
    percent: Decimal | None = None
    base: ChargeBase = ChargeBase.PRINCIPAL_INTEREST
    due_date: date | None = None
    least: Money | None = None
    most: Money | None = None
    wait_days: int = 0
    repeat_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse a charge that says too little or too much."""
        if (self.amount is None) == (self.percent is None):
            raise BadTermError(term="charge", given=self.name)
        if (self.when is ChargeTime.DATED) == (self.due_date is None):
            raise BadTermError(term="charge.due_date", given=self.due_date)
        if self.amount is not None and not 0 < self.amount.minor <= MAX_MINOR:
            raise BadTermError(term="charge.amount", given=self.amount)
        if self.percent is not None and not (self.percent.is_finite() and 0 < self.percent <= MAX_PERCENT):
            raise BadTermError(term="charge.percent", given=self.percent)
        if self.least is not None and self.most is not None and self.least > self.most:
            raise BadTermError(term="charge.most", given=self.most)
        if not 0 <= self.wait_days <= MAX_DAYS or not 1 <= (self.repeat_days or 1) <= MAX_DAYS:
            raise BadTermError(term="charge.wait_days", given=self.wait_days)

    def minor(self, terms: LoanTerms, principal: int, interest: int) -> int:
        """Give the charge in minor units on ``principal`` and ``interest`` (minor units)."""
        if self.amount is not None:
            return self.amount.minor
        base = {
            ChargeBase.PRINCIPAL: principal,
            ChargeBase.INTEREST: interest,
            ChargeBase.PRINCIPAL_INTEREST: principal + interest,
        }[self.base]
        share = EXACT.divide(self.percent or Decimal(0), Decimal(100))
        minor = round_money(EXACT.multiply(Decimal(base), share), terms)
        if self.least is not None:
            minor = max(minor, self.least.minor)
        return minor if self.most is None else min(minor, self.most.minor)

    def overdue_days(self, due_date: date, on: date) -> Iterator[date]:
        """Give the days before ``on`` from which an unpaid row due on ``due_date`` bears this penalty.

        The first is the due date and the days of waiting; others follow where the penalty is repeated.
        """
        day = due_date + timedelta(days=self.wait_days)
        while day < on:
            yield day
            if self.repeat_days is None:
                return
            day += timedelta(days=self.repeat_days)
