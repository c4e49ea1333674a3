"""Acts on payments for other offices' accounts and on headquarters' messages to the keepers of accounts."""

from typing import Final

from sqlalchemy.orm import Session

from banking import elsewhere, message_answers, messages
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount
from banking.elsewhere import ElsewherePayment, Taken
from banking.message_answers import Answered
from banking.messages import NotSent, OutsidePayment, Sent
from ledger.money import Money
from schema.messages import AccountMessage, PaymentElsewhere
from schema.reference import Office

_BRANCH: Final = (Place.BRANCH,)
_HQ: Final = (Place.HQ,)
_OFFICE: Final = Field("office", readers.office, "code of the branch that keeps the account", required=True)
_ACCOUNT: Final = Field("account", readers.text, "number of the loan or savings account", required=True)
_AMOUNT: Final = Field("amount", readers.money, "how much", required=True)
_NOTE: Final = Field("note", readers.text, "a note that stays with it")


def _take(session: Session, values: Values) -> Result:
    taken = elsewhere.take(
        session,
        ElsewherePayment(
            other_office_id=values.id("office"),
            account_number=values.one("account", str),
            amount=values.one("amount", Money),
            till_id=values.maybe("till", int),
            gl_code=values.text("gl_account"),
            note=values.text("note"),
        ),
        values.day(session),
        approved_by_id=values.second_id,
    )
    return _of_payment(session, taken)


def _of_payment(session: Session, payment: PaymentElsewhere) -> dict[str, object]:
    return {
        "payment": str(payment.id),
        "receipt": payment.receipt,
        "on": payment.on.isoformat(),
        "office": session.get_one(Office, payment.other_office_id).code,
        "account": payment.account_number,
        "amount": amount(session, payment.amount),
    }


def _of_taken(session: Session, taken: Taken) -> dict[str, object]:
    return {**_of_payment(session, taken.payment), "taken_back": taken.taken_back}


def _list_taken(session: Session, _values: Values) -> Result:
    return {"payments": [_of_taken(session, one) for one in elsewhere.list_taken(session)]}


def _forward(session: Session, _values: Values) -> Result:
    done = messages.forward(session)
    return {
        "sent": [_of_message(session, message) for message in done.sent],
        "left": [_of_left(session, one) for one in done.left],
    }


def _of_left(session: Session, one: NotSent) -> dict[str, object]:
    return {**_of_payment(session, one.payment), "taken_at": one.taken_at, "reason": one.reason}


def _of_message(session: Session, message: AccountMessage) -> dict[str, object]:
    return {
        "message": str(message.id),
        "kind": message.kind,
        "key": message.key,
        "office": session.get_one(Office, message.office_id).code,
        "account": message.account_number,
        "amount": None if message.amount is None else amount(session, message.amount),
        "on": message.on.isoformat(),
    }


def _forward_to(session: Session, values: Values) -> Result:
    sent = messages.forward_to(
        session,
        values.id("payment"),
        values.id("office"),
        values.one("account", str),
        reason=values.one("reason", str),
    )
    return _of_message(session, sent)


def _payment(session: Session, values: Values) -> Result:
    wanted = OutsidePayment(
        office_id=values.id("office"),
        account_number=values.one("account", str),
        amount=values.one("amount", Money),
        gl_code=values.one("gl_account", str),
        key=values.one("reference", str),
        note=values.text("note"),
    )
    sent = messages.send_payment(session, wanted, values.day(session), approved_by_id=values.second_id)
    return _of_message(session, sent)


def _list(session: Session, _values: Values) -> Result:
    return {
        "messages": [_of_sent(session, sent) for sent in messages.list_messages(session)],
        "not_sent": [_of_left(session, one) for one in messages.not_sent(session)],
    }


def _of_sent(session: Session, sent: Sent) -> dict[str, object]:
    return {
        **_of_message(session, sent.message),
        "taken_at": sent.taken_at,
        "state": sent.state,
        "reason": sent.reason,
        "answered_on": sent.answered_on.isoformat() if sent.answered_on else None,
    }


def _readdress(session: Session, values: Values) -> Result:
    again = messages.readdress(
        session,
        values.id("message"),
        office_id=values.maybe("office", int),
        number=values.text("account"),
        reason=values.text("reason"),
    )
    return _of_message(session, again)


def _apply(session: Session, values: Values) -> Result:
    done = message_answers.apply_messages(
        session, message_id=values.maybe("message", int), second_id=values.second_id
    )
    return {"messages": [_of_answered(session, one) for one in done]}


def _of_answered(session: Session, done: Answered) -> dict[str, object]:
    return {**_of_message(session, done.message), "outcome": done.outcome, "reason": done.reason}


ACTS: Final = (
    Act(
        "payment_elsewhere.take",
        "money.post",
        _BRANCH,
        "Take money for an account that another branch keeps; headquarters sends it on.",
        (
            _OFFICE,
            _ACCOUNT,
            _AMOUNT,
            Field("till", readers.till, "number of the till; or the GL account"),
            Field("gl_account", readers.text, "GL code of the bank where the money lies; or the till"),
            Field("on", readers.day, "the day that it counts from; default: the open business day"),
            _NOTE,
        ),
        _take,
    ),
    Act(
        "payment_elsewhere.list",
        "reports.see",
        _BRANCH,
        "List the money that was taken for other branches.",
        (),
        _list_taken,
    ),
    Act(
        "account_message.forward",
        "exceptions.decide",
        _HQ,
        "Send the money that branches took for others to the keepers of the accounts.",
        (),
        _forward,
    ),
    Act(
        "account_message.forward_to",
        "exceptions.decide",
        _HQ,
        "Send money, whose account nobody finds, to an account that a person found.",
        (
            Field(
                "payment",
                readers.row_id(PaymentElsewhere, "payment"),
                "as “account_message.list” shows it",
                required=True,
            ),
            _OFFICE,
            _ACCOUNT,
            Field("reason", readers.text, "why", required=True),
        ),
        _forward_to,
    ),
    Act(
        "account_message.payment",
        "journal.post",
        (Place.HEAD_OFFICE,),
        "Book money that came to headquarters for an account of a branch, and tell the branch.",
        (
            _OFFICE,
            _ACCOUNT,
            _AMOUNT,
            Field("gl_account", readers.text, "GL code of where the money lies", required=True),
            Field("reference", readers.text, "of the bank or the mobile money; booked once", required=True),
            Field("on", readers.day, "the day that it counts from; default: today"),
            _NOTE,
        ),
        _payment,
    ),
    Act(
        "account_message.list",
        "reports.see",
        _HQ,
        "List the messages to branches and what became of them, and what no message carries yet.",
        (),
        _list,
    ),
    Act(
        "account_message.readdress",
        "exceptions.decide",
        _HQ,
        "Address a bounced payment again: to where its account moved, or to another account.",
        (
            Field("message", readers.row_id(AccountMessage, "message"), "its id", required=True),
            Field("office", readers.office, "code of another branch"),
            Field("account", readers.text, "number of another account; default: where it moved"),
            Field("reason", readers.text, "why; needed with another account"),
        ),
        _readdress,
    ),
    Act(
        "account_message.apply",
        "money.post",
        _BRANCH,
        "Book what headquarters sent for accounts of this branch, or send it back with the reason.",
        (Field("message", readers.row_id(AccountMessage, "message"), "its id; default: all that wait"),),
        _apply,
    ),
)
