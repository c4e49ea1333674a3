"""Acts on payments from outside: lists read, accounts found, payments sent, taken back, given back."""

from typing import Final

from sqlalchemy.orm import Session

from banking import incoming_payments, incoming_payments_sent, incoming_payments_shown
from banking.acts import readers
from banking.acts.bank import FILE, reasons_of
from banking.acts.registry import Act, Field, Place, Result, Run, Values
from banking.acts.results import amount
from banking.bank_errors import StatementRowsError
from banking.bank_files import DATE_FORMS
from banking.incoming_payments import ListFile, Previewed
from banking.incoming_payments_files import LAYOUTS, MOBILE, Layout
from banking.incoming_payments_shown import Fate
from banking.reasons import FieldsError
from schema.payments import IncomingPayment
from schema.reference import Office

_HEAD_OFFICE: Final = (Place.HEAD_OFFICE,)
_ROW: Final = readers.row_id(IncomingPayment, "payment")
_PAYMENT: Final = Field("payment", _ROW, "as “incoming_payment.list” shows it", required=True)
_REASON: Final = Field("reason", readers.text, "why", required=True)
_COLUMNS: Final = ("day", "amount", "credit", "debit", "receipt", "account", "payer", "phone", "text")


def _layout(values: Values) -> Layout:
    return Layout(
        kind=values.text("layout") or MOBILE,
        form=values.maybe("dates", str) or "YYYY-MM-DD",
        decimal="," if values.text("decimal") == "comma" else ".",
        **{name: values.text(name) for name in _COLUMNS},
    )


def _read(session: Session, values: Values) -> Result:
    wanted = ListFile(
        name=values.text("name") or "list",
        content=values.one("file", bytes),
        layout=_layout(values),
        gl_code=values.one("gl_account", str),
        another=values.many("another", int),
        reason=values.text("reason"),
    )
    try:
        done = incoming_payments.read_file(session, wanted)
    except StatementRowsError as refusal:
        raise FieldsError(reasons_of(refusal)) from None
    return {
        "list": str(done.file.id),
        "known": done.known,
        "came_before": [_of_before(one) for one in done.before],
        "total": amount(session, done.file.total),
        "payments": [_of_payment(session, one) for one in done.payments],
    }


def _of_before(one: Previewed) -> dict[str, object]:
    before = one.before
    assert before is not None, "only those are given that came before"
    return {
        "row": one.line.row,
        "as": before.key,
        "list": before.name,
        "read_on": before.read_on.isoformat(),
        "row_there": before.row,
    }


def _of_payment(session: Session, payment: IncomingPayment) -> dict[str, object]:
    office = None if payment.office_id is None else session.get_one(Office, payment.office_id).code
    return {
        "payment": str(payment.id),
        "key": payment.key,
        "on": payment.on.isoformat(),
        "amount": amount(session, payment.amount),
        "payer": payment.payer,
        "reference": payment.reference,
        "state": payment.state,
        "rule": payment.rule,
        "office": office,
        "account": payment.account_number,
        "reason": payment.reason,
    }


def _match(session: Session, values: Values) -> Result:
    if "payment" not in values:
        return {"payments": [_of_payment(session, one) for one in incoming_payments.match_all(session)]}
    return _of_payment(
        session,
        incoming_payments.match_by_person(
            session,
            values.id("payment"),
            values.text("account"),
            office_id=values.maybe("office", int),
            reason=values.text("reason"),
        ),
    )


def _unmatch(session: Session, values: Values) -> Result:
    done = incoming_payments.unmatch(session, values.id("payment"), reason=values.text("reason"))
    return _of_payment(session, done)


def _set_aside(session: Session, values: Values) -> Result:
    done = incoming_payments.set_aside(session, values.id("payment"), reason=values.text("reason"))
    return _of_payment(session, done)


def _send(session: Session, values: Values) -> Result:
    chosen = values.many("payment", int) or None
    done = incoming_payments_sent.send(session, chosen, approved_by_id=values.second_id)
    return {"payments": [_of_payment(session, one) for one in done]}


def _take_back(session: Session, values: Values) -> Result:
    done = incoming_payments_sent.take_back(
        session, values.id("payment"), reason=values.text("reason"), approved_by_id=values.second_id
    )
    return _of_payment(session, done)


