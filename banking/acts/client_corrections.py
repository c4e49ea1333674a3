"""Acts of headquarters on clients of branches: corrected, a mark taken off, other branches' writes told."""

from typing import Final

from sqlalchemy.orm import Session

from banking import client_corrections
from banking.acts import readers
from banking.acts.people import PROFILE_FIELDS, of_client
from banking.acts.profiles import of_marks
from banking.acts.registry import Act, Field, Place, Result, Values

_HQ: Final = (Place.HQ,)
_CLIENT: Final = Field("client", readers.client, "number of the client", required=True)
_OF_THE_BRANCH: Final = frozenset({"group", "joined_on"})
_FIELDS: Final = tuple(field for field in PROFILE_FIELDS if field.name not in _OF_THE_BRANCH)


def _correct(session: Session, values: Values) -> Result:
    given = {name: values[name] for name in ("name", *(field.name for field in _FIELDS)) if name in values}
    return of_client(session, client_corrections.correct_client(session, values.id("client"), **given))


def _unmark(session: Session, values: Values) -> Result:
    client = client_corrections.unmark_client(
        session,
        values.id("client"),
        deceased=bool(values.maybe("deceased", int)),
        blacklisted=bool(values.maybe("blacklisted", int)),
        reason=values.one("reason", str),
        approved_by_id=values.second_id,
    )
    return of_marks(client)


def _restate(session: Session, values: Values) -> Result:
    return {"writes": client_corrections.restate_profiles(session, values.id("branch"))}


ACTS: Final = (
    Act(
        "client.correct",
        client_corrections.PERMISSION,
        _HQ,
        "Correct what is known of a branch's client; what is not given stays.",
        (
            _CLIENT,
            Field("name", readers.text, "name"),
            *_FIELDS,
            Field("reason", readers.text, "why", required=True),
        ),
        _correct,
    ),
    Act(
        "client.unmark",
        client_corrections.PERMISSION,
        _HQ,
        "Take a client off the blacklist, or write down that somebody is alive; a second person confirms.",
        (
            _CLIENT,
            Field("deceased", readers.flag, "whether the client turns out to be alive"),
            Field("blacklisted", readers.flag, "whether the client may get loans again"),
            Field("reason", readers.text, "why", required=True),
        ),
        _unmark,
    ),
    Act(
        "client.restate",
        client_corrections.PERMISSION,
        _HQ,
        "Tell a branch what other branches wrote on its clients, before its bundle is written.",
        (Field("branch", readers.office, "code of the branch", required=True),),
        _restate,
    ),
)
