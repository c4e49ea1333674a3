"""Acts on loans before and at their disbursement."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking import loans
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount, of_loan
from banking.disbursement_parts import Part
from banking.disbursements import FEES, NETTED
from banking.holidays import apply_holidays, find_moves
from banking.loan_books import own_loan
from banking.loan_plans import planned_schedule, standing_rows
from banking.moved_rows import MovedRow
from banking.tranches import disburse_tranche, undo_disbursement, undo_tranche
from ledger.money import Money
from schema.writing import act

_BRANCH: Final = (Place.BRANCH,)
LOAN: Final = Field("loan", readers.loan, "number of the loan", required=True)
ON: Final = Field("on", readers.day, "the day that it counts from; default: the open business day")
NOTE: Final = Field("note", readers.text, "a note that stays with it")
REASON: Final = Field("reason", readers.text, "why", required=True)


def _apply(session: Session, values: Values) -> Result:
    tranches = [(row.one("on", date), row.one("amount", Money)) for row in values.many("tranches", Values)]
    loan = loans.apply(
        session,
        client_id=values.maybe("client", int),
        group_id=values.maybe("group", int),
        product_id=values.id("product"),
        principal=values.money("principal"),
        applied_on=values.day(session),
        number=values.text("number") or None,
        officer_id=values.maybe("officer", int),
        purpose=values.text("purpose"),
        terms=loans.OwnTerms(
            annual_rate=values.decimal("annual_rate"),
            installments=values.maybe("installments", int),
            first_due_on=values.maybe("first_due_on", date),
            grace_principal=values.maybe("grace_principal", int),
            grace_interest_payment=values.maybe("grace_interest_payment", int),
            grace_interest_charged=values.maybe("grace_interest_charged", int),
            tranches=tranches,
        ),
        savings_account_id=values.maybe("savings", int),
        replaces_id=values.maybe("replaces", int),
    )
    return {**of_loan(session, loan), "cycle": loan.cycle}


def _approve(session: Session, values: Values) -> Result:
    return of_loan(session, loans.approve(session, values.id("loan"), values.day(session)))


def _reject(session: Session, values: Values) -> Result:
    return of_loan(session, loans.reject(session, values.id("loan")))


def _withdraw(session: Session, values: Values) -> Result:
    return of_loan(session, loans.withdraw_application(session, values.id("loan")))


def _parts(values: Values) -> list[Part]:
    return [
        Part(
            row.one("amount", Money),
            row.maybe("till", int),
            row.maybe("payment_type", int),
            row.maybe("savings", int),
            row.maybe("pays_off", int),
            row.text("receipt"),
        )
        for row in values.many("parts", Values)
    ]


def _way(values: Values) -> dict[str, Any]:
    return {
        "amount": values.money("amount"),
        "till_id": values.maybe("till", int),
        "payment_type_id": values.maybe("payment_type", int),
        "parts": _parts(values),
        "approved_by_id": values.second_id,
        "receipt": values.text("receipt"),
        "note": values.text("note"),
    }


def _disburse(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    paid = loans.disburse(
        session,
        loan_id,
        values.day(session),
        first_due_on=values.maybe("first_due_on", date),
        savings_account_id=values.maybe("savings", int),
        charges=values.many("charge", int),
        fees=values.text("fees") or NETTED,
        **_way(values),
    )
    charged = amount(session, paid.fee + paid.penalty)
    return {**of_loan(session, own_loan(session, loan_id)), "receipt": paid.receipt, "kept_back": charged}


def _tranche(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    paid = disburse_tranche(session, loan_id, values.day(session), **_way(values))
    told = {"amount": amount(session, paid.amount), "receipt": paid.receipt}
    return {**of_loan(session, own_loan(session, loan_id)), **told}


def _undo(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    taken = undo_disbursement(
        session,
        loan_id,
        values.day(session),
        reason=values.text("reason"),
        approved_by_id=values.second_id,
    )
    return {**of_loan(session, own_loan(session, loan_id)), "reversals": len(taken)}


def _undo_tranche(session: Session, values: Values) -> Result:
    loan_id = values.id("loan")
    taken = undo_tranche(
        session,
        loan_id,
        values.day(session),
        reason=values.text("reason"),
        approved_by_id=values.second_id,
    )
    return {**of_loan(session, own_loan(session, loan_id)), "reversals": len(taken)}


def _schedule(session: Session, values: Values) -> Result:
    loan = own_loan(session, values.id("loan"))
    rows: Sequence[Any] = standing_rows(session, loan.id)
    if loan.disbursed_on is None:
        digits, first = act(session).digits, values.maybe("first_due_on", date) or loan.first_due_on
        rows = planned_schedule(session, loan, values.day(session), first, digits=digits)
    return {
        "loan": loan.number,
        "promised": loan.disbursed_on is None,
        "rows": [
            {
                "row": row.number,
                "due_on": row.due_on.isoformat(),
                **{
                    part: amount(session, getattr(row, part))
                    for part in ("principal", "interest", "fee", "penalty")
                },
            }
            for row in rows
            if row.principal or row.interest or row.fee or row.penalty
        ],
    }


def _moved(moves: Sequence[MovedRow]) -> Result:
    rows = [
        {
            "loan": one.loan,
            "row": one.row,
            "due_on": one.due_on.isoformat(),
            "moves_to": one.moves_to.isoformat(),
        }
        for one in moves
    ]
    return {"moved": rows, "count": len(rows)}


def _show_moves(session: Session, values: Values) -> Result:
    return _moved(find_moves(session, values.one("first", date), values.one("last", date)))


def _apply_moves(session: Session, values: Values) -> Result:
    return _moved(apply_holidays(session, values.one("first", date), values.one("last", date)))


_APPLY_FIELDS: Final = (
    Field("client", readers.client, "whose loan it is; exactly one of client and group"),
    Field("group", readers.group, "the group whose loan it is"),
    Field("product", readers.loan_product, "code of the product", required=True),
    Field("principal", readers.money, "what is asked for; default: the product's"),
    Field("annual_rate", readers.decimal, "percent a year; default: the product's"),
    Field("installments", readers.count, "number of rows; default: the product's"),
    ON,
    Field("first_due_on", readers.day, "agreed day of the first row"),
    Field("grace_principal", readers.count, "rows at the start without principal"),
    Field("grace_interest_payment", readers.count, "rows at the start whose interest is paid later"),
    Field("grace_interest_charged", readers.count, "rows at the start whose interest is never charged"),
    Field(
        "tranches",
        None,
        "the parts in which it is paid out; they add up to the principal",
        rows=(
            Field("on", readers.day, "expected day", required=True),
            Field("amount", readers.money, "how much", required=True),
        ),
    ),
    Field("savings", readers.savings, "savings of the same client or group beside it"),
    Field("replaces", readers.loan, "running loan of the same owner that it pays off (top-up)"),
    Field("number", readers.text, "number kept from other books; default: the next one"),
    Field("officer", readers.staff, "who looks after it"),
    Field("purpose", readers.text, "what it is for; once purposes are listed, one of them"),
)
_WAY_FIELDS: Final = (
    Field("till", readers.till, "where the cash comes from; with nothing named: “Books brought in”"),
    Field("payment_type", readers.payment_type, "the way it is paid when it is no cash"),
    Field(
        "parts",
        None,
        "several ways at once; they add up to what is paid out",
        rows=(
            Field("amount", readers.money, "how much of it", required=True),
            Field("till", readers.till, "cash of this till"),
            Field("payment_type", readers.payment_type, "or this way"),
            Field("savings", readers.savings, "or into this account"),
            Field("pays_off", readers.loan, "or to pay this loan off"),
            Field("receipt", readers.text, "number of a receipt that is on paper already"),
        ),
    ),
    Field("amount", readers.money, "of a loan in tranches: this part; default: the planned one"),
    Field("receipt", readers.text, "number of a receipt that is on paper already"),
    NOTE,
)
_DISBURSE_FIELDS: Final = (
    LOAN,
    ON,
    Field("first_due_on", readers.day, "when the first row is due; default: as agreed, or a period later"),
    *_WAY_FIELDS,
    Field("savings", readers.savings, "the whole of it into this account"),
    Field("charge", readers.charge, "a charge beside those of the product", many=True),
    Field("fees", readers.choice(*FEES), "charges are kept back from the money, or paid apart"),
)
_SPAN: Final = (
    Field("first", readers.day, "rows due from this day", required=True),
    Field("last", readers.day, "to this day, if it is not worked on", required=True),
)

ACTS: Final = (
    Act("loan.apply", "loans.apply", _BRANCH, "Write down an application for a loan.", _APPLY_FIELDS, _apply),
    Act("loan.approve", "loans.approve", _BRANCH, "Approve an application.", (LOAN, ON, NOTE), _approve),
    Act("loan.reject", "loans.approve", _BRANCH, "Refuse an application.", (LOAN, REASON), _reject),
    Act(
        "loan.withdraw",
        "loans.apply",
        _BRANCH,
        "Take an application back before it is paid out.",
        (LOAN, REASON),
        _withdraw,
    ),
    Act(
        "loan.schedule",
        "clients.see",
        _BRANCH,
        "Show the rows of a loan; before it is paid out, those that it would have.",
        (LOAN, ON, Field("first_due_on", readers.day, "when the first row would be due")),
        _schedule,
    ),
    Act(
        "loan.disburse",
        "loans.disburse",
        _BRANCH,
        "Pay an approved loan out, with its charges and down payment.",
        _DISBURSE_FIELDS,
        _disburse,
    ),
    Act(
        "loan.disburse_tranche",
        "loans.disburse",
        _BRANCH,
        "Pay a further part of a running loan out; its rows from that day on are made anew.",
        (LOAN, ON, *_WAY_FIELDS),
        _tranche,
    ),
    Act(
        "loan.undo_disbursement",
        "money.reverse",
        _BRANCH,
        "Take a disbursement back: all parts, charges and the down payment; the loan is approved again.",
        (LOAN, ON, REASON),
        _undo,
    ),
    Act(
        "loan.undo_tranche",
        "money.reverse",
        _BRANCH,
        "Take the newest tranche of a running loan back; its rows are as they were without it.",
        (LOAN, ON, REASON),
        _undo_tranche,
    ),
    Act(
        "holidays.show",
        "loans.approve",
        _BRANCH,
        "Show which open rows the calendar of headquarters would move.",
        _SPAN,
        _show_moves,
    ),
    Act(
        "holidays.apply",
        "loans.approve",
        _BRANCH,
        "Move the open rows that fall on days off, as their products say.",
        _SPAN,
        _apply_moves,
    ),
)
