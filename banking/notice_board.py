"""Lines on the notice boards: of the branch, and of each group. Headquarters reads them with the bundles."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.rows import get_row
from banking.text import LONGEST_NOTE, require
from ledger.errors import NotFoundError
from schema.meetings import GroupMessage
from schema.people import Group, User
from schema.reference import Office
from schema.writing import act, insert

_NEWEST: Final = 200
"""So many lines are read at most: what is older is found in the reports of headquarters."""


@dataclass(frozen=True, slots=True)
class Message:
    """A line on a board: who wrote it when, for which group (empty: for the branch), until when it counts."""

    id: int
    office: str
    group_id: int | None
    group: str
    at: datetime
    writer: str
    text: str
    until: date | None


def write_message(
    session: Session, text: str, *, group_id: int | None = None, until: date | None = None
) -> GroupMessage:
    """Put a line on a group's board, or on the branch's.

    until    the last day that it is shown; None: until somebody need not read it any more
    raises   MissingError, TextTooLongError, TextNotAllowedError; BadValueError for a day that has passed;
             NotFoundError, also for another branch's group
    """
    current = act(session)
    if group_id is not None:
        group = get_row(session, Group, group_id, "group")
        if group.origin_office_id != current.office_id:
            raise NotFoundError(kind="group", key=group.number)
    if until is not None and until < current.business_date:
        raise BadValueError(field="until", given=until)
    message = GroupMessage(
        group_id=group_id,
        user_id=current.actor_id,
        at=current.recorded_at,
        text=require(text, "text", LONGEST_NOTE),
        until=until,
    )
    insert(session, message)
    return message


def messages_of(
    session: Session, office_id: int, today: date, *, group_id: int | None = None, everything: bool = False
) -> list[Message]:
    """List the lines that count on ``today`` on a group's board, or on the branch's; newest first.

    everything   the lines of the branch and of all its groups
    """
    wanted = _current(today).where(GroupMessage.origin_office_id == office_id)
    if not everything:
        wanted = wanted.where(
            GroupMessage.group_id.is_(None) if group_id is None else GroupMessage.group_id == group_id
        )
    return _read(session, wanted)


def messages_of_all(session: Session, today: date) -> list[Message]:
    """List the lines of every branch that count on ``today``, newest first: what headquarters reads."""
    return _read(session, _current(today))


def _current(today: date) -> Select[GroupMessage]:
    return select(GroupMessage).where(GroupMessage.until.is_(None) | (GroupMessage.until >= today))


def _read(session: Session, wanted: Select[GroupMessage]) -> list[Message]:
    newest_first = wanted.order_by(GroupMessage.at.desc(), GroupMessage.id.desc())
    found = []
    for row in session.scalars(newest_first.limit(_NEWEST)):
        group = session.get(Group, row.group_id) if row.group_id is not None else None
        writer = session.get(User, row.user_id)
        office = session.get(Office, row.origin_office_id)
        found.append(
            Message(
                row.id,
                office.name if office else "",
                row.group_id,
                group.name if group else "",
                row.at,
                (writer.full_name or writer.username) if writer else "",
                row.text,
                row.until,
            )
        )
    return found
