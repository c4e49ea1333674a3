"""Acts on what is told: announcements of headquarters, messages on the boards, notices to the clerk."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import announcements, notice_board, notices
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.rows import get_row
from schema.meetings import Announcement
from schema.people import User
from schema.writing import act

_UNTIL: Final = Field("until", readers.day, "the last day that it is shown; default: no end")


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _of_announcement(session: Session, row: Announcement) -> Result:
    office, group = announcements.name_of_place(session, row)
    return {
        "announcement": str(row.id),
        "office": office or None,
        "group": group or None,
        "on": row.on.isoformat(),
        "until": _iso(row.until),
        "text": row.text,
        "written_by": row.written_by,
    }


def _of_message(one: notice_board.Message) -> Result:
    return {
        "message": str(one.id),
        "office": one.office,
        "group": one.group or None,
        "writer": one.writer,
        "text": one.text,
        "until": _iso(one.until),
    }


def _publish(session: Session, values: Values) -> Result:
    row = announcements.publish(
        session,
        values.one("text", str),
        values.day(session),
        until=values.maybe("until", date),
        office_id=values.maybe("office", int),
        group_id=values.maybe("group", int),
    )
    return _of_announcement(session, row)


def _withdraw(session: Session, values: Values) -> Result:
    return _of_announcement(session, announcements.withdraw(session, values.id("announcement")))


def _announced(session: Session, _values: Values) -> Result:
    found = announcements.list_announcements(session)
    return {"announcements": [_of_announcement(session, row) for row in found]}


def _write(session: Session, values: Values) -> Result:
    group_id = values.maybe("group", int)
    row = notice_board.write_message(
        session, values.one("text", str), group_id=group_id, until=values.maybe("until", date)
    )
    return {"message": str(row.id), "text": row.text}


def _read(session: Session, values: Values) -> Result:
    current = act(session)
    group_id = values.maybe("group", int)
    found = notice_board.messages_of(
        session, current.office_id, current.business_date, group_id=group_id, everything=group_id is None
    )
    return {"messages": [_of_message(one) for one in found]}


def _read_all(session: Session, _values: Values) -> Result:
    found = notice_board.messages_of_all(session, act(session).business_date)
    return {"messages": [_of_message(one) for one in found]}


def _notices(session: Session, _values: Values) -> Result:
    current = act(session)
    user = get_row(session, User, current.actor_id, "user")
    found = notices.notices_for(session, current.office_id, current.business_date, user)
    return {
        "notices": [
            {
                "kind": one.kind,
                "text": one.text % one.facts,
                "tone": one.tone,
            }
            for one in found
        ]
    }


_ROW: Final = Field(
    "announcement",
    readers.row_id(Announcement, "announcement"),
    "as “announcement.list” shows it",
    required=True,
)

ACTS: Final = (
    Act(
        "announcement.publish",
        "reference.write",
        (Place.HQ,),
        "Tell something to all branches, to one alone, or to one of its groups.",
        (
            Field("text", readers.text, "what is told", required=True),
            Field("office", readers.office, "code of the branch; default: all branches"),
            Field("group", readers.group, "number of a group, whose branch alone is told"),
            Field("on", readers.day, "from which day on; default: today"),
            _UNTIL,
        ),
        _publish,
    ),
    Act(
        "announcement.withdraw",
        "reference.write",
        (Place.HQ,),
        "End an announcement.",
        (_ROW,),
        _withdraw,
    ),
    Act(
        "announcement.list",
        "clients.see",
        (Place.HQ,),
        "List the newest announcements, those that have ended too.",
        (),
        _announced,
    ),
    Act(
        "message.write",
        "clients.write",
        (Place.BRANCH,),
        "Put a message on the notice board of a group, or of the branch; headquarters reads it too.",
        (
            Field("text", readers.text, "the message", required=True),
            Field("group", readers.group, "number of the group; default: the branch"),
            _UNTIL,
        ),
        _write,
    ),
    Act(
        "message.list",
        "clients.see",
        (Place.BRANCH,),
        "List the messages on the notice boards that count today.",
        (Field("group", readers.group, "number of the group; default: all boards"),),
        _read,
    ),
    Act(
        "message.all",
        "reports.see",
        (Place.HQ,),
        "List the messages on the notice boards of every branch.",
        (),
        _read_all,
    ),
    Act(
        "notice.list",
        "clients.see",
        (Place.BRANCH,),
        "List what the clerk should know today.",
        (),
        _notices,
    ),
)
