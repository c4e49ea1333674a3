"""The description of the API (OpenAPI 3.1), made of the declarations that check every question."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hq.api import errors
from hq.api.line_description import LINE_PATHS
from hq.api.operations import FORM, JSON, KEY, Body, Operation, Parameter
from hq.api.shapes import ERROR

PREFIX: Final = "/api/v1"
VERSION: Final = "1"
TOKEN: Final = "token"  # noqa: S105 - the name of a scheme

_REFUSED: Final = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}


def describe(operations: Iterable[Operation], institution: str) -> dict[str, Any]:
    """Give the whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    paths |= {path: dict(methods) for path, methods in LINE_PATHS.items()}
    paths["/openapi.json"] = {"get": _OWN}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Satchel: headquarters of {institution}",
            "version": VERSION,
            "description": "Money is a decimal string in major units of the institution's currency, ids are "
            "strings, dates are ISO, instants are UTC. docs/api.md has the rest.",
        },
        "servers": [{"url": PREFIX}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {
                TOKEN: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that an administrator of headquarters made on the page /tokens.",
                },
                "deviceSignature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "Of branch laptops: a signature over a challenge (docs/carriers.md).",
                },
            },
        },
    }


_OWN: Final[Mapping[str, Any]] = {
    "operationId": "getDescription",
    "summary": "This description.",
    "tags": ["Reference"],
    "security": [],
    "responses": {"200": {"description": "OpenAPI 3.1.", "content": {JSON: {"schema": {"type": "object"}}}}},
}


def _operation(one: Operation) -> dict[str, Any]:
    parameters = [_parameter(asked, "path") for asked in one.in_path]
    parameters += [_parameter(asked, "query") for asked in one.parameters]
    if one.body is not None:
        key = Parameter(
            "Idempotency-Key", KEY, "The same key with the same call is done once.", required=True
        )
        parameters.append(_parameter(key, "header"))
    content = (
        {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        if one.answer is None
        else {JSON: {"schema": one.answer}}
    )
    refused = {
        str(status): {"description": errors.MEANINGS[status], "content": _REFUSED} for status in one.statuses
    }
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Scope: {one.scope}." if one.scope else "Any token.",
        "tags": [one.group],
        "security": [{TOKEN: []}],
        "parameters": parameters,
        "responses": {str(one.status): {"description": "Done.", "content": content}, **refused},
    }
    if one.body is not None:
        told["requestBody"] = _body(one.body)
    return told


def _parameter(asked: Parameter, place: str) -> dict[str, Any]:
    return {
        "name": asked.name,
        "in": place,
        "required": asked.required,
        "description": asked.meaning,
        "schema": asked.kind.schema,
    }


def _body(body: Body) -> dict[str, Any]:
    binary = {"type": "string", "format": "binary"}
    fields = {
        "type": "object",
        "properties": {one.name: {**one.kind.schema, "description": one.meaning} for one in body.fields},
        "required": [one.name for one in body.fields if one.required],
        "additionalProperties": False,
    }
    files = {
        "type": "object",
        "properties": {"files": {"type": "array", "items": binary, "minItems": 1}},
        "required": ["files"],
        "additionalProperties": False,
    }
    shapes = {JSON: fields, FORM: files}
    return {
        "required": True,
        "description": body.meaning,
        "content": {name: {"schema": shapes.get(name, binary)} for name in body.media_types},
    }
