"""Tills and vault: what each holds, who answers for it, its counts, and its limit."""

from datetime import date
from typing import Final

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.cash import create_till
from banking.cash_counts import CHECK, CLOSING, HANDOVER, OPENING, Counted, Weighed, count_till
from banking.till_cash import TILL, VAULT
from banking.tills import assign_cashier, end_assignment, set_cash_limit
from banking.users import find_user
from branch.pages import desk
from branch.pages.counting import require_counted, require_reason, sheet_of, weighed
from branch.till_views import TillView, find_drawer, list_drawers
from ledger.errors import N_, RuleError
from schema.accounting import Till
from web import work
from web.filters import plain_date
from web.forms import Typed
from web.guards import requires
from web.second import read_second

tills = Blueprint("tills", __name__)

MOMENTS: Final = {
    OPENING: N_("Opening count"),
    CLOSING: N_("Closing count"),
    HANDOVER: N_("Count to hand over"),
    CHECK: N_("Count"),
}
"""The counts that a page makes, and their names."""


@tills.get("/tills")
@requires("reports.see")
def show() -> str:
    """List the drawers of this office and what they hold."""
    with work.reading() as session:
        found = list_drawers(session, desk.installation().place.office_id, desk.today())
    return render_template("tills/show.html", drawers=found, day=desk.find_open_day())


@tills.get("/tills/<int:till_id>")
@requires("reports.see")
def one(till_id: int) -> str:
    """Show one drawer: what it holds, who answers for it, its counts and movements of today."""
    return render_template("tills/one.html", drawer=_view(till_id), day=desk.find_open_day(), moments=MOMENTS)


def _view(till_id: int) -> TillView:
    with work.reading() as session:
        return find_drawer(session, desk.installation().place.office_id, till_id, desk.today())


# --- counting -------------------------------------------------------------------------------------


@tills.route("/tills/<int:till_id>/count/<moment>", methods=["GET", "POST"])
@requires("cash.move")
def count(till_id: int, moment: str) -> ResponseReturnValue:
    """Count a drawer: the lines, then the sum beside the books with one question, then booked.

    ``step`` is count, check or again, as at the opening of a day.
    """
    if moment not in MOMENTS:
        abort(404)
    till = _view(till_id).till
    if request.method == "GET":
        return _lines(till, moment, Typed.begin())
    typed = Typed(request.form)
    if typed.values.get("step") == "again":
        return _lines(till, moment, typed)
    weight: Weighed | None = None
    try:
        on = desk.require_open_day()
        counted = require_counted(typed, sheet_of(till))
        typed.require()
        with work.reading() as session:
            weight = weighed(session, till, counted)
        if typed.values.get("step") != "check":
            return _check(till, moment, typed, weight)
        return _post_count(till, moment, typed, weight, counted, on)
    except RuleError as refusal:
        page = _lines(till, moment, typed, refusal)
        return (page if weight is None else _check(till, moment, typed, weight, refusal)), 422


def _post_count(
    till: Till, moment: str, typed: Typed, weight: Weighed, counted: Counted, on: date
) -> ResponseReturnValue:
    require_reason(typed, sheet_of(till), weight)
    second = read_second(typed)
    typed.require()

    def act(session: Session) -> str:
        count_till(session, till.id, counted, on, moment=moment, seen_by_id=second)
        return url_for("days.show") if moment == CLOSING else url_for("tills.one", till_id=till.id)

    answer = work.post_once("till.count", act)
    flash(_("%(till)s is counted.", till=till.name))
    return answer


def _lines(till: Till, moment: str, typed: Typed, refusal: RuleError | None = None) -> str:
    return render_template(
        "tills/count.html",
        till=till,
        sheet=sheet_of(till),
        moment=moment,
        title=MOMENTS[moment],
        typed=typed,
        refusal=refusal,
    )


def _check(till: Till, moment: str, typed: Typed, weight: Weighed, refusal: RuleError | None = None) -> str:
    return render_template(
        "tills/check.html",
        till=till,
        rows=[(sheet_of(till), weight)],
        moment=moment,
        title=MOMENTS[moment],
        typed=typed,
        refusal=refusal,
    )


# --- drawers and who answers for them -------------------------------------------------------------


@tills.route("/tills/new", methods=["GET", "POST"])
@requires("cash.assign")
def new() -> ResponseReturnValue:
    """Set up a till, or the vault."""
    if request.method == "GET":
        return render_template("tills/new.html", typed=Typed.begin(kind=TILL), refusal=None)
    typed = Typed(request.form)
    try:
        name = typed.text("name")
        kind = typed.choice("kind", (TILL, VAULT))
        limit = typed.amount("limit", required=False)
        typed.require()

        def act(session: Session) -> str:
            made = create_till(session, name=name, kind=kind, cash_limit=limit or None)
            return url_for("tills.one", till_id=made.id)

        return work.post_once("till.create", act)
    except RuleError as refusal:
        return render_template("tills/new.html", typed=typed, refusal=refusal), 422


@tills.route("/tills/<int:till_id>/limit", methods=["GET", "POST"])
@requires("cash.assign")
def limit(till_id: int) -> ResponseReturnValue:
    """Set what a drawer may hold; empty: what the office's limit says."""
    drawer = _view(till_id)
    if request.method == "GET":
        return render_template("tills/limit.html", drawer=drawer, typed=Typed.begin(), refusal=None)
    typed = Typed(request.form)
    try:
        amount = typed.amount("limit", zero=True, required=False)
        wanted = amount if typed.values.get("limit", "").strip() else None
        typed.require()

        def act(session: Session) -> str:
            set_cash_limit(session, till_id, wanted)
            return url_for("tills.one", till_id=till_id)

        return work.post_once("till.limit", act)
    except RuleError as refusal:
        return render_template("tills/limit.html", drawer=drawer, typed=typed, refusal=refusal), 422


@tills.route("/tills/<int:till_id>/cashier", methods=["GET", "POST"])
@requires("cash.assign")
def cashier(till_id: int) -> ResponseReturnValue:
    """Say who answers for a till from a day on, or that nobody does after a day."""
    drawer = _view(till_id)
    if request.method == "GET":
        typed = Typed.begin(from_day=plain_date(desk.today()))
        return render_template("tills/cashier.html", drawer=drawer, typed=typed, refusal=None)
    typed = Typed(request.form)
    try:
        name = typed.text("user", required=False)
        first = typed.day("from_day")
        user_id = _user_id(typed, name)
        typed.require()

        def act(session: Session) -> str:
            if user_id is None:
                end_assignment(session, till_id, first)
            else:
                assign_cashier(session, till_id, user_id, first)
            return url_for("tills.one", till_id=till_id)

        return work.post_once("till.unassign" if user_id is None else "till.assign", act)
    except RuleError as refusal:
        return render_template("tills/cashier.html", drawer=drawer, typed=typed, refusal=refusal), 422


def _user_id(typed: Typed, name: str) -> int | None:
    """Give whose log-in name it is; None where the field is empty."""
    if not name:
        return None
    with work.reading() as session:
        found = find_user(session, name)
    if found is None:
        typed.errors["user"] = _("Nobody here has this log-in name.")
        return None
    return found.id
