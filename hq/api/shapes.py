"""What goes out: the fields of a document, each with its kind, its meaning and its place in the database.

One declaration gives the column of the query, the value in the answer, and the schema in the description.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import Any, Final

from hq.api.kinds import Schema
from ledger.money import Money, format_major
from schema.base import from_milliseconds


class Form(StrEnum):
    """How a stored value is written (interfaces, section 1)."""

    TEXT = "text"
    ID = "id"
    MONEY = "money"
    COUNT = "count"
    DAY = "day"
    INSTANT = "instant"
    FLAG = "flag"


_SCHEMAS: Final[Mapping[Form, Schema]] = {
    Form.TEXT: {"type": "string"},
    Form.ID: {"type": "string", "pattern": "^[0-9]+$"},
    Form.MONEY: {"type": "string", "pattern": r"^-?[0-9]+([.][0-9]+)?$"},
    Form.COUNT: {"type": "integer"},
    Form.DAY: {"type": "string", "format": "date"},
    Form.INSTANT: {"type": "string", "format": "date-time"},
    Form.FLAG: {"type": "boolean"},
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document.

    sql       where it comes from, in the terms of its listing; empty where the view puts it in
    meaning   for the description
    is_null   whether it may be null
    scope     the scope that it asks for besides that of the document; without it the field is left out
    """

    name: str
    form: Form
    meaning: str
    sql: str = ""
    is_null: bool = False
    scope: str = ""

    @property
    def schema(self) -> Schema:
        """What it looks like."""
        shape = dict(_SCHEMAS[self.form])
        if self.is_null:
            shape["type"] = [shape["type"], "null"]
        return shape | {"description": self.meaning}


def written(form: Form, value: Any, digits: int) -> object:  # noqa: ANN401, PLR0911 - a stored value; a case each
    """Write a stored value."""
    if value is None:
        return None
    if form is Form.MONEY:
        return format_major(Money(value), digits)
    if form is Form.ID:
        return str(value)
    if form is Form.COUNT:
        return int(value)
    if form is Form.FLAG:
        return bool(value)
    if form is Form.INSTANT:
        return from_milliseconds(value).astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def document_of(
    fields: Sequence[Field], row: Sequence[Any], digits: int, scopes: frozenset[str]
) -> dict[str, object]:
    """Write a row; fields that ask for a scope which is not there are left out."""
    return {
        field.name: written(field.form, value, digits)
        for field, value in zip(fields, row, strict=True)
        if not field.scope or field.scope in scopes
    }


def object_of(fields: Sequence[Field], **others: Schema) -> dict[str, Any]:
    """Describe a document of some fields; ``others`` are parts that the view puts in."""
    shapes = {field.name: field.schema for field in fields} | others
    return {
        "type": "object",
        "properties": shapes,
        "required": [field.name for field in fields if not field.scope] + list(others),
        "additionalProperties": False,
    }


def list_of(item: Schema) -> dict[str, Any]:
    """Describe a list."""
    return {"type": "array", "items": item}


def page_of(item: Schema) -> dict[str, Any]:
    """Describe a page of a list."""
    return {
        "type": "object",
        "properties": {
            "items": list_of(item),
            "cursor": {
                "type": ["string", "null"],
                "description": "Where the next page begins; null on the last one.",
            },
            "next": {"type": ["string", "null"], "description": "Address of the next page."},
        },
        "required": ["items", "cursor", "next"],
        "additionalProperties": False,
    }


ERROR: Final[Schema] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "description": "A word for programs; it never changes."},
                "message": {"type": "string", "description": "What happened, for people."},
                "where": {"type": "string", "description": "The parameter, the field or the file."},
                "next": {"type": "string", "description": "What to do next."},
            },
            "required": ["code", "message"],
        }
    },
    "required": ["error"],
}
"""A refusal (interfaces, section 1)."""
