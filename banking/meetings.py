"""Meetings: which ones there are between two days, that one was held, and who came.

Meetings follow from the schedule of their center or group (``ledger.meeting_days``); a row is written only
where something is known about one: moved, held, cancelled, minuted. Groups of a center that have no schedule
of their own meet with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.calendar_days import schedule_of, working_days
from banking.errors import BadValueError
from banking.meeting_errors import CancelledMeetingError, NotAMemberError, OnePlaceError
from banking.meeting_places import CENTER, GROUP, Place, groups_at, place_of, places
from banking.rows import get_row
from ledger.due_dates import Meeting as Schedule
from ledger.due_dates import WorkingDays
from ledger.errors import NotFoundError
from ledger.meeting_days import MeetingDay, meeting_days
from schema.meetings import Attendance, Meeting
from schema.people import Client, Group
from schema.reading import fetch
from schema.writing import act, insert, update

__all__ = [
    "ABSENT",
    "CANCELLED",
    "CENTER",
    "GROUP",
    "HELD",
    "LATE",
    "LEAVE",
    "MARKS",
    "PLANNED",
    "PRESENT",
    "Attended",
    "PlannedMeeting",
    "attendance_of",
    "coming_meetings",
    "count_came",
    "expected_at",
    "find_planned",
    "groups_at",
    "hold_meeting",
    "mark_attendance",
    "meetings_on",
    "members_at",
    "place_of",
    "places",
    "write_down",
]

PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"
PRESENT, LATE, ABSENT, LEAVE = "P", "LP", "A", "L"
MARKS: Final = (PRESENT, LATE, ABSENT, LEAVE)
"""As on paper: present, late, absent, on leave."""

_NEAR: Final = timedelta(days=120)
"""No meeting is moved, by hand or by holidays, farther than this from its day by the schedule."""
_SELDOM: Final = 4
"""So many weeks apart are meetings at most, where it stands elsewhere how many."""

_WRITTEN: Final = """
SELECT id, group_id, center_id, planned_on, "on", state, reason FROM meeting
 WHERE origin_office_id = ? AND (planned_on BETWEEN ? AND ? OR "on" BETWEEN ? AND ?) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class PlannedMeeting:
    """One meeting of a center or of a group that meets by itself.

    planned_on    the day by the schedule
    on            the day on which it is held: moved by hand, or off a holiday
    state         planned, held or cancelled
    meeting_id    its row, where one is written
    member_count  active members who are expected
    """

    kind: str
    place_id: int
    number: str
    name: str
    officer_id: int | None
    officer: str
    planned_on: date
    on: date
    state: str
    meeting_id: int | None
    member_count: int


@dataclass(frozen=True, slots=True)
class Attended:
    """A member on the list of a meeting; ``mark`` is empty while nobody wrote one."""

    client_id: int
    number: str
    name: str
    group: str
    mark: str


@dataclass(frozen=True, slots=True)
class _Written:
    id: int
    planned_on: date
    on: date
    state: str
    by_hand: bool


def meetings_on(session: Session, office_id: int, first: date, last: date) -> list[PlannedMeeting]:
    """List the meetings of an office from ``first`` to ``last`` by day, officer and number.

    A meeting that was moved stands on its new day; cancelled ones are told with their state. A place that is
    closed has no meetings by its schedule any more, but those that are written down remain.
    """
    working = working_days(session, office_id)
    written = _written(session, office_id, first, last)
    days: dict[Schedule, list[MeetingDay]] = {}
    found: list[PlannedMeeting] = []
    for place in places(session, office_id):
        regular: list[MeetingDay] = []
        if place.schedule is not None and place.state == "active":
            if place.schedule not in days:
                days[place.schedule] = meeting_days(place.schedule, first, last, working)
            regular = days[place.schedule]
        found += _of_place(place, regular, written.get((place.kind, place.id), []), working)
    wanted = (one for one in found if first <= one.on <= last)
    return sorted(wanted, key=lambda one: (one.on, one.officer, one.number))


