"""Closing a loan before its time: what that takes on a day, and paying it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.counter import loan_sheet
from banking.doubts import Posting, doubts_about_day
from banking.payoffs import Payoff, pay_off, payoff_quote
from branch.pages import counter, desk, words
from ledger.errors import N_, RuleError
from web import work
from web.filters import plain_date
from web.forms import Typed
from web.guards import requires

payoffs = Blueprint("payoffs", __name__)


class QuoteChangedError(RuleError):
    """Something was posted since the figures were shown. Facts: now."""

    code = "QUOTE_CHANGED"
    message = N_(
        "The loan has changed since it was shown: closing it takes {now} now. Nothing was posted. Look again."
    )


@payoffs.get("/loans/<int:loan_id>/payoff")
@requires("money.post")
def new(loan_id: int) -> ResponseReturnValue:
    """Show what closes the loan on a day: today, unless another one is asked for (``on``)."""
    typed = Typed.begin(on=request.args.get("on") or plain_date(desk.today()), way="")
    page = _page(loan_id, typed)
    return (page, 422) if typed.errors else page


@payoffs.post("/loans/<int:loan_id>/payoff")
@requires("money.post")
def create(loan_id: int) -> ResponseReturnValue:
    """Pay what closes the loan on the day that was shown."""
    typed = Typed(request.form)
    try:
        return _post(loan_id, typed)
    except RuleError as refusal:
        return _page(loan_id, typed, refusal), 422


def _post(loan_id: int, typed: Typed) -> ResponseReturnValue:
    open_day = desk.require_open_day()
    on = typed.day("on")
    if on > open_day:
        typed.note("on", desk.FutureDateError(day=open_day))
    if typed.values.get("step") == "change":
        return _page(loan_id, typed)
    with work.reading() as session:
        till_id = desk.read_till(typed, desk.drawers(session))
        way_id = counter.read_way(typed, counter.ways(session))
    note = typed.text("note", required=False)
    shown = typed.values.get("shown", "")
    typed.require()
    with work.reading() as session:
        wanted = payoff_quote(session, loan_id, on).total
    if str(wanted.minor) != shown:
        answered = work.find_answered()
        if answered is not None:
            return answered
        raise QuoteChangedError(now=wanted)

    def act(session: Session) -> tuple[str, int]:
        done = pay_off(session, loan_id, on, till_id=till_id, payment_type_id=way_id, note=note)
        return "loan", done.id

    return counter.post("loan.pay_off", act, till_id)


def _page(loan_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    on = typed.day("on")
    quote: Payoff | None = None
    with work.reading() as session:
        if "on" not in typed.errors:
            try:
                quote = payoff_quote(session, loan_id, on)
            except RuleError as told:
                refusal = refusal or told
        open_day = desk.find_open_day()
        doubts = []
        if quote is not None and open_day is not None:
            doubts = doubts_about_day(Posting(quote.total, on, open_day, work.now()))
        return render_template(
            "payoffs/new.html",
            sheet=loan_sheet(session, loan_id, desk.today()),
            quote=quote,
            can_pay=quote is not None and open_day is not None and on <= open_day,
            doubts=doubts,
            tills=desk.drawers(session),
            ways=counter.way_options(session),
            parts_of_loan=words.COMPONENTS,
            typed=typed,
            refusal=refusal,
        )
