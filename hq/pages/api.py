"""The paths of the API: who asks is looked at first, then the question, then the operation answers."""

import json
from collections.abc import Callable
from typing import Final, cast
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from hq.api import accounts, bundles, changes, clients, movements, payments, reference, reports
from hq.api.calls import OneAtATime, digest_of
from hq.api.description import PREFIX, describe
from hq.api.errors import (
    BAD_REQUEST,
    FORBIDDEN,
    NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHORIZED,
    ApiError,
    of_rule,
    of_trust,
)
from hq.api.operations import BYTES, JSON, Call, Operation
from hq.api.tokens import Door
from hq.pages import desk
from hq.pages.api_questions import read_document, read_files, read_key, read_one, read_query
from ledger.errors import RuleError, TrustError
from sync.installation import Installation
from web import work
from web.guards import open_to_all

DOOR: Final = "satchel.hq.api.door"

OPERATIONS: Final = (
    *reference.OPERATIONS,
    *clients.OPERATIONS,
    *accounts.OPERATIONS,
    *movements.OPERATIONS,
    *reports.OPERATIONS,
    *payments.OPERATIONS,
    *bundles.OPERATIONS,
    *changes.OPERATIONS,
)
"""Everything that the API can do."""

api = Blueprint("api", __name__, url_prefix=PREFIX)


def install(app: Flask, installation: Installation) -> None:
    """Put into an application what the API works with."""
    app.extensions |= {
        DOOR: Door(installation.database),
        bundles.ONCE: OneAtATime(installation.database),
        bundles.RETURNS: bundles.Returns(installation),
    }
    app.extensions["csrf"].exempt(api)  # tokens come in a header that no page of another site can set
    app.before_request(_answer_no_path)


def _answer_no_path() -> ResponseReturnValue | None:
    """Answer programs in their form where there is no such path, or it does not take the method."""
    fault = request.routing_exception
    if fault is None or not request.path.startswith(f"{PREFIX}/"):
        return None
    if fault.code == NOT_ALLOWED:
        refusal = ApiError(NOT_ALLOWED, "NOT_ALLOWED", "This path does not take this method.")
        answer = _refused(refusal)
        answer.headers["Allow"] = ", ".join(sorted(getattr(fault, "valid_methods", None) or ()))
        return answer
    return _refused(ApiError(NOT_FOUND, "NO_SUCH_PATH", "There is no such path. See /api/v1/openapi.json."))


@api.get("/openapi.json", provide_automatic_options=False)
@open_to_all
def description() -> ResponseReturnValue:
    """Give the description."""
    return _document(200, describe(OPERATIONS, work.edition().institution))


def _view(one: Operation) -> Callable[..., AnyResponse]:
    """Make the view of an operation."""

    def answer(**in_path: str) -> AnyResponse:
        try:
            status, found = one.run(_call(one, in_path))
        except ApiError as refusal:
            return _refused(refusal)
        except RuleError as refusal:
            return _refused(of_rule(refusal, desk.installation().place.digits))
        except TrustError as refusal:
            return _refused(of_trust(refusal))
        except HTTPException as refusal:
            return _refused(_of_http(refusal))
        if isinstance(found, bytes):
            return Response(found, status, mimetype=BYTES)
        return _document(status, found)

    answer.__name__ = one.name
    return open_to_all(answer)


def _call(one: Operation, in_path: dict[str, str]) -> Call:
    """Read who asks and what.

    raises   ApiError, HTTPException
    """
    door = cast("Door", current_app.extensions[DOOR])
    caller = door.caller(request.headers.get("Authorization", ""), request.remote_addr or "", work.now())
    if one.scope and one.scope not in caller.scopes:
        raise ApiError(FORBIDDEN, "SCOPE", f"The token has not the scope {one.scope}.", where=one.scope)
    values = {wanted.name: read_one(wanted, in_path[wanted.name]) for wanted in one.in_path}
    asked = read_query(request, one.parameters)
    if one.body is not None:
        values |= _posted(one)
    return Call(desk.installation(), caller, work.now(), values | asked, _link, current_app.extensions)


def _posted(one: Operation) -> dict[str, object]:
    """Read what was posted, with its key and the digest that tells it from another call."""
    assert one.body is not None, "it takes a body"
    key = read_key(request)
    if one.body.fields:
        values, told = read_document(request, one.body)
    else:
        request.max_content_length = work.edition().body_limit_bytes  # volumes are larger than forms
        files, told = read_files(request, one.body)
        values = {bundles.FILES: files}
    digest = digest_of(request.method, request.path, request.mimetype, told)
    return {**values, "Idempotency-Key": key, "digest": digest}


def _link(cursor: str) -> str:
    """Give the address of this question at another place."""
    asked = {name: value for name, value in request.args.items() if name != "cursor"}
    return f"{request.path}?{urlencode({**asked, 'cursor': cursor})}"


def _of_http(fault: HTTPException) -> ApiError:
    if fault.code == TOO_LARGE:
        return ApiError(TOO_LARGE, "LIMIT_SIZE", "The body is larger than is taken here.")
    return ApiError(BAD_REQUEST, "BAD_REQUEST", "The body could not be read.")


def _refused(refusal: ApiError) -> Response:
    answer = _document(refusal.status, refusal.document())
    if refusal.status == UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _document(status: int, document: object) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), status, mimetype=JSON)


for _one in OPERATIONS:
    api.add_url_rule(
        _one.path.replace("{", "<").replace("}", ">"),
        _one.name,
        _view(_one),
        methods=[_one.method],
        provide_automatic_options=False,
    )
