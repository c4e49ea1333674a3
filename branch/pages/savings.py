"""Savings: the account, deposits, withdrawals."""

from collections.abc import Callable, Mapping
from functools import partial

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.cash_errors import TillCashError
from banking.counter import SavingsSheet, savings_sheet
from banking.doubts import Doubt, Posting, doubts_about_deposit, doubts_about_withdrawal
from banking.errors import InsufficientFundsError
from banking.receipts import savings_movements
from banking.savings import deposit, withdraw
from branch.pages import asking, counter, desk
from ledger.errors import N_, AmountError, RuleError
from ledger.money import format_major
from schema.accounts import SavingsTransaction
from web import work
from web.filters import money
from web.forms import Typed
from web.guards import requires
from web.second import read_second

savings = Blueprint("savings", __name__)

WAYS: Mapping[str, Callable[..., SavingsTransaction]] = {"deposit": deposit, "withdraw": withdraw}
DOUBTS: Mapping[str, Callable[[Session, int, Posting], list[Doubt]]] = {
    "deposit": doubts_about_deposit,
    "withdraw": doubts_about_withdrawal,
}
QUESTIONS = {
    "deposit": N_("Post the deposit of {amount}?"),
    "withdraw": N_("Pay out {amount}?"),
}


@savings.get("/savings/<int:savings_id>")
@requires("clients.see")
def show(savings_id: int) -> str:
    """Show a savings account with its movements."""
    with work.reading() as session:
        return render_template(
            "savings/show.html",
            sheet=savings_sheet(session, savings_id),
            movements=savings_movements(session, savings_id),
        )


@savings.get("/savings/<int:savings_id>/<way>")
@requires("money.post")
def new(savings_id: int, way: str) -> ResponseReturnValue:
    """Ask what was brought or is to be taken."""
    if way not in WAYS:
        abort(404)
    return _page(savings_id, way, counter.begin())


@savings.post("/savings/<int:savings_id>/<way>")
@requires("money.post")
def create(savings_id: int, way: str) -> ResponseReturnValue:
    """Post a deposit or a withdrawal; what looks wrong is asked about once."""
    if way not in WAYS:
        abort(404)
    typed = Typed(request.form)
    page = partial(_page, savings_id, way, typed)
    at_amount = (AmountError, InsufficientFundsError, TillCashError)
    return counter.answer(typed, lambda: _post(savings_id, way, typed), page, at_amount=at_amount)


def _post(savings_id: int, way: str, typed: Typed) -> ResponseReturnValue:
    entered = counter.read(typed)
    second = {"approved_by_id": read_second(typed)} if way == "withdraw" else {}
    typed.require()
    with work.reading() as session:
        doubts = DOUBTS[way](session, savings_id, entered.posting)
        sheet = savings_sheet(session, savings_id)
    asked = _ask_instead(way, sheet, entered)
    if asked is not None:
        return asked
    if counter.needs_asking(typed, entered, doubts):
        heading = _(QUESTIONS[way]).format(amount=counter.in_currency(entered.amount))
        back = url_for("savings.show", savings_id=savings_id)
        return counter.ask(typed, counter.Question(heading, sheet.owner, sheet.account.number, back), doubts)

    def act(session: Session) -> tuple[str, int]:
        done = WAYS[way](
            session,
            savings_id,
            entered.amount,
            entered.on,
            till_id=entered.till_id,
            payment_type_id=entered.payment_type_id,
            note=entered.note,
            **second,
        )
        return "savings", done.id

    return counter.post(f"savings.{way}", act, entered.till_id)


def _ask_instead(way: str, sheet: SavingsSheet, entered: counter.Entered) -> ResponseReturnValue | None:
    """Put a withdrawal before a second person, if that was asked for."""
    if way != "withdraw":
        return None
    with work.reading() as session:
        tills = {till.id: str(till.number) for till in desk.drawers(session)}
        codes = {one.id: one.code for one in counter.ways(session)}
    fields = {
        "account": sheet.account.number,
        "amount": format_major(entered.amount, work.edition().currency.digits),
        "on": entered.on.isoformat(),
        "till": tills.get(entered.till_id or 0),
        "payment_type": codes.get(entered.payment_type_id or 0),
        "note": entered.note,
    }
    given = {name: value for name, value in fields.items() if value}
    subject = _(
        "Pay out %(amount)s from %(account)s", amount=money(entered.amount), account=sheet.account.number
    )
    return asking.ask_instead("savings.withdraw", given, subject, entered.amount)


def _page(savings_id: int, way: str, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "savings/new.html",
            sheet=savings_sheet(session, savings_id),
            tills=desk.drawers(session),
            ways=counter.way_options(session),
            way=way,
            typed=typed,
            refusal=refusal,
        )
