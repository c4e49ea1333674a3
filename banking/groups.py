"""Groups, the centers where they meet, and the staff who go there."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError, StatusError
from banking.group_roles import end_roles_of
from banking.numbers import person_number
from banking.rows import get_row
from banking.text import folded, require
from ledger.errors import NotFoundError
from schema.people import Center, Client, Group, Staff
from schema.writing import act, insert, update

WEEKDAYS = range(1, 8)
LONGEST_WEEKS = 52


def create_staff(session: Session, name: str) -> Staff:
    """Write down a loan officer or clerk by name."""
    staff = Staff(name=require(name, "name"))
    insert(session, staff)
    return staff


def find_staff(session: Session, name: str) -> Staff | None:
    """Find an active member of this branch's staff by name; accents and capitals do not count."""
    wanted = folded(name.strip())
    own = select(Staff).where(Staff.origin_office_id == act(session).office_id, Staff.state == "active")
    return next(
        (staff for staff in session.scalars(own.order_by(Staff.id)) if folded(staff.name) == wanted), None
    )


def create_center(
    session: Session,
    *,
    name: str,
    number: str | None = None,
    officer_id: int | None = None,
    meeting_weekday: int | None = None,
    meeting_every_weeks: int | None = None,
    first_meeting_on: date | None = None,
) -> Center:
    """Set up a place and time where groups meet; ``meeting_weekday`` is 1 Monday to 7.

    raises   MissingError, BadValueError, NumberTakenError, NotFoundError
    """
    _check_meeting(session, officer_id, meeting_weekday, meeting_every_weeks)
    center = Center(
        number=person_number(session, Center, number),
        name=require(name, "name"),
        officer_id=officer_id,
        meeting_weekday=meeting_weekday,
        meeting_every_weeks=meeting_every_weeks,
        first_meeting_on=first_meeting_on,
    )
    insert(session, center)
    return center


def find_center(session: Session, name: str) -> Center | None:
    """Find a center of this branch by name; accents and capitals do not count."""
    wanted = folded(name.strip())
    own = select(Center).where(Center.origin_office_id == act(session).office_id).order_by(Center.id)
    return next((center for center in session.scalars(own) if folded(center.name) == wanted), None)


def create_group(
    session: Session,
    *,
    name: str,
    number: str | None = None,
    center_id: int | None = None,
    officer_id: int | None = None,
    meeting_weekday: int | None = None,
    meeting_every_weeks: int | None = None,
    first_meeting_on: date | None = None,
) -> Group:
    """Set up a group; meeting as for a center.

    raises   MissingError, BadValueError, NumberTakenError, NotFoundError
    """
    _check_meeting(session, officer_id, meeting_weekday, meeting_every_weeks)
    if center_id is not None and session.get(Center, center_id) is None:
        raise NotFoundError(kind="center", key=center_id)
    group = Group(
        number=person_number(session, Group, number),
        name=require(name, "name"),
        center_id=center_id,
        officer_id=officer_id,
        meeting_weekday=meeting_weekday,
        meeting_every_weeks=meeting_every_weeks,
        first_meeting_on=first_meeting_on,
    )
    insert(session, group)
    return group


def get_group(session: Session, number: str) -> Group:
    """Give the group with this number.

    raises   NotFoundError
    """
    found = session.scalars(select(Group).where(Group.number == number.strip()).limit(1)).first()
    if found is None:
        raise NotFoundError(kind="group", key=number)
    return found


def list_members(session: Session, group_id: int) -> list[Client]:
    """List the clients of a group by number, as they stand on a printed sheet."""
    members = select(Client).where(Client.group_id == group_id).order_by(Client.number, Client.id)
    return list(session.scalars(members))


