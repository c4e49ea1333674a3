"""Who logged in, saw, printed and exported what: a page for managers and auditors, in both editions."""

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Any, Final, Protocol, cast

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ledger.errors import N_
from schema.people import User
from web import work
from web.forms import Typed
from web.guards import requires

SERVICE: Final = "satchel.log"
"""Where the application keeps what ``Log`` describes (``banking.looks``)."""

KINDS: Final[Mapping[str, str]] = {
    "": N_("everything"),
    "login": N_("log-ins"),
    "paper": N_("printed and exported"),
    "seen": N_("seen"),
}
WORDS: Final[Mapping[str, str]] = {
    "login": N_("logged in"),
    "login.refused": N_("log-in refused"),
    "api.token_made": N_("token of a program made"),
    "api.token_revoked": N_("token of a program revoked"),
    "api.refused": N_("token of a program refused"),
    "kit.with_books": N_("kit with the books of a branch made"),
    "kit.with_books.fetched": N_("kit with the books of a branch fetched"),
    "client.seen": N_("client seen"),
    "report.exported": N_("report exported"),
    "till.report.view": N_("till report seen"),
    "day.report.view": N_("day report seen"),
    "voucher.printed": N_("voucher printed"),
    "sheet.print": N_("collection sheet printed"),
}
"""The acts of the log in words; what has none here is shown by its name."""


class Log(Protocol):
    """What this page asks of whoever keeps the log."""

    def list_looks(
        self, session: Session, *, user_id: int | None, on: date | None, subject: str, kind: str, zone: tzinfo
    ) -> Sequence[Any]:
        """List the newest lines that fit."""

    def list_known_users(self, session: Session) -> Sequence[User]:
        """List everybody who may stand in the log."""


looks = Blueprint("looks", __name__)


@looks.get("/looks")
@requires("audit.see")
def show() -> ResponseReturnValue:
    """List the newest lines of the log that fit what is asked."""
    typed = Typed(request.args)
    log = cast("Log", current_app.extensions[SERVICE])
    on = typed.day("on") if typed.values.get("on", "").strip() else None
    kind = typed.values.get("kind", "")
    who = typed.values.get("who", "")
    zone = work.now().astimezone().tzinfo
    assert zone is not None, "this computer has a time zone"
    with work.reading() as session:
        users = log.list_known_users(session)
        rows = log.list_looks(
            session,
            user_id=int(who) if who in {str(user.id) for user in users} else None,
            on=None if typed.errors else on,
            subject=typed.text("subject", required=False),
            kind=kind if kind in KINDS else "",
            zone=zone,
        )
    page = render_template(
        "looks/show.html",
        typed=typed,
        rows=rows,
        words=WORDS,
        kinds=[(code, _(words)) for code, words in KINDS.items()],
        people=[("", _("everybody")), *((str(user.id), user.username) for user in users)],
    )
    return (page, 422) if typed.errors else page
