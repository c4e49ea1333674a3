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
from banking.rows import get_row
from ledger.due_dates import Meeting as Schedule
from ledger.due_dates import WorkingDays
from ledger.errors import NotFoundError
from ledger.meeting_days import MeetingDay, meeting_days
from schema.meetings import Attendance, Meeting
from schema.people import Center, Client, Group
from schema.reading import fetch
from schema.writing import act, insert, update

CENTER, GROUP = "center", "group"
PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"
PRESENT, LATE, ABSENT, LEAVE = "P", "LP", "A", "L"
MARKS: Final = (PRESENT, LATE, ABSENT, LEAVE)
"""As on paper: present, late, absent, on leave."""

_MODELS: Final[Mapping[str, type[Center] | type[Group]]] = {CENTER: Center, GROUP: Group}
_NEAR: Final = timedelta(days=120)
"""No meeting is moved, by hand or by holidays, farther than this from its day by the schedule."""

_CENTERS: Final = """
SELECT c.id, c.number, c.name, c.officer_id, s.name,
       c.meeting_weekday, c.meeting_every_weeks, c.first_meeting_on, c.state
  FROM center AS c LEFT JOIN staff AS s ON s.id = c.officer_id
 WHERE c.origin_office_id = ?
"""

_GROUPS: Final = """
SELECT g.id, g.number, g.name, coalesce(g.officer_id, c.officer_id), s.name,
       g.meeting_weekday, g.meeting_every_weeks, g.first_meeting_on, g.state, g.center_id
  FROM lending_group AS g LEFT JOIN center AS c ON c.id = g.center_id
  LEFT JOIN staff AS s ON s.id = coalesce(g.officer_id, c.officer_id)
 WHERE g.origin_office_id = ?
"""

_MEMBERS: Final = """
SELECT group_id, count(*) FROM client
 WHERE origin_office_id = ? AND group_id IS NOT NULL AND state = 'active' GROUP BY group_id
"""

_WRITTEN: Final = """
SELECT id, group_id, center_id, planned_on, "on", state, reason FROM meeting
 WHERE origin_office_id = ? AND (planned_on BETWEEN ? AND ? OR "on" BETWEEN ? AND ?) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A center or a group that meets by itself, with the one who goes there."""

    kind: str
    id: int
    number: str
    name: str
    officer_id: int | None
    officer: str
    schedule: Schedule | None
    state: str
    member_count: int


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

    @property
    def is_moved(self) -> bool:
        """Whether it is held on another day than the schedule's."""
        return self.on != self.planned_on


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


def places(session: Session, office_id: int) -> list[Place]:
    """List the centers of an office and its groups that have no center or a schedule of their own."""
    counts = {row[0]: int(row[1]) for row in fetch(session, _MEMBERS, office_id)}
    found, at_center = [], dict[int, int]()
    for row in fetch(session, _GROUPS, office_id):
        schedule = schedule_of(row[5], row[6], _day(row[7]))
        members = counts.get(row[0], 0)
        if row[9] is not None and schedule is None:
            at_center[row[9]] = at_center.get(row[9], 0) + members
            continue
        found.append(_place(GROUP, row, schedule, members))
    for row in fetch(session, _CENTERS, office_id):
        schedule = schedule_of(row[5], row[6], _day(row[7]))
        found.append(_place(CENTER, row, schedule, at_center.get(row[0], 0)))
    return found


def _place(kind: str, row: Sequence[object], schedule: Schedule | None, members: int) -> Place:
    place_id, number, name, officer_id, officer = row[:5]
    assert isinstance(place_id, int)
    assert officer_id is None or isinstance(officer_id, int)
    return Place(
        kind, place_id, str(number), str(name), officer_id, str(officer or ""), schedule, str(row[8]), members
    )


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


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
    place = get_row(session, _MODELS[kind], place_id, kind)
    held = meetings_on(session, place.origin_office_id, on, on)
    return next((one for one in held if one.kind == kind and one.place_id == place_id), None)


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
    place = get_row(session, _MODELS[kind], place_id, kind)
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
    wanted = select(Client).join(Group, Group.id == Client.group_id).where(Client.state == "active")
    if group_id is not None:
        wanted = wanted.where(Group.id == group_id)
    else:
        with_it = Group.meeting_weekday.is_(None) & Group.first_meeting_on.is_(None)
        wanted = wanted.where(Group.center_id == center_id, with_it)
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
    groups: dict[int | None, str] = {None: ""}
    found = []
    for member in (*expected, *left):
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
