"""Moving or cancelling a meeting, and closing a day: what it does to loans is shown before it is done."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.meeting_errors import MovesChangedError
from banking.meeting_moves import (
    MovePlan,
    close_day_for_meetings,
    move_meeting,
    plan_closed_day,
    plan_move,
)
from branch.pages import desk
from branch.pages.meetings import path_of, read_meeting
from ledger.errors import RuleError
from web import work
from web.forms import Typed
from web.guards import requires

meeting_moves = Blueprint("meeting_moves", __name__)

CARRIED = ("on", "what", "to", "reason")


@meeting_moves.get("/meetings/<kind>/<int:place_id>/<on>/move")
@requires("loans.approve")
def new(kind: str, place_id: int, on: str) -> str:
    """Ask where to a meeting moves, and why."""
    return _form(kind, place_id, on, Typed.begin(what="move"))


@meeting_moves.post("/meetings/<kind>/<int:place_id>/<on>/move")
@requires("loans.approve")
def create(kind: str, place_id: int, on: str) -> ResponseReturnValue:
    """Show what a move does; sent again with what was shown, do it."""
    typed = Typed(request.form)
    try:
        to, reason = read_target(typed), typed.text("reason")
        typed.require()
        with work.reading() as session:
            _place, one = read_meeting(session, kind, place_id, on)
            plan = plan_move(session, kind, place_id, one.on, to, desk.require_open_day())
        if not is_shown(typed, [plan]):
            back = path_of("meeting_moves.new", one)
            return preview([plan], typed, back)

        def act(session: Session) -> str:
            move_meeting(session, plan, reason=reason)
            return path_of("meetings.show", one, to)

        answer = work.post_once("meeting.move", act)
        flash(_("Done as shown."))
        return answer
    except RuleError as refusal:
        return _form(kind, place_id, on, typed, refusal), 422


def read_target(typed: Typed) -> date | None:
    """Read where to meetings go; None where they are cancelled."""
    if typed.choice("what", ("move", "cancel")) == "move":
        return typed.day("to")
    return None


def is_shown(typed: Typed, plans: Sequence[MovePlan]) -> bool:
    """Whether the form comes from the page that showed exactly this.

    raises   MovesChangedError where something else was shown
    """
    if typed.values.get("step") != "do":
        return False
    if typed.values.get("mark", "") != mark_of(plans):
        typed.values["step"] = ""
        raise MovesChangedError
    return True


def mark_of(plans: Sequence[MovePlan]) -> str:
    """Give what tells whether two lists of plans would do the same."""
    return ";".join(plan.mark for plan in plans)


def preview(plans: Sequence[MovePlan], typed: Typed, back: str) -> str:
    """Show what would be done."""
    moves = [row for plan in plans for row in plan.moves]
    staying = [one for plan in plans for one in plan.staying]
    return render_template(
        "meetings/preview.html",
        plans=plans,
        moves=moves,
        staying=staying,
        typed=typed,
        carried=CARRIED,
        mark=mark_of(plans),
        back=back,
    )


def _form(kind: str, place_id: int, on: str, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        _place, one = read_meeting(session, kind, place_id, on)
    return render_template("meetings/move.html", one=one, typed=typed, refusal=refusal)


# --- a closed day -------------------------------------------------------------------------------


@meeting_moves.get("/closed-days/new")
@requires("loans.approve")
def close() -> str:
    """Ask which day is closed, and where its meetings go."""
    return _close_form(Typed.begin(what="move"))


@meeting_moves.post("/closed-days/new")
@requires("loans.approve")
def close_day() -> ResponseReturnValue:
    """Show what closing a day does; sent again with what was shown, do it."""
    typed = Typed(request.form)
    try:
        day, to, reason = typed.day("on"), read_target(typed), typed.text("reason")
        typed.require()
        office_id = desk.installation().place.office_id
        with work.reading() as session:
            plans = plan_closed_day(session, office_id, day, to, desk.require_open_day())
        if not plans:
            typed.errors["on"] = _("No meeting is planned on this day.")
            typed.require()
        if not is_shown(typed, plans):
            return preview(plans, typed, url_for("meeting_moves.close"))

        def act(session: Session) -> str:
            close_day_for_meetings(session, plans, reason=reason)
            return url_for("meetings.find", first=(to or day).isoformat())

        answer = work.post_once("meeting.close_day", act)
        flash(_("Done as shown."))
        return answer
    except RuleError as refusal:
        return _close_form(typed, refusal), 422


def _close_form(typed: Typed, refusal: RuleError | None = None) -> str:
    return render_template("meetings/close.html", typed=typed, refusal=refusal)
