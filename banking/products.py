"""Loan products: a set of terms checked whole, written as a new version; the older one stays as it was."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import product as every_combination
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError, MissingError
from banking.loan_terms import (
    ADJUST_LAST,
    CUMULATIVE,
    NO_RECALCULATION,
    PROGRESSIVE,
    PlanKind,
    engine_terms,
)
from banking.product_checks import (
    check_accounts,
    check_amounts,
    check_order,
    check_percent,
    check_words,
    default_accounts,
    require_code,
    require_rate,
    take_under_control,
)
from banking.product_versions import list_versions, new_version, newest_version, put_on_offer, retire
from banking.reasons import Reasons
from banking.text import require
from ledger.due_dates import ShiftRule
from ledger.errors import NotFoundError, UnsupportedTermError
from ledger.money import Money
from ledger.posting import Role
from ledger.recalculation import AfterExcess, Compounding, PayoffInterest, Rest
from ledger.soundness import require_sound
from ledger.terms import (
    Amortization,
    Convention,
    DaysInMonth,
    InterestPeriod,
    InterestType,
    RepayUnit,
    Strategy,
)
from ledger.tranches import Tranche, build_tranched_schedule
from schema.accounts import LoanAccount
from schema.products import ChargeDefinition, LoanProduct, ProductCharge, ProductCycle, ProvisionTable
from schema.writing import act, insert

DISBURSEMENT, MEETING = "disbursement", "meeting"
LOAN, CREDIT_LINE = "loan", "credit_line"
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": (LOAN, CREDIT_LINE),
    "convention": tuple(Convention),
    "interest_type": tuple(InterestType),
    "amortization": tuple(Amortization),
    "repay_unit": tuple(RepayUnit),
    "days_in_year": ("actual", "360", "364", "365"),
    "days_in_month": tuple(DaysInMonth),
    "interest_period": tuple(InterestPeriod),
    "schedule_kind": (CUMULATIVE, PROGRESSIVE),
    "recalculation": (NO_RECALCULATION, *AfterExcess, ADJUST_LAST),
    "recalculation_rest": tuple(Rest),
    "recalculation_compounding": tuple(Compounding),
    "payoff_interest": tuple(PayoffInterest),
    "due_from": (DISBURSEMENT, MEETING),
    "shift_rule": tuple(ShiftRule),
    "strategy": tuple(Strategy),
    "overpayment": ("keep", "refuse"),
    "accrual": ("cash", "periodic", "upfront"),
}
"""The words that a column of a loan product may hold."""

_REQUIRED: Final = ("interest_type", "annual_rate", "installments", "repay_unit")
_ROLES: Final = {
    "gl_portfolio_id": Role.LOAN_PORTFOLIO,
    "gl_interest_id": Role.INTEREST_INCOME,
    "gl_fee_id": Role.FEE_INCOME,
    "gl_penalty_id": Role.PENALTY_INCOME,
    "gl_write_off_id": Role.WRITE_OFF_EXPENSE,
    "gl_recovery_id": Role.RECOVERY_INCOME,
    "gl_overpayment_id": Role.OVERPAYMENT,
}
_TYPES: Final = {
    "gl_portfolio_id": "asset",
    "gl_interest_id": "income",
    "gl_fee_id": "income",
    "gl_penalty_id": "income",
    "gl_write_off_id": "expense",
    "gl_recovery_id": "income",
    "gl_overpayment_id": "liability",
    "gl_interest_receivable_id": "asset",
    "gl_fee_receivable_id": "asset",
    "gl_penalty_receivable_id": "asset",
    "gl_charge_off_id": "expense",
}
_CONTROLS: Final = {"gl_portfolio_id": Role.LOAN_PORTFOLIO, "gl_overpayment_id": Role.OVERPAYMENT}
_FROM_ZERO: Final = (
    "installment_fee",
    "arrears_tolerance",
    "guarantors_needed",
    "currency_multiple",
    "installment_multiple",
    "most_tranches",
    "non_performing_after_days",
    "charge_off_after_days",
)
_MOST_GUARANTEE: Final = 1000
_EXAMPLE_MAJOR: Final = 1000
_EXAMPLE_DAY: Final = date(2026, 1, 5)


def define_loan_product(
    session: Session,
    code: str,
    terms: Mapping[str, object],
    *,
    charges: Sequence[int] | None = None,
    cycles: Sequence[Mapping[str, object]] | None = None,
) -> LoanProduct:
    """Write a loan product, or the next version of one; loans keep the version that they were made under.

    terms    columns of ``LoanProduct``; those left out stay as in the version before, or have their default
    charges  ids of the charges that every loan bears; None: those of the version before
    cycles   columns of ``ProductCycle`` for later loans of a client; None: those of the version before
    raises   FieldsError with everything that is wrong; nothing was written then
    """
    reasons = Reasons()
    with reasons.of("code"):
        code = require_code(code)
    earlier: LoanProduct | None = newest_version(session, LoanProduct, code)
    row: LoanProduct = new_version(LoanProduct, earlier, code, terms)
    default_accounts(session, row, _ROLES)
    if earlier is not None and charges is None:
        charges = charges_of(session, earlier.id)
    if earlier is not None and cycles is None:
        cycles = [_cycle_terms(cycle) for cycle in cycles_of(session, earlier.id)]
    check_loan_product(session, reasons, row)
    _check_charges(session, reasons, charges or ())
    _check_cycles(reasons, cycles or ())
    reasons.refuse()
    take_under_control(session, row, _CONTROLS)
    put_on_offer(session, row, earlier)
    insert(session, *(ProductCharge(charge_id=charge, loan_product_id=row.id) for charge in charges or ()))
    insert(session, *(ProductCycle(loan_product_id=row.id, **cycle) for cycle in cycles or ()))
    return row


def retire_loan_product(session: Session, code: str) -> LoanProduct:
    """Offer a product no more; its loans go on.

    raises   NotFoundError
    """
    row: LoanProduct = retire(session, LoanProduct, code, "loan product")
    return row


def list_loan_products(session: Session, *, all_versions: bool = False) -> list[LoanProduct]:
    """List the products on offer by code, or every version of all."""
    return list_versions(session, LoanProduct, retired=all_versions)


def charges_of(session: Session, product_id: int) -> list[int]:
    """List the ids of the charges that loans under a product's version bear."""
    wanted = select(ProductCharge.charge_id).where(ProductCharge.loan_product_id == product_id)
    return list(session.scalars(wanted.order_by(ProductCharge.id)))


