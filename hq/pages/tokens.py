"""Tokens of other programs: made by an administrator, shown once, listed, revoked."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from console.reports import list_offices
from hq.api.scopes import SCOPES
from hq.api.tokens import Wanted, list_tokens, make_token, revoke_token
from ledger.errors import N_, RuleError
from web import work
from web.forms import Typed
from web.guards import requires

tokens = Blueprint("tokens", __name__)

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "good": (N_("good"), "good"),
    "expired": (N_("expired"), "plain"),
    "revoked": (N_("revoked"), "refused"),
    "ended": (N_("ended with its maker's log-in"), "refused"),
}
"""How the state of a token is told, and its colour."""


@tokens.get("/tokens")
@requires("users.write")
def show() -> str:
    """List the tokens, revoked ones too."""
    with work.reading() as session:
        rows = list_tokens(session, work.now())
    return render_template("tokens/show.html", rows=rows, states=STATES)


@tokens.get("/tokens/new")
@requires("users.write")
def new() -> str:
    """Ask what the program is called and what it may do."""
    return _new_page(Typed.begin(), ())


@tokens.post("/tokens/new")
@requires("users.write")
def create() -> ResponseReturnValue:
    """Make a token and show it, this once; the same form sent again shows the list."""
    typed, chosen = Typed(request.form), request.form.getlist("scopes")
    made: list[str] = []
    try:
        name = typed.text("name", longest=60)
        office = typed.choice("office", [code for code, _words in _offices()])
        expires_on = typed.day("expires_on") if typed.values.get("expires_on", "").strip() else None
        if not chosen:
            typed.errors["scopes"] = _("Choose at least one thing that the program may do.")
        typed.require()
        wanted = Wanted(name, chosen, int(office) if office else None, expires_on)

        def act(session: Session) -> str:
            made.append(make_token(session, wanted, work.user().id, work.now())[1])
            return url_for("tokens.show")

        work.note_once(act)
    except RuleError as refusal:
        return _new_page(typed, chosen, refusal), 422
    if not made:
        return work.lead_to("tokens.show")
    return render_template("tokens/made.html", name=name, token=made[0])


@tokens.post("/tokens")
@requires("users.write")
def revoke() -> ResponseReturnValue:
    """End a token for ever."""
    text = request.form.get("token", "")

    def act(session: Session) -> str:
        revoke_token(session, int(text) if text.isdecimal() else 0, work.user().id, work.now())
        return url_for("tokens.show")

    _answer, is_new = work.note_once(act)
    if is_new:
        flash(_("The token is revoked: the program that has it is refused from now on."))
    return work.lead_to("tokens.show")


def _offices() -> list[tuple[str, str]]:
    with work.reading() as session:
        found = [(str(office.id), f"{office.code} {office.name}") for office in list_offices(session)]
    return [("", _("all offices")), *found]


def _new_page(typed: Typed, chosen: Sequence[str], refusal: RuleError | None = None) -> str:
    return render_template(
        "tokens/new.html", typed=typed, chosen=chosen, scopes=SCOPES, offices=_offices(), refusal=refusal
    )