def join_group(session: Session, client_id: int, group_id: int | None) -> Client:
    """Make a client a member of a group, or of none; what roles the client had in another one end.

    raises   NotFoundError, also for another branch's client or group; StatusError for a group that is closed
    """
    client = _own(session, Client, client_id, "client")
    if group_id is not None:
        group = _own(session, Group, group_id, "group")
        if group.state != "active":
            raise StatusError(number=group.number, status=group.state, wanted="add a member")
    if client.group_id is not None and client.group_id != group_id:
        end_roles_of(session, client.group_id, client_id, act(session).business_date)
    update(session, client, group_id=group_id)
    return client


def change_group(session: Session, group_id: int, **changes: object) -> Group:
    """Change the name, center or schedule of a group; what is not named stays. Officers: ``officers.assign``.

    changes  name, center_id, meeting_weekday, meeting_every_weeks, first_meeting_on; None takes one away
    raises   as ``create_group``; BadValueError for another column; NotFoundError for another branch's group
    """
    group = _own(session, Group, group_id, "group")
    update(session, group, **_checked(session, changes, {"center_id"}))
    return group


def change_center(session: Session, center_id: int, **changes: object) -> Center:
    """Change the name or schedule of a center, as ``change_group`` does.

    raises   as ``change_group``
    """
    center = _own(session, Center, center_id, "center")
    update(session, center, **_checked(session, changes, set()))
    return center


def close_group(session: Session, group_id: int) -> Group:
    """End a group that has no members any more: it meets no longer, and takes nobody.

    raises   NotFoundError; StatusError while somebody belongs to it
    """
    group = _own(session, Group, group_id, "group")
    members = sum(member.state == "active" for member in list_members(session, group_id))
    if members:
        raise StatusError(number=group.number, status=f"a group with {members} members", wanted="close")
    update(session, group, state="closed")
    return group


def list_centers(session: Session, office_id: int) -> list[Center]:
    """List the centers of an office by name."""
    own = select(Center).where(Center.origin_office_id == office_id)
    return list(session.scalars(own.order_by(Center.name, Center.id)))


def list_staff(session: Session, office_id: int) -> list[Staff]:
    """List the active staff of an office by name."""
    own = select(Staff).where(Staff.origin_office_id == office_id, Staff.state == "active")
    return list(session.scalars(own.order_by(Staff.name, Staff.id)))


def _checked(session: Session, changes: Mapping[str, object], more: set[str]) -> dict[str, object]:
    allowed = {"name", "meeting_weekday", "meeting_every_weeks", "first_meeting_on", *more}
    wrong = next((name for name in changes if name not in allowed), None)
    if wrong is not None:
        raise BadValueError(field=wrong, given=changes[wrong])
    checked = dict(changes)
    if "name" in checked:
        checked["name"] = require(str(checked["name"]), "name")
    center_id = checked.get("center_id")
    if isinstance(center_id, int):
        _own(session, Center, center_id, "center")
    numbers = (checked.get(name) for name in ("meeting_weekday", "meeting_every_weeks"))
    weekday, every_weeks = (number if isinstance(number, int) else None for number in numbers)
    _check_meeting(session, None, weekday, every_weeks)
    return checked


_P = TypeVar("_P", Client, Group, Center)


def _own(session: Session, model: type[_P], row_id: int, kind: str) -> _P:
    """Give a row of this branch, whose own it is to change."""
    row = get_row(session, model, row_id, kind)
    if row.origin_office_id != act(session).office_id:
        raise NotFoundError(kind=kind, key=row.number)
    return row


def _check_meeting(
    session: Session, officer_id: int | None, weekday: int | None, every_weeks: int | None
) -> None:
    if officer_id is not None and session.get(Staff, officer_id) is None:
        raise NotFoundError(kind="officer", key=officer_id)
    if weekday is not None and weekday not in WEEKDAYS:
        raise BadValueError(field="meeting_weekday", given=weekday)
    if every_weeks is not None and not 1 <= every_weeks <= LONGEST_WEEKS:
        raise BadValueError(field="meeting_every_weeks", given=every_weeks)