def cycles_of(session: Session, product_id: int) -> list[ProductCycle]:
    """List what a product's version lets later loans ask for, first cycle first."""
    wanted = select(ProductCycle).where(ProductCycle.loan_product_id == product_id)
    return list(session.scalars(wanted.order_by(ProductCycle.cycle, ProductCycle.id)))


# --- checks ---------------------------------------------------------------------------------------


def check_loan_product(session: Session, reasons: Reasons, row: LoanProduct) -> None:
    """Note everything that is wrong with the terms of ``row``."""
    for name in _REQUIRED:
        if getattr(row, name) is None:
            reasons.add(name, MissingError(field=name))
    with reasons.of("name"):
        row.name = require(row.name or "", "name")
    if reasons.found:
        return
    check_words(reasons, row, WORDS)
    for name in ("annual_rate", "rate_minimum", "rate_maximum"):
        with reasons.of(name):
            if getattr(row, name) is not None:
                require_rate(getattr(row, name))
    check_order(reasons, "annual_rate", row.rate_minimum, row.annual_rate, row.rate_maximum)
    check_order(reasons, "principal", row.principal_minimum, row.principal_default, row.principal_maximum)
    check_order(reasons, "installments", row.installments_minimum, row.installments, row.installments_maximum)
    check_amounts(reasons, row, _FROM_ZERO)
    check_percent(reasons, row, "guarantee_percent", _MOST_GUARANTEE)
    day = row.recalculation_day
    if day is not None and not 1 <= day <= 28:  # noqa: PLR2004 - in every month
        reasons.add("recalculation_day", BadValueError(field="recalculation_day", given=day))
    if row.currency_multiple > 1 and act(session).digits:
        reasons.add(
            "currency_multiple", BadValueError(field="currency_multiple", given=row.currency_multiple)
        )
    if row.provision_table and not _has_table(session, row.provision_table):
        reasons.add("provision_table", NotFoundError(kind="provision table", key=row.provision_table))
    check_accounts(session, reasons, row, _TYPES, _CONTROLS)
    if not reasons.found:
        with reasons.of("terms"):
            _try_schedules(row, act(session).digits)


