"""When a group or center meets: in words, and as the fields of a form."""

from collections.abc import Sequence
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from banking.groups import LONGEST_WEEKS, list_staff
from banking.officers import assign
from branch.pages import desk
from ledger.due_dates import Meeting
from ledger.errors import N_
from schema.people import Center, Group
from web import work
from web.filters import plain_date
from web.forms import Typed

WEEKDAYS: Final = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
FIELDS: Final = ("meeting_weekday", "meeting_every_weeks", "first_meeting_on")


def in_words(schedule: Meeting | None) -> str:
    """Say when somebody meets; nothing where no day is known."""
    if schedule is None:
        return ""
    weekday = _(WEEKDAYS[schedule.weekday - 1])
    weeks = schedule.every_weeks
    return str(ngettext("%(day)s, every week", "%(day)s, every %(num)d weeks", weeks, day=weekday))


def weekday_options(nothing: str) -> list[tuple[str, str]]:
    """List the weekdays for a field; ``nothing`` says what no day means."""
    return [("", nothing), *((str(number), _(word)) for number, word in enumerate(WEEKDAYS, 1))]


def officer_options(session: Session) -> list[tuple[str, str]]:
    """List the officers of this branch for a field."""
    own = list_staff(session, desk.installation().place.office_id)
    return [("", _("nobody yet")), *((str(staff.id), staff.name) for staff in own)]


def typed_as(place: Group | Center) -> dict[str, str]:
    """Give the schedule of a place as it is typed into the fields."""
    return {
        "meeting_weekday": str(place.meeting_weekday or ""),
        "meeting_every_weeks": str(place.meeting_every_weeks or 1),
        "first_meeting_on": plain_date(place.first_meeting_on),
    }


def read_place(typed: Typed, officers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Read what groups and centers share, as their services take it: name, officer, schedule."""
    return {
        "name": typed.text("name", longest=120),
        "officer_id": read_reference(typed, "officer", officers),
        **read_schedule(typed),
    }


def reassign(session: Session, place: Group | Center, officer_id: int | None) -> None:
    """Give a place to another officer from the open day on, if this user may; else the officer stays."""
    if officer_id == place.officer_id or not work.may("loans.approve"):
        return
    if isinstance(place, Group):
        assign(session, officer_id, desk.today(), group_id=place.id)
    else:
        assign(session, officer_id, desk.today(), center_id=place.id)


def read_schedule(typed: Typed) -> dict[str, object]:
    """Read the fields of a schedule. Who meets every few weeks must say from which day that is counted."""
    weekday = typed.choice("meeting_weekday", ["", *map(str, range(1, 8))])
    weeks = read_count(typed, "meeting_every_weeks", LONGEST_WEEKS)
    first = typed.day("first_meeting_on") if typed.values.get("first_meeting_on", "").strip() else None
    if weekday and weeks > 1 and first is None:
        typed.errors.setdefault(
            "first_meeting_on", _("Type the day of a meeting: from it the weeks are counted.")
        )
    if not weekday:
        return dict.fromkeys(FIELDS)
    return {"meeting_weekday": int(weekday), "meeting_every_weeks": weeks, "first_meeting_on": first}


def read_count(typed: Typed, name: str, most: int) -> int:
    """Read a whole number from 1 to ``most``; an empty field is 1."""
    text = typed.values.get(name, "").strip() or "1"
    if text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most:
        return int(text)
    typed.errors[name] = _("Type a whole number from 1 to %(most)d.", most=most)
    return 1


def read_reference(typed: Typed, name: str, options: Sequence[tuple[str, str]]) -> int | None:
    """Read the row that was chosen from a list; nothing chosen is None."""
    chosen = typed.choice(name, [value for value, _words in options])
    return int(chosen) if chosen else None
