"""Savings products: a set of terms checked whole, written as a new version; the older one stays as it was."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError, MissingError
from banking.product_checks import (
    LimitOrderError,
    WrongAccountError,
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
from ledger.errors import NotFoundError
from ledger.posting import Role
from ledger.terms import RepayUnit
from schema.products import ChargeDefinition, ProductCharge, SavingsProduct, SavingsRateStep
from schema.writing import insert

VOLUNTARY, MANDATORY, FIXED, RECURRING = "voluntary", "mandatory", "fixed", "recurring"
COMPOUNDING: Final = ("daily", "monthly", "quarterly", "annually")
POSTING: Final = ("monthly", "quarterly", "half_yearly", "annually")
_LENGTH: Final = ("daily", "monthly", "quarterly", "half_yearly", "annually")
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": (VOLUNTARY, MANDATORY, FIXED, RECURRING),
    "balance_method": ("daily", "average"),
    "compounding": COMPOUNDING,
    "posting": POSTING,
    "days_in_year": ("actual", "360", "364", "365"),
    "deposit_unit": tuple(RepayUnit),
}
"""The words that a column of a savings product may hold."""

_ROLES: Final = {
    "gl_deposits_id": Role.SAVINGS_DEPOSITS,
    "gl_interest_id": Role.SAVINGS_INTEREST_EXPENSE,
}
_TYPES: Final = {
    "gl_deposits_id": "liability",
    "gl_interest_id": "expense",
    "gl_fee_id": "income",
    "gl_tax_id": "liability",
    "gl_overdraft_id": "asset",
    "gl_overdraft_interest_id": "income",
    "gl_interest_payable_id": "liability",
    "gl_unclaimed_id": "liability",
}
_CONTROLS: Final = {
    "gl_deposits_id": Role.SAVINGS_DEPOSITS,
    "gl_overdraft_id": Role.SAVINGS_OVERDRAFT,
    "gl_unclaimed_id": Role.UNCLAIMED_SAVINGS,
}
_FROM_ZERO: Final = (
    "interest_minimum",
    "opening_minimum",
    "minimum_balance",
    "lock_in_days",
    "dormant_after_days",
    "unclaimed_after_days",
    "early_rate",
)


def define_savings_product(
    session: Session,
    code: str,
    terms: Mapping[str, object],
    *,
    charges: Sequence[int] | None = None,
    rate_steps: Sequence[Mapping[str, object]] | None = None,
) -> SavingsProduct:
    """Write a savings product, or the next version of one; accounts keep the version of their opening.

    terms       columns of ``SavingsProduct``; those left out stay as in the version before
    charges     ids of the charges that every account bears; None: those of the version before
    rate_steps  columns of ``SavingsRateStep``; None: those of the version before
    raises      FieldsError with everything that is wrong; nothing was written then
    """
    reasons = Reasons()
    with reasons.of("code"):
        code = require_code(code)
    earlier: SavingsProduct | None = newest_version(session, SavingsProduct, code)
    row: SavingsProduct = new_version(SavingsProduct, earlier, code, terms)
    default_accounts(session, row, _ROLES)
    if earlier is not None and charges is None:
        charges = charges_of_savings(session, earlier.id)
    if earlier is not None and rate_steps is None:
        rate_steps = [_step_terms(step) for step in rate_steps_of(session, earlier.id)]
    check_savings_product(session, reasons, row)
    _check_steps(reasons, rate_steps or ())
    for charge_id in charges or ():
        charge = session.get(ChargeDefinition, charge_id)
        if charge is None or charge.applies_to != "savings":
            known = charge.code if charge else charge_id
            reasons.add("charge", NotFoundError(kind="charge on savings", key=known))
    reasons.refuse()
    take_under_control(session, row, _CONTROLS)
    put_on_offer(session, row, earlier)
    insert(session, *(ProductCharge(charge_id=one, savings_product_id=row.id) for one in charges or ()))
    insert(session, *(SavingsRateStep(savings_product_id=row.id, **step) for step in rate_steps or ()))
    return row


def retire_savings_product(session: Session, code: str) -> SavingsProduct:
    """Offer a product no more; its accounts go on.

    raises   NotFoundError
    """
    row: SavingsProduct = retire(session, SavingsProduct, code, "savings product")
    return row


def list_savings_products(session: Session, *, all_versions: bool = False) -> list[SavingsProduct]:
    """List the products on offer by code, or every version of all."""
    return list_versions(session, SavingsProduct, retired=all_versions)


def charges_of_savings(session: Session, product_id: int) -> list[int]:
    """List the ids of the charges that accounts under a product's version bear."""
    wanted = select(ProductCharge.charge_id).where(ProductCharge.savings_product_id == product_id)
    return list(session.scalars(wanted.order_by(ProductCharge.id)))


