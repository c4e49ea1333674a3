"""``satchel calc loan``: the terms of a product of the convention "fineract"."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from ledger.errors import BadTermError, UnsupportedTermError
from ledger.recalculation import AfterExcess, Compounding, PayoffInterest, Recalculation, Rest
from ledger.terms import (
    AllocationOrder,
    Amortization,
    Convention,
    DaysInMonth,
    DueKind,
    FutureRule,
    InterestPeriod,
    InterestType,
    LoanTerms,
    MifosRounding,
    RepayUnit,
    Rounding,
    Strategy,
)
from satchel.calc_reading import Fields

_PRODUCT_NOTES = ("source_product", "unsure", "stated_rate", "grace_note", "note", "name", "accounting")
"""They describe the product; how its income is booked moves no figure of the schedule."""

_FIXED_PRINCIPAL = (
    "fixed_principal_percentage_per_installment",
    "fixed_principal_percent_per_installment",
    "fixed_principal_percentage",
    "fixed_principal_percent",
)
"""No case at hand has this term, so each of its likely names is taken, one at a time."""


class RoundingMode(StrEnum):
    """The ways of rounding that a product of the convention "mifos" may name."""

    CEILING = "CEILING"
    FLOOR = "FLOOR"
    HALF_UP = "HALF_UP"
    HALF_DOWN = "HALF_DOWN"
    HALF_EVEN = "HALF_EVEN"
    UP = "UP"
    DOWN = "DOWN"


def _read_rounding(product: Fields, convention: Convention, multiple: int) -> MifosRounding | None:
    """Read the roundings of the convention "mifos"; the other has one, which is no choice."""
    if convention is Convention.FINERACT:
        product.only("rounding_mode", "HALF_EVEN")
        return None
    mode = f"ROUND_{product.choice('rounding_mode', RoundingMode, RoundingMode.HALF_UP)}"
    payment = Rounding(max(1, multiple), mode)
    return MifosRounding(Rounding(1, mode), payment, payment)


def read_terms(product: Fields, convention: Convention) -> LoanTerms:
    """Read the terms of a loan; what is not supported is refused by name.

    raises   RuleError
    """
    digits = product.integer("currency_digits", 2)
    if not 0 <= digits <= 6:  # noqa: PLR2004 - as many as a currency may have
        raise BadTermError(term=product.term("currency_digits"), given=digits)
    multiple = product.integer("currency_in_multiples_of", 0)
    if digits and multiple > 1:  # only a currency without decimals goes to multiples
        raise BadTermError(term=product.term("currency_in_multiples_of"), given=multiple)
    _refuse_what_is_missing(product)
    strategy = product.choice("repayment_strategy", Strategy, Strategy.STANDARD)
    rows_multiple = _multiple(product, digits)
    days = product.choice("days_in_year", _DaysInYear, _DaysInYear.ACTUAL)
    terms = LoanTerms(
        principal=product.money("principal", digits),
        annual_rate=product.decimal("annual_rate_percent"),
        installments=product.integer("number_of_repayments"),
        repay_every=product.integer("repay_every", 1),
        repay_unit=product.choice("repay_unit", RepayUnit),
        interest_type=product.choice("interest_type", InterestType),
        amortization=product.choice("amortization", Amortization, Amortization.EQUAL_INSTALLMENTS),
        interest_period=product.choice(
            "interest_calculation_period", InterestPeriod, InterestPeriod.SAME_AS_REPAYMENT
        ),
        partial_periods=product.boolean("allow_partial_period_interest", default=False),
        days_in_year=None if days is _DaysInYear.ACTUAL else int(days),
        days_in_month=product.choice("days_in_month", DaysInMonth, DaysInMonth.ACTUAL),
        currency_digits=digits,
        currency_multiple=multiple,
        installment_multiple=rows_multiple,
        convention=convention,
        mifos_rounding=_read_rounding(product, convention, rows_multiple),
        grace_principal=product.integer("grace_on_principal_payment", 0),
        grace_interest_payment=product.integer("grace_on_interest_payment", 0),
        grace_interest_charged=product.integer("grace_on_interest_charged", 0),
        fixed_principal_percent=_read_fixed_principal(product),
        strategy=strategy,
        allocation_order=_read_order(product) if strategy is Strategy.ADVANCED else None,
        down_payment_percent=product.decimal_or_none("down_payment_percent"),
        auto_down_payment=product.boolean("auto_down_payment", default=False),
    )
    _check_term(product, terms)
    return terms


class _DaysInYear(StrEnum):
    ACTUAL = "actual"
    D360 = "360"
    D364 = "364"
    D365 = "365"


def _read_fixed_principal(product: Fields) -> Decimal | None:
    """Read what part of the principal each row pays; two names at once are refused."""
    found = [percent for name in _FIXED_PRINCIPAL if (percent := product.decimal_or_none(name)) is not None]
    if len(found) > 1:
        raise UnsupportedTermError(term=product.term(_FIXED_PRINCIPAL[0]))
    return found[0] if found else None


class _Processing(StrEnum):
    HORIZONTAL = "HORIZONTAL"
    VERTICAL = "VERTICAL"


def _read_order(product: Fields) -> AllocationOrder:
    """Read the free order of twelve steps."""
    steps = []
    for term, name in product.texts("payment_allocation_order"):
        kind, _, part = name.rpartition("_")
        if kind not in list(DueKind):
            raise UnsupportedTermError(term=f"{term}={name[:40]}")
        steps.append((DueKind(kind), part.lower()))
    rules = product.inner("future_installment_rule")
    future = tuple((kind, rules.choice(kind, FutureRule)) for kind in rules.names())
    processing = product.choice("processing_type", _Processing, _Processing.HORIZONTAL)
    return AllocationOrder(tuple(steps), processing is _Processing.HORIZONTAL, future)


def _refuse_what_is_missing(product: Fields) -> None:
    product.only("math_context", "12 significant digits HALF_EVEN")
    product.ignore(_PRODUCT_NOTES)


def _multiple(product: Fields, digits: int) -> int:
    size = product.decimal("installment_amount_in_multiples_of", Decimal(0)).scaleb(digits)
    if size != size.to_integral_value() or not 0 <= size <= 10**12:
        raise BadTermError(
            term=product.term("installment_amount_in_multiples_of"), given=size.scaleb(-digits)
        )
    return int(size)


def _check_term(product: Fields, terms: LoanTerms) -> None:
    """The term of the loan says the same as number and distance of the rows, or is refused."""
    term = product.integer("loan_term", terms.installments * terms.repay_every)
    unit = product.choice("loan_term_unit", RepayUnit, terms.repay_unit)
    if term != terms.installments * terms.repay_every or unit is not terms.repay_unit:
        raise BadTermError(term=product.term("loan_term"), given=f"{term} {unit}")


class ScheduleType(StrEnum):
    """How the rows of a product are made."""

    CUMULATIVE = "CUMULATIVE"
    PROGRESSIVE = "PROGRESSIVE"


def _only_every_one(fields: Fields, key: str) -> None:
    """Refuse a distance other than every period; 0 says the same."""
    if fields.integer(key, 1) not in {0, 1}:
        raise UnsupportedTermError(term=fields.term(key))


def read_progressive_payoff(product: Fields) -> PayoffInterest | None:
    """Read how a progressive product recalculates: up to when a payoff pays interest; None where it does not.

    raises   RuleError
    """
    if "interest_recalculation" not in product:
        product.only("interest_recalculation")
        return None
    fields = product.inner("interest_recalculation")
    fields.only("rest_frequency", "DAILY")
    _only_every_one(fields, "rest_interval")
    fields.only("compounding", "NONE")
    fields.only("reschedule_strategy", "ADJUST_LAST_UNPAID_PERIOD")
    rule = fields.choice("preclose_interest", PayoffInterest, PayoffInterest.TILL_DAY)
    fields.finish()
    return rule


class _CompoundingFrequency(StrEnum):
    SAME_AS_REPAYMENT = "SAME_AS_REPAYMENT"
    SAME_AS_REPAYMENT_PERIOD = "SAME_AS_REPAYMENT_PERIOD"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def read_recalculation(product: Fields, due_on: date, *, daily_job: bool) -> Recalculation | None:
    """Read how the product recalculates interest; None where it does not.

    due_on   a day on whose weekday the rows of a weekly loan fall due: compounding by the week has no other

    raises   RuleError
    """
    if "interest_recalculation" not in product:
        product.only("interest_recalculation")
        return None
    fields = product.inner("interest_recalculation")
    _only_every_one(fields, "rest_interval")
    compounding = fields.choice("compounding", Compounding, Compounding.NONE)
    day = None
    if compounding is not Compounding.NONE:
        often = fields.choice(
            "compounding_frequency", _CompoundingFrequency, _CompoundingFrequency.SAME_AS_REPAYMENT
        )
        _only_every_one(fields, "compounding_interval")
        if often is _CompoundingFrequency.MONTHLY:
            day = fields.integer("compounding_on_day")
            if not 1 <= day <= 28:  # noqa: PLR2004 - in every month
                raise UnsupportedTermError(term=fields.term("compounding_on_day"))
        elif often is _CompoundingFrequency.WEEKLY:
            if product.text("repay_unit") != RepayUnit.WEEKS:
                raise UnsupportedTermError(term=fields.term("compounding_frequency"))
            number = due_on.isoweekday()
            name = _WEEKDAYS[number - 1]
            fields.only("compounding_on_day", number, str(number), name, name.title())
    rule = Recalculation(
        rest=fields.choice("rest_frequency", Rest),
        after_excess=fields.choice("reschedule_strategy", AfterExcess),
        compounding=compounding,
        compounding_day=day,
        payoff=fields.choice("preclose_interest", PayoffInterest, PayoffInterest.TILL_DAY),
        daily_job=daily_job,
    )
    fields.finish()
    return rule
