"""The terms of a loan, as one value: what a product and an application agreed on."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from ledger.dates import RepayUnit
from ledger.errors import BadTermError
from ledger.money import MAX_MINOR, Money

__all__ = [
    "AllocationOrder",
    "Amortization",
    "Convention",
    "DaysInMonth",
    "DueKind",
    "FutureRule",
    "InterestPeriod",
    "InterestType",
    "LoanTerms",
    "MifosRounding",
    "RepayUnit",
    "Rounding",
    "Strategy",
]

_NOISE = Decimal(1).scaleb(-25)
MAX_INSTALLMENTS = 1200
MAX_ANNUAL_RATE = Decimal(10_000)
MAX_REPAY_EVERY = 1000


class Convention(StrEnum):
    """Whose rounding and interest rules a product follows."""

    FINERACT = "fineract"
    MIFOS = "mifos"


class InterestType(StrEnum):
    """Whether interest counts on the whole principal or on what is still owed of it."""

    FLAT = "FLAT"
    DECLINING = "DECLINING_BALANCE"


class Amortization(StrEnum):
    """What stays the same from row to row: the payment or its principal."""

    EQUAL_INSTALLMENTS = "EQUAL_INSTALLMENTS"
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL_PAYMENTS"


class InterestPeriod(StrEnum):
    """Whether a row's interest counts one period or its actual days."""

    SAME_AS_REPAYMENT = "SAME_AS_REPAYMENT_PERIOD"
    DAILY = "DAILY"


class DaysInMonth(StrEnum):
    """How many days of interest a monthly row has under daily interest."""

    ACTUAL = "actual"
    THIRTY = "30"


class Strategy(StrEnum):
    """The order in which a payment is shared (``ledger.allocation`` explains each)."""

    STANDARD = "mifos-standard-strategy"
    INTEREST_PRINCIPAL_PENALTY_FEE = "interest-principal-penalties-fees-order-strategy"
    PRINCIPAL_INTEREST_PENALTY_FEE = "principal-interest-penalties-fees-order-strategy"
    RBI_INDIA = "rbi-india-strategy"
    HEAVENS_FAMILY = "heavensfamily-strategy"
    CREOCORE = "creocore-strategy"
    EARLY_REPAYMENT = "early-repayment-strategy"
    ADVANCED = "advanced-payment-allocation-strategy"
    DUE_PFIP_ADVANCE_PPFI = (
        "due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy"
    )
    DUE_PIPF_ADVANCE_PIPF = (
        "due-penalty-interest-principal-fee-in-advance-penalty-interest-principal-fee-strategy"
    )


@dataclass(frozen=True, slots=True)
class Rounding:
    """A multiple in minor units and a mode of ``decimal`` (``ROUND_HALF_UP`` and so on)."""

    multiple: int = 1
    mode: str = ROUND_HALF_UP

    def apply(self, amount: Decimal) -> int:
        """Round an exact amount in minor units, of which digits beyond the 25th decimal are noise."""
        exact = amount.quantize(_NOISE)
        return int((exact / self.multiple).to_integral_value(self.mode)) * self.multiple


WHOLE_UNITS: Final = Rounding()


@dataclass(frozen=True, slots=True)
class MifosRounding:
    """The roundings of the convention "mifos": parts of a row, each payment, the sum of all payments."""

    currency: Rounding = WHOLE_UNITS
    initial: Rounding = WHOLE_UNITS
    final: Rounding = WHOLE_UNITS


class DueKind(StrEnum):
    """How an installment lies to the day of a payment."""

    PAST_DUE = "PAST_DUE"
    DUE = "DUE"
    IN_ADVANCE = "IN_ADVANCE"


class FutureRule(StrEnum):
    """Which installments to come receive early money."""

    NEXT = "NEXT_INSTALLMENT"
    LAST = "LAST_INSTALLMENT"
    SPREAD = "REAMORTIZATION"


