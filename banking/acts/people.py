"""Acts on people: clients, groups, centers and staff."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import clients, groups
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.clients import GENDERS
from banking.rows import get_row
from schema.people import Center, Client, Group, Staff

_BRANCH: Final = (Place.BRANCH,)
_OWN_NUMBER: Final = Field("number", readers.text, "number kept from other books; default: the next one")
_OFFICER: Final = Field("officer", readers.staff, "who looks after it")
_MEETING: Final = (
    Field("meeting_weekday", readers.count, "weekday of the meeting, 1 Monday to 7"),
    Field("meeting_every_weeks", readers.count, "how many weeks lie between meetings"),
    Field("first_meeting_on", readers.day, "day of the first meeting"),
)
PROFILE_FIELDS: Final = (
    Field("given_name", readers.text, "given name, where it is written apart"),
    Field("gender", readers.choice(*(gender for gender in sorted(GENDERS) if gender)), "as the client says"),
    Field("born_on", readers.day, "day of birth"),
    Field("national_id", readers.text, "number of the identity document"),
    Field("phone", readers.text, "telephone"),
    Field("address", readers.text, "address"),
    Field("village", readers.text, "village"),
    Field("group", readers.group, "number of the group that the client belongs to"),
    Field("joined_on", readers.day, "since when somebody is a client"),
)
_COLUMNS: Final = {"group": "group_id"}


def _profile(values: Values) -> Mapping[str, object]:
    """Give the fields of a profile that were given, under the names of their columns."""
    names = ("name", *(one.name for one in PROFILE_FIELDS))
    return {_COLUMNS.get(name, name): values[name] for name in names if name in values}


def of_client(session: Session, client: Client) -> Result:
    """Say who a client is, as acts answer it."""
    group = None if client.group_id is None else get_row(session, Group, client.group_id, "group").number
    return {
        "client": client.number,
        "name": client.name,
        "given_name": client.given_name,
        "village": client.village,
        "group": group,
        "state": client.state,
    }


def _register(session: Session, values: Values) -> Result:
    name = values.one("name", str)
    alike = clients.find_duplicates(
        session,
        name=name,
        given_name=values.text("given_name"),
        national_id=values.text("national_id"),
        phone=values.text("phone"),
        born_on=values.maybe("born_on", date),
    )
    client = clients.register_client(
        session,
        name=name,
        number=values.text("number") or None,
        given_name=values.text("given_name"),
        gender=values.text("gender"),
        born_on=values.maybe("born_on", date),
        national_id=values.text("national_id"),
        phone=values.text("phone"),
        address=values.text("address"),
        village=values.text("village"),
        group_id=values.maybe("group", int),
        joined_on=values.day(session, "joined_on"),
    )
    warnings = [{"client": one.number, "name": one.name, "why": one.why} for one in alike]
    return {**of_client(session, client), "alike": warnings}


def _change(session: Session, values: Values) -> Result:
    return of_client(session, clients.update_client(session, values.id("client"), **_profile(values)))


def _find(session: Session, values: Values) -> Result:
    found = clients.find_clients(session, values.one("text", str))
    return {"clients": [of_client(session, client) for client in found]}


def _create_group(session: Session, values: Values) -> Result:
    group = groups.create_group(
        session,
        name=values.one("name", str),
        number=values.text("number") or None,
        center_id=values.maybe("center", int),
        officer_id=values.maybe("officer", int),
        meeting_weekday=values.maybe("meeting_weekday", int),
        meeting_every_weeks=values.maybe("meeting_every_weeks", int),
        first_meeting_on=values.maybe("first_meeting_on", date),
    )
    return {"group": group.number, "name": group.name}


def _create_center(session: Session, values: Values) -> Result:
    center: Center = groups.create_center(
        session,
        name=values.one("name", str),
        number=values.text("number") or None,
        officer_id=values.maybe("officer", int),
        meeting_weekday=values.maybe("meeting_weekday", int),
        meeting_every_weeks=values.maybe("meeting_every_weeks", int),
        first_meeting_on=values.maybe("first_meeting_on", date),
    )
    return {"center": center.number, "name": center.name}


def _join(session: Session, values: Values) -> Result:
    return of_client(session, groups.join_group(session, values.id("client"), values.maybe("group", int)))


def _members(session: Session, values: Values) -> Result:
    members = groups.list_members(session, values.id("group"))
    return {"members": [of_client(session, client) for client in members]}


def _create_staff(session: Session, values: Values) -> Result:
    staff: Staff = groups.create_staff(session, values.one("name", str))
    return {"staff": staff.name}


_NAME: Final = Field("name", readers.text, "name", required=True)
_CLIENT: Final = Field("client", readers.client, "number of the client", required=True)

ACTS: Final = (
    Act(
        "client.register",
        "clients.write",
        _BRANCH,
        "Register a person; tells who has the same papers, telephone, or name and birth year.",
        (_NAME, _OWN_NUMBER, *PROFILE_FIELDS),
        _register,
    ),
    Act(
        "client.change",
        "clients.write",
        _BRANCH,
        "Change what is known of a client; what is not given stays.",
        (_CLIENT, Field("name", readers.text, "name"), *PROFILE_FIELDS),
        _change,
    ),
    Act(
        "client.find",
        "clients.see",
        _BRANCH,
        "Find clients by parts of names, numbers, telephones or accounts, in any order.",
        (Field("text", readers.text, "what is looked for", required=True),),
        _find,
    ),
    Act(
        "group.create",
        "clients.write",
        _BRANCH,
        "Set up a group of members who meet together.",
        (_NAME, _OWN_NUMBER, Field("center", readers.center, "the center it meets at"), _OFFICER, *_MEETING),
        _create_group,
    ),
    Act(
        "group.join",
        "clients.write",
        _BRANCH,
        "Make a client a member of a group; without a group, of none.",
        (_CLIENT, Field("group", readers.group, "number of the group")),
        _join,
    ),
    Act(
        "group.members",
        "clients.see",
        _BRANCH,
        "List the members of a group.",
        (Field("group", readers.group, "number of the group", required=True),),
        _members,
    ),
    Act(
        "center.create",
        "clients.write",
        _BRANCH,
        "Set up a place and time where groups meet.",
        (_NAME, _OWN_NUMBER, _OFFICER, *_MEETING),
        _create_center,
    ),
    Act(
        "staff.create", "users.write", _BRANCH, "Write down a loan officer or clerk.", (_NAME,), _create_staff
    ),
)
