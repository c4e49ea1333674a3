"""The inbox: bundles from a folder, a stick or the browser are looked at first, then imported."""

from pathlib import Path
from typing import cast

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hq.branches import bundle_lines
from hq.inbox import drop_upload, get_upload, keep_upload, list_uploads
from hq.pages import desk
from hq.results import KeptResults
from ledger.errors import RuleError, TrustError
from sync.carriers import SOURCES
from sync.carriers.fetching import count_by_line, fetch_bundles
from sync.carriers.settings import Carriers
from sync.inbox import import_paths
from sync.receiving import FINE
from web import work
from web.folders import list_sticks, read_folder
from web.forms import Typed
from web.guards import requires

inbox = Blueprint("inbox", __name__)

RESULTS = "satchel.hq.results"


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
    return render_template("inbox/look.html", typed=typed, results=results)


@inbox.post("/inbox/look")
@requires("bundles.import")
def take() -> ResponseReturnValue:
    """Import what the preview showed."""
    typed = Typed(request.form)

    def act() -> str:
        results = import_paths(desk.installation(), _paths(typed))
        upload = typed.values.get("upload")
        if upload and all(result.verdict in FINE for result in results):
            drop_upload(desk.installation().home, upload)
        return url_for("inbox.came", token=kept_results().keep(results))

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

    def act() -> str:
        results = fetch_bundles(desk.installation(), via)
        return url_for("inbox.came", token=kept_results().keep(results))

    try:
        typed.require()
        return work.do_once(act)
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal), 422


@inbox.get("/inbox/came/<token>")
@requires("reports.see")
def came(token: str) -> str:
    """Show what an import did."""
    return render_template("inbox/came.html", results=kept_results().find(token))


@inbox.post("/inbox/drop/<token>")
@requires("bundles.import")
def drop(token: str) -> ResponseReturnValue:
    """Throw away files that the browser sent and nobody imported."""

    def act() -> str:
        drop_upload(desk.installation().home, token)
        return url_for("inbox.show")

    return work.do_once(act)


def kept_results() -> KeptResults:
    """Give the results of the last imports."""
    return cast("KeptResults", current_app.extensions[RESULTS])


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
            came_in=bundle_lines(session, "in"),
            waiting=[branch for branch in desk.branches() if branch.gaps],
        )
