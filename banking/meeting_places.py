"""Where meetings are: the centers of a branch, and its groups that meet by themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.calendar_days import schedule_of
from banking.rows import get_row
from ledger.due_dates import Meeting as Schedule
from ledger.errors import NotFoundError
from schema.people import Center, Group
from schema.reading import fetch

CENTER, GROUP = "center", "group"
_MODELS: Final[Mapping[str, type[Center] | type[Group]]] = {CENTER: Center, GROUP: Group}

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


def place_of(session: Session, kind: str, place_id: int) -> Center | Group:
    """Give the center or group that meets.

    raises   NotFoundError, also for a kind that is neither
    """
    if kind not in _MODELS:
        raise NotFoundError(kind="meeting", key=kind)
    return get_row(session, _MODELS[kind], place_id, kind)


def groups_at(session: Session, kind: str, place_id: int) -> list[int]:
    """List the ids of the groups that meet at a place: itself, or those of a center without own day."""
    if kind == GROUP:
        return [place_id]
    with_it = Group.meeting_weekday.is_(None) & Group.first_meeting_on.is_(None)
    wanted = select(Group.id).where(Group.center_id == place_id, with_it)
    return list(session.scalars(wanted.order_by(Group.number, Group.id)))