@dataclass(frozen=True, slots=True)
class AllocationOrder:
    """The free order of twelve steps: each kind of due with each component once.

    steps      (kind of due, component) in order; components by name: penalty, fee, interest, principal
    by_row     True: an installment is paid through all its steps before the next one (horizontal)
    future     rule for early money by kind of entry, ``DEFAULT`` for all others
    """

    steps: tuple[tuple[DueKind, str], ...]
    by_row: bool = True
    future: tuple[tuple[str, FutureRule], ...] = (("DEFAULT", FutureRule.NEXT),)

    def __post_init__(self) -> None:
        """Refuse steps that are missing or stand twice."""
        wanted = {(kind, part) for kind in DueKind for part in ("penalty", "fee", "interest", "principal")}
        if len(self.steps) != len(wanted) or set(self.steps) != wanted:
            raise BadTermError(term="payment_allocation_order", given=len(self.steps))

    def future_rule(self, kind: str) -> FutureRule:
        """Give the rule for early money of a kind of entry (``repayment``, ``goodwill_credit``)."""
        rules = dict(self.future)
        return rules.get(kind.upper(), rules.get("DEFAULT", FutureRule.NEXT))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """Everything that a schedule follows from, beside the dates.

    principal                minor units, above zero
    annual_rate              percent a year, 0 or more
    installments             number of rows
    repay_every, repay_unit  one row every so many days, weeks or months
    days_in_year             360, 364, 365, or None for actual (which counts 365, leap years too)
    currency_multiple        0, or every amount goes to a multiple of so many minor units
    installment_multiple     0, or the installment goes to a multiple of so many minor units
    grace_*                  rows at the start: without principal; whose interest is paid later; whose
                             interest is never charged
    fixed_principal_percent  None, or this part of the principal in each row and the rest in the last
    partial_periods          interest of a row counts the exact share of a period between its dates
    down_payment_percent     None, or this part of the principal is due at disbursement, in a row of its own
                             before the others; ``auto_down_payment`` pays it from the disbursement
    mifos_rounding           the roundings of that convention, which has no schedule without them
    raises                   BadTermError naming the term
    """

    principal: Money
    annual_rate: Decimal
    installments: int
    repay_every: int = 1
    repay_unit: RepayUnit = RepayUnit.MONTHS
    convention: Convention = Convention.FINERACT
    interest_type: InterestType = InterestType.DECLINING
    amortization: Amortization = Amortization.EQUAL_INSTALLMENTS
    interest_period: InterestPeriod = InterestPeriod.SAME_AS_REPAYMENT
    partial_periods: bool = False
    days_in_year: int | None = 365
    days_in_month: DaysInMonth = DaysInMonth.ACTUAL
    currency_digits: int = 2
    currency_multiple: int = 0
    installment_multiple: int = 0
    grace_principal: int = 0
    grace_interest_payment: int = 0
    grace_interest_charged: int = 0
    fixed_principal_percent: Decimal | None = None
    strategy: Strategy = Strategy.STANDARD
    allocation_order: AllocationOrder | None = None
    down_payment_percent: Decimal | None = None
    auto_down_payment: bool = False
    mifos_rounding: MifosRounding | None = None

    def __post_init__(self) -> None:
        """Refuse terms that no schedule can follow from."""
        self._check("principal", 0 < self.principal.minor <= MAX_MINOR)
        rate = self.annual_rate
        self._check("annual_rate", rate.is_finite() and 0 <= rate <= MAX_ANNUAL_RATE)
        self._check("installments", 1 <= self.installments <= MAX_INSTALLMENTS)
        self._check("repay_every", 1 <= self.repay_every <= MAX_REPAY_EVERY)
        self._check("days_in_year", self.days_in_year in {None, 360, 364, 365})
        self._check("currency_digits", 0 <= self.currency_digits <= 6)  # noqa: PLR2004 - as in money.MAX_DIGITS
        self._check("currency_multiple", self.currency_multiple >= 0)
        self._check("installment_multiple", self.installment_multiple >= 0)
        for name in ("grace_principal", "grace_interest_payment", "grace_interest_charged"):
            self._check(name, 0 <= getattr(self, name) < self.installments)
        fixed = self.fixed_principal_percent
        self._check("fixed_principal_percent", fixed is None or 0 < fixed <= 100)  # noqa: PLR2004 - percent
        down = self.down_payment_percent
        self._check("down_payment_percent", down is None or 0 < down < 100)  # noqa: PLR2004 - percent
        ordered = self.allocation_order is not None
        self._check("allocation_order", ordered == (self.strategy is Strategy.ADVANCED))

    def _check(self, term: str, holds: bool) -> None:  # noqa: FBT001 - a condition, not a switch
        if not holds:
            raise BadTermError(term=term, given=getattr(self, term))
