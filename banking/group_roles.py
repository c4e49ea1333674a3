"""The offices that members hold in their group: leader, secretary, treasurer, or one by another name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.meeting_errors import NotAMemberError
from banking.rows import get_row
from banking.text import folded, require
from ledger.errors import NotFoundError
from schema.meetings import GroupRole
from schema.people import Client, Group
from schema.writing import act, insert, update

ROLES: Final = ("leader", "secretary", "treasurer")
"""The usual ones; a group may name others in its own words."""


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds or held an office, from when until when; ``until`` is None while it lasts."""

    id: int
    client_id: int
    name: str
    role: str
    since: date
    until: date | None


def give_role(session: Session, group_id: int, client_id: int, role: str, since: date) -> GroupRole:
    """Give a member an office from a day on; whoever held it until then leaves it that day.

    raises   MissingError, TextTooLongError; NotFoundError for another branch's group; NotAMemberError;
             BadValueError for a day to come, or before the one who holds it now began
    """
    group = get_row(session, Group, group_id, "group")
    if group.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="group", key=group.number)
    client = get_row(session, Client, client_id, "client")
    if client.group_id != group_id or client.state != "active":
        raise NotAMemberError(client=client.number)
    name = require(role, "role", 40)
    if since > act(session).business_date:
        raise BadValueError(field="since", given=since)
    for held in _current(session, group_id):
        if folded(held.role) == folded(name):
            if held.client_id == client_id:
                return held
            end_role(session, held.id, since)
    made = GroupRole(group_id=group_id, client_id=client_id, role=name, since=since)
    insert(session, made)
    return made


def end_role(session: Session, role_id: int, until: date) -> GroupRole:
    """End an office on a day; one that has ended stays as it is.

    raises   NotFoundError; BadValueError for a day to come or before it began
    """
    held = get_row(session, GroupRole, role_id, "role")
    if held.origin_office_id != act(session).office_id:
        raise NotFoundError(kind="role", key=role_id)
    if held.until is None:
        if not held.since <= until <= act(session).business_date:
            raise BadValueError(field="until", given=until)
        update(session, held, until=until)
    return held


def end_roles_of(session: Session, group_id: int, client_id: int, on: date) -> None:
    """End what offices somebody holds who leaves a group."""
    for held in _current(session, group_id):
        if held.client_id == client_id:
            end_role(session, held.id, max(on, held.since))


def roles_of(session: Session, group_id: int) -> list[Held]:
    """List who holds and held the offices of a group: those that last first, then the newest."""
    wanted = select(GroupRole, Client).join(Client, Client.id == GroupRole.client_id)
    rows = session.execute(wanted.where(GroupRole.group_id == group_id).order_by(GroupRole.id)).all()
    found = [
        Held(
            role.id,
            client.id,
            f"{client.given_name} {client.name}".strip(),
            role.role,
            role.since,
            role.until,
        )
        for role, client in rows
    ]
    lasting = [held for held in found if held.until is None]
    ended = [held for held in found if held.until is not None]
    return [*lasting, *sorted(ended, key=lambda held: (held.until, held.id), reverse=True)]


def _current(session: Session, group_id: int) -> Sequence[GroupRole]:
    wanted = select(GroupRole).where(GroupRole.group_id == group_id, GroupRole.until.is_(None))
    return session.scalars(wanted.order_by(GroupRole.id)).all()
