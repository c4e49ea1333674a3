"""Acts of headquarters on what the institution offers: products, charges, ways to pay, calendar, limits."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking import offers
from banking.acts import readers
from banking.acts.product_fields import (
    CHARGE_FIELDS,
    CHARGES,
    CODE,
    CYCLES,
    LOAN_FIELDS,
    RATE_STEPS,
    SAVINGS_FIELDS,
    columns_of,
)
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount
from banking.products import (
    charges_of,
    cycles_of,
    define_loan_product,
    list_loan_products,
    retire_loan_product,
)
from banking.savings_products import (
    charges_of_savings,
    define_savings_product,
    list_savings_products,
    rate_steps_of,
    retire_savings_product,
)
from ledger.money import Money
from schema.base import plain_decimal
from schema.products import ChargeDefinition
from schema.reference import GLAccount

_HQ: Final = (Place.HQ,)
_WRITE: Final = "reference.write"
_RETIRED: Final = Field("code", readers.text, "its code", required=True)


def _loan_product(session: Session, values: Values) -> Result:
    cycles = [columns_of(row, CYCLES.rows) for row in values.many("cycles", Values)]
    row = define_loan_product(
        session,
        values.text("code"),
        columns_of(values, LOAN_FIELDS),
        charges=values.many("charge", int) if "charge" in values else None,
        cycles=cycles if "cycles" in values else None,
    )
    return {"product": row.code, "version": row.version}


def _savings_product(session: Session, values: Values) -> Result:
    steps = [columns_of(row, RATE_STEPS.rows) for row in values.many("rate_steps", Values)]
    row = define_savings_product(
        session,
        values.text("code"),
        columns_of(values, SAVINGS_FIELDS),
        charges=values.many("charge", int) if "charge" in values else None,
        rate_steps=steps if "rate_steps" in values else None,
    )
    return {"product": row.code, "version": row.version}


def _retire_loan_product(session: Session, values: Values) -> Result:
    row = retire_loan_product(session, values.text("code"))
    return {"product": row.code, "version": row.version, "active": False}


def _retire_savings_product(session: Session, values: Values) -> Result:
    row = retire_savings_product(session, values.text("code"))
    return {"product": row.code, "version": row.version, "active": False}


def _charge(session: Session, values: Values) -> Result:
    row = offers.define_charge(session, values.text("code"), columns_of(values, CHARGE_FIELDS))
    return {"charge": row.code, "version": row.version}


def _payment_type(session: Session, values: Values) -> Result:
    name, account = values.text("name"), values.id("gl_account")
    return {"payment_type": offers.define_payment_type(session, values.text("code"), name, account).code}


def _retire_payment_type(session: Session, values: Values) -> Result:
    return {"payment_type": offers.retire_payment_type(session, values.id("payment_type")).code}


def _payment_account(session: Session, values: Values) -> Result:
    offers.map_payment_account(
        session,
        values.id("payment_type"),
        values.id("gl_account"),
        loan_product_id=values.maybe("loan_product", int),
        savings_product_id=values.maybe("savings_product", int),
    )
    return {}


def _purpose(session: Session, values: Values) -> Result:
    return {"purpose": offers.define_purpose(session, values.text("code"), values.text("name")).code}


def _retire_purpose(session: Session, values: Values) -> Result:
    return {"purpose": offers.retire_purpose(session, values.id("purpose")).code}


def _limit(session: Session, values: Values) -> Result:
    row = offers.set_limit(
        session, values.text("name"), values.one("amount", Money), values.maybe("office", int)
    )
    return {"limit": row.name, "amount": amount(session, row.amount)}


def _holiday(session: Session, values: Values) -> Result:
    on, office = values.one("on", date), values.maybe("office", int)
    row = offers.declare_holiday(session, on, values.text("name"), office)
    return {"on": row.on.isoformat(), "name": row.name}


def _working_days(session: Session, values: Values) -> Result:
    return {"weekdays": offers.set_working_days(session, values.text("weekdays")).working_days}


def _list(session: Session, values: Values) -> Result:
    every = bool(values.maybe("all_versions", int))
    loans = [
        {
            **_shown(session, row),
            "charges": _codes(session, charges_of(session, row.id)),
            "cycles": [_shown(session, cycle) for cycle in cycles_of(session, row.id)],
        }
        for row in list_loan_products(session, all_versions=every)
    ]
    savings = [
        {
            **_shown(session, row),
            "charges": _codes(session, charges_of_savings(session, row.id)),
            "rate_steps": [_shown(session, step) for step in rate_steps_of(session, row.id)],
        }
        for row in list_savings_products(session, all_versions=every)
    ]
    return {"loan_products": loans, "savings_products": savings}


def _codes(session: Session, charges: list[int]) -> list[str]:
    return [session.get_one(ChargeDefinition, charge).code for charge in charges]


def _shown(session: Session, row: Any) -> Mapping[str, object]:  # noqa: ANN401 - any row of reference data
    """Give the columns of a row that say something: amounts in major units, GL accounts by code."""
    shown: dict[str, object] = {}
    for column in row.__table__.columns:
        value = getattr(row, column.name)
        if value is None or value == "" or column.name in {"id", "loan_product_id", "savings_product_id"}:
            continue
        if column.name.startswith("gl_"):
            shown[column.name.removesuffix("_id")] = session.get_one(GLAccount, value).code
        elif isinstance(value, Money):
            shown[column.name] = amount(session, value)
        else:
            shown[column.name] = value if isinstance(value, int | str) else plain_decimal(value)
    return shown


def _act(name: str, meaning: str, fields: tuple[Field, ...], run: Any) -> Act:  # noqa: ANN401 - a function above
    return Act(name, _WRITE, _HQ, meaning, fields, run)


ACTS: Final = (
    _act(
        "loan_product.define",
        "Define a loan product, or its next version: what is not given stays as in the version before.",
        (CODE, *LOAN_FIELDS, CHARGES, CYCLES),
        _loan_product,
    ),
    _act("loan_product.retire", "Offer a loan product no more.", (_RETIRED,), _retire_loan_product),
    _act(
        "savings_product.define",
        "Define a savings product, or its next version: what is not given stays as in the version before.",
        (CODE, *SAVINGS_FIELDS, CHARGES, RATE_STEPS),
        _savings_product,
    ),
    _act("savings_product.retire", "Offer a savings product no more.", (_RETIRED,), _retire_savings_product),
    _act(
        "charge.define",
        "Define a fee or penalty, or its next version; products keep the version that they name.",
        (CODE, *CHARGE_FIELDS),
        _charge,
    ),
    _act(
        "payment_type.define",
        "Define a way to pay beside cash, or change it.",
        (
            Field("code", readers.text, "its code", required=True),
            Field("name", readers.text, "its name", required=True),
            Field("gl_account", readers.gl_account, "GL account (asset) where the money goes", required=True),
        ),
        _payment_type,
    ),
    _act(
        "payment_type.retire",
        "Take a way to pay out of use.",
        (Field("payment_type", readers.payment_type, "its code", required=True),),
        _retire_payment_type,
    ),
    _act(
        "payment_type.map",
        "Send one product's money, paid in this way, to another GL account.",
        (
            Field("payment_type", readers.payment_type, "its code", required=True),
            Field("loan_product", readers.loan_product, "exactly one of the two products"),
            Field("savings_product", readers.savings_product, "exactly one of the two products"),
            Field("gl_account", readers.gl_account, "GL account (asset)", required=True),
        ),
        _payment_account,
    ),
    _act(
        "purpose.define",
        "List a purpose of loans; once one is listed, an application names one of them.",
        (
            Field("code", readers.text, "its code", required=True),
            Field("name", readers.text, "its name", required=True),
        ),
        _purpose,
    ),
    _act(
        "purpose.retire",
        "Take a purpose off the list.",
        (Field("purpose", readers.purpose, "its code", required=True),),
        _retire_purpose,
    ),
    _act(
        "limit.set",
        "Set a limit of money for an office, or for all that have none of their own.",
        (
            Field("name", readers.choice(*offers.LIMITS), "which limit", required=True),
            Field("amount", readers.money, "the limit", required=True),
            Field("office", readers.office, "the office; default: all"),
        ),
        _limit,
    ),
    _act(
        "holiday.declare",
        "Declare a day on which no instalment falls due; branches move open rows by `holidays.apply`.",
        (
            Field("on", readers.day, "the day", required=True),
            Field("name", readers.text, "its name", required=True),
            Field("office", readers.office, "the office; default: all"),
        ),
        _holiday,
    ),
    _act(
        "working_days.set",
        "Set the weekdays on which instalments may fall due.",
        (Field("weekdays", readers.text, "1 Monday to 7, such as 12345", required=True),),
        _working_days,
    ),
    Act(
        "product.list",
        "reports.see",
        (Place.BRANCH, Place.HQ),
        "List all products on offer with their terms.",
        (Field("all_versions", readers.flag, "older versions too"),),
        _list,
    ),
)
