"""Acts beside an account: holds, holders, standing instructions, deposits that are expected."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.acts import readers
from banking.acts.registry import Act, Field, Result, Values
from banking.acts.results import amount
from banking.acts.savings import ACCOUNT, AMOUNT, BRANCH, ON, REASON
from banking.errors import BadValueError
from banking.savings_expected import expected_deposits, meeting_deposits
from banking.savings_holds import add_holder, hold, holders, release, remove_holder
from banking.standing_instructions import Order, add_instruction, cancel_instruction
from ledger.dates import RepayUnit
from ledger.money import Money
from schema.saving import SavingsHold, StandingInstruction

CLIENT: Final = Field("client", readers.client, "number of the client", required=True)


def _hold(session: Session, values: Values) -> Result:
    kept = hold(
        session,
        values.id("account"),
        values.one("amount", Money),
        values.day(session),
        reason=values.one("reason", str),
    )
    return {"hold": str(kept.id), "amount": amount(session, kept.amount)}


def _release(session: Session, values: Values) -> Result:
    gone = release(session, values.id("hold"), values.day(session))
    return {"hold": str(gone.id), "amount": amount(session, gone.amount)}


def _holders(session: Session, account_id: int) -> Result:
    return {
        "holders": [
            {"client": one.number, "name": one.name, "first": one.first}
            for one in holders(session, account_id)
        ]
    }


def _add_holder(session: Session, values: Values) -> Result:
    account_id = values.id("account")
    add_holder(session, account_id, values.id("client"), values.day(session))
    return _holders(session, account_id)


def _remove_holder(session: Session, values: Values) -> Result:
    account_id = values.id("account")
    remove_holder(session, account_id, values.id("client"), values.day(session))
    return _holders(session, account_id)


def _add_instruction(session: Session, values: Values) -> Result:
    order = Order(
        to_savings_id=values.maybe("to", int),
        to_loan_id=values.maybe("loan", int),
        amount=values.money("amount"),
        every=values.maybe("every", int) or 1,
        unit=values.maybe("unit", str) or RepayUnit.MONTHS,
        first_on=values.day(session, "first_on"),
        until=values.maybe("until", date),
    )
    return _of_instruction(
        session, add_instruction(session, values.id("account"), order, approved_by_id=values.second_id)
    )


def _cancel_instruction(session: Session, values: Values) -> Result:
    return _of_instruction(session, cancel_instruction(session, values.id("instruction")))


def _of_instruction(session: Session, row: StandingInstruction) -> Result:
    return {
        "instruction": str(row.id),
        "state": row.state,
        "amount": amount(session, row.amount),
        "next_on": row.next_on.isoformat(),
        "until": None if row.until is None else row.until.isoformat(),
        "last_outcome": row.last_outcome,
    }


def _expected(session: Session, values: Values) -> Result:
    on, account_id, group_id = values.day(session), values.maybe("account", int), values.maybe("group", int)
    if (account_id is None) == (group_id is None):
        raise BadValueError(field="account", given="")
    if account_id is not None:
        return {
            "expected": [
                {
                    "on": one.due_on.isoformat(),
                    "amount": amount(session, one.amount),
                    "missing": amount(session, one.missing),
                }
                for one in expected_deposits(session, account_id, on)
            ]
        }
    assert group_id is not None, "exactly one of them was given"
    return {
        "expected": [
            {
                "account": one.number,
                "expected": amount(session, one.expected),
                "missed": amount(session, one.missed),
            }
            for one in meeting_deposits(session, group_id, on)
        ]
    }


ACTS: Final = (
    Act(
        "savings.hold",
        "savings.manage",
        BRANCH,
        "Keep money on an account until it is released.",
        (ACCOUNT, AMOUNT, ON, REASON),
        _hold,
    ),
    Act(
        "savings.release",
        "savings.manage",
        BRANCH,
        "Let held money go.",
        (
            Field("hold", readers.row_id(SavingsHold, "hold"), "id that savings.hold gave", required=True),
            ON,
        ),
        _release,
    ),
    Act(
        "savings.add_holder",
        "clients.write",
        BRANCH,
        "Make somebody a holder beside the first one.",
        (ACCOUNT, CLIENT, ON),
        _add_holder,
    ),
    Act(
        "savings.remove_holder",
        "clients.write",
        BRANCH,
        "End that somebody holds an account beside its first holder.",
        (ACCOUNT, CLIENT, ON),
        _remove_holder,
    ),
    Act(
        "savings.expected",
        "clients.see",
        BRANCH,
        "List the deposits that were agreed and what is missing, of an account or for a group's meeting.",
        (
            Field("account", readers.savings, "number of the savings account"),
            Field("group", readers.group, "number of the group, at its meeting on the day"),
            ON,
        ),
        _expected,
    ),
    Act(
        "standing.add",
        "money.post",
        BRANCH,
        "Let money leave an account by itself when days are closed.",
        (
            ACCOUNT,
            Field("to", readers.savings, "savings account that gets it; exactly one of to and loan"),
            Field("loan", readers.loan, "loan that it is paid on"),
            Field("amount", readers.money, "how much; for a loan, default: what is due"),
            Field("every", readers.count, "how many units between two; default: 1"),
            Field("unit", readers.member(RepayUnit), "default: MONTHS"),
            Field("first_on", readers.day, "the first day; default: the open business day"),
            Field("until", readers.day, "the last day"),
        ),
        _add_instruction,
    ),
    Act(
        "standing.cancel",
        "money.post",
        BRANCH,
        "End a standing instruction.",
        (
            Field(
                "instruction",
                readers.row_id(StandingInstruction, "standing instruction"),
                "id that standing.add gave",
                required=True,
            ),
        ),
        _cancel_instruction,
    ),
)
