"""What a field of an act can be chosen from, where the books hold a short list of it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from console.act_forms import FormField, Kind
from schema.reading import fetch

MOST_CHOICES: Final = 60
"""A longer list is typed, not chosen from."""

_LISTS: Final[Mapping[str, str]] = {
    "till number": "SELECT CAST(number AS TEXT), name FROM till WHERE state = 'active' AND "
    "origin_office_id = ? ORDER BY number",
    "code of a payment type": "SELECT code, name FROM payment_type WHERE active = 1 AND ? > 0 ORDER BY code",
    "code of a loan product": "SELECT code, name FROM loan_product WHERE active = 1 AND ? > 0 ORDER BY code",
    "code of a savings product": "SELECT code, name FROM savings_product WHERE active = 1 AND ? > 0 "
    "ORDER BY code",
    "code of a charge": "SELECT code, name FROM charge_definition WHERE active = 1 AND ? > 0 ORDER BY code",
    "code of a purpose": "SELECT code, name FROM loan_purpose WHERE active = 1 AND ? > 0 ORDER BY code",
    "name of a staff member": "SELECT name, name FROM staff WHERE state = 'active' AND origin_office_id = ? "
    "ORDER BY name",
    "name of a center": "SELECT name, name FROM center WHERE origin_office_id = ? ORDER BY name",
    "office code": "SELECT code, name FROM office WHERE ? > 0 ORDER BY code",
}


def choices_of(session: Session, typed_as: str, office_id: int) -> tuple[tuple[str, str], ...]:
    """Give (what is typed, how it is called) of a kind of field; nothing where it is typed freely."""
    statement = _LISTS.get(typed_as)
    if statement is None:
        return ()
    found = [(str(row[0]), str(row[1])) for row in fetch(session, statement, office_id)]
    told = tuple(
        (value, name if value == name else f"{value} \N{MIDDLE DOT} {name}") for value, name in found
    )
    return told if len(told) <= MOST_CHOICES else ()


def with_choices(session: Session, fields: Iterable[FormField], office_id: int) -> list[FormField]:
    """Let fields be chosen from a list where there is a short one, in rows too."""
    made = []
    for field in fields:
        columns = tuple(with_choices(session, field.columns, office_id))
        options = choices_of(session, field.typed_as, office_id) if field.kind is Kind.TEXT else ()
        kind = Kind.CHOICE if options else field.kind
        made.append(replace(field, kind=kind, options=options or field.options, columns=columns))
    return made
