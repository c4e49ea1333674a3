"""The line of branch laptops (``hq.pages.line``) as the description tells of it: it has forms of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hq.api.kinds import Schema

_JSON: Final = "application/json"
_ERROR: Final = {_JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
_MEANINGS: Final[Mapping[int, str]] = {
    401: "The signature is missing, wrong or too old.",
    403: "Not for this device.",
    404: "There is no such bundle or file.",
    409: "This piece is not the one that follows.",
    413: "Larger than is allowed.",
    422: "Not readable, or not a volume of this device.",
    429: "Too many strangers ask at once.",
    507: "There is no room.",
}
_HEX: Final = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_NUMBER: Final = {"type": "integer", "minimum": 0, "maximum": 10_000}
_OFFSET: Final = {"type": "integer", "minimum": 0, "maximum": 999_999_999_999}


def _json(**parts: Schema) -> dict[str, Any]:
    shape = {"type": "object", "properties": parts, "required": list(parts)}
    return {"description": "Done.", "content": {_JSON: {"schema": shape}}}


def _operation(
    name: str,
    summary: str,
    done: Mapping[str, Any],
    parameters: Sequence[tuple[str, str, Schema]],
    refusals: Sequence[int],
) -> dict[str, Any]:
    refused = {
        str(status): {"description": _MEANINGS[status], "content": _ERROR}
        for status in sorted({401, 404, 413, 422, 429, *refusals})
    }
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["The line of branch laptops"],
        "security": [{"deviceSignature": []}],
        "parameters": [
            {"name": one, "in": place, "required": True, "schema": shape} for one, place, shape in parameters
        ],
        "responses": {"200": done, **refused},
    }


_VOLUME: Final = (("bundle", "path", _HEX), ("number", "path", _NUMBER))
_RECEIVED: Final = _json(received={"type": "integer", "description": "Bytes that are here."})
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_PIECE: Final = {"description": "Bytes.", "content": {"application/octet-stream": _BINARY}}

LINE_PATHS: Final[Mapping[str, Mapping[str, Any]]] = {
    "/bundles/challenge": {
        "get": {
            "operationId": "getChallenge",
            "summary": "A challenge to sign; good for ten minutes.",
            "tags": ["The line of branch laptops"],
            "security": [],
            "responses": {"200": _json(challenge={"type": "string"})},
        }
    },
    "/bundles/{bundle}/{number}": {
        "get": _operation("getVolumeState", "How much of a volume has arrived.", _RECEIVED, _VOLUME, ()),
        "put": {
            **_operation(
                "putVolumePiece",
                "The next piece of a volume.",
                _RECEIVED,
                (
                    *_VOLUME,
                    ("offset", "query", _OFFSET),
                    ("size", "query", _OFFSET),
                    ("sha256", "query", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
                ),
                (403, 409, 507),
            ),
            "requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}},
        },
    },
    "/bundles/return": {
        "post": _operation(
            "makeReturnBundle",
            "Write the return bundle of the device that asks.",
            _json(
                bundle={"type": "string"},
                volumes={
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "name": {"type": "string"},
                            "size": {"type": "integer"},
                            "sha256": {"type": "string"},
                        },
                        "required": ["name", "size", "sha256"],
                    },
                },
            ),
            (),
            (403,),
        )
    },
    "/bundles/return/{name}": {
        "get": _operation(
            "getReturnPiece",
            "A piece of a file of the return bundle.",
            _PIECE,
            (("name", "path", {"type": "string", "minLength": 1}), ("offset", "query", _OFFSET)),
            (),
        )
    },
}
"""Paths and what they do; every question but the first carries a signature."""
