"""Reversals: an entry is taken back by its opposite, with a reason; both stay visible."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.receipts import receipt_sheet, reverse_movement
from branch.pages import asking, desk
from ledger.errors import RuleError
from web import work
from web.forms import Typed
from web.guards import requires
from web.second import read_second

reversals = Blueprint("reversals", __name__)


@reversals.get("/receipts/<kind>/<int:transaction_id>/reverse")
@requires("money.reverse")
def new(kind: str, transaction_id: int) -> ResponseReturnValue:
    """Ask why the entry is taken back."""
    return _page(kind, transaction_id, Typed.begin())


@reversals.post("/receipts/<kind>/<int:transaction_id>/reverse")
@requires("money.reverse")
def create(kind: str, transaction_id: int) -> ResponseReturnValue:
    """Take the entry back on the open day."""
    typed = Typed(request.form)
    try:
        on = desk.require_open_day()
        reason = typed.text("reason")
        second_id = read_second(typed)
        typed.require()
        asked = _ask_instead(kind, transaction_id, reason)
        if asked is not None:
            return asked

        def post(session: Session) -> str:
            done = reverse_movement(
                session, kind, transaction_id, reason=reason, on=on, approved_by_id=second_id
            )
            return url_for("receipts.show", kind=kind, transaction_id=done)

        return work.post_once(f"{kind}.reverse", post, note=reason)
    except RuleError as refusal:
        return _page(kind, transaction_id, typed, refusal), 422


def _ask_instead(kind: str, transaction_id: int, reason: str) -> ResponseReturnValue | None:
    """Put the reversal before a second person, if that was asked for."""
    with work.reading() as session:
        move = receipt_sheet(session, kind, transaction_id).movement
    own_id = {"loan": "id", "savings": "transaction"}[move.account_kind]
    named = {"receipt": move.receipt} if move.receipt else {own_id: str(move.id)}
    subject = _("Take back %(receipt)s", receipt=move.receipt or move.id)
    return asking.ask_instead(f"{kind}.reverse", {**named, "reason": reason}, subject, move.amount, reason)


def _page(kind: str, transaction_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "reversals/new.html",
            sheet=receipt_sheet(session, kind, transaction_id),
            typed=typed,
            refusal=refusal,
        )
