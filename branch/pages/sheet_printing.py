"""Printing collection sheets: for an officer and the days ahead, or for one meeting; the paper; voiding."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.meetings import CANCELLED, CENTER, GROUP, PlannedMeeting, meetings_on, places
from banking.sheets.plan import plan_sheet
from banking.sheets.sheets import (
    find_sheet,
    get_sheet,
    latest_sheet_for,
    list_sheets,
    place_of,
    print_sheet,
    printed_plan,
    void_sheet,
)
from banking.users import log_look
from branch import sheet_paper
from branch.pages import desk
from ledger.errors import N_, NotFoundError, RuleError
from schema.meetings import CollectionSheet
from web import work
from web.calendars import day_in_address
from web.filters import figure, instant, plain_date, show_date
from web.forms import Typed, row_number
from web.guards import requires

sheet_printing = Blueprint("sheet_printing", __name__)

DAYS_AHEAD = timedelta(days=7)
"""How far ahead sheets are offered when nothing else is asked."""

MOST_DAYS = timedelta(days=62)
SHOWN = 60
"""So many of the newest sheets are listed."""


class NoMeetingsError(RuleError):
    """Facts: first, last."""

    code = "NO_MEETINGS"
    message = N_("There is no meeting from {first} to {last}. Choose other days, or one center or group.")


class TooManyDaysError(RuleError):
    """Facts: days."""

    code = "TOO_MANY_DAYS"
    message = N_("Choose at most {days} days, the last one after the first.")


@dataclass(frozen=True, slots=True)
class OfficerMeetings:
    """The meetings of one officer in a time; ``key`` is the letter that prints them all."""

    officer_id: int | None
    officer: str
    key: str
    meetings: Sequence[PlannedMeeting]


@sheet_printing.get("/sheets")
@requires("clients.see")
def index() -> ResponseReturnValue:
    """Offer the meetings of the days ahead, and list the sheets that there are."""
    return _index(Typed(request.args))


@sheet_printing.post("/sheets")
@requires("sheets.print")
def create() -> ResponseReturnValue:
    """Make the sheets that were asked for and lead to their paper; an open one is not doubled."""
    typed = Typed(request.form)
    try:
        wanted = _wanted(typed)

        def act(session: Session) -> str:
            made = [_sheet_for(session, *one) for one in wanted]
            return url_for("sheet_printing.paper", sheet=[sheet.id for sheet in made])

        return work.post_once("sheet.print", act)
    except RuleError as refusal:
        return _index(typed, refusal), 422


@sheet_printing.get("/sheets/find")
@requires("clients.see")
def find() -> ResponseReturnValue:
    """Lead to the sheet whose number stands on the paper; its last digits are enough."""
    typed = Typed(request.args)
    number = typed.text("number")
    with work.reading() as session:
        sheet = find_sheet(session, number) if number else None
    if sheet is not None:
        return work.lead_to("sheets.show", sheet_id=sheet.id)
    if number:
        typed.note("number", NotFoundError(kind="sheet", key=number))
    return _index(typed), 422


@sheet_printing.post("/sheets/meeting")
@requires("money.post")
def open_meeting() -> ResponseReturnValue:
    """Make the sheet of a meeting at once and lead to keying it."""
    wanted = _meeting(request.form.get("meeting", ""))

    def act(session: Session) -> str:
        return url_for("sheets.show", sheet_id=_sheet_for(session, *wanted).id)

    return work.post_once("sheet.print", act)


def _sheet_for(session: Session, kind: str, place_id: int, on: date) -> CollectionSheet:
    place = {"center_id": place_id} if kind == CENTER else {"group_id": place_id}
    found = latest_sheet_for(session, **place, meeting_on=on)
    return found or print_sheet(session, plan_sheet(session, **place, meeting_on=on), work.now())


def _meeting(text: str) -> tuple[str, int, date]:
    """Read a meeting as the pages write it: kind, place and day."""
    kind, _slash, rest = text.partition("/")
    place, _slash, on = rest.partition("/")
    day = day_in_address(on)
    if day is None or kind not in {CENTER, GROUP}:
        abort(400)
    try:
        return kind, row_number(place), day
    except ValueError:
        abort(400)


def _wanted(typed: Typed) -> list[tuple[str, int, date]]:
    """Read for which meetings sheets are wanted: a chosen one, a place and a day, or all of an officer."""
    if chosen := typed.values.get("meeting"):
        return [_meeting(chosen)]
    if typed.values.get("do") == "place":
        on = typed.day("on")
        with work.reading() as session:
            offered = [f"{one.kind}/{one.id}" for one in places(session, desk.installation().place.office_id)]
        place = typed.choice("place", offered)
        typed.require()
        return [_meeting(f"{place}/{on.isoformat()}")]
    first, last = _days(typed)
    officer = typed.values.get("officer", "")
    found = [
        (one.kind, one.place_id, one.on)
        for group in _by_officer(first, last)
        if officer in {"", str(group.officer_id or 0)}
        for one in group.meetings
        if one.member_count
    ]
    if not found:
        raise NoMeetingsError(first=first, last=last)
    return found


def _days(typed: Typed) -> tuple[date, date]:
    first, last = typed.day("first"), typed.day("last")
    typed.require()
    if not first <= last <= first + MOST_DAYS:
        raise TooManyDaysError(days=MOST_DAYS.days)
    return first, last


def _by_officer(first: date, last: date) -> list[OfficerMeetings]:
    with work.reading() as session:
        found = meetings_on(session, desk.installation().place.office_id, first, last)
    by_officer: dict[tuple[str, int | None], list[PlannedMeeting]] = {}
    for one in found:
        if one.state != CANCELLED:
            by_officer.setdefault((one.officer, one.officer_id), []).append(one)
    letters = iter("abcdefghijklmnoqrstuvwxyz")  # without p, which prints
    return [
        OfficerMeetings(officer_id, officer, next(letters, ""), meetings)
        for (officer, officer_id), meetings in sorted(by_officer.items(), key=lambda item: item[0][0])
    ]


def _index(typed: Typed, refusal: RuleError | None = None) -> str:
    groups: Sequence[OfficerMeetings] = ()
    today = desk.today()
    typed.values.setdefault("first", plain_date(today))
    typed.values.setdefault("last", plain_date(today + DAYS_AHEAD))
    try:
        groups = _by_officer(*_days(typed))
    except RuleError as no_days:
        refusal = refusal or no_days
    with work.reading() as session:
        office_id = desk.installation().place.office_id
        listed = list_sheets(session, office_id)[:SHOWN]
        return render_template(
            "sheets/index.html",
            typed=typed,
            refusal=refusal,
            groups=groups,
            places=[
                (f"{one.kind}/{one.id}", f"{one.name} · {one.number}") for one in places(session, office_id)
            ],
            rows=[(sheet, place_of(session, sheet)) for sheet in listed],
        )


# --- paper ----------------------------------------------------------------------------------------


def _words() -> sheet_paper.Words:
    return sheet_paper.Words(say=_, amount=figure, day=show_date, instant=instant)


def _papers() -> list[sheet_paper.PaperSheet]:
    """Lay out the sheets that the address names, and write down that they were printed."""
    ids = request.args.getlist("sheet", type=row_number)
    if not ids:
        abort(404)
    with work.reading() as session:
        found = [(get_sheet(session, one), printed_plan(session, one)) for one in ids]
    with work.edition().database.writing() as session:
        for sheet, _plan in found:
            log_look(session, work.now(), work.user().id, "sheet.print", sheet.number)
    return [sheet_paper.paper_of(sheet, plan, _words()) for sheet, plan in found]


@sheet_printing.get("/sheets/paper")
@requires("clients.see")
def paper() -> str:
    """Show sheets as they lie on paper."""
    papers = _papers()
    return render_template(
        "sheets/paper.html",
        papers=papers,
        ids=request.args.getlist("sheet", type=row_number),
        signatures=sheet_paper.SIGNATURES,
    )


@sheet_printing.get("/sheets/paper.pdf")
@requires("clients.see")
def pdf() -> Response:
    """Give sheets as one PDF."""
    papers, edition, user, locale = _papers(), work.edition(), work.user(), get_locale()
    frame = sheet_paper.Frame(
        edition.institution,
        edition.office,
        edition.currency.code,
        _("printed %(at)s by %(who)s", at=instant(work.now()), who=user.full_name or user.username),
        str(locale),
        locale is not None and locale.text_direction == "rtl",
        work.now(),
    )
    answer = Response(sheet_paper.sheets_to_pdf(papers, frame, _), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{papers[0].number}.pdf"'
    return answer


# --- voiding --------------------------------------------------------------------------------------


@sheet_printing.get("/sheets/<int:sheet_id>/void")
@requires("money.post")
def new_void(sheet_id: int) -> str:
    """Ask why a sheet will not be keyed."""
    return _void_page(sheet_id, Typed.begin())


@sheet_printing.post("/sheets/<int:sheet_id>/void")
@requires("money.post")
def void(sheet_id: int) -> ResponseReturnValue:
    """Void a sheet; its number is never used again."""
    typed = Typed(request.form)
    try:
        reason = typed.text("reason")
        typed.require()

        def act(session: Session) -> str:
            void_sheet(session, sheet_id, reason)
            return url_for("sheet_printing.index")

        return work.post_once("sheet.void", act, note=reason)
    except RuleError as refusal:
        return _void_page(sheet_id, typed, refusal), 422


def _void_page(sheet_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        sheet = get_sheet(session, sheet_id)
        return render_template(
            "sheets/void.html", sheet=sheet, place=place_of(session, sheet), typed=typed, refusal=refusal
        )
