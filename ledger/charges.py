"""Charges on a loan: what they count from, and on which row they fall."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ledger.errors import BadTermError
from ledger.interest import EXACT, round_money
from ledger.money import MAX_MINOR, Money
from ledger.terms import LoanTerms

MAX_PERCENT = 1000
"""More than ten times the base is a typing error."""


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

    due_date  for dated charges only
    raises    BadTermError when amount and percent are both given or both missing, or a date is missing
    """

    name: str
    penalty: bool
    when: ChargeTime
    amount: Money | None = None
    percent: Decimal | None = None
    base: ChargeBase = ChargeBase.PRINCIPAL_INTEREST
    due_date: date | None = None

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
        return round_money(EXACT.multiply(Decimal(base), share), terms)
