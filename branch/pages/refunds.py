"""Giving a client back what was paid too much on a loan."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.cash_errors import TillCashError
from banking.counter import loan_sheet
from banking.doubts import doubts_about_day
from banking.errors import InsufficientFundsError
from banking.repayments import overpaid, refund_overpayment
from branch.pages import counter, desk
from ledger.errors import AmountError, RuleError
from ledger.money import format_major
from web import work
from web.forms import Typed
from web.guards import requires
from web.second import read_second

refunds = Blueprint("refunds", __name__)


@refunds.get("/loans/<int:loan_id>/refund")
@requires("money.post")
def new(loan_id: int) -> ResponseReturnValue:
    """Ask how much is given back; all of it, unless another amount is typed."""
    with work.reading() as session:
        kept = overpaid(session, loan_id)
    amount = format_major(kept, work.edition().currency.digits) if kept else ""
    return _page(loan_id, counter.begin(amount=amount))


@refunds.post("/loans/<int:loan_id>/refund")
@requires("money.post")
def create(loan_id: int) -> ResponseReturnValue:
    """Pay the overpayment out."""
    typed = Typed(request.form)
    page = partial(_page, loan_id, typed)
    at_amount = (AmountError, InsufficientFundsError, TillCashError)
    return counter.answer(typed, lambda: _post(loan_id, typed), page, at_amount=at_amount)


def _post(loan_id: int, typed: Typed) -> ResponseReturnValue:
    entered = counter.read(typed)
    second_id = read_second(typed)
    typed.require()
    doubts = doubts_about_day(entered.posting)
    if counter.needs_asking(typed, entered, doubts):
        with work.reading() as session:
            sheet = loan_sheet(session, loan_id, desk.today())
        back = url_for("loans.show", loan_id=loan_id)
        heading = _("Give back %(amount)s?", amount=counter.in_currency(entered.amount))
        return counter.ask(typed, counter.Question(heading, sheet.owner, sheet.loan.number, back), doubts)

    def act(session: Session) -> tuple[str, int]:
        done = refund_overpayment(
            session,
            loan_id,
            entered.amount,
            entered.on,
            till_id=entered.till_id,
            payment_type_id=entered.payment_type_id,
            approved_by_id=second_id,
            note=entered.note,
        )
        return "loan", done.id

    return counter.post("loan.refund", act, entered.till_id)


def _page(loan_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "refunds/new.html",
            sheet=loan_sheet(session, loan_id, desk.today()),
            kept=overpaid(session, loan_id),
            tills=desk.drawers(session),
            ways=counter.way_options(session),
            typed=typed,
            refusal=refusal,
        )
