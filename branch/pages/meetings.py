"""Meetings: the calendar of each officer, one meeting with who came and what was said, fines."""

from datetime import date, timedelta
from typing import Final

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.meeting_notes import LOAN, LONGEST_MINUTES, accounts_to_fine, fine_member, write_notes
from banking.meetings import (
    CENTER,
    GROUP,
    HELD,
    MARKS,
    Attended,
    PlannedMeeting,
    attendance_of,
    count_came,
    expected_at,
    find_planned,
    hold_meeting,
    mark_attendance,
    meetings_on,
    place_of,
    write_down,
)
from banking.rows import get_row
from branch.pages import desk, schedules
from ledger.errors import RuleError
from schema.meetings import Meeting
from schema.people import Center, Group
from web import work
from web.calendars import day_in_address
from web.forms import Typed, row_number
from web.guards import requires

meetings = Blueprint("meetings", __name__)

DAYS: Final = timedelta(days=13)
DAYS_OF_ONE: Final = timedelta(days=83)
"""A calendar of everybody shows two weeks, that of one place twelve."""

_MARKS_TYPED: Final = {
    **{mark: mark for mark in MARKS},
    **{str(digit): mark for digit, mark in enumerate(MARKS, 1)},
}


@meetings.get("/meetings")
@requires("clients.see")
def find() -> str:
    """List the meetings of two weeks, of all officers or of one; of one place, twelve weeks."""
    kind, place_id = request.args.get("kind", ""), request.args.get("place_id", type=row_number)
    officer_id = request.args.get("officer", type=row_number)
    first = day_in_address(request.args.get("first", "")) or desk.today()
    last = first + (DAYS_OF_ONE if place_id else DAYS)
    with work.reading() as session:
        place = place_of(session, kind, place_id) if place_id else None
        found = meetings_on(session, desk.installation().place.office_id, first, last)
        officers = schedules.officer_options(session)[1:]
    if place is not None:
        found = [one for one in found if (one.kind, one.place_id) == (kind, place_id)]
    if officer_id is not None:
        found = [one for one in found if one.officer_id == officer_id]
    step = last - first + timedelta(days=1)

    def from_day(day: date) -> str:
        asked = {"kind": kind or None, "place_id": place_id, "officer": officer_id}
        return url_for("meetings.find", first=day.isoformat(), **asked)  # type: ignore[arg-type]  # endpoints name their own values

    return render_template(
        "meetings/find.html",
        found=found,
        first=first,
        last=last,
        place=place,
        officers=officers,
        officer_id=officer_id,
        earlier=from_day(first - step),
        later=from_day(first + step),
        weekdays=schedules.WEEKDAYS,
    )


def read_meeting(
    session: Session, kind: str, place_id: int, on: str
) -> tuple[Center | Group, PlannedMeeting]:
    """Give a place and its meeting on the day that a path names; a wrong path is no page."""
    day = day_in_address(on)
    if day is None or kind not in {CENTER, GROUP}:
        abort(404)
    place = place_of(session, kind, place_id)
    return place, find_planned(session, kind, place_id, day) or abort(404)


def path_of(endpoint: str, one: PlannedMeeting, on: date | None = None) -> str:
    """Give the path of a page about one meeting."""
    day = (on or one.on).isoformat()
    return url_for(endpoint, kind=one.kind, place_id=one.place_id, on=day)


def keys_of(one: PlannedMeeting) -> dict[str, int | None]:
    """Give the place of a meeting as services take it."""
    at_center = one.kind == CENTER
    return {
        "center_id": one.place_id if at_center else None,
        "group_id": None if at_center else one.place_id,
    }


# --- one meeting --------------------------------------------------------------------------------


@meetings.get("/meetings/<kind>/<int:place_id>/<on>")
@requires("clients.see")
def show(kind: str, place_id: int, on: str) -> str:
    """Show a meeting: agenda, attendance in the order of the paper, minutes."""
    with work.reading() as session:
        _place, one = read_meeting(session, kind, place_id, on)
        row = get_row(session, Meeting, one.meeting_id, "meeting") if one.meeting_id else None
        rows = _list(session, one)
    marks = {f"mark_{row.client_id}": row.mark for row in rows}
    notes = {"agenda": row.agenda if row else "", "minutes": row.minutes if row else ""}
    return _page(one, rows, Typed.begin(**marks, **notes), reason=row.reason if row else "")


def _list(session: Session, one: PlannedMeeting) -> list[Attended]:
    if one.meeting_id is not None:
        return attendance_of(session, one.meeting_id)
    return expected_at(session, **keys_of(one))


