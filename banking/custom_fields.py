"""Fields that headquarters adds to the clients' profile, and what stands in them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.profile_errors import FieldNeededError, FieldTakenError, FieldValueError
from banking.reasons import Reasons
from banking.text import clean, require
from ledger.errors import NotFoundError, RuleError
from schema.profiles import ClientField, CustomField
from schema.writing import insert, update

TEXT, NUMBER, DATE, YES_NO, CHOICE = "text", "number", "date", "yes_no", "choice"
KINDS: Final = (TEXT, NUMBER, DATE, YES_NO, CHOICE)
LONGEST_VALUE: Final = 200
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,32}", re.ASCII)
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?", re.ASCII)


def define_field(
    session: Session,
    *,
    code: str,
    label: str,
    kind: str,
    choices: Sequence[str] = (),
    required: int = 0,
    position: int = 0,
) -> CustomField:
    """Add a field to the clients' profile; headquarters only.

    raises   FieldTakenError, BadValueError, MissingError for a choice without choices
    """
    called = require(code, "code", 32)
    if not _CODE.fullmatch(called):
        raise BadValueError(field="code", given=called)
    if kind not in KINDS:
        raise BadValueError(field="kind", given=kind)
    if find_field(session, called) is not None:
        raise FieldTakenError(code=called)
    words = [require(one, "choices", 80) for one in choices]
    if (kind == CHOICE) != bool(words) or len(set(words)) != len(words):
        raise BadValueError(field="choices", given=", ".join(words))
    row = CustomField(
        code=called,
        label=require(label, "label", 80),
        kind=kind,
        choices="\n".join(words),
        required=required,
        position=position,
    )
    insert(session, row)
    return row


def retire_field(session: Session, code: str) -> CustomField:
    """Ask a field no longer; what was written in it stays readable.

    raises   NotFoundError
    """
    row = find_field(session, code)
    if row is None:
        raise NotFoundError(kind="field", key=code)
    update(session, row, active=0)
    return row


def find_field(session: Session, code: str) -> CustomField | None:
    """Find the field that is asked under this code."""
    wanted = select(CustomField).where(CustomField.code == code.strip(), CustomField.active == 1)
    return session.scalars(wanted.order_by(CustomField.id).limit(1)).first()


def list_fields(session: Session) -> list[CustomField]:
    """List the fields that are asked, in their order."""
    wanted = select(CustomField).where(CustomField.active == 1)
    return list(session.scalars(wanted.order_by(CustomField.position, CustomField.id)))


def check_value(field: CustomField, value: str) -> str:
    """Give ``value`` as it is kept, once it fits the field; nothing written stays nothing.

    value    a date as ISO, yes_no as 1 or 0, a choice in its own words
    raises   FieldValueError; TextTooLongError, TextNotAllowedError; FieldNeededError
    """
    kept = clean(value, field.label, LONGEST_VALUE)
    if not kept:
        if field.required:
            raise FieldNeededError(label=field.label)
        return ""
    fits = True
    if field.kind == NUMBER:
        fits = _NUMBER.fullmatch(kept) is not None
    elif field.kind == YES_NO:
        fits = kept in {"0", "1"}
    elif field.kind == CHOICE:
        fits = kept in field.choices.split("\n")
    elif field.kind == DATE:
        fits = _is_date(kept)
    if not fits:
        raise FieldValueError(given=kept, kind=field.kind.replace("_", " / "))
    return kept


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def set_values(session: Session, client_id: int, given: Mapping[int, str]) -> None:
    """Write what stands in the fields of a client; each field that is asked is checked.

    given    field id to value; a field that is not there keeps what it has
    raises   FieldsError with a reason for each field, named by its code
    """
    fields = [field for field in list_fields(session) if field.id in given]
    reasons, checked = Reasons(), dict[int, str]()
    for field in fields:
        try:
            checked[field.id] = check_value(field, given[field.id])
        except RuleError as refusal:
            reasons.add(field.code, refusal)
    reasons.refuse()
    own = select(ClientField).where(ClientField.client_id == client_id)
    there = {row.field_id: row for row in session.scalars(own.order_by(ClientField.id))}
    for field_id, value in checked.items():
        if field_id in there:
            update(session, there[field_id], value=value)
        elif value:
            insert(session, ClientField(client_id=client_id, field_id=field_id, value=value))


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What stands in one field of a client."""

    field_id: int
    code: str
    label: str
    kind: str
    value: str


def values_of(session: Session, client_id: int) -> list[FieldValue]:
    """List what is written in a client's own fields, retired ones too, in the fields' order."""
    rows = session.execute(
        select(CustomField, ClientField.value)
        .join(ClientField, ClientField.field_id == CustomField.id)
        .where(ClientField.client_id == client_id, ClientField.value != "")
        .order_by(CustomField.position, CustomField.id)
    )
    return [FieldValue(field.id, field.code, field.label, field.kind, value) for field, value in rows]
