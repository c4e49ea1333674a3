"""Post a repayment: type it, see how it is shared, post it."""

from datetime import date
from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.counter import loan_sheet
from banking.doubts import Doubt, doubts_about_repayment
from banking.payment_previews import Preview, preview_repayment
from banking.repayments import post_repayment
from branch.pages import counter, desk, words
from ledger.errors import AmountError, OverpaymentError, RuleError
from ledger.money import Money
from web import work
from web.forms import Typed
from web.guards import requires

repayments = Blueprint("repayments", __name__)


@repayments.get("/loans/<int:loan_id>/repay")
@requires("money.post")
def new(loan_id: int) -> ResponseReturnValue:
    """Ask what was paid."""
    return _page(loan_id, counter.begin())


@repayments.post("/loans/<int:loan_id>/repay")
@requires("money.post")
def create(loan_id: int) -> ResponseReturnValue:
    """Show how the payment would be shared; post it when that was seen (``step`` is post)."""
    typed = Typed(request.form)
    page = partial(_page, loan_id, typed)
    return counter.answer(
        typed, lambda: _post(loan_id, typed), page, at_amount=(AmountError, OverpaymentError)
    )


def _post(loan_id: int, typed: Typed) -> ResponseReturnValue:
    entered = counter.read(typed)
    typed.require()
    with work.reading() as session:
        preview = preview_repayment(session, loan_id, entered.amount, entered.on)
        doubts = doubts_about_repayment(session, loan_id, entered.posting)
    if typed.values.get("step") != "post":
        return _preview(loan_id, typed, preview, doubts, entered.amount, entered.on)

    def act(session: Session) -> tuple[str, int]:
        done = post_repayment(
            session,
            loan_id,
            entered.amount,
            entered.on,
            till_id=entered.till_id,
            payment_type_id=entered.payment_type_id,
            note=entered.note,
        )
        return "loan", done.id

    return counter.post("loan.repay", act, entered.till_id)


def _preview(
    loan_id: int, typed: Typed, preview: Preview, doubts: list[Doubt], amount: Money, on: date
) -> str:
    with work.reading() as session:
        sheet = loan_sheet(session, loan_id, desk.today())
    return render_template(
        "repayments/preview.html",
        sheet=sheet,
        typed=typed,
        preview=preview,
        ages=[row for row in preview.by_age(on) if row.total],
        parts_of_payment=dict(words.COMPONENTS),
        doubts=doubts,
        amount=amount,
        on=on,
    )


def _page(loan_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "repayments/new.html",
            sheet=loan_sheet(session, loan_id, desk.today()),
            tills=desk.drawers(session),
            ways=counter.way_options(session),
            typed=typed,
            refusal=refusal,
        )
