"""The line: devices of branches put their volumes here and fetch their return bundles, without a log-in.

Every request carries a signature of the device's key over a challenge; see ``sync.carriers.line``.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, cast

from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.routing import BaseConverter

from hq.line_errors import LineError
from hq.line_inbox import LineInbox, Sender
from ledger.errors import TrustError
from sync.carriers.line import PATH
from sync.carriers.spool import sha256_of
from web import work
from web.guards import open_to_all

line = Blueprint("line", __name__, url_prefix=PATH)


class _BundleName(BaseConverter):
    """Name of a bundle in an address; ``return`` is none, so that its path takes only its own method."""

    regex = "(?!return$)[^/]+"
    part_isolating = True


@line.record_once
def _know_bundle_names(state: BlueprintSetupState) -> None:
    """Teach the application this kind of name before the paths with it are added."""
    state.app.url_map.converters["bundle"] = _BundleName


INBOX: Final = "satchel.hq.line"

P = ParamSpec("P")


def _answered(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Answer a refusal with its status and its reason, as JSON."""

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        try:
            return view(*args, **kwargs)
        except LineError as refusal:
            return _refusal(refusal, refusal.status, refusal.received)
        except TrustError as refusal:
            return _refusal(refusal, 422, None)

    return open_to_all(answered)


@line.get("/challenge")
@_answered
def challenge() -> ResponseReturnValue:
    """Give a challenge to sign."""
    return jsonify(challenge=_inbox().challenge(work.now()))


@line.get("/<bundle:bundle>/<int:number>")
@_answered
def state(bundle: str, number: int) -> ResponseReturnValue:
    """Say how many bytes of a volume have arrived."""
    return jsonify(received=_inbox().received(_sender(), _bundle(bundle), number))


@line.put("/<bundle:bundle>/<int:number>")
@_answered
def put(bundle: str, number: int) -> ResponseReturnValue:
    """Take the next piece of a volume."""
    sha256 = request.args.get("sha256", "")
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise LineError(422, "BAD_HASH", "The hash of the volume is missing.")
    received = _inbox().put(
        _sender(),
        _bundle(bundle),
        number,
        request.get_data(),
        offset=_whole("offset"),
        size=_whole("size"),
        sha256=sha256,
    )
    return jsonify(received=received)


@line.post("/return")
@_answered
def give_back() -> ResponseReturnValue:
    """Write the return bundle of the device that asks, and name its files."""
    name, files = _inbox().give_back(_sender(), work.now())
    volumes = [
        {"name": path.name, "size": path.stat().st_size, "sha256": sha256_of(path).hex()} for path in files
    ]
    return jsonify(bundle=name, volumes=volumes)


@line.get("/return/<name>")
@_answered
def piece(name: str) -> ResponseReturnValue:
    """Give a piece of a file of the return bundle."""
    content = _inbox().piece_of(_sender(), name, _whole("offset"))
    return Response(content, mimetype="application/octet-stream")


def _inbox() -> LineInbox:
    return cast("LineInbox", current_app.extensions[INBOX])


def _sender() -> Sender:
    target = request.full_path if request.query_string else request.path
    header = request.headers.get("Authorization", "")
    return _inbox().sender(header, request.method, target, request.get_data(), work.now())


def _bundle(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise LineError(404, "NOT_SATCHEL", "A bundle is named by 32 hexadecimal digits.")
    return bytes.fromhex(text)


def _whole(name: str) -> int:
    text = request.args.get(name, "")
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise LineError(422, "LIMIT_NUMBER", f"“{name}” is a whole number.")
    return int(text)


def _refusal(refusal: TrustError, status: int, received: int | None) -> ResponseReturnValue:
    document: dict[str, object] = {"error": {"code": refusal.code, "message": refusal.message}}
    if received is not None:
        document["received"] = received
    return jsonify(document), status
