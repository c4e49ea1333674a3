"""Bundles over the API: volumes brought in by a program that holds a token, and return bundles fetched.

Branch laptops use the line instead (``hq.pages.line``), signed with their own keys and in pieces.
"""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final, cast

from sqlalchemy.orm import Session

from banking.acts.errors import NotPermittedError
from banking.role_rights import may_here
from console.bundles import bundle_row
from hq.api import scopes
from hq.api.calls import OneAtATime
from hq.api.errors import CONFLICT, NOT_FOUND, ApiError
from hq.api.kinds import CODE, Text
from hq.api.listings import office_of
from hq.api.operations import BYTES, FORM, Answer, Body, Call, Operation, Parameter
from hq.api.shapes import Field, Form, list_of, object_of
from hq.inbox import drop_upload, keep_upload
from hq.sending import export_to_branch
from sync.carriers.letter import MAIL_BYTES
from sync.carriers.spool import sha256_of
from sync.carriers.writing import Way
from sync.inbox import import_paths
from sync.installation import Installation
from sync.receiving import QUARANTINE

RETURNS: Final = "satchel.hq.api.returns"
ONCE: Final = "satchel.hq.api.once"
FILES: Final = "files"
"""Where the view puts what was sent: pairs of name and stream."""
KEPT_FOR: Final = timedelta(seconds=60)
"""A return bundle that is asked for again sooner is the one just written."""

_ROW: Final = (
    Field("bundle", Form.TEXT, "Its short name; null where it could not be read.", is_null=True),
    Field("sender", Form.TEXT, "Code of the branch.", is_null=True),
    Field("verdict", Form.TEXT, "ADMIT, NOOP, HOLD, QUARANTINE or REJECT."),
    Field("code", Form.TEXT, "Why it is not ADMIT.", is_null=True),
    Field("admitted", Form.COUNT, "New changesets that are in the books."),
    Field("known", Form.COUNT, "Changesets that were here already."),
    Field("held", Form.COUNT, "Changesets that wait for something."),
    Field("quarantined", Form.COUNT, "Changesets that cannot be trusted."),
    Field("exceptions", Form.COUNT, "Changesets that wait for a person."),
    Field("totals_agree", Form.FLAG, "Whether the sender's totals agree; null while pending.", is_null=True),
)
_VOLUME: Final = (
    Field("name", Form.TEXT, "Name of the file."),
    Field("size", Form.COUNT, "Bytes."),
    Field("sha256", Form.TEXT, "Its SHA-256, 64 digits."),
)


def _take(call: Call) -> Answer:
    """Import what was sent, once for each key."""
    _require(call, scopes.BUNDLES_IN)
    once = cast("OneAtATime", call.extensions[ONCE])
    values = call.values

    def act() -> Answer:
        upload = keep_upload(call.installation.home, values[FILES])
        results = import_paths(call.installation, upload.files)
        if all(result.verdict != QUARANTINE for result in results):  # which a person may import again
            drop_upload(call.installation.home, upload.token)
        rows = [bundle_row(result) for result in results]
        names = [field.name for field in _ROW]
        return 200, {"bundles": [{name: row[name] for name in names} for row in rows]}

    return once.once(call.caller.token_id, values["Idempotency-Key"], values["digest"], call.now, act)


def _require(call: Call, scope: str) -> None:
    """Ask whether the person behind the token may still do this.

    raises   NotPermittedError
    """
    permission = scopes.PERMISSIONS[scope]
    with call.installation.database.reading() as session:
        allowed = may_here(session, call.caller.role, permission)
    if not allowed:
        raise NotPermittedError(who=call.caller.role, permission=permission)


class Returns:
    """Return bundles as they were written last, by branch."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._lock = Lock()
        self._written: dict[str, datetime] = {}

    def files(self, code: str, now: datetime) -> list[Path]:
        """Write the return bundle of a branch, or find the one just written.

        raises   as ``export_to_branch``
        """
        folder = self._installation.home.outbox / "api" / code
        with self._lock:
            last = self._written.get(code)
            if last is None or now - last >= KEPT_FOR or not folder.is_dir():
                fresh = folder.with_name(f"{code}.new")
                shutil.rmtree(fresh, ignore_errors=True)
                fresh.mkdir(parents=True)
                export_to_branch(
                    self._installation, code, fresh, volume_bytes=MAIL_BYTES, way=Way(carrier="https")
                )
                shutil.rmtree(folder, ignore_errors=True)
                fresh.replace(folder)
                self._written[code] = now
            return sorted(path for path in folder.iterdir() if path.suffix != ".TXT")

    def content(self, code: str, name: str) -> bytes:
        """Give one file of the bundle that was written last.

        raises   ApiError 404
        """
        folder = self._installation.home.outbox / "api" / code
        with self._lock:
            files = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
            if name not in files:
                raise ApiError(
                    NOT_FOUND, "NOT_FOUND", "There is no such file.", next_step="Ask for the bundle first."
                )
            return files[name].read_bytes()


def _list_return(call: Call) -> Answer:
    """Write the return bundle of a branch and name its volumes."""
    _require(call, scopes.BUNDLES_OUT)
    with call.installation.database.reading() as session:
        code = _code(session, call)
    files = cast("Returns", call.extensions[RETURNS]).files(code, call.now)
    volumes = [
        {"name": path.name, "size": path.stat().st_size, "sha256": sha256_of(path).hex()} for path in files
    ]
    return 200, {"bundle": files[0].stem.partition("-")[0], "volumes": volumes}


def _get_return(call: Call) -> Answer:
    """Give one volume."""
    _require(call, scopes.BUNDLES_OUT)
    with call.installation.database.reading() as session:
        code = _code(session, call)
    return 200, cast("Returns", call.extensions[RETURNS]).content(code, call.values["name"])


def _code(session: Session, call: Call) -> str:
    office_of(session, call)
    return str(call.values["office"]).upper()


_BRANCH: Final = Parameter("office", CODE, "Code of the branch.", required=True)

OPERATIONS: Final = (
    Operation(
        "bringBundles",
        "POST",
        "/bundles",
        "Import volumes of bundles. What is there already is known again, so that nothing is done twice.",
        _take,
        {
            "type": "object",
            "properties": {"bundles": list_of(object_of(_ROW))},
            "required": ["bundles"],
            "additionalProperties": False,
        },
        scope=scopes.BUNDLES_IN,
        body=Body((BYTES, FORM), (), "One volume as it is, or several as parts named “files” of a form."),
        group="Work",
    ),
    Operation(
        "writeReturnBundle",
        "GET",
        "/branches/{office}/return-bundle",
        "Write the return bundle for a branch and name its volumes; asked again at once it is the same.",
        _list_return,
        {
            "type": "object",
            "properties": {"bundle": {"type": "string"}, "volumes": list_of(object_of(_VOLUME))},
            "required": ["bundle", "volumes"],
            "additionalProperties": False,
        },
        scope=scopes.BUNDLES_OUT,
        in_path=(_BRANCH,),
        refusals=(CONFLICT,),
        group="Work",
    ),
    Operation(
        "getReturnVolume",
        "GET",
        "/branches/{office}/return-bundle/{name}",
        "Fetch one volume of the return bundle that was written last.",
        _get_return,
        None,
        scope=scopes.BUNDLES_OUT,
        in_path=(_BRANCH, Parameter("name", Text(80), "Name of the file.", required=True)),
        refusals=(CONFLICT,),
        group="Work",
    ),
)