def _written(
    session: Session, office_id: int, first: date, last: date
) -> Mapping[tuple[str, int], list[_Written]]:
    near = ((first - _NEAR).isoformat(), (last + _NEAR).isoformat())
    found: dict[tuple[str, int], list[_Written]] = {}
    rows = fetch(session, _WRITTEN, office_id, *near, first.isoformat(), last.isoformat())
    for row_id, group_id, center_id, planned_on, on, state, reason in rows:
        key = (GROUP, group_id) if center_id is None else (CENTER, center_id)
        by_hand = bool(reason) or state != PLANNED
        found.setdefault(key, []).append(
            _Written(row_id, date.fromisoformat(planned_on), date.fromisoformat(on), state, by_hand)
        )
    return found


def _of_place(
    place: Place, regular: Sequence[MeetingDay], written: Sequence[_Written], working: WorkingDays
) -> list[PlannedMeeting]:
    """Put what is written down over the days of the schedule."""
    known = {row.planned_on: row for row in written}
    found = [_planned(place, day, None) for day in regular if day.planned_on not in known]
    for planned_on, row in known.items():
        on = row.on
        if not row.by_hand and place.schedule is not None:  # it follows its schedule and the holidays
            near = meeting_days(place.schedule, planned_on, planned_on + _NEAR, working)
            on = next((day.on for day in near if day.planned_on == planned_on), on)
        found.append(_planned(place, MeetingDay(planned_on, on), row))
    return found


def _planned(place: Place, day: MeetingDay, row: _Written | None) -> PlannedMeeting:
    return PlannedMeeting(
        place.kind,
        place.id,
        place.number,
        place.name,
        place.officer_id,
        place.officer,
        day.planned_on,
        day.on,
        PLANNED if row is None else row.state,
        None if row is None else row.id,
        place.member_count,
    )


# --- one meeting --------------------------------------------------------------------------------


def find_planned(session: Session, kind: str, place_id: int, on: date) -> PlannedMeeting | None:
    """Find the meeting that a center or group holds (or cancelled) on a day."""
    place = place_of(session, kind, place_id)
    held = meetings_on(session, place.origin_office_id, on, on)
    return next((one for one in held if one.kind == kind and one.place_id == place_id), None)


def coming_meetings(
    session: Session,
    first: date,
    *,
    group_id: int | None = None,
    center_id: int | None = None,
    limit: int = 3,
) -> list[PlannedMeeting]:
    """List the next meetings of a group (its center's, where it meets with it) or a center, by day.

    raises   NotFoundError
    """
    kind, place_id = (CENTER, center_id) if center_id is not None else (GROUP, group_id)
    assert place_id is not None, "a group or a center is asked for"
    place = place_of(session, kind, place_id)
    if isinstance(place, Group) and place.center_id is not None:
        own = schedule_of(place.meeting_weekday, place.meeting_every_weeks, place.first_meeting_on)
        if own is None:
            kind, place_id = CENTER, place.center_id
    begin = max(first, place.first_meeting_on or first)
    last = begin + timedelta(weeks=limit * (place.meeting_every_weeks or _SELDOM))
    found = meetings_on(session, place.origin_office_id, first, last)
    return [one for one in found if (one.kind, one.place_id) == (kind, place_id)][:limit]


def write_down(
    session: Session, *, group_id: int | None = None, center_id: int | None = None, on: date
) -> Meeting:
    """Give the row of the meeting on a day, made if nothing was known about it so far.

    A day without a meeting by the schedule gives one outside it.

    raises   OnePlaceError unless exactly one place is named; NotFoundError, also for another branch's place
    """
    if (group_id is None) == (center_id is None):
        raise OnePlaceError
    kind, place_id = (CENTER, center_id) if center_id is not None else (GROUP, group_id)
    assert place_id is not None
    place = place_of(session, kind, place_id)
    if place.origin_office_id != act(session).office_id:
        raise NotFoundError(kind=kind, key=place_id)
    planned = find_planned(session, kind, place_id, on)
    if planned is not None and planned.meeting_id is not None:
        return session.get_one(Meeting, planned.meeting_id)
    made = Meeting(
        group_id=group_id,
        center_id=center_id,
        planned_on=on if planned is None else planned.planned_on,
        on=on,
        state=PLANNED,
    )
    insert(session, made)
    return made


