"""Acts on credit lines. Repayments, waivers and reversals of a line are those of any loan."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import credit_lines
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount
from banking.loan_books import own_loan
from ledger.money import Money

_BRANCH: Final = (Place.BRANCH,)
_LINE: Final = Field("line", readers.loan, "number of the credit line", required=True)
_ON: Final = Field("on", readers.day, "the day that it counts from; default: the open business day")
_NOTE: Final = Field("note", readers.text, "a note that stays with it")


def _standing(session: Session, line_id: int, on: date) -> dict[str, object]:
    loan = own_loan(session, line_id)
    found = credit_lines.standing(session, loan, on)
    return {
        "line": loan.number,
        "status": loan.status,
        "limit": amount(session, found.limit),
        "used": amount(session, found.used),
        "available": amount(session, found.available),
        "interest": amount(session, found.owed.interest),
        "owed": amount(session, found.owed.total),
        "ends_on": found.ends_on.isoformat() if found.ends_on else None,
    }


def _draw(session: Session, values: Values) -> Result:
    line_id, on = values.id("line"), values.day(session)
    drawn = credit_lines.draw(
        session,
        line_id,
        values.one("amount", Money),
        on,
        till_id=values.maybe("till", int),
        payment_type_id=values.maybe("payment_type", int),
        receipt=values.text("receipt"),
        approved_by_id=values.second_id,
        note=values.text("note"),
    )
    return {**_standing(session, line_id, on), "receipt": drawn.receipt}


def _show(session: Session, values: Values) -> Result:
    return _standing(session, values.id("line"), values.day(session))


def _interest(session: Session, values: Values) -> Result:
    charged = credit_lines.charge_interest(session, values.id("line"), values.one("through", date))
    return {"charged": amount(session, charged), "through": values.one("through", date).isoformat()}


def _limit(session: Session, values: Values) -> Result:
    credit_lines.change_limit(session, values.id("line"), values.one("limit", Money))
    return _standing(session, values.id("line"), values.day(session))


def _close(session: Session, values: Values) -> Result:
    credit_lines.close_line(session, values.id("line"), values.day(session))
    return _standing(session, values.id("line"), values.day(session))


ACTS: Final = (
    Act(
        "line.draw",
        "loans.disburse",
        _BRANCH,
        "Pay a part of an approved credit line out.",
        (
            _LINE,
            Field("amount", readers.money, "what is drawn", required=True),
            _ON,
            Field("till", readers.till, "where the cash comes from; default: “Books brought in”"),
            Field("payment_type", readers.payment_type, "the way it is paid when it is no cash"),
            Field("receipt", readers.text, "number of a receipt that is on paper already"),
            _NOTE,
        ),
        _draw,
    ),
    Act("line.show", "clients.see", _BRANCH, "Tell how a credit line stands on a day.", (_LINE, _ON), _show),
    Act(
        "line.interest",
        "loans.approve",
        _BRANCH,
        "Charge a credit line its interest to the end of a day; the close of a month does it for all.",
        (_LINE, Field("through", readers.day, "last day whose interest is charged", required=True)),
        _interest,
    ),
    Act(
        "line.limit",
        "loans.approve",
        _BRANCH,
        "Agree on another limit.",
        (_LINE, Field("limit", readers.money, "what may be drawn at most", required=True), _NOTE),
        _limit,
    ),
    Act("line.close", "loans.approve", _BRANCH, "End a line on which nothing is owed.", (_LINE, _ON), _close),
)
