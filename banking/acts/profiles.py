"""Acts on what is known of a client beside name and address: family, papers, the institution's own fields."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking import clients, custom_fields, profiles
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from ledger.errors import NotFoundError
from schema.people import Client
from schema.profiles import CustomField

_BRANCH: Final = (Place.BRANCH,)
_HQ: Final = (Place.HQ,)
_CLIENT: Final = Field("client", readers.client, "number of the client", required=True)
_CODE: Final = Field("code", readers.text, "its code", required=True)


def _add_relative(session: Session, values: Values) -> Result:
    row = profiles.add_relative(
        session,
        values.id("client"),
        name=values.one("name", str),
        relation=values.one("relation", str),
        born_on=values.maybe("born_on", date),
        phone=values.text("phone"),
        dependant=values.maybe("dependant", int) or 0,
        note=values.text("remark"),
    )
    return {"relative": row.id, "name": row.name, "relation": row.relation}


def _add_document(session: Session, values: Values) -> Result:
    row = profiles.add_document(
        session,
        values.id("client"),
        kind=values.one("kind", str),
        number=values.one("number", str),
        issued_on=values.maybe("issued_on", date),
        expires_on=values.maybe("expires_on", date),
        issued_by=values.text("issued_by"),
    )
    return {"document": row.id, "kind": row.kind, "number": row.number}


def of_marks(client: Client) -> Result:
    """Say how a client is marked, as acts answer it."""
    return {
        "client": client.number,
        "deceased": int(client.is_deceased),
        "blacklisted": int(client.is_blacklisted),
    }


def _mark(session: Session, values: Values) -> Result:
    client = clients.mark_client(
        session,
        values.id("client"),
        deceased=bool(values.maybe("deceased", int)),
        blacklisted=bool(values.maybe("blacklisted", int)),
    )
    return of_marks(client)


def _define_field(session: Session, values: Values) -> Result:
    row: CustomField = custom_fields.define_field(
        session,
        code=values.one("code", str),
        label=values.one("label", str),
        kind=values.one("kind", str),
        choices=values.many("choice", str),
        required=values.maybe("required", int) or 0,
        position=values.maybe("position", int) or 0,
    )
    return {"field": row.code, "label": row.label, "kind": row.kind}


def _retire_field(session: Session, values: Values) -> Result:
    return {"field": custom_fields.retire_field(session, values.one("code", str)).code}


def _set_field(session: Session, values: Values) -> Result:
    code = values.one("code", str)
    field = custom_fields.find_field(session, code)
    if field is None:
        raise NotFoundError(kind="field", key=code)
    custom_fields.set_values(session, values.id("client"), {field.id: values.text("value")})
    kept = [one for one in custom_fields.values_of(session, values.id("client")) if one.field_id == field.id]
    return {"field": field.code, "value": kept[0].value if kept else ""}


ACTS: Final = (
    Act(
        "client.relative",
        "clients.write",
        _BRANCH,
        "Write down somebody of a client's family.",
        (
            _CLIENT,
            Field("name", readers.text, "name", required=True),
            Field("relation", readers.choice(*profiles.RELATIONS), "who this is", required=True),
            Field("born_on", readers.day, "day of birth"),
            Field("phone", readers.text, "telephone"),
            Field("dependant", readers.flag, "whether the client provides for this person; default: no"),
            Field("remark", readers.text, "what else is to be known"),
        ),
        _add_relative,
    ),
    Act(
        "client.document",
        "clients.write",
        _BRANCH,
        "Write down an identity document of a client.",
        (
            _CLIENT,
            Field("kind", readers.text, "such as passport", required=True),
            Field("number", readers.text, "the number on it", required=True),
            Field("issued_on", readers.day, "when it was issued"),
            Field("expires_on", readers.day, "when it expires"),
            Field("issued_by", readers.text, "who issued it"),
        ),
        _add_document,
    ),
    Act(
        "client.mark",
        "loans.approve",
        _BRANCH,
        "Mark a client as deceased or blacklisted; only headquarters takes a mark off again.",
        (
            _CLIENT,
            Field("deceased", readers.flag, "whether the client has died"),
            Field("blacklisted", readers.flag, "whether the client gets no new loan"),
            Field("reason", readers.text, "why", required=True),
        ),
        _mark,
    ),
    Act(
        "client.field",
        "clients.write",
        _BRANCH,
        "Write what stands in one of the institution's own fields of a client.",
        (
            _CLIENT,
            Field("code", readers.text, "code of the field", required=True),
            Field("value", readers.text, "dates as 2026-01-31, yes or no as 1 or 0; empty: nothing"),
        ),
        _set_field,
    ),
    Act(
        "custom_field.define",
        "reference.write",
        _HQ,
        "Add a field to the clients' profile; every branch asks for it after the next bundle.",
        (
            _CODE,
            Field("label", readers.text, "how it is called on the form", required=True),
            Field("kind", readers.choice(*custom_fields.KINDS), "what is written in it", required=True),
            Field("choice", readers.text, "one of the words to choose from", many=True),
            Field("required", readers.flag, "whether every client must have it; default: no"),
            Field("position", readers.count, "place among the fields; default: 0, the first"),
        ),
        _define_field,
    ),
    Act(
        "custom_field.retire",
        "reference.write",
        _HQ,
        "Ask a field no longer; what was written in it stays readable.",
        (_CODE,),
        _retire_field,
    ),
)
