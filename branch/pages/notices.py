"""What the clerk should know today, and the notice boards of the branch and its groups."""

from datetime import date, timedelta
from typing import Final

from flask import Blueprint, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.notice_board import messages_of, write_message
from banking.notices import PLAIN, REFUSED, WAITING, Notice, notices_for
from banking.rows import get_row
from branch.pages import desk
from branch.standing import LATE_DAYS, QUIET_DAYS, came_in, standing
from ledger.errors import N_, RuleError
from schema.people import Group
from web import work
from web.filters import show_date
from web.forms import Typed, row_number
from web.guards import requires

notices = Blueprint("notices", __name__)

OLD_ANSWER: Final = timedelta(days=30)
"""From here on the clerk is told that nothing came from headquarters."""


def clerk_notices() -> list[tuple[str, str, str]]:
    """Give the notices of this user today as sentence, path (or nothing) and tone; asked once a request."""
    if "clerk_notices" not in g:
        today, place = desk.today(), desk.installation().place
        with work.reading() as session:
            found = notices_for(session, place.office_id, today, work.user())
            found += _of_bundles(session, today)
        g.clerk_notices = [_told(notice) for notice in found]
    told: list[tuple[str, str, str]] = g.clerk_notices
    return told


def _of_bundles(session: Session, today: date) -> list[Notice]:
    """Tell when too much waits for headquarters, or when nothing came from there for long."""
    found = []
    days = standing(session, desk.installation().facts.device).days_waiting(today)
    if days >= QUIET_DAYS:
        text = N_("Entries have waited for headquarters for %(days)s days. Send them.")
        tone = REFUSED if days >= LATE_DAYS else WAITING
        found.append(Notice("send", text, {"days": days}, "send.new", tone=tone))
    last = next(iter(came_in(session, limit=1)), None)
    if last is not None and last.at.date() + OLD_ANSWER < today:
        text = N_("The last bundle from headquarters came on %(day)s. Ask for a new one.")
        found.append(Notice("bring", text, {"day": last.at.date()}, "bring.new", tone=PLAIN))
    return found


def _told(notice: Notice) -> tuple[str, str, str]:
    facts = {name: show_date(fact) if isinstance(fact, date) else fact for name, fact in notice.facts.items()}
    path = ""
    if notice.endpoint in current_app.view_functions:
        path = url_for(notice.endpoint, **notice.values)  # type: ignore[arg-type]  # endpoints name their own
    return _(notice.text, **facts), path, notice.tone


@notices.get("/notices")
@requires("clients.see")
def show() -> str:
    """Show the notices of today, and the lines on all boards of the branch."""
    with work.reading() as session:
        messages = messages_of(session, desk.installation().place.office_id, desk.today(), everything=True)
    return render_template("notices/show.html", messages=messages)


@notices.get("/notices/board")
@requires("clients.write")
def board() -> str:
    """Show the form for a message on the branch's board, or on a group's."""
    return _form(Typed.begin())


@notices.post("/notices/board")
@requires("clients.write")
def write() -> ResponseReturnValue:
    """Put a message on a board; headquarters reads it with the next bundle."""
    typed = Typed(request.form)
    group = _group()
    try:
        text = typed.text("text", longest=500)
        until = typed.day("until") if typed.values.get("until", "").strip() else None
        typed.require()

        def act(session: Session) -> str:
            write_message(session, text, group_id=group.id if group else None, until=until)
            return url_for("groups.show", group_id=group.id) if group else url_for("notices.show")

        return work.post_once("message.write", act)
    except RuleError as refusal:
        return _form(typed, refusal), 422


def _group() -> Group | None:
    group_id = request.args.get("group_id", type=row_number)
    if group_id is None:
        return None
    with work.reading() as session:
        return get_row(session, Group, group_id, "group")


def _form(typed: Typed, refusal: RuleError | None = None) -> str:
    return render_template("notices/board.html", typed=typed, group=_group(), refusal=refusal)
