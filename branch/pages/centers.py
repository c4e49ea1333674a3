"""Centers, where several groups meet: registered, changed, seen with their groups."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.calendar_days import schedule_of
from banking.group_figures import find_places
from banking.groups import change_center, create_center
from banking.meetings import coming_meetings
from banking.rows import get_row
from branch.pages import desk, schedules
from ledger.errors import RuleError
from schema.people import Center, Staff
from web import work
from web.forms import Typed
from web.guards import requires

centers = Blueprint("centers", __name__)


@centers.get("/centers/<int:center_id>")
@requires("clients.see")
def show(center_id: int) -> str:
    """Show a center with its groups and next meetings."""
    with work.reading() as session:
        center = get_row(session, Center, center_id, "center")
        schedule = schedule_of(center.meeting_weekday, center.meeting_every_weeks, center.first_meeting_on)
        found = find_places(session, center.origin_office_id)
        return render_template(
            "centers/show.html",
            center=center,
            officer=session.get(Staff, center.officer_id) if center.officer_id else None,
            meets=schedules.in_words(schedule),
            groups=[place for place in found if place.center_id == center_id],
            coming=coming_meetings(session, desk.today(), center_id=center_id),
            in_words=schedules.in_words,
        )


@centers.get("/centers/new")
@requires("clients.write")
def new() -> str:
    """Show the form for a new center."""
    return _form(Typed.begin(meeting_every_weeks="1"))


@centers.post("/centers/new")
@requires("clients.write")
def create() -> ResponseReturnValue:
    """Register a center."""
    typed = Typed(request.form)
    try:
        fields = _read(typed)

        def act(session: Session) -> str:
            made = create_center(session, **fields)
            return url_for("centers.show", center_id=made.id)

        return work.post_once("center.create", act)
    except RuleError as refusal:
        return _form(typed, refusal=refusal), 422


@centers.get("/centers/<int:center_id>/change")
@requires("clients.write")
def edit(center_id: int) -> str:
    """Show a center's name, officer and schedule to be changed."""
    with work.reading() as session:
        center = get_row(session, Center, center_id, "center")
    officer = str(center.officer_id or "")
    return _form(Typed.begin(name=center.name, officer=officer, **schedules.typed_as(center)), center=center)


@centers.post("/centers/<int:center_id>/change")
@requires("clients.write")
def update(center_id: int) -> ResponseReturnValue:
    """Change a center; another officer counts from the open day on."""
    typed = Typed(request.form)
    with work.reading() as session:
        center = get_row(session, Center, center_id, "center")
    try:
        fields = _read(typed)
        officer_id = fields.pop("officer_id")

        def act(session: Session) -> str:
            change_center(session, center_id, **fields)
            schedules.reassign(session, center, officer_id)
            return url_for("centers.show", center_id=center_id)

        return work.post_once("center.change", act)
    except RuleError as refusal:
        return _form(typed, center=center, refusal=refusal), 422


def _read(typed: Typed) -> dict[str, Any]:
    with work.reading() as session:
        officers = schedules.officer_options(session)
    fields = schedules.read_place(typed, officers)
    typed.require()
    return fields


def _form(typed: Typed, *, center: Center | None = None, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        officers = schedules.officer_options(session)
    return render_template(
        "centers/form.html",
        typed=typed,
        center=center,
        refusal=refusal,
        officers=officers,
        weekdays=schedules.weekday_options(_("not known yet")),
        may_assign=center is None or work.may("loans.approve"),
    )
