"""Devices: confirmed by the digits that the branch reads out, ended when lost, each with what it did."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from hq.books import get_office
from hq.branches import get_device
from hq.decided import decided_list
from hq.decisions import somebody_else
from hq.device_sheets import device_rows, device_sheet
from hq.devices import PERMISSION, RESUME, RETIRE, REVOKE, SUSPEND, change_device
from hq.founding import confirm as confirm_device
from hq.pages import desk
from hq.pages.reseeding import KITS, kit_path
from hq.pages.waiting_words import word_of
from hq.replacements import reserve_numbers
from hq.roster_history import WORDS, roster_history
from hq.waiting import waiting_list
from ledger.errors import RuleError, TrustError
from web import work
from web.forms import Typed
from web.guards import requires
from web.second import read_second

devices = Blueprint("devices", __name__)

DIGITS = 20
KIND = "device.end"
STEPS = (RETIRE, REVOKE, SUSPEND, RESUME)
LONGEST_REASON = 500
MOST_EVENTS = 200
"""So many of all branches are shown at once; a branch is shown whole."""


@devices.get("/devices")
@requires("reports.see")
def show() -> str:
    """List the laptops of all branches."""
    with work.reading() as session:
        return render_template("devices/show.html", rows=device_rows(session))


@devices.get("/devices/history")
@requires("reports.see")
def history() -> str:
    """Tell what became of each laptop, the newest first, with the changeset that says so."""
    code = request.args.get("branch", "").upper()
    with work.reading() as session:
        office = get_office(session, code) if code else None
        events = roster_history(session, office)[::-1]
        reserves = reserve_numbers(session)
    return render_template(
        "devices/history.html",
        events=events if code else events[:MOST_EVENTS],
        count=len(events),
        code=code,
        reserves=reserves,
        branches=desk.branches(),
        event_words=WORDS,
    )


@devices.get("/devices/<int:number>")
@requires("reports.see")
def one(number: int) -> str:
    """Show one laptop: its state and bound, its keys, who follows it, what it did, what was decided."""
    return _sheet_page(number, Typed.begin())


@devices.post("/devices/<int:number>")
@requires(PERMISSION)
def end(number: int) -> ResponseReturnValue:
    """Retire, revoke, suspend or resume a laptop."""
    typed = Typed(request.form)
    try:
        second_id = read_second(typed)
        word = typed.choice("word", STEPS)
        reason = typed.text("reason", longest=LONGEST_REASON)
        place = typed.text("at", required=False, longest=12)
        if place and not (place.isascii() and place.isdigit()):
            typed.errors["at"] = _("Type the number of an entry.")
        typed.require()

        def post(session: Session) -> str:
            at = int(place) if place else None
            change_device(session, number, word, at=at, reason=reason, second_id=second_id)
            flash(_("Done. Every branch hears of it with its next return bundle."))
            return url_for("devices.one", number=number)

        return work.post_once(KIND, post)
    except RuleError as refusal:
        return _sheet_page(number, typed, refusal), 422


@devices.get("/devices/<int:number>/confirm")
@requires("devices.confirm")
def ask(number: int) -> ResponseReturnValue:
    """Ask for the digits; they are never shown here, so that they have to be read out."""
    return _page(number, Typed.begin())


@devices.post("/devices/<int:number>/confirm")
@requires("devices.confirm")
def confirm(number: int) -> ResponseReturnValue:
    """Confirm the device when the digits are its own."""
    typed = Typed(request.form)
    with work.reading() as session:
        office, _device = get_device(session, number)
    try:
        text = typed.text("fingerprint", longest=60)
        if text and len([c for c in text if c in "0123456789"]) != DIGITS:
            typed.errors["fingerprint"] = _("These are not twenty digits. Have them read out again.")
        typed.require()

        def act() -> str:
            confirm_device(desk.installation(), number, text, work.user().id)
            return url_for("branches.one", code=office.code)

        answer = work.do_once(act)
    except (RuleError, TrustError) as refusal:
        return _page(number, typed, refusal), 422
    flash(_("The laptop of %(name)s is confirmed. Its next return bundle tells it so.", name=office.name))
    return answer


def _page(number: int, typed: Typed, refusal: RuleError | TrustError | None = None) -> str:
    with work.reading() as session:
        office, device = get_device(session, number)
    return render_template("devices/confirm.html", office=office, device=device, typed=typed, refusal=refusal)


def _sheet_page(number: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "devices/one.html",
            sheet=device_sheet(desk.installation(), session, number),
            decided=decided_list(session, devices=(number,)),
            waiting=[item for item in waiting_list(session) if item.device == number],
            asks_two=bool(somebody_else(session, work.user().id)),
            word_of=word_of,
            kit=kit_path(number).exists(),
            may_reseed=work.may(KITS) and work.may(PERMISSION),
            typed=typed,
            refusal=refusal,
        )
