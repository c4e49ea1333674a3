"""Reading a question strictly: what is unknown, missing, doubled or unreadable is refused by name."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import IO, Any

from werkzeug.wrappers import Request

from hq.api.errors import BAD_REQUEST, UNREADABLE, WRONG_TYPE, ApiError
from hq.api.kinds import NotReadableError
from hq.api.operations import FORM, KEY, Body, Parameter

_CHUNK_BYTES = 1 << 20


def read_query(request: Request, wanted: Sequence[Parameter]) -> dict[str, object]:
    """Read the parameters after the question mark.

    raises   ApiError 422
    """
    given = {name: list(values) for name, values in request.args.lists()}
    doubled = next((name for name, values in given.items() if len(values) > 1), None)
    if doubled is not None:
        raise ApiError(UNREADABLE, "DOUBLED", "This parameter stands twice.", where=doubled[:60])
    return read_values(wanted, {name: values[0] for name, values in given.items()})


def read_values(wanted: Sequence[Parameter], given: Mapping[str, object]) -> dict[str, object]:
    """Read values by their kinds.

    raises   ApiError 422
    """
    known = {one.name: one for one in wanted}
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise ApiError(
            UNREADABLE, "UNKNOWN", f"Only these are known: {', '.join(known) or 'none'}.", where=unknown[:60]
        )
    missing = next((one.name for one in wanted if one.required and one.name not in given), None)
    if missing is not None:
        raise ApiError(UNREADABLE, "MISSING", "This has to be there.", where=missing)
    return {name: read_one(known[name], value) for name, value in given.items()}


def read_one(wanted: Parameter, text: object) -> object:
    """Read one value.

    raises   ApiError 422
    """
    try:
        if not isinstance(text, str):
            raise NotReadableError("It is a text.")
        return wanted.kind.read(text)
    except NotReadableError as wrong:
        raise ApiError(UNREADABLE, "UNREADABLE", str(wrong), where=wanted.name) from wrong


def read_key(request: Request) -> str:
    """Read the idempotency key.

    raises   ApiError 422
    """
    text = request.headers.get("Idempotency-Key")
    if text is None:
        raise ApiError(
            UNREADABLE,
            "MISSING",
            "Send a key of your own with every call that changes something.",
            where="Idempotency-Key",
        )
    return str(read_one(Parameter("Idempotency-Key", KEY, ""), text))


def read_document(request: Request, body: Body) -> tuple[dict[str, object], bytes]:
    """Read a JSON body; gives its values, and its bytes for the digest of the call.

    raises   ApiError 400, 415, 422
    """
    require_type(request, body)
    raw = request.get_data()
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as wrong:
        raise ApiError(BAD_REQUEST, "BAD_JSON", "The body is not JSON in UTF-8.") from wrong
    if not isinstance(found, dict):
        raise ApiError(UNREADABLE, "UNREADABLE", "The body is an object with the fields.")
    return read_values(body.fields, found), raw


def require_type(request: Request, body: Body) -> None:
    """Refuse a body of another type.

    raises   ApiError 415
    """
    if request.mimetype not in body.media_types:
        raise ApiError(
            WRONG_TYPE,
            "WRONG_TYPE",
            f"A body here is {' or '.join(body.media_types)}.",
            where="Content-Type",
        )


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ApiError(UNREADABLE, "DOUBLED", "A field stands twice in the body.")
    return found


def read_files(request: Request, body: Body) -> tuple[list[tuple[str, IO[bytes]]], bytes]:
    """Read files as they were sent; gives names and streams, and a digest of all of them.

    raises   ApiError 415, 422 without any
    """
    require_type(request, body)
    if request.mimetype == FORM:
        unknown = next((name for name in (*request.form, *request.files) if name != "files"), None)
        if unknown is not None:
            raise ApiError(UNREADABLE, "UNKNOWN", "Parts are named “files”.", where=unknown[:60])
        files = [(one.filename or "volume", one.stream) for one in request.files.getlist("files")]
    else:
        files = [("volume", BytesIO(request.get_data()))]
    if not files:
        raise ApiError(UNREADABLE, "MISSING", "No file was sent.", where="files")
    return files, _digest(stream for _, stream in files)


def _digest(streams: Iterable[IO[bytes]]) -> bytes:
    whole = hashlib.sha256()
    for stream in streams:
        one = hashlib.sha256()
        while chunk := stream.read(_CHUNK_BYTES):
            one.update(chunk)
        stream.seek(0)
        whole.update(one.digest())
    return whole.digest()