def hold_meeting(
    session: Session, *, group_id: int | None = None, center_id: int | None = None, on: date
) -> Meeting:
    """Write down that a meeting was held on a day; one that is held already stays as it is.

    raises   as ``write_down``; CancelledMeetingError
    """
    meeting = write_down(session, group_id=group_id, center_id=center_id, on=on)
    if meeting.state == CANCELLED:
        raise CancelledMeetingError(day=meeting.on)
    update(session, meeting, state=HELD, on=on)
    return meeting


# --- who came -----------------------------------------------------------------------------------


def members_at(
    session: Session, *, group_id: int | None = None, center_id: int | None = None
) -> list[Client]:
    """List who is expected at a meeting, in the order of the paper: by group, then by client number."""
    kind, place_id = (CENTER, center_id) if center_id is not None else (GROUP, group_id)
    groups = groups_at(session, kind, place_id or 0)
    wanted = select(Client).join(Group, Group.id == Client.group_id).where(Client.state == "active")
    wanted = wanted.where(Group.id.in_(groups))
    return list(session.scalars(wanted.order_by(Group.number, Group.id, Client.number, Client.id)))


def mark_attendance(session: Session, meeting_id: int, client_id: int, mark: str) -> Attendance | None:
    """Write down how a member was at a meeting; the newest mark counts. None where it says so already.

    raises   BadValueError for a mark that is none of ``MARKS``; NotFoundError; CancelledMeetingError;
             NotAMemberError for somebody who belongs to no group of the meeting and is not on its list
    """
    if mark not in MARKS:
        raise BadValueError(field="mark", given=mark)
    meeting = _own(session, meeting_id)
    if meeting.state == CANCELLED:
        raise CancelledMeetingError(day=meeting.on)
    client = get_row(session, Client, client_id, "client")
    marks = _marks(session, meeting_id)
    expected = members_at(session, group_id=meeting.group_id, center_id=meeting.center_id)
    if client_id not in marks and client_id not in {member.id for member in expected}:
        raise NotAMemberError(client=client.number)
    if marks.get(client_id) == mark:
        return None
    made = Attendance(meeting_id=meeting_id, client_id=client_id, mark=mark)
    insert(session, made)
    return made


def attendance_of(session: Session, meeting_id: int) -> list[Attended]:
    """List who is expected at a meeting and who was there, with the newest mark of each, as on paper.

    raises   NotFoundError
    """
    meeting = get_row(session, Meeting, meeting_id, "meeting")
    marks = _marks(session, meeting_id)
    expected = members_at(session, group_id=meeting.group_id, center_id=meeting.center_id)
    here = {member.id for member in expected}
    left = [session.get_one(Client, client_id) for client_id in marks if client_id not in here]
    return _listed(session, [*expected, *left], marks)


def count_came(rows: Sequence[Attended]) -> int:
    """Count who was present, on time or late."""
    return sum(row.mark in {PRESENT, LATE} for row in rows)


def expected_at(
    session: Session, *, group_id: int | None = None, center_id: int | None = None
) -> list[Attended]:
    """List who is expected at a meeting about which nothing is written yet, as on paper."""
    return _listed(session, members_at(session, group_id=group_id, center_id=center_id), {})


def _listed(session: Session, members: Sequence[Client], marks: Mapping[int, str]) -> list[Attended]:
    groups: dict[int | None, str] = {None: ""}
    found = []
    for member in members:
        if member.group_id not in groups:
            group = session.get(Group, member.group_id)
            groups[member.group_id] = "" if group is None else group.name
        name = f"{member.given_name} {member.name}".strip()
        found.append(
            Attended(member.id, member.number, name, groups[member.group_id], marks.get(member.id, ""))
        )
    return found


def _marks(session: Session, meeting_id: int) -> dict[int, str]:
    rows = fetch(
        session, "SELECT client_id, mark FROM attendance WHERE meeting_id = ? ORDER BY id", meeting_id
    )
    return {row[0]: row[1] for row in rows}


def _own(session: Session, meeting_id: int) -> Meeting:
    meeting = get_row(session, Meeting, meeting_id, "meeting")
    if meeting.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="meeting", key=meeting_id)
    return meeting