def _return(session: Session, values: Values) -> Result:
    entry = incoming_payments_sent.return_to_payer(
        session,
        values.id("payment"),
        reason=values.text("reason"),
        gl_code=values.text("gl_account"),
        approved_by_id=values.second_id,
    )
    payment = session.get_one(IncomingPayment, values.id("payment"))
    return {**_of_payment(session, payment), "entry": str(entry.id)}


def _of_fate(session: Session, one: Fate) -> dict[str, object]:
    answered = one.answered_on.isoformat() if one.answered_on else None
    more = {"became": one.state, "answered_on": answered, "branch_reason": one.why}
    return {**_of_payment(session, one.payment), **more}


def _list(session: Session, values: Values) -> Result:
    state = values.text("state")
    found = incoming_payments_shown.list_payments(session, (state,) if state else ())
    now = incoming_payments_shown.standing(session)
    return {
        "payments": [_of_fate(session, one) for one in found],
        "unallocated": amount(session, now.balance),
        "queued": amount(session, now.queued),
    }


def _act(name: str, meaning: str, fields: tuple[Field, ...], run: Run) -> Act:
    return Act(f"incoming_payment.{name}", "journal.post", _HEAD_OFFICE, meaning, fields, run)


ACTS: Final = (
    _act(
        "read",
        "Read a list of payments that came to headquarters, book them, and find their accounts.",
        (
            Field("file", FILE, "the list: CSV or XLSX", required=True),
            Field("name", readers.text, "what it is called"),
            Field("gl_account", readers.text, "GL code of the bank account or wallet", required=True),
            Field("layout", readers.choice(*LAYOUTS), "whose list it is; default: mobile"),
            Field("day", readers.text, "bank: heading of the days"),
            Field("amount", readers.text, "bank: heading of amounts with a sign; else credit"),
            Field("credit", readers.text, "bank: heading of what came in"),
            Field("debit", readers.text, "bank: heading of what went out"),
            Field("receipt", readers.text, "bank: heading of the bank's own number of the payment"),
            Field("account", readers.text, "bank: heading of the account as the payer wrote it"),
            Field("payer", readers.text, "bank: heading of the payer's name"),
            Field("phone", readers.text, "bank: heading of the payer's telephone"),
            Field("text", readers.text, "bank: heading of the words"),
            Field("dates", readers.choice(*DATE_FORMS), "how days are written; default: YYYY-MM-DD"),
            Field("decimal", readers.choice("point", "comma"), "the decimal mark; default: point"),
            Field(
                "another",
                readers.count,
                "row that seems to have come before, and is really another payment",
                many=True,
            ),
            Field("reason", readers.text, "how you know that; needed with “another”"),
        ),
        _read,
    ),
    _act(
        "match",
        "Say whose a payment is; without one, ask the rules again about all that have no account.",
        (
            Field("payment", _ROW, "as “incoming_payment.list” shows it"),
            Field("account", readers.text, "number of the loan or savings account"),
            Field("office", readers.office, "code of its branch, where two have the number"),
            Field("reason", readers.text, "why this account"),
        ),
        _match,
    ),
    _act(
        "unmatch",
        "Take back whose a payment is, or that it was set aside.",
        (_PAYMENT, _REASON),
        _unmatch,
    ),
    _act(
        "set_aside",
        "Keep a payment out of what is sent, until somebody decides.",
        (_PAYMENT, _REASON),
        _set_aside,
    ),
    _act(
        "send",
        "Send payments whose account is found to the branches that keep them.",
        (Field("payment", _ROW, "one of them; default: all", many=True),),
        _send,
    ),
    _act(
        "take_back",
        "Put a payment that its branch sent back into the queue again.",
        (_PAYMENT, _REASON),
        _take_back,
    ),
    _act(
        "return",
        "Book that a payment was given back to the payer.",
        (
            _PAYMENT,
            _REASON,
            Field("gl_account", readers.text, "GL code of where from; default: into which it came"),
        ),
        _return,
    ),
    Act(
        "incoming_payment.list",
        "reports.see",
        _HEAD_OFFICE,
        "List payments from outside and what became of them, newest first.",
        (Field("state", readers.choice(*incoming_payments.STATES), "only these; default: all"),),
        _list,
    ),
)
