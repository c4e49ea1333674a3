"""A loan's terms as the engines of ``ledger`` take them: its own, and for the rest its product's version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, TypeVar

from banking.allocation_orders import read_order
from ledger.errors import BadTermError, UnsupportedTermError
from ledger.progressive import ProgressiveLoan
from ledger.recalculation import (
    AfterExcess,
    Compounding,
    PayoffInterest,
    RecalculatedLoan,
    Recalculation,
    Rest,
)
from ledger.terms import (
    AllocationOrder,
    Amortization,
    Convention,
    DaysInMonth,
    InterestPeriod,
    InterestType,
    LoanTerms,
    MifosRounding,
    RepayUnit,
    Rounding,
    Strategy,
)
from schema.accounts import LoanAccount
from schema.products import LoanProduct

ACTUAL_DAYS: Final = "actual"
NO_RECALCULATION: Final = "none"
ADJUST_LAST: Final = "ADJUST_LAST_UNPAID_PERIOD"
"""What a progressive schedule does after early money: its instalment stays, the last row takes the rest."""
CUMULATIVE, PROGRESSIVE = "cumulative", "progressive"
_T = TypeVar("_T")


class PlanKind(StrEnum):
    """Which engine a loan's rows follow from."""

    PLAIN = "plain"
    RECALCULATED = "recalculated"
    PROGRESSIVE = "progressive"


@dataclass(frozen=True, slots=True)
class LoanPlan:
    """Everything that a loan's rows follow from, beside dates and what happened.

    recalculation  of kind recalculated: how; else None
    payoff         of kind progressive, where interest is recalculated: up to when a payoff pays it; else None
    """

    terms: LoanTerms
    kind: PlanKind = PlanKind.PLAIN
    recalculation: Recalculation | None = None
    payoff: PayoffInterest | None = None

    def engine(
        self, disbursed_on: date, first_due_on: date | None = None, dates: Sequence[date] | None = None
    ) -> RecalculatedLoan | ProgressiveLoan:
        """Make the engine of a loan that is not plain; feed it tranches and payments.

        dates    due dates of the rows where they do not simply follow from the first one
        raises   UnsupportedTermError, BadTermError
        """
        if self.kind is PlanKind.PROGRESSIVE:
            return ProgressiveLoan(
                self.terms, disbursed_on, first_due_on, payoff_rule=self.payoff, dates=dates
            )
        rule = self.recalculation or Recalculation()
        return RecalculatedLoan(self.terms, rule, disbursed_on, first_due_on, dates)


def engine_terms(loan: LoanAccount, product: LoanProduct, digits: int) -> LoanPlan:
    """Give what a loan's rows follow from.

    raises   BadTermError, UnsupportedTermError
    """
    terms = terms_of(loan, product, digits)
    recalculated = product.recalculation != NO_RECALCULATION
    if product.schedule_kind == PROGRESSIVE:
        if recalculated and product.recalculation != ADJUST_LAST:
            raise UnsupportedTermError(
                term=f"recalculation={product.recalculation} with schedule_kind=progressive"
            )
        if not terms.annual_rate:
            return LoanPlan(terms)
        payoff = known(PayoffInterest, "payoff_interest", product.payoff_interest) if recalculated else None
        return LoanPlan(terms, PlanKind.PROGRESSIVE, payoff=payoff)
    if product.schedule_kind != CUMULATIVE:
        raise UnsupportedTermError(term=f"schedule_kind={product.schedule_kind}")
    if not recalculated:
        return LoanPlan(terms)
    return LoanPlan(terms, PlanKind.RECALCULATED, _recalculation_of(product))


def _recalculation_of(product: LoanProduct) -> Recalculation:
    """Give how a product recalculates interest: every day, as a bank that closes its days does.

    raises   UnsupportedTermError
    """
    return Recalculation(
        rest=known(Rest, "recalculation_rest", product.recalculation_rest),
        after_excess=known(AfterExcess, "recalculation", product.recalculation),
        compounding=known(Compounding, "recalculation_compounding", product.recalculation_compounding),
        compounding_day=product.recalculation_day,
        payoff=known(PayoffInterest, "payoff_interest", product.payoff_interest),
        daily_job=True,
    )


