"""Acts on what stands beside a loan: guarantors, collateral, members."""

from typing import Final

from sqlalchemy.orm import Session

from banking import liability, security
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount, of_loan
from banking.liability import Liable
from banking.rows import get_row
from ledger.money import Money
from schema.accounts import LoanAccount
from schema.lending import Collateral, Guarantor
from schema.people import Client

_BRANCH: Final = (Place.BRANCH,)
_LOAN: Final = Field("loan", readers.loan, "number of the loan", required=True)
_ON: Final = Field("on", readers.day, "the day that it counts from; default: the open business day")
_REASON: Final = Field("reason", readers.text, "why")


# --- security -------------------------------------------------------------------------------------


def _of_guarantor(session: Session, row: Guarantor) -> Result:
    return {
        "guarantor": str(row.id),
        "name": row.name,
        "phone": row.phone,
        "amount": amount(session, row.amount),
        "savings_held": row.hold_id is not None,
        "released_on": row.released_on.isoformat() if row.released_on else None,
    }


def _of_collateral(session: Session, row: Collateral) -> Result:
    return {
        "collateral": str(row.id),
        "kind": row.kind,
        "description": row.description,
        "value": amount(session, row.value),
        "state": row.state,
    }


def _add_guarantor(session: Session, values: Values) -> Result:
    row = security.add_guarantor(
        session,
        values.id("loan"),
        values.one("amount", Money),
        values.day(session),
        client_id=values.maybe("client", int),
        name=values.text("name"),
        phone=values.text("phone"),
        savings_id=values.maybe("savings", int),
    )
    return _of_guarantor(session, row)


def _release_guarantor(session: Session, values: Values) -> Result:
    row = security.release_guarantor(session, values.id("guarantor"), values.day(session))
    return _of_guarantor(session, row)


def _add_collateral(session: Session, values: Values) -> Result:
    row = security.add_collateral(
        session,
        values.id("loan"),
        values.one("kind", str),
        values.one("value", Money),
        description=values.text("description"),
    )
    return _of_collateral(session, row)


def _end_collateral(session: Session, values: Values) -> Result:
    row = security.end_collateral(session, values.id("collateral"), values.one("state", str))
    return _of_collateral(session, row)


