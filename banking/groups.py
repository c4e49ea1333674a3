"""Groups, the centers where they meet, and the staff who go there."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
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
    """Make a client a member of a group, or of none.

    raises   NotFoundError
    """
    client = get_row(session, Client, client_id, "client")
    if group_id is not None and session.get(Group, group_id) is None:
        raise NotFoundError(kind="group", key=group_id)
    update(session, client, group_id=group_id)
    return client


def _check_meeting(
    session: Session, officer_id: int | None, weekday: int | None, every_weeks: int | None
) -> None:
    if officer_id is not None and session.get(Staff, officer_id) is None:
        raise NotFoundError(kind="officer", key=officer_id)
    if weekday is not None and weekday not in WEEKDAYS:
        raise BadValueError(field="meeting_weekday", given=weekday)
    if every_weeks is not None and not 1 <= every_weeks <= LONGEST_WEEKS:
        raise BadValueError(field="meeting_every_weeks", given=every_weeks)