def terms_of(loan: LoanAccount, product: LoanProduct, digits: int) -> LoanTerms:
    """Give the terms that a loan's schedule follows from.

    raises   BadTermError; UnsupportedTermError for a term of a newer product that this program does not know
    """
    days = product.days_in_year
    return LoanTerms(
        principal=loan.principal,
        annual_rate=loan.annual_rate,
        installments=loan.installments,
        repay_every=loan.repay_every,
        repay_unit=known(RepayUnit, "repay_unit", loan.repay_unit),
        convention=known(Convention, "convention", product.convention),
        interest_type=known(InterestType, "interest_type", loan.interest_type),
        amortization=known(Amortization, "amortization", loan.amortization),
        interest_period=known(InterestPeriod, "interest_period", product.interest_period),
        partial_periods=bool(product.partial_periods),
        days_in_year=None if days == ACTUAL_DAYS else known(int, "days_in_year", days),
        days_in_month=known(DaysInMonth, "days_in_month", product.days_in_month),
        currency_digits=digits,
        currency_multiple=product.currency_multiple,
        installment_multiple=product.installment_multiple,
        grace_principal=_own(loan.grace_principal, product.grace_principal),
        grace_interest_payment=_own(loan.grace_interest_payment, product.grace_interest_payment),
        grace_interest_charged=_own(loan.grace_interest_charged, product.grace_interest_charged),
        fixed_principal_percent=product.fixed_principal_percent,
        strategy=known(Strategy, "strategy", product.strategy),
        allocation_order=order_of(product),
        down_payment_percent=product.down_payment_percent,
        auto_down_payment=bool(product.auto_down_payment),
        mifos_rounding=mifos_rounding_of(product),
    )


def order_of(product: LoanProduct) -> AllocationOrder | None:
    """Give the free order of twelve steps; None where the product follows a named strategy.

    raises   UnsupportedTermError, BadTermError
    """
    if not product.allocation_order:
        return None
    return read_order(product.allocation_order, product.future_rules)


def mifos_rounding_of(product: LoanProduct) -> MifosRounding | None:
    """Give the roundings of the convention "mifos"; the other convention has its own.

    raises   BadTermError
    """
    if product.convention != Convention.MIFOS:
        return None
    return MifosRounding(
        read_rounding("rounding_currency", product.rounding_currency),
        read_rounding("rounding_initial", product.rounding_initial),
        read_rounding("rounding_final", product.rounding_final),
    )


_MODES: Final = frozenset(
    f"ROUND_{mode}" for mode in ("CEILING", "FLOOR", "HALF_UP", "HALF_DOWN", "HALF_EVEN", "UP", "DOWN")
)


def read_rounding(term: str, text: str) -> Rounding:
    """Read a rounding as it stands on a product: ``100 ROUND_HALF_UP``; empty: whole minor units, halves up.

    raises   BadTermError
    """
    if not text:
        return Rounding()
    multiple, _, mode = text.partition(" ")
    try:
        size = Decimal(multiple)
    except InvalidOperation:
        raise BadTermError(term=term, given=text) from None
    if mode not in _MODES or size != size.to_integral_value() or not 1 <= size <= 10**12:
        raise BadTermError(term=term, given=text)
    return Rounding(int(size), mode)


def known(kind: Callable[[str], _T], term: str, text: str) -> _T:
    """Read a word of a product.

    raises   UnsupportedTermError naming term and word where this program does not know it
    """
    try:
        return kind(text)
    except ValueError:
        raise UnsupportedTermError(term=f"{term}={text}") from None


def _own(own: int | None, of_product: int) -> int:
    return of_product if own is None else own
