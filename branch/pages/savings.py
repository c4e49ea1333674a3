"""Savings: the account, deposits, withdrawals."""

from collections.abc import Callable

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.cash_errors import TillCashError
from banking.counter import savings_sheet
from banking.errors import InsufficientFundsError
from banking.receipts import savings_movements
from banking.savings import deposit, withdraw
from branch.pages import desk
from ledger.errors import AmountError, RuleError
from schema.accounts import SavingsTransaction
from web import work
from web.filters import plain_date
from web.forms import Typed
from web.guards import requires

savings = Blueprint("savings", __name__)

WAYS: dict[str, Callable[..., SavingsTransaction]] = {"deposit": deposit, "withdraw": withdraw}


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
    return _page(savings_id, way, Typed.begin(value_date=plain_date(desk.find_open_day())))


@savings.post("/savings/<int:savings_id>/<way>")
@requires("money.post")
def create(savings_id: int, way: str) -> ResponseReturnValue:
    """Post a deposit or a withdrawal."""
    if way not in WAYS:
        abort(404)
    typed = Typed(request.form)
    try:
        open_day = desk.require_open_day()
        amount = typed.amount("amount")
        on = desk.read_value_date(typed, open_day)
        note = typed.text("note", required=False)
        with work.reading() as session:
            till_id = desk.read_till(typed, desk.drawers(session))
        second = {"approved_by_id": desk.read_second(typed)} if way == "withdraw" else {}
        typed.require()

        def post(session: Session) -> str:
            done = WAYS[way](session, savings_id, amount, on, till_id=till_id, note=note, **second)
            return url_for("receipts.show", kind="savings", transaction_id=done.id)

        answer = work.post_once(f"savings.{way}", post)
        desk.warn_if_full(till_id)
        return answer
    except (AmountError, InsufficientFundsError, TillCashError) as refusal:
        typed.note("amount", refusal)
        return _page(savings_id, way, typed), 422
    except RuleError as refusal:
        return _page(savings_id, way, typed, refusal), 422


def _page(savings_id: int, way: str, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "savings/new.html",
            sheet=savings_sheet(session, savings_id),
            tills=desk.drawers(session),
            way=way,
            typed=typed,
            refusal=refusal,
        )
