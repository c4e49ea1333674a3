"""What headquarters tells the branches, and what stands on the branches' notice boards."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.announcements import (
    get_group_by_number,
    list_announcements,
    list_branches,
    name_of_place,
    publish,
    withdraw,
)
from banking.notice_board import messages_of_all
from hq.pages import desk
from ledger.errors import NotFoundError, RuleError
from web import work
from web.filters import plain_date
from web.forms import Typed
from web.guards import requires

announcements = Blueprint("announcements", __name__)


@announcements.get("/announcements")
@requires("reports.see")
def show() -> str:
    """List what was announced, and read the boards of every branch."""
    today = desk.today()
    with work.reading() as session:
        told = [(row, *name_of_place(session, row)) for row in list_announcements(session)]
        messages = messages_of_all(session, today)
    return render_template("announcements/show.html", told=told, messages=messages, today=today)


@announcements.get("/announcements/new")
@requires("reference.write")
def new() -> str:
    """Show the form for an announcement."""
    return _form(Typed.begin(on=plain_date(desk.today()), office=""))


@announcements.post("/announcements/new")
@requires("reference.write")
def create() -> ResponseReturnValue:
    """Tell all branches something, or one branch or one of its groups alone."""
    typed = Typed(request.form)
    try:
        text = typed.text("text", longest=500)
        chosen = typed.choice("office", [value for value, _words in _offices()])
        on = typed.day("on")
        until = typed.day("until") if typed.values.get("until", "").strip() else None
        office_id = int(chosen) if chosen else None
        group_id = _group(typed, office_id)
        typed.require()

        def act(session: Session) -> str:
            publish(session, text, on, until=until, office_id=office_id, group_id=group_id)
            return url_for("announcements.show")

        return work.post_once("announcement.publish", act)
    except RuleError as refusal:
        return _form(typed, refusal), 422


@announcements.post("/announcements")
@requires("reference.write")
def end() -> ResponseReturnValue:
    """Withdraw an announcement: with the next bundle it is shown nowhere any more."""
    row_id = request.form.get("announcement", "")

    def act(session: Session) -> str:
        withdraw(session, int(row_id) if row_id.isdecimal() else 0)
        return url_for("announcements.show")

    return work.post_once("announcement.withdraw", act)


def _offices() -> list[tuple[str, str]]:
    with work.reading() as session:
        found = [(str(office.id), f"{office.code} {office.name}") for office in list_branches(session)]
    return [("", _("all branches")), *found]


def _group(typed: Typed, office_id: int | None) -> int | None:
    number = typed.text("group", required=False)
    if not number:
        return None
    if office_id is None:
        typed.errors["group"] = _("Choose the branch of this group too.")
        return None
    try:
        with work.reading() as session:
            return get_group_by_number(session, office_id, number).id
    except NotFoundError as refusal:
        typed.note("group", refusal)
        return None


def _form(typed: Typed, refusal: RuleError | None = None) -> str:
    return render_template("announcements/new.html", typed=typed, offices=_offices(), refusal=refusal)
