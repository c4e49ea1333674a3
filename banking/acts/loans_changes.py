"""Acts that change what a running loan owes and when: charges, new terms, a new loan on top."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.acts import readers
from banking.acts.loans_life import LOAN, NOTE, ON, PAID, REASON, SAVINGS, loan_act, of_entry
from banking.acts.registry import Field, Result, Values
from banking.acts.results import amount, of_loan
from banking.charge_reversals import take_back, waive_charge
from banking.errors import MissingError
from banking.loan_books import own_loan
from banking.loan_charges import charge_overdue, put_amount, put_charge
from banking.rescheduling import preview_reschedule, reschedule_loan
from banking.top_ups import top_up
from ledger.money import Money
from ledger.rescheduling import Reschedule
from schema.lending import LoanCharge

CHARGE: Final = Field(
    "id", readers.row_id(LoanCharge, "charge"), "id of the charge on the loan", required=True
)


def _of_charge(session: Session, charge: LoanCharge) -> dict[str, object]:
    return {
        "id": str(charge.id),
        "name": charge.name,
        "penalty": bool(charge.penalty),
        "charged_on": charge.charged_on.isoformat(),
        "amount": amount(session, charge.amount),
    }


def _charge(session: Session, values: Values) -> Result:
    loan_id, on, charge_id = values.id("loan"), values.day(session), values.maybe("charge", int)
    if charge_id is not None:
        made = put_charge(
            session, loan_id, charge_id, on, amount=values.money("amount"), note=values.text("note")
        )
    elif "amount" not in values:
        raise MissingError(field="amount")
    else:
        made = [
            put_amount(
                session,
                loan_id,
                values.one("amount", Money),
                on,
                name=values.text("name"),
                penalty=bool(values.maybe("penalty", int)),
                note=values.text("note"),
            )
        ]
    return {
        **of_loan(session, own_loan(session, loan_id)),
        "charges": [_of_charge(session, charge) for charge in made],
    }


def _charge_overdue(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    made = charge_overdue(session, loan_id, values.day(session))
    return {
        **of_loan(session, own_loan(session, loan_id)),
        "charges": [_of_charge(session, charge) for charge in made],
    }


def _take_charge_back(session: Session, values: Values) -> Result:
    charge = session.get_one(LoanCharge, values.id("id"))
    return _of_charge(session, take_back(session, charge, values.day(session), reason=values.text("reason")))


def _waive_charge(session: Session, values: Values) -> Result:
    charge = session.get_one(LoanCharge, values.id("id"))
    return of_entry(session, waive_charge(session, charge, values.day(session), note=values.text("note")))


def _change(values: Values) -> Reschedule:
    return Reschedule(
        from_date=values.one("from_date", date),
        new_date=values.maybe("new_date", date),
        extra_rows=values.maybe("extra_rows", int) or 0,
        grace_principal=values.maybe("grace_principal", int) or 0,
        grace_interest=values.maybe("grace_interest", int) or 0,
        new_rate=values.decimal("new_rate"),
    )


def _preview(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    rows = preview_reschedule(session, loan_id, _change(values))
    return {
        **of_loan(session, own_loan(session, loan_id)),
        "rows": [
            {
                "number": row.number,
                "due_on": row.due_on.isoformat(),
                "principal": amount(session, row.principal),
                "interest": amount(session, row.interest),
            }
            for row in rows
        ],
    }


def _reschedule(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    reschedule_loan(
        session,
        loan_id,
        _change(values),
        values.day(session),
        reason=values.text("reason"),
        approved_by_id=values.second_id,
    )
    return of_loan(session, own_loan(session, loan_id))


def _top_up(session: Session, values: Values) -> Result:
    entry = top_up(
        session,
        values.id("loan"),
        values.day(session),
        replaced_id=values.maybe("replaces", int),
        first_due_on=values.maybe("first_due_on", date),
        till_id=values.maybe("till", int),
        payment_type_id=values.maybe("payment_type", int),
        savings_account_id=values.maybe("savings", int),
        receipt=values.text("receipt"),
        approved_by_id=values.second_id,
        note=values.text("note"),
    )
    return of_entry(session, entry)


_CHANGED: Final = (
    Field("from_date", readers.day, "the due date of the first row that changes", required=True),
    Field("new_date", readers.day, "that row's new due date; all later ones follow it"),
    Field("extra_rows", readers.count, "so many rows more, over which the balance is spread"),
    Field("grace_principal", readers.count, "so many rows without principal before it"),
    Field("grace_interest", readers.count, "so many rows whose interest is paid after them"),
    Field("new_rate", readers.decimal, "percent a year from that row on"),
)


ACTS: Final = (
    loan_act(
        "charge",
        "money.post",
        "Put a charge on a running loan: one of the list, or a free amount with a name.",
        (
            LOAN,
            Field("charge", readers.charge, "code of a charge of the list"),
            Field("amount", readers.money, "a free amount; of a listed charge, another one than its own"),
            Field("name", readers.text, "what a free amount is for"),
            Field("penalty", readers.flag, "whether a free amount is a penalty"),
            ON,
            NOTE,
        ),
        _charge,
    ),
    loan_act(
        "charge_overdue",
        "money.post",
        "Make the product's penalties for rows that are late, as the day's close does.",
        (LOAN, ON),
        _charge_overdue,
    ),
    loan_act(
        "take_charge_back",
        "money.reverse",
        "Take a charge back; what was paid of it goes to the rows.",
        (CHARGE, REASON, ON),
        _take_charge_back,
    ),
    loan_act(
        "preview_reschedule",
        "reports.see",
        "Show the rows that a loan would have after a change of its terms.",
        (LOAN, *_CHANGED),
        _preview,
    ),
    loan_act(
        "reschedule",
        "loans.approve",
        "Change a running loan's terms from a row on.",
        (LOAN, *_CHANGED, ON, REASON),
        _reschedule,
    ),
    loan_act(
        "top_up",
        "loans.disburse",
        "Pay an approved loan out on top of a running one, which it pays off.",
        (
            LOAN,
            Field("replaces", readers.loan, "the running loan; default: the one that the application named"),
            ON,
            Field("first_due_on", readers.day, "the first due date; default: one period later"),
            SAVINGS,
            *PAID,
            NOTE,
        ),
        _top_up,
    ),
    loan_act(
        "waive_charge",
        "loans.write_off",
        "Let go what is unpaid of a charge.",
        (CHARGE, ON, NOTE),
        _waive_charge,
    ),
)