@meetings.post("/meetings/<kind>/<int:place_id>/<on>")
@requires("clients.write")
def update(kind: str, place_id: int, on: str) -> ResponseReturnValue:
    """Write down who came, the agenda and the minutes; with a mark or minutes the meeting was held."""
    typed = Typed(request.form)
    with work.reading() as session:
        _place, one = read_meeting(session, kind, place_id, on)
        rows = _list(session, one)
    try:
        marks = _marks(typed, rows, rest=typed.values.get("rest", ""))
        agenda, minutes = (_text(typed, name) for name in ("agenda", "minutes"))
        if (marks or minutes) and one.on > desk.today():
            typed.errors["minutes"] = _("This meeting has not been held yet. Write its agenda only.")
        typed.require()

        def act(session: Session) -> str:
            held = marks or minutes or one.state == HELD
            write = hold_meeting if held else write_down
            meeting = write(session, **keys_of(one), on=one.on)
            for client_id, mark in marks.items():
                mark_attendance(session, meeting.id, client_id, mark)
            write_notes(session, meeting.id, agenda=agenda, minutes=minutes)
            return path_of("meetings.show", one)

        answer = work.post_once("meeting.note", act)
        flash(_("Written down."))
        return answer
    except RuleError as refusal:
        return _page(one, rows, typed, refusal=refusal), 422


def _marks(typed: Typed, rows: list[Attended], rest: str) -> dict[int, str]:
    """Read the marks: letters as on paper or the digits 1 to 4; ``rest`` is for those without one."""
    found = {}
    for row in rows:
        name = f"mark_{row.client_id}"
        text = typed.values.get(name, "").strip().upper() or (rest if rest in MARKS else "")
        if not text:
            continue
        mark = _MARKS_TYPED.get(text)
        if mark is None:
            typed.errors[name] = _("Type P, LP, A or L.")
        elif mark != row.mark:
            found[row.client_id] = mark
    return found


def _text(typed: Typed, name: str) -> str:
    text = typed.values.get(name, "")
    if len(text) > LONGEST_MINUTES:
        typed.errors[name] = _(
            "This is too long; at most %(longest)d characters fit.", longest=LONGEST_MINUTES
        )
    return text


def _page(
    one: PlannedMeeting,
    rows: list[Attended],
    typed: Typed,
    *,
    reason: str = "",
    refusal: RuleError | None = None,
) -> str:
    came = count_came(rows)
    return render_template(
        "meetings/show.html",
        one=one,
        rows=rows,
        came=came,
        typed=typed,
        reason=reason,
        refusal=refusal,
        weekdays=schedules.WEEKDAYS,
        today=desk.today(),
    )


# --- fines --------------------------------------------------------------------------------------


@meetings.get("/meetings/<kind>/<int:place_id>/<on>/fine")
@requires("money.post")
def fine(kind: str, place_id: int, on: str) -> str:
    """Show the form for a fine of a member."""
    return _fine_page(kind, place_id, on, Typed.begin(member=request.args.get("member", "")))


@meetings.post("/meetings/<kind>/<int:place_id>/<on>/fine")
@requires("money.post")
def charge(kind: str, place_id: int, on: str) -> ResponseReturnValue:
    """Charge a member a fine: on the running loan, else out of savings; who has neither is told."""
    typed = Typed(request.form)
    try:
        with work.reading() as session:
            _place, one = read_meeting(session, kind, place_id, on)
            rows = _list(session, one)
        member = typed.choice("member", [str(row.client_id) for row in rows])
        amount = typed.amount("amount")
        note = typed.text("note", required=False)
        day = min(one.on, desk.require_open_day())
        typed.require()

        def act(session: Session) -> str:
            done = fine_member(session, int(member), amount, day, note=note)
            if done.kind == LOAN:
                flash(
                    _(
                        "The fine stands on the loan %(number)s and is due with its next row.",
                        number=done.number,
                    )
                )
            else:
                flash(_("The fine was taken out of the savings %(number)s.", number=done.number))
            return path_of("meetings.show", one)

        return work.post_once("meeting.fine", act)
    except RuleError as refusal:
        return _fine_page(kind, place_id, on, typed, refusal), 422


def _fine_page(kind: str, place_id: int, on: str, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        _place, one = read_meeting(session, kind, place_id, on)
        rows = _list(session, one)
        able = {row.client_id: accounts_to_fine(session, row.client_id) for row in rows}
    words = [
        (
            str(row.client_id),
            f"{row.name} · {able[row.client_id][0].number}" if able[row.client_id] else row.name,
        )
        for row in rows
    ]
    return render_template("meetings/fine.html", one=one, typed=typed, members=words, refusal=refusal)
