"""Registering a client, changing what is known of one, opening a savings account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking import custom_fields
from banking.clients import Duplicate, find_duplicates, register_client, update_client
from banking.counter import full_name
from banking.finding import list_groups
from banking.profiles import birth_from
from banking.rows import get_row
from branch.pages import desk
from branch.pages.clients import clients
from ledger.errors import RuleError
from schema.people import Client
from schema.profiles import CustomField
from web import work
from web.filters import plain_date, told
from web.forms import Typed
from web.guards import requires

__all__ = ["clients"]

GENDERS = ("", "f", "m", "x")
TEXTS = {"name": 120, "phone": 40, "village": 120, "national_id": 60, "given_name": 120, "address": 500}
FIELD = "field-"
"""What the names of the institution's own fields begin with."""


@clients.get("/clients/new")
@requires("clients.write")
def new() -> ResponseReturnValue:
    """Ask who is to be registered; ``?group=`` chooses the group, ``?name=`` is what was looked for."""
    return _form(Typed.begin(group=request.args.get("group", ""), name=request.args.get("name", "")))


@clients.post("/clients/new")
@requires("clients.write")
def create() -> ResponseReturnValue:
    """Register a client; who looks like the same person is shown once."""
    typed = Typed(request.form)
    try:
        read = _read(typed)
        alike = _alike(typed, read, None)
        if alike:
            return _form(typed, alike=alike), 422

        def register(session: Session) -> str:
            joined_on = desk.find_open_day() or desk.today()
            client = register_client(session, joined_on=joined_on, **read.profile)
            custom_fields.set_values(session, client.id, read.own)
            return url_for("clients.show", client_id=client.id)

        return work.post_once("client.register", register)
    except RuleError as refusal:
        return _form(typed, refusal=refusal), 422


@clients.get("/clients/<int:client_id>/edit")
@requires("clients.write")
def edit(client_id: int) -> ResponseReturnValue:
    """Show what is known of a client, to change it."""
    with work.reading() as session:
        client = get_row(session, Client, client_id, "client")
        own = custom_fields.values_of(session, client_id)
    known = {name: str(getattr(client, name)) for name in TEXTS}
    typed = Typed.begin(
        **known,
        gender=client.gender,
        born=plain_date(client.born_on),
        group="" if client.group_id is None else str(client.group_id),
        **{f"{FIELD}{value.field_id}": _as_typed(value.kind, value.value) for value in own},
    )
    return _form(typed, client=client)


@clients.post("/clients/<int:client_id>/edit")
@requires("clients.write")
def update(client_id: int) -> ResponseReturnValue:
    """Change what is known of a client."""
    typed = Typed(request.form)
    with work.reading() as session:
        client = get_row(session, Client, client_id, "client")
    try:
        read = _read(typed)
        alike = _alike(typed, read, client)
        if alike:
            return _form(typed, client=client, alike=alike), 422

        def change(session: Session) -> str:
            update_client(session, client_id, **read.profile)
            custom_fields.set_values(session, client_id, read.own)
            return url_for("clients.show", client_id=client_id)

        return work.post_once("client.change", change)
    except RuleError as refusal:
        return _form(typed, client=client, refusal=refusal), 422


# --- reading what was typed ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Read:
    """A form that was read: columns of the client, and values of the institution's own fields by id."""

    profile: dict[str, Any]
    own: dict[int, str]


def _read(typed: Typed) -> Read:
    with work.reading() as session:
        groups = [str(group.id) for group in list_groups(session)]
        fields = custom_fields.list_fields(session)
    profile: dict[str, Any] = {
        name: typed.text(name, required=name == "name", longest=longest) for name, longest in TEXTS.items()
    }
    profile["gender"] = typed.choice("gender", GENDERS) if typed.values.get("gender") else ""
    profile["born_on"] = read_birth(typed, "born")
    chosen = typed.choice("group", groups) if typed.values.get("group") else ""
    profile["group_id"] = int(chosen) if chosen else None
    own = {field.id: _read_own(typed, field) for field in fields}
    typed.require()
    return Read(profile, own)


def read_birth(typed: Typed, name: str) -> date | None:
    """Read a day of birth, a year or an age; nothing typed is None."""
    text = typed.values.get(name, "").strip()
    if not text:
        return None
    today = desk.today()
    if text.isascii() and text.isdigit():
        found = birth_from(text, today) if len(text) in {1, 2, 3, 4} else None
    else:
        found = typed.day(name)
        if name in typed.errors:
            return None
    if found is None or found > today or birth_from(str(found.year), today) is None:
        typed.errors[name] = _("Nobody is that old or that young. Type a date, a year (1990) or an age (34).")
        return None
    return found


def _read_own(typed: Typed, field: CustomField) -> str:
    name = f"{FIELD}{field.id}"
    text = typed.text(name, required=bool(field.required), longest=custom_fields.LONGEST_VALUE)
    if not text or name in typed.errors:
        return ""
    if field.kind == custom_fields.DATE:
        day = typed.day(name)
        return "" if name in typed.errors else day.isoformat()
    try:
        return custom_fields.check_value(field, text)
    except RuleError as refusal:
        typed.errors[name] = told(refusal)
        return ""


def _as_typed(kind: str, value: str) -> str:
    return plain_date(date.fromisoformat(value)) if kind == custom_fields.DATE else value


def _alike(typed: Typed, read: Read, client: Client | None) -> Sequence[Duplicate]:
    """Who looks like the same person and has not been shown on this form yet."""
    shown = set(typed.values.get("alike", "").split())
    asked = {name: read.profile[name] for name in ("name", "given_name", "national_id", "phone", "born_on")}
    if client is not None:  # what stays as it was has been asked before
        same = {name: getattr(client, name) for name in asked}
        if same == asked:
            return ()
    with work.reading() as session:
        found = find_duplicates(session, except_id=None if client is None else client.id, **asked)
    typed.values["alike"] = " ".join(str(one.client_id) for one in found)
    return () if {str(one.client_id) for one in found} <= shown else found


def _form(
    typed: Typed,
    *,
    client: Client | None = None,
    alike: Sequence[Duplicate] = (),
    refusal: RuleError | None = None,
) -> str:
    with work.reading() as session:
        groups = list_groups(session)
        fields = custom_fields.list_fields(session)
    return render_template(
        "clients/form.html",
        typed=typed,
        client=client,
        name="" if client is None else full_name(client),
        alike=alike,
        refusal=refusal,
        groups=[(str(group.id), group.name) for group in groups],
        fields=fields,
        prefix=FIELD,
    )