def _security(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    return {
        "loan": get_row(session, LoanAccount, loan_id, "loan").number,
        "guarantors": [_of_guarantor(session, row) for row in security.list_guarantors(session, loan_id)],
        "collateral": [_of_collateral(session, row) for row in security.list_collateral(session, loan_id)],
    }


_SECURITY: Final = (
    Act(
        "guarantor.add",
        "loans.apply",
        _BRANCH,
        "Write down who answers for a loan, perhaps with savings held for it.",
        (
            _LOAN,
            Field("amount", readers.money, "what the guarantor answers for", required=True),
            Field("client", readers.client, "the guarantor, who is a client"),
            Field("name", readers.text, "the guarantor, who is no client"),
            Field("phone", readers.text, "telephone; default: the client's"),
            Field("savings", readers.savings, "account on which the amount is held"),
            _ON,
        ),
        _add_guarantor,
    ),
    Act(
        "guarantor.release",
        "loans.approve",
        _BRANCH,
        "Let a guarantor go, and the savings held.",
        (
            Field(
                "guarantor", readers.row_id(Guarantor, "guarantor"), "as “loan.security” lists", required=True
            ),
            _ON,
            _REASON,
        ),
        _release_guarantor,
    ),
    Act(
        "collateral.add",
        "loans.apply",
        _BRANCH,
        "Write down a thing that secures a loan.",
        (
            _LOAN,
            Field("kind", readers.text, "what it is", required=True),
            Field("value", readers.money, "what it is worth", required=True),
            Field("description", readers.text, "how it is known again"),
        ),
        _add_collateral,
    ),
    Act(
        "collateral.end",
        "loans.approve",
        _BRANCH,
        "Give a thing back, or write down that it was sold.",
        (
            Field(
                "collateral",
                readers.row_id(Collateral, "collateral"),
                "as “loan.security” lists",
                required=True,
            ),
            Field(
                "state",
                readers.choice(security.RELEASED, security.SOLD),
                "what became of it",
                required=True,
            ),
            _REASON,
        ),
        _end_collateral,
    ),
    Act("loan.security", "clients.see", _BRANCH, "List what secures a loan.", (_LOAN,), _security),
)


# --- members --------------------------------------------------------------------------------------


def _of_liable(session: Session, one: Liable) -> Result:
    return {
        "client": one.number,
        "name": one.name,
        "share": amount(session, one.share),
        "owes": amount(session, one.owes),
        "answers_for": amount(session, one.answers_for),
    }


def _liable(session: Session, loan_id: int) -> Result:
    loan = get_row(session, LoanAccount, loan_id, "loan")
    return {
        "loan": loan.number,
        "joint_liability": bool(loan.joint_liability),
        "liable": [_of_liable(session, one) for one in liability.liable_for(session, loan)],
    }


def _set_members(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    shares = {row.id("client"): row.one("principal", Money) for row in values.many("members", Values)}
    joint = values.maybe("joint", int)
    liability.set_members(session, loan_id, shares, joint_liability=joint is None or bool(joint))
    return _liable(session, loan_id)


def _set_joint(session: Session, values: Values) -> Result:
    loan = liability.set_joint_liability(session, values.id("loan"), joint=bool(values.one("joint", int)))
    return {**of_loan(session, loan), "joint_liability": bool(loan.joint_liability)}


def _who_is_liable(session: Session, values: Values) -> Result:
    return _liable(session, values.id("loan"))


def _payments(session: Session, values: Values) -> Result:
    return {
        "payments": [
            {
                "on": payment.value_date.isoformat(),
                "receipt": payment.receipt,
                "amount": amount(session, payment.amount),
                "members": {
                    session.get_one(Client, client_id).number: amount(session, part)
                    for client_id, part in parts.items()
                },
            }
            for payment, parts in liability.payments_by_member(session, values.id("loan"))
        ]
    }


def _defaults(session: Session, values: Values) -> Result:
    found = liability.defaults_in_group(session, values.id("group"), values.day(session))
    return {
        "defaults": [
            {
                "loan": one.loan_number,
                "client": None if one.client_id is None else session.get_one(Client, one.client_id).number,
                "overdue": amount(session, one.overdue),
                "days_past_due": one.days_past_due,
            }
            for one in found
        ]
    }


_MEMBERS: Final = (
    Act(
        "loan.members",
        "loans.apply",
        _BRANCH,
        "Say what each member has of a group's loan, before it is paid out.",
        (
            _LOAN,
            Field(
                "members",
                None,
                "the members; their parts add up to the principal",
                required=True,
                rows=(
                    Field("client", readers.client, "number of the member", required=True),
                    Field("principal", readers.money, "the member's part", required=True),
                ),
            ),
            Field("joint", readers.flag, "whether each answers for all of it; default: yes"),
        ),
        _set_members,
    ),
    Act(
        "loan.joint_liability",
        "loans.apply",
        _BRANCH,
        "Say whether the group of a client answers for the client's own loan.",
        (_LOAN, Field("joint", readers.flag, "whether it does", required=True)),
        _set_joint,
    ),
    Act("loan.liable", "clients.see", _BRANCH, "List who answers for a loan.", (_LOAN,), _who_is_liable),
    Act(
        "loan.payments_by_member",
        "clients.see",
        _BRANCH,
        "Show the payments of a group's loan by member, in proportion to their parts.",
        (_LOAN,),
        _payments,
    ),
    Act(
        "group.defaults",
        "clients.see",
        _BRANCH,
        "List what is overdue in a group: its loans and its members' own.",
        (Field("group", readers.group, "number of the group", required=True), _ON),
        _defaults,
    ),
)


ACTS: Final = (*_SECURITY, *_MEMBERS)
