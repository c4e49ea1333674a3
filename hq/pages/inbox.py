"""The inbox: bundles from a folder, a stick or the browser are looked at first, then imported."""

from pathlib import Path
from typing import cast

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hq.branches import bundle_lines
from hq.import_desk import ImportDesk
from hq.inbox import drop_upload, get_upload, keep_upload, list_uploads
from hq.jobs import CARRIER, FOLDER, UPLOAD, find_job, list_jobs
from hq.pages import desk
from hq.results import ResultLine
from ledger.errors import RuleError, TrustError
from sync.carriers import SOURCES
from sync.carriers.fetching import count_by_line
from sync.carriers.settings import Carriers
from sync.inbox import import_paths
from web import work
from web.folders import list_sticks, read_folder
from web.forms import Typed
from web.guards import requires

inbox = Blueprint("inbox", __name__)

IMPORTS = "satchel.hq.imports"
REFRESH_SECONDS = 2
"""So often the page of an import that goes on is read anew."""


@inbox.get("/")
@requires("reports.see")
def show() -> str:
    """Ask where the bundles are; below, what came in last."""
    return _page(Typed.begin(folder=request.args.get("folder", "")))


@inbox.post("/")
@requires("bundles.import")
def choose() -> ResponseReturnValue:
    """Take the name of a folder, or the files that the browser sent, and lead to the preview."""
    typed = Typed(request.form)
    home = desk.installation().home
    try:
        if typed.values.get("from") == "files":
            sent = request.files.getlist("files")
            upload = keep_upload(home, ((file.filename or "", file.stream) for file in sent))
            return work.lead_to("inbox.look", upload=upload.token)
        folder = read_folder(typed)
        typed.require()
        return work.lead_to("inbox.look", folder=folder)
    except RuleError as refusal:
        return _page(typed, refusal), 422


@inbox.get("/inbox/look")
@requires("bundles.import")
def look() -> ResponseReturnValue:
    """Show what an import would do; nothing is changed."""
    typed = Typed.begin(folder=request.args.get("folder", ""), upload=request.args.get("upload", ""))
    try:
        results = import_paths(desk.installation(), _paths(typed), dry_run=True)
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal), 422
    with work.reading() as session:
        lines = [ResultLine.of(session, result) for result in results]
    pairs = list(zip(lines, results, strict=True))
    return render_template("inbox/look.html", typed=typed, results=lines, pairs=pairs)


@inbox.post("/inbox/look")
@requires("bundles.import")
def take() -> ResponseReturnValue:
    """Import what the preview showed; a large import goes on in the background."""
    typed = Typed(request.form)

    def act() -> str:
        (path, *_others) = _paths(typed)
        upload = typed.values.get("upload")
        return _asked(UPLOAD if upload else FOLDER, upload or str(path))

    try:
        return work.do_once(act)
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal), 422


@inbox.post("/inbox/fetch")
@requires("bundles.import")
def fetch() -> ResponseReturnValue:
    """Fetch what branches sent by a line, and import it."""
    typed = Typed(request.form)
    via = typed.choice("via", SOURCES)
    try:
        typed.require()
        return work.do_once(lambda: _asked(CARRIER, via))
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal), 422


@inbox.get("/inbox/imports/<int:number>")
@requires("reports.see")
def came(number: int) -> str:
    """Show how far an import is, and what came of each bundle."""
    with work.reading() as session:
        job = find_job(session, number)
    return render_template("inbox/came.html", job=job, refresh=REFRESH_SECONDS)


@inbox.post("/inbox/drop/<token>")
@requires("bundles.import")
def drop(token: str) -> ResponseReturnValue:
    """Throw away files that the browser sent and nobody imported."""

    def act() -> str:
        drop_upload(desk.installation().home, token)
        return url_for("inbox.show")

    return work.do_once(act)


def _asked(kind: str, name: str) -> str:
    imports = cast("ImportDesk", current_app.extensions[IMPORTS])
    return url_for("inbox.came", number=imports.ask(kind, name, work.user().id))


def _paths(typed: Typed) -> list[Path]:
    """Give the files or the folder that the preview is about, judged again each time."""
    upload = typed.values.get("upload")
    if upload:
        return list(get_upload(desk.installation().home, upload).files)
    folder = read_folder(typed)
    typed.require()
    return [folder]


def _page(typed: Typed, refusal: RuleError | TrustError | None = None) -> str:
    home = desk.installation().home
    with work.reading() as session:
        return render_template(
            "inbox/show.html",
            typed=typed,
            refusal=refusal,
            sticks=[str(place) for place in list_sticks()],
            own_inbox=str(home.inbox),
            uploads=list_uploads(home),
            carriers=Carriers.read(desk.installation()),
            by_line=count_by_line(desk.installation()),
            jobs=list_jobs(session),
            came_in=bundle_lines(session, "in"),
            waiting=[branch for branch in desk.branches() if branch.gaps],
        )
