"""What headquarters tells the branches: all of them, one office alone, or one of its groups.

What is said to one office stands in the chain of that office's number, so that no other branch gets it.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.regions import REGION
from banking.rows import get_row
from banking.text import LONGEST_NOTE, require
from ledger.errors import NotFoundError
from schema.meetings import Announcement
from schema.people import Group, User
from schema.reference import Office
from schema.writing import act, insert, update

_NEWEST = 100


def publish(
    session: Session,
    text: str,
    on: date,
    *,
    until: date | None = None,
    office_id: int | None = None,
    group_id: int | None = None,
) -> Announcement:
    """Tell the branches something, from ``on`` to ``until`` (None: until it is withdrawn).

    office_id   that office alone; None: all branches
    group_id    that group's office alone, for its board
    raises      MissingError, TextTooLongError, TextNotAllowedError; NotFoundError; BadValueError for the head
                office, a group of another office, or an end before the beginning
    """
    if group_id is not None:
        group = get_row(session, Group, group_id, "group")
        if office_id not in {None, group.origin_office_id}:
            raise BadValueError(field="office", given=office_id)
        office_id = group.origin_office_id
    office = None if office_id is None else get_row(session, Office, office_id, "office")
    if office is not None and office.parent_id is None:
        raise BadValueError(field="office", given=office.code)
    if until is not None and until < on:
        raise BadValueError(field="until", given=until)
    current = act(session)
    writer = session.get(User, current.actor_id)
    row = Announcement(
        office_id=office_id,
        group_id=group_id,
        on=on,
        until=until,
        text=require(text, "text", LONGEST_NOTE),
        written_by=(writer.full_name or writer.username) if writer is not None else "",
    )
    current.cut()
    insert(session, row)
    _seal(session, office)
    return row


def withdraw(session: Session, announcement_id: int) -> Announcement:
    """End an announcement: from today on it is shown nowhere; one that has ended stays as it is.

    raises   NotFoundError
    """
    row = get_row(session, Announcement, announcement_id, "announcement")
    ended = act(session).business_date - timedelta(days=1)
    if row.until is None or row.until > ended:
        act(session).cut()
        update(session, row, until=ended)
        _seal(session, None if row.office_id is None else session.get_one(Office, row.office_id))
    return row


def _seal(session: Session, office: Office | None) -> None:
    """Seal what was just written: for one office alone into its own chain."""
    if office is not None:
        act(session).cut_into(office.number)


def current_announcements(
    session: Session, office_id: int, today: date, *, group_id: int | None = None
) -> list[Announcement]:
    """List what an office is told on a day, newest first.

    group_id   only what is said to that group; None: what is said to everybody and to the office
    """
    wanted = _newest().where(
        Announcement.on <= today,
        Announcement.until.is_(None) | (Announcement.until >= today),
        Announcement.office_id.is_(None) | (Announcement.office_id == office_id),
    )
    if group_id is not None:
        wanted = wanted.where(Announcement.group_id == group_id)
    return list(session.scalars(wanted))


def list_announcements(session: Session) -> Sequence[Announcement]:
    """List the newest announcements, those that have ended too."""
    return session.scalars(_newest()).all()


def list_branches(session: Session) -> list[Office]:
    """List the offices that can be told something alone, by code."""
    branches = select(Office).where(Office.parent_id.is_not(None), Office.state != REGION)
    return list(session.scalars(branches.order_by(Office.code)))


def name_of_place(session: Session, announcement: Announcement) -> tuple[str, str]:
    """Give the names of the office and the group that are told; empty: all, or the whole office."""
    office = None if announcement.office_id is None else session.get(Office, announcement.office_id)
    group = None if announcement.group_id is None else session.get(Group, announcement.group_id)
    return office.name if office else "", group.name if group else ""


def get_group_by_number(session: Session, office_id: int, number: str) -> Group:
    """Give a group of an office by its number.

    raises   NotFoundError
    """
    wanted = select(Group).where(Group.origin_office_id == office_id, Group.number == number.strip())
    found = session.scalars(wanted.limit(1)).first()
    if found is None:
        raise NotFoundError(kind="group", key=number[:40])
    return found


def _newest() -> Select[Announcement]:
    return select(Announcement).order_by(Announcement.on.desc(), Announcement.id.desc()).limit(_NEWEST)
