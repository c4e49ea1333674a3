"""Devices: a new laptop is confirmed by the digits that its branch reads out."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.branches import get_device
from hq.founding import confirm as confirm_device
from hq.pages import desk
from ledger.errors import RuleError, TrustError
from web import work
from web.forms import Typed
from web.guards import requires

devices = Blueprint("devices", __name__)

DIGITS = 20


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
