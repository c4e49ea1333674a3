"""The first page: the meetings of the day and how far their sheets are, the cash, and the way to a client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, render_template
from sqlalchemy.orm import Session

from banking.cash import till_reports
from banking.meetings import CANCELLED, CENTER, GROUP, PlannedMeeting, meetings_on
from banking.sheets.sheets import (
    POSTED,
    PRINTED,
    OpenDraft,
    list_sheets,
    open_drafts,
    sheets_of_day,
)
from branch.pages import desk
from schema.meetings import CollectionSheet
from web import work
from web.forms import Typed

today = Blueprint("today", __name__)

DAYS_BACK = timedelta(days=7)
"""Meetings of so many days before stay on the page until their sheet is posted."""

LETTERS = "abcdefghijklmnoqrstuvwxyz"
"""Keys of the meetings; P prints."""


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting with its newest sheet, if it has one, and the draft on it. ``key`` opens it."""

    meeting: PlannedMeeting
    key: str
    sheet: CollectionSheet | None
    draft: OpenDraft | None


@today.get("/")
def show() -> str:
    """Show what is to be done today and where the day stands."""
    day = desk.find_open_day()
    with work.reading() as session:
        office_id = desk.installation().place.office_id
        return render_template(
            "today/show.html",
            day=day,
            shown=desk.today(),
            typed=Typed(),
            rows=_rows(session, office_id, desk.today()),
            tills=till_reports(session, office_id, day) if day else [],
        )


def _rows(session: Session, office_id: int, on: date) -> Sequence[MeetingRow]:
    """Give the meetings of the day, then those of the days before whose sheet waits to be posted."""
    drafts = {draft.sheet.id: draft for draft in open_drafts(session, office_id)}
    sheets = _sheets(session, office_id, on)
    letters = iter(LETTERS)
    rows = []
    meetings = meetings_on(session, office_id, on - DAYS_BACK, on)
    for meeting in sorted(meetings, key=lambda one: one.on, reverse=True):
        sheet = sheets.get((meeting.kind, meeting.place_id, meeting.on))
        waits = meeting.on == on or (sheet is not None and sheet.state != POSTED)
        if waits and meeting.state != CANCELLED and meeting.member_count:
            draft = drafts.get(sheet.id) if sheet is not None else None
            rows.append(MeetingRow(meeting, next(letters, ""), sheet, draft))
    return rows


def _sheets(session: Session, office_id: int, on: date) -> dict[tuple[str, int, date], CollectionSheet]:
    """Give the sheet of each meeting: one that is open goes before a posted one, a later one before."""
    found = [*sheets_of_day(session, office_id, on), *reversed(list_sheets(session, office_id, PRINTED))]
    return {
        (
            CENTER if sheet.center_id else GROUP,
            sheet.center_id or sheet.group_id or 0,
            sheet.meeting_on,
        ): sheet
        for sheet in found
    }
