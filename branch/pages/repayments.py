"""Post a repayment: type it, see how it is shared, post it."""

from datetime import date

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.counter import loan_sheet
from banking.payment_previews import Preview, preview_repayment
from banking.repayments import post_repayment
from branch.pages import desk
from ledger.errors import AmountError, OverpaymentError, RuleError
from ledger.money import Money
from web import work
from web.filters import plain_date
from web.forms import Typed
from web.guards import requires

repayments = Blueprint("repayments", __name__)


@repayments.get("/loans/<int:loan_id>/repay")
@requires("money.post")
def new(loan_id: int) -> ResponseReturnValue:
    """Ask what was paid."""
    return _page(loan_id, Typed.begin(value_date=plain_date(desk.find_open_day())))


@repayments.post("/loans/<int:loan_id>/repay")
@requires("money.post")
def create(loan_id: int) -> ResponseReturnValue:
    """Show how the payment would be shared; post it when that was seen (``step`` is post)."""
    typed = Typed(request.form)
    try:
        open_day = desk.require_open_day()
        amount = typed.amount("amount")
        on = desk.read_value_date(typed, open_day)
        note = typed.text("note", required=False)
        with work.reading() as session:
            till_id = desk.read_till(typed, desk.drawers(session))
        typed.require()
        with work.reading() as session:
            preview = preview_repayment(session, loan_id, amount, on)
        if typed.values.get("step") != "post":
            return _page(loan_id, typed, preview=preview, amount=amount, on=on)

        def post(session: Session) -> str:
            done = post_repayment(session, loan_id, amount, on, till_id=till_id, note=note)
            return url_for("receipts.show", kind="loan", transaction_id=done.id)

        answer = work.post_once("loan.repay", post)
        desk.warn_if_full(till_id)
        return answer
    except (AmountError, OverpaymentError) as refusal:
        typed.note("amount", refusal)
        return _page(loan_id, typed), 422
    except RuleError as refusal:
        return _page(loan_id, typed, refusal=refusal), 422


def _page(
    loan_id: int,
    typed: Typed,
    *,
    preview: Preview | None = None,
    amount: Money | None = None,
    on: date | None = None,
    refusal: RuleError | None = None,
) -> str:
    with work.reading() as session:
        return render_template(
            "repayments/new.html" if preview is None else "repayments/preview.html",
            sheet=loan_sheet(session, loan_id, desk.today()),
            tills=desk.drawers(session),
            typed=typed,
            preview=preview,
            amount=amount,
            on=on,
            refusal=refusal,
        )
