"""What carriers need to know, and what goes by itself: one page, the same in both editions."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, cast

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ledger.errors import N_, RuleError
from web import work
from web.forms import Typed
from web.guards import requires

SERVICE: Final = "satchel.carriers"
"""Where the application keeps what ``CarrierDesk`` describes."""

SECTIONS: Final[Mapping[str, str]] = {
    "mail": N_("Addresses"),
    "smtp": N_("Sending mail"),
    "imap": N_("Fetching mail"),
    "line": N_("The line to headquarters"),
    "folder": N_("A shared folder"),
    "schedule": N_("By itself, while this program runs"),
}
VALUES: Final[Mapping[str, str]] = {
    "": N_("no"),
    "tls": N_("TLS from the beginning"),
    "starttls": N_("TLS after the greeting"),
    "none": N_("open, on this computer only"),
    "folder": N_("shared folder"),
    "smtp": N_("by mail"),
    "imap": N_("from the mailbox"),
    "https": N_("by the line"),
}
"""Values of settings in words."""
RUNS: Final[Mapping[str, str]] = {"send": N_("Send"), "fetch": N_("Fetch")}


class CarrierDesk(Protocol):
    """What this page asks of whoever keeps the settings."""

    def fields(self) -> Sequence[Any]:
        """List the settings: name, value, help, choices, secret."""

    def change(self, values: Mapping[str, str]) -> None:
        """Set them, all or none; RuleError."""

    def tries(self) -> Sequence[Any]:
        """Try each carrier that has settings: name, ok, detail."""

    def plans(self) -> Sequence[Any]:
        """List what goes by itself: kind, via, last, next_at."""


carriers = Blueprint("carriers", __name__)


@carriers.get("/carriers")
@requires("reports.see")
def show() -> str:
    """Show the settings, and what went by itself."""
    return _page(Typed.begin(**{field.name: field.value for field in _desk().fields()}))


@carriers.post("/carriers")
@requires("users.write")
def update() -> ResponseReturnValue:
    """Keep the settings; a password that is left empty stays as it is."""
    typed = Typed(request.form)
    fields = _desk().fields()
    given = {field.name: typed.values.get(field.name, "").strip() for field in fields}
    wanted = {field.name: given[field.name] for field in fields if given[field.name] or not field.secret}

    def act() -> str:
        _desk().change(wanted)
        flash(_("Kept. The settings stay on this computer."), "good")
        return url_for("carriers.show")

    try:
        return work.do_once(act)
    except RuleError as refusal:
        return _page(typed, refusal=refusal), 422


@carriers.post("/carriers/try")
@requires("users.write")
def attempt() -> str:
    """Try every carrier that has settings; nothing is sent."""
    typed = Typed.begin(**{field.name: field.value for field in _desk().fields()})
    return _page(typed, tried=_desk().tries())


def _desk() -> CarrierDesk:
    return cast("CarrierDesk", current_app.extensions[SERVICE])


def _page(typed: Typed, *, tried: Sequence[Any] | None = None, refusal: RuleError | None = None) -> str:
    fields = _desk().fields()
    return render_template(
        "carriers/show.html",
        typed=typed,
        sections=[
            (_(words), [field for field in fields if field.name.partition(".")[0] == section])
            for section, words in SECTIONS.items()
        ],
        choices_of=lambda field: [
            (value, _(VALUES[value]) if value in VALUES else value) for value in field.choices
        ],
        plans=_desk().plans(),
        run_words=RUNS,
        value_words=VALUES,
        tried=tried,
        refusal=refusal,
    )
