"""Acts on groups and centers that exist: changed, closed, looked at; the offices of their members."""

from typing import Final

from sqlalchemy.orm import Session

from banking import group_figures, group_roles, groups
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from schema.meetings import GroupRole
from schema.people import Client
from schema.writing import act

_BRANCH: Final = (Place.BRANCH,)
_GROUP: Final = Field("group", readers.group, "number of the group", required=True)
_MEETING: Final = (
    Field("name", readers.text, "new name"),
    Field("meeting_weekday", readers.or_none(readers.count), "weekday of the meeting, 1 Monday to 7"),
    Field("meeting_every_weeks", readers.or_none(readers.count), "how many weeks lie between meetings"),
    Field("first_meeting_on", readers.or_none(readers.day), "day of the first meeting"),
)
_COLUMNS: Final = {"to_center": "center_id"}


def _changes(values: Values, *more: str) -> dict[str, object]:
    names = ("name", "meeting_weekday", "meeting_every_weeks", "first_meeting_on", *more)
    return {_COLUMNS.get(name, name): values[name] for name in names if name in values}


def _change_group(session: Session, values: Values) -> Result:
    group = groups.change_group(session, values.id("group"), **_changes(values, "to_center"))
    return {"group": group.number, "name": group.name}


def _change_center(session: Session, values: Values) -> Result:
    center = groups.change_center(session, values.id("center"), **_changes(values))
    return {"center": center.number, "name": center.name}


def _close(session: Session, values: Values) -> Result:
    group = groups.close_group(session, values.id("group"))
    return {"group": group.number, "state": group.state}


def _of_role(session: Session, role: GroupRole) -> Result:
    return {
        "id": str(role.id),
        "client": session.get_one(Client, role.client_id).number,
        "role": role.role,
        "since": role.since.isoformat(),
        "until": None if role.until is None else role.until.isoformat(),
    }


def _give(session: Session, values: Values) -> Result:
    made = group_roles.give_role(
        session,
        values.id("group"),
        values.id("client"),
        values.one("role", str),
        values.day(session, "since"),
    )
    return _of_role(session, made)


def _end(session: Session, values: Values) -> Result:
    return _of_role(session, group_roles.end_role(session, values.id("role"), values.day(session, "until")))


def _roles(session: Session, values: Values) -> Result:
    held = group_roles.roles_of(session, values.id("group"))
    return {"roles": [_of_role(session, session.get_one(GroupRole, one.id)) for one in held]}


def _list(session: Session, values: Values) -> Result:
    found = group_figures.find_places(session, act(session).office_id, values.text("text"))
    return {
        "places": [
            {
                "kind": place.kind,
                "number": place.number,
                "name": place.name,
                "center": place.center,
                "officer": place.officer,
                "members": place.members,
                "weekday": None if place.schedule is None else place.schedule.weekday,
                "every_weeks": None if place.schedule is None else place.schedule.every_weeks,
                "state": place.state,
            }
            for place in found
        ]
    }


ACTS: Final = (
    Act(
        "group.change",
        "clients.write",
        _BRANCH,
        "Change a group's name, center or schedule; what is not given stays.",
        (
            _GROUP,
            Field("to_center", readers.or_none(readers.center), "name of the center it meets at"),
            *_MEETING,
        ),
        _change_group,
    ),
    Act(
        "center.change",
        "clients.write",
        _BRANCH,
        "Change a center's name or schedule; what is not given stays.",
        (Field("center", readers.center, "name of the center", required=True), *_MEETING),
        _change_center,
    ),
    Act(
        "group.close",
        "clients.write",
        _BRANCH,
        "End a group that has no members any more.",
        (_GROUP,),
        _close,
    ),
    Act(
        "group.role_give",
        "clients.write",
        _BRANCH,
        "Give a member an office in the group; whoever held it until then leaves it.",
        (
            _GROUP,
            Field("client", readers.client, "number of the member", required=True),
            Field("role", readers.text, "leader, secretary, treasurer, or another word", required=True),
            Field("since", readers.day, "from which day on; default: the open business day"),
        ),
        _give,
    ),
    Act(
        "group.role_end",
        "clients.write",
        _BRANCH,
        "End an office that a member holds.",
        (
            Field("role", readers.row_id(GroupRole, "role"), "as “group.roles” shows it", required=True),
            Field("until", readers.day, "the last day; default: the open business day"),
        ),
        _end,
    ),
    Act(
        "group.roles",
        "clients.see",
        _BRANCH,
        "List who holds and held the offices of a group.",
        (_GROUP,),
        _roles,
    ),
    Act(
        "group.list",
        "clients.see",
        _BRANCH,
        "List centers and groups with their officer, members and schedule.",
        (Field("text", readers.text, "words of names, numbers, centers or officers"),),
        _list,
    ),
)