def _try_schedules(row: LoanProduct, digits: int) -> None:
    """Compute a schedule at every corner of what the product allows.

    raises   BadTermError, UnsupportedTermError, NeverAmortizesError
    """
    usual = row.principal_default or row.principal_minimum or row.principal_maximum or _example(row, digits)
    principals = _corners(row.principal_minimum, usual, row.principal_maximum)
    rates = _corners(row.rate_minimum, row.annual_rate, row.rate_maximum)
    numbers = _corners(row.installments_minimum, row.installments, row.installments_maximum)
    for principal, rate, number in every_combination(principals, rates, numbers):
        try_schedule(row, digits, principal, rate, number)


def _example(row: LoanProduct, digits: int) -> Money:
    """Give a principal to try where the product names none: large beside the multiples of its rows."""
    multiple = max(row.currency_multiple, row.installment_multiple)
    return Money(max(_EXAMPLE_MAJOR * 10**digits, 10 * multiple * row.installments))


def _corners(*values: Money | Decimal | int | None) -> list[Money | Decimal | int]:
    return list(dict.fromkeys(value for value in values if value is not None))


def try_schedule(
    row: LoanProduct, digits: int, principal: object, rate: object, installments: object
) -> None:
    """Compute one schedule under the terms of a product, to see that one follows from them.

    raises   BadTermError, UnsupportedTermError, NeverAmortizesError
    """
    if row.kind == CREDIT_LINE:
        return
    loan = LoanAccount(
        principal=principal,
        annual_rate=rate,
        interest_type=row.interest_type,
        amortization=row.amortization,
        installments=installments,
        repay_every=row.repay_every,
        repay_unit=row.repay_unit,
    )
    plan = engine_terms(loan, row, digits)
    if row.most_tranches and row.interest_type == InterestType.FLAT:
        raise UnsupportedTermError(term="tranches with interest_type=FLAT")
    if plan.kind is PlanKind.PLAIN:
        require_sound(plan.terms, _EXAMPLE_DAY)
    if plan.kind is PlanKind.PLAIN and row.most_tranches:
        build_tranched_schedule(plan.terms, [Tranche(_EXAMPLE_DAY, plan.terms.principal.minor)])
    elif plan.kind is not PlanKind.PLAIN:
        plan.engine(_EXAMPLE_DAY).disburse(_EXAMPLE_DAY, plan.terms.principal)


def _has_table(session: Session, code: str) -> bool:
    return (
        session.scalars(select(ProvisionTable.id).where(ProvisionTable.code == code).limit(1)).first()
        is not None
    )


def _check_charges(session: Session, reasons: Reasons, charges: Sequence[int]) -> None:
    for charge_id in charges:
        charge = session.get(ChargeDefinition, charge_id)
        if charge is None or charge.applies_to != LOAN:
            reasons.add(
                "charge", NotFoundError(kind="charge on loans", key=charge.code if charge else charge_id)
            )


def _check_cycles(reasons: Reasons, cycles: Sequence[Mapping[str, object]]) -> None:
    numbers = [cycle.get("cycle") for cycle in cycles]
    if len(set(numbers)) != len(numbers):
        reasons.add("cycles", BadValueError(field="cycle", given=", ".join(map(str, numbers))))
    for terms in cycles:
        row = ProductCycle(**terms)
        if int(str(terms.get("cycle", 0))) < 1:
            reasons.add("cycles", BadValueError(field="cycle", given=terms.get("cycle")))
        check_order(reasons, "cycles.principal", row.principal_minimum, None, row.principal_maximum)
        check_order(reasons, "cycles.annual_rate", row.rate_minimum, None, row.rate_maximum)
        check_order(reasons, "cycles.installments", row.installments_minimum, None, row.installments_maximum)


def _cycle_terms(cycle: ProductCycle) -> dict[str, object]:
    columns = (column.name for column in ProductCycle.__table__.columns)
    return {name: getattr(cycle, name) for name in columns if name not in {"id", "loan_product_id"}}
