"""Cash on its way: floats, the vault, the bank, expenses, other money, and taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.till_cash import drawers_of
from banking.vault import (
    FLOAT,
    FROM_BANK,
    HANDOVER,
    PAY,
    RECEIVE,
    SETTLE,
    TO_BANK,
    CashMove,
    move_cash,
    reverse_move,
)
from branch.pages import desk
from branch.till_views import TillView, find_drawer
from ledger.errors import N_, RuleError
from web import work
from web.forms import Typed
from web.guards import requires
from web.second import read_second

cash_moves = Blueprint("cash_moves", __name__)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A movement as its page asks for it: seen from one drawer, which gives or takes."""

    title: str
    button: str
    gives: bool
    account: str = ""
    words: bool = False


KINDS: Final[Mapping[str, _Kind]] = {
    FLOAT: _Kind(N_("Float from the vault"), N_("Take the float"), gives=False),
    SETTLE: _Kind(N_("Cash to the vault"), N_("Bring it to the vault"), gives=True),
    HANDOVER: _Kind(N_("Cash to another drawer"), N_("Hand it over"), gives=True),
    TO_BANK: _Kind(
        N_("Cash to the bank"), N_("Bring it to the bank"), gives=True, account=N_("Bank (GL account)")
    ),
    FROM_BANK: _Kind(
        N_("Cash from the bank"), N_("Fetch it from the bank"), gives=False, account=N_("Bank (GL account)")
    ),
    PAY: _Kind(
        N_("Pay an expense"), N_("Pay it"), gives=True, account=N_("Expense (GL account)"), words=True
    ),
    RECEIVE: _Kind(
        N_("Receive other money"), N_("Take it"), gives=False, account=N_("Income (GL account)"), words=True
    ),
}
"""What can be done with the cash of a drawer."""


@cash_moves.route("/tills/<int:till_id>/move/<kind>", methods=["GET", "POST"])
@requires("cash.move")
def new(till_id: int, kind: str) -> ResponseReturnValue:
    """Move cash into a drawer or out of it."""
    if kind not in KINDS:
        abort(404)
    drawer = _drawer(till_id)
    if request.method == "GET":
        return _page(drawer, kind, Typed.begin())
    typed = Typed(request.form)
    try:
        on = desk.require_open_day()
        wanted = _wanted(typed, drawer, kind)
        second = read_second(typed)
        typed.require()

        def act(session: Session) -> str:
            move_cash(session, wanted, on, approved_by_id=second)
            return url_for("tills.one", till_id=till_id)

        answer = work.post_once("cash.move", act)
        flash(_("It is booked."))
        return answer
    except RuleError as refusal:
        return _page(drawer, kind, typed, refusal), 422


def _wanted(typed: Typed, drawer: TillView, kind: str) -> CashMove:
    asked = KINDS[kind]
    own = drawer.till.id
    other = None
    if kind == HANDOVER:
        chosen = typed.choice("to", [value for value, _label in _others(drawer)])
        other = int(chosen) if chosen else None
    return CashMove(
        kind=kind,
        amount=typed.amount("amount"),
        from_till_id=own if asked.gives else None,
        to_till_id=other if asked.gives else own,
        gl_code=typed.text("account") if asked.account else "",
        pieces=typed.text("pieces", required=False),
        note=typed.text("note", required=asked.words),
    )


@cash_moves.route("/tills/<int:till_id>/moves/<int:movement_id>/reverse", methods=["GET", "POST"])
@requires("money.reverse")
def reverse(till_id: int, movement_id: int) -> ResponseReturnValue:
    """Take a movement back, with its reason."""
    drawer = _drawer(till_id)
    found = next((row for row, settled in drawer.movements if row.id == movement_id and not settled), None)
    if found is None:
        abort(404)
    typed = Typed.begin() if request.method == "GET" else Typed(request.form)
    refused: RuleError | None = None
    if request.method == "POST":
        try:
            on = desk.require_open_day()
            reason = typed.text("reason")
            second = read_second(typed)
            typed.require()

            def act(session: Session) -> str:
                reverse_move(session, movement_id, reason=reason, on=on, approved_by_id=second)
                return url_for("tills.one", till_id=till_id)

            return work.post_once("cash.reverse", act, note=reason)
        except RuleError as refusal:
            refused = refusal
    page = render_template("tills/reverse.html", drawer=drawer, moved=found, typed=typed, refusal=refused)
    return page, 422 if refused else 200


def _drawer(till_id: int) -> TillView:
    with work.reading() as session:
        return find_drawer(session, desk.installation().place.office_id, till_id, desk.today())


def _others(drawer: TillView) -> list[tuple[str, str]]:
    """List the drawers of the same kind, as the choices of a form."""
    with work.reading() as session:
        own = drawers_of(session, desk.installation().place.office_id)
    return [
        (str(till.id), till.name)
        for till in own
        if till.id != drawer.till.id and till.state == "active" and till.kind == drawer.till.kind
    ]


def _page(drawer: TillView, kind: str, typed: Typed, refusal: RuleError | None = None) -> str:
    return render_template(
        "tills/move.html",
        drawer=drawer,
        kind=KINDS[kind],
        others=_others(drawer) if kind == HANDOVER else [],
        two_people=kind in {FLOAT, SETTLE},
        typed=typed,
        refusal=refusal,
    )
