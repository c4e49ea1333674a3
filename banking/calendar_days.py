"""The days on which a branch works, and those on which a group meets."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ledger.due_dates import Meeting, WorkingDays
from schema.people import Center, Client, Group
from schema.reference import Holiday, Institution


def working_days(session: Session, office_id: int) -> WorkingDays:
    """Give the weekdays and holidays that an office keeps, its own and those of all."""
    weekdays = session.scalars(select(Institution.working_days)).first() or "1234567"
    own = or_(Holiday.office_id.is_(None), Holiday.office_id == office_id)
    holidays = session.scalars(select(Holiday.on).where(own))
    return WorkingDays(frozenset(map(int, weekdays)), frozenset(holidays))


def coming_holidays(session: Session, office_id: int, first: date, last: date) -> Sequence[Holiday]:
    """List the holidays of an office between two days, its own and those of all."""
    own = or_(Holiday.office_id.is_(None), Holiday.office_id == office_id)
    wanted = select(Holiday).where(own, Holiday.on >= first, Holiday.on <= last)
    return session.scalars(wanted.order_by(Holiday.on, Holiday.id)).all()


def meeting_of(
    session: Session, *, client_id: int | None = None, group_id: int | None = None
) -> Meeting | None:
    """Give when the group of a client (or this group) meets, by itself or with its center; None: unknown."""
    if client_id is not None:
        client = session.get(Client, client_id)
        group_id = client.group_id if client is not None else None
    group = session.get(Group, group_id) if group_id is not None else None
    if group is None:
        return None
    center = session.get(Center, group.center_id) if group.center_id is not None else None
    for place in (group, center):
        if place is not None:
            found = schedule_of(place.meeting_weekday, place.meeting_every_weeks, place.first_meeting_on)
            if found is not None:
                return found
    return None


def schedule_of(weekday: int | None, every_weeks: int | None, first_on: date | None) -> Meeting | None:
    """Give the schedule of a group or center out of its columns; None where no day is known.

    Where only the first meeting is known, its weekday is that of all.
    """
    if weekday is None:
        if first_on is None:
            return None
        weekday = first_on.isoweekday()
    return Meeting(weekday, every_weeks or 1, first_on)
