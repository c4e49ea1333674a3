"""What headquarters offers beside products: charges, ways to pay, purposes, limits of money."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.approval import SECOND_PERSON
from banking.books import require_amount
from banking.errors import BadValueError, MissingError
from banking.loan_decisions import BRANCH_APPROVAL
from banking.product_checks import (
    check_accounts,
    check_money_account,
    check_order,
    check_percent,
    check_words,
    require_code,
)
from banking.product_versions import new_version, newest_version, put_on_offer
from banking.reasons import Reasons
from banking.rows import get_row
from banking.text import require
from ledger.charges import MAX_PERCENT, ChargeBase
from ledger.due_dates import EVERY_DAY
from ledger.errors import N_, RuleError
from ledger.money import Money
from schema.products import (
    ChargeDefinition,
    Limit,
    LoanProduct,
    LoanPurpose,
    PaymentAccount,
    PaymentType,
    SavingsProduct,
)
from schema.reference import Holiday, Institution, Office
from schema.writing import insert, update

ON_LOANS: Final = ("disbursement", "date", "installment", "overdue")
ON_SAVINGS: Final = ("opening", "withdrawal", "monthly", "annually", "closing", "dormant")
LIMITS: Final = ("till_cash", SECOND_PERSON, BRANCH_APPROVAL)


class HolidayKnownError(RuleError):
    """Facts: day, name (as it was declared)."""

    code = "HOLIDAY_KNOWN"
    message = N_("{day} is a holiday already: {name}. Nothing was changed.")


def define_charge(session: Session, code: str, terms: Mapping[str, object]) -> ChargeDefinition:
    """Write a charge, or the next version of one; products keep the version that they were made with.

    terms    columns of ``ChargeDefinition``; those left out stay as in the version before
    raises   FieldsError with everything that is wrong
    """
    reasons = Reasons()
    with reasons.of("code"):
        code = require_code(code)
    earlier: ChargeDefinition | None = newest_version(session, ChargeDefinition, code)
    row: ChargeDefinition = new_version(ChargeDefinition, earlier, code, terms)
    _check_charge(session, reasons, row)
    reasons.refuse()
    put_on_offer(session, row, earlier)
    return row


def _check_charge(session: Session, reasons: Reasons, row: ChargeDefinition) -> None:
    with reasons.of("name"):
        row.name = require(row.name or "", "name")
    on_loans = row.applies_to == "loan"
    check_words(
        reasons,
        row,
        {
            "applies_to": ("loan", "savings"),
            "due": ON_LOANS if on_loans else ON_SAVINGS,
            "base": tuple(ChargeBase),
        },
    )
    if (row.amount is None) == (row.percent is None):
        reasons.add("amount", MissingError(field="amount or percent"))
    if row.amount is not None:
        with reasons.of("amount"):
            require_amount(row.amount)
    check_percent(reasons, row, "percent", MAX_PERCENT)
    check_order(reasons, "least", row.least, None, row.most)
    if row.due == "overdue" and not row.penalty:
        reasons.add("penalty", BadValueError(field="penalty", given="no, on what is overdue"))
    if row.due != "overdue" and (row.wait_days or row.repeat_days is not None):
        reasons.add("wait_days", BadValueError(field="wait_days", given=row.wait_days))
    if row.repeat_days is not None and row.repeat_days < 1:
        reasons.add("repeat_days", BadValueError(field="repeat_days", given=row.repeat_days))
    check_accounts(session, reasons, row, {"gl_income_id": "income"}, {})


def define_payment_type(session: Session, code: str, name: str, gl_account_id: int) -> PaymentType:
    """Write a way to pay, or change name and GL account of one.

    raises   FieldsError
    """
    reasons = Reasons()
    with reasons.of("code"):
        code = require_code(code)
    with reasons.of("name"):
        name = require(name, "name")
    known = session.scalars(select(PaymentType).where(PaymentType.code == code)).first()
    row = PaymentType(code=code, name=name, gl_account_id=gl_account_id)
    check_money_account(session, reasons, row)
    reasons.refuse()
    if known is not None:
        update(session, known, name=name, gl_account_id=gl_account_id, active=1)
        return known
    insert(session, row)
    return row


def retire_payment_type(session: Session, payment_type_id: int) -> PaymentType:
    """Take a way to pay out of use.

    raises   NotFoundError
    """
    row = get_row(session, PaymentType, payment_type_id, "payment type")
    update(session, row, active=0)
    return row


def map_payment_account(
    session: Session,
    payment_type_id: int,
    gl_account_id: int,
    *,
    loan_product_id: int | None = None,
    savings_product_id: int | None = None,
) -> PaymentAccount:
    """Say that one product's money, paid in this way, goes to another GL account than all other money.

    raises   FieldsError, NotFoundError; BadValueError when not exactly one product is named
    """
    if (loan_product_id is None) == (savings_product_id is None):
        raise BadValueError(field="product", given="none, or two")
    get_row(session, PaymentType, payment_type_id, "payment type")
    if loan_product_id is not None:
        get_row(session, LoanProduct, loan_product_id, "loan product")
    if savings_product_id is not None:
        get_row(session, SavingsProduct, savings_product_id, "savings product")
    row = PaymentAccount(
        payment_type_id=payment_type_id,
        loan_product_id=loan_product_id,
        savings_product_id=savings_product_id,
        gl_account_id=gl_account_id,
    )
    reasons = Reasons()
    check_money_account(session, reasons, row)
    reasons.refuse()
    insert(session, row)
    return row


def define_purpose(session: Session, code: str, name: str) -> LoanPurpose:
    """List a purpose for which loans may be taken, or name it anew.

    raises   FieldsError
    """
    reasons = Reasons()
    with reasons.of("code"):
        code = require_code(code)
    with reasons.of("name"):
        name = require(name, "name")
    reasons.refuse()
    known = session.scalars(select(LoanPurpose).where(LoanPurpose.code == code)).first()
    if known is not None:
        update(session, known, name=name, active=1)
        return known
    row = LoanPurpose(code=code, name=name)
    insert(session, row)
    return row


def retire_purpose(session: Session, purpose_id: int) -> LoanPurpose:
    """Take a purpose off the list; loans taken for it keep it.

    raises   NotFoundError
    """
    row = get_row(session, LoanPurpose, purpose_id, "purpose")
    update(session, row, active=0)
    return row


def set_limit(session: Session, name: str, amount: Money, office_id: int | None = None) -> Limit:
    """Set a limit of money for an office, or for all that have none of their own.

    raises   BadValueError for an unknown name, NotFoundError, AmountError
    """
    if name not in LIMITS:
        raise BadValueError(field="name", given=name)
    require_amount(amount)
    if office_id is not None:
        get_row(session, Office, office_id, "office")
    own = Limit.office_id.is_(None) if office_id is None else Limit.office_id == office_id
    known = session.scalars(select(Limit).where(Limit.name == name, own).order_by(Limit.id.desc())).first()
    if known is not None:
        update(session, known, amount=amount)
        return known
    row = Limit(office_id=office_id, name=name, amount=amount)
    insert(session, row)
    return row


def declare_holiday(session: Session, on: date, name: str, office_id: int | None = None) -> Holiday:
    """Declare a day on which no instalment falls due, for an office or for all.

    raises   HolidayKnownError, MissingError, NotFoundError
    """
    if office_id is not None:
        get_row(session, Office, office_id, "office")
    known = session.scalars(select(Holiday).where(Holiday.on == on)).all()
    same = next((day for day in known if day.office_id in {None, office_id}), None)
    if same is not None:
        raise HolidayKnownError(day=on, name=same.name)
    row = Holiday(on=on, name=require(name, "name"), office_id=office_id)
    insert(session, row)
    return row


def set_working_days(session: Session, weekdays: str) -> Institution:
    """Set the weekdays on which instalments may fall due: ``12345`` is Monday to Friday.

    raises   BadValueError
    """
    days = {int(day) for day in weekdays if day in "1234567"}
    if not days or len(days) != len(weekdays) or not days <= EVERY_DAY:
        raise BadValueError(field="weekdays", given=weekdays)
    institution = session.scalars(select(Institution)).one()
    update(session, institution, working_days="".join(map(str, sorted(days))))
    return institution
