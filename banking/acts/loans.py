"""Acts on loans before and at their disbursement."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import loans
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import of_loan
from banking.loan_books import own_loan
from ledger.money import Money

_BRANCH: Final = (Place.BRANCH,)
LOAN: Final = Field("loan", readers.loan, "number of the loan", required=True)
ON: Final = Field("on", readers.day, "the day that it counts from; default: the open business day")
NOTE: Final = Field("note", readers.text, "a note that stays with it")


def _apply(session: Session, values: Values) -> Result:
    loan = loans.apply(
        session,
        client_id=values.maybe("client", int),
        group_id=values.maybe("group", int),
        product_id=values.id("product"),
        principal=values.one("principal", Money),
        annual_rate=values.decimal("annual_rate"),
        installments=values.maybe("installments", int),
        applied_on=values.day(session),
        number=values.text("number") or None,
        officer_id=values.maybe("officer", int),
        purpose=values.text("purpose"),
    )
    return of_loan(session, loan)


def _approve(session: Session, values: Values) -> Result:
    return of_loan(session, loans.approve(session, values.id("loan"), values.day(session)))


def _reject(session: Session, values: Values) -> Result:
    return of_loan(session, loans.reject(session, values.id("loan")))


def _withdraw(session: Session, values: Values) -> Result:
    return of_loan(session, loans.withdraw_application(session, values.id("loan")))


def _disburse(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    paid = loans.disburse(
        session,
        loan_id,
        values.day(session),
        first_due_on=values.maybe("first_due_on", date),
        till_id=values.maybe("till", int),
        receipt=values.text("receipt"),
        note=values.text("note"),
    )
    return {**of_loan(session, own_loan(session, loan_id)), "receipt": paid.receipt}


ACTS: Final = (
    Act(
        "loan.apply",
        "loans.apply",
        _BRANCH,
        "Write down an application for a loan.",
        (
            Field("client", readers.client, "whose loan it is; exactly one of client and group"),
            Field("group", readers.group, "the group whose loan it is"),
            Field("product", readers.loan_product, "code of the product", required=True),
            Field("principal", readers.money, "what is asked for", required=True),
            Field("annual_rate", readers.decimal, "percent a year; default: the product's"),
            Field("installments", readers.count, "number of rows; default: the product's"),
            ON,
            Field("number", readers.text, "number kept from other books; default: the next one"),
            Field("officer", readers.staff, "who looks after it"),
            Field("purpose", readers.text, "what it is for; a listed purpose by its code"),
        ),
        _apply,
    ),
    Act("loan.approve", "loans.approve", _BRANCH, "Approve an application.", (LOAN, ON, NOTE), _approve),
    Act(
        "loan.reject",
        "loans.approve",
        _BRANCH,
        "Refuse an application.",
        (LOAN, Field("reason", readers.text, "why", required=True)),
        _reject,
    ),
    Act(
        "loan.withdraw",
        "loans.apply",
        _BRANCH,
        "Take an application back before it is paid out.",
        (LOAN, Field("reason", readers.text, "why", required=True)),
        _withdraw,
    ),
    Act(
        "loan.disburse",
        "loans.disburse",
        _BRANCH,
        "Pay an approved loan out.",
        (
            LOAN,
            ON,
            Field("first_due_on", readers.day, "when the first row is due; default: one period later"),
            Field("till", readers.till, "where the cash comes from; default: “Books brought in”"),
            Field("receipt", readers.text, "number of a receipt that is on paper already"),
            NOTE,
        ),
        _disburse,
    ),
)