def rate_steps_of(session: Session, product_id: int) -> list[SavingsRateStep]:
    """List the steps of a product's version, shortest term first."""
    wanted = select(SavingsRateStep).where(SavingsRateStep.savings_product_id == product_id)
    return list(session.scalars(wanted.order_by(SavingsRateStep.from_days, SavingsRateStep.id)))


# --- checks ---------------------------------------------------------------------------------------


def check_savings_product(session: Session, reasons: Reasons, row: SavingsProduct) -> None:
    """Note everything that is wrong with the terms of ``row``."""
    for name in ("kind", "annual_rate"):
        if getattr(row, name) is None:
            reasons.add(name, MissingError(field=name))
    with reasons.of("name"):
        row.name = require(row.name or "", "name")
    if reasons.found:
        return
    check_words(reasons, row, WORDS)
    for name in ("annual_rate", "rate_minimum", "rate_maximum", "overdraft_rate"):
        with reasons.of(name):
            if getattr(row, name) is not None:
                require_rate(getattr(row, name))
    check_order(reasons, "annual_rate", row.rate_minimum, row.annual_rate, row.rate_maximum)
    check_order(reasons, "term_days", row.term_days_minimum, row.term_days, row.term_days_maximum)
    check_amounts(reasons, row, _FROM_ZERO)
    check_percent(reasons, row, "tax_percent")
    _check_kind(reasons, row)
    _check_interest(reasons, row)
    check_accounts(session, reasons, row, _TYPES, _CONTROLS)
    controls = [getattr(row, name) for name in _CONTROLS if getattr(row, name) is not None]
    if len(set(controls)) != len(controls):
        wanted = "another one for deposits, overdrafts and unclaimed savings each"
        reasons.add("gl_deposits_id", WrongAccountError(account=controls[0], wanted=wanted))


def _check_kind(reasons: Reasons, row: SavingsProduct) -> None:
    """Terms that belong to some kinds only, and those that a kind cannot do without."""
    has_term = row.kind in {FIXED, RECURRING}
    wanted = {"term_days": has_term, "expected_deposit": row.kind in {MANDATORY, RECURRING}}
    for name, needed in wanted.items():
        value = getattr(row, name)
        if needed and not value:
            reasons.add(name, MissingError(field=name))
    forbidden = {
        "term_days": not has_term,
        "early_rate": not has_term,
        "lock_in_days": has_term,
        "overdraft_limit": row.kind != VOLUNTARY,
        "dormant_after_days": has_term,
    }
    for name, unfit in forbidden.items():
        if unfit and getattr(row, name):
            reasons.add(name, BadValueError(field=name, given=f"{getattr(row, name)}, {row.kind}"))
    if row.deposit_every < 1:
        reasons.add("deposit_every", BadValueError(field="deposit_every", given=row.deposit_every))
    dormant, unclaimed = row.dormant_after_days, row.unclaimed_after_days
    if unclaimed is not None and (dormant is None or unclaimed <= dormant):
        reasons.add("unclaimed_after_days", LimitOrderError(least=dormant, usual=unclaimed, most=None))


def _check_interest(reasons: Reasons, row: SavingsProduct) -> None:
    """Rates that belong together, and periods that fit into each other."""
    fits = row.compounding in _LENGTH and row.posting in _LENGTH
    if fits and _LENGTH.index(row.compounding) > _LENGTH.index(row.posting):
        reasons.add(
            "compounding", BadValueError(field="compounding", given=f"{row.compounding}, {row.posting}")
        )
    if row.early_rate is not None and row.early_rate > row.annual_rate:
        reasons.add("early_rate", LimitOrderError(least=row.early_rate, usual=row.annual_rate, most=None))
    if row.overdraft_limit is not None and row.minimum_balance:
        reasons.add("overdraft_limit", BadValueError(field="overdraft_limit", given=row.overdraft_limit))
    if row.overdraft_rate is not None and row.overdraft_limit is None:
        reasons.add("overdraft_limit", MissingError(field="overdraft_limit"))


def _check_steps(reasons: Reasons, steps: Sequence[Mapping[str, object]]) -> None:
    places = [(step.get("from_days", 0), step.get("from_amount")) for step in steps]
    if len(set(places)) != len(places):
        reasons.add("rate_steps", BadValueError(field="rate_steps", given="two steps from one place"))
    for terms in steps:
        with reasons.of("rate_steps"):
            require_rate(SavingsRateStep(**terms).annual_rate)


def _step_terms(step: SavingsRateStep) -> dict[str, object]:
    return {"from_days": step.from_days, "from_amount": step.from_amount, "annual_rate": step.annual_rate}
