"""Bring in what headquarters sent back: look at it first, then import it."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from branch.pages import desk
from branch.pages.send import read_folder
from branch.standing import came_in
from ledger.errors import RuleError, TrustError
from sync.inbox import import_paths
from sync.receiving import BundleResult
from web import work
from web.forms import Typed
from web.guards import requires

bring = Blueprint("bring", __name__)


@bring.get("/bring")
@requires("bundles.import")
def new() -> ResponseReturnValue:
    """Ask where the return bundle is."""
    return _page(Typed.begin(folder=str(desk.installation().home.inbox)))


@bring.post("/bring")
@requires("bundles.import")
def create() -> ResponseReturnValue:
    """Look at what is in the folder; import it when that was seen (``step`` is import)."""
    typed = Typed(request.form)
    try:
        folder = read_folder(typed)
        typed.require()
        if typed.values.get("step") != "import":
            return _page(typed, results=import_paths(desk.installation(), [folder], dry_run=True))

        def take() -> str:
            for result in import_paths(desk.installation(), [folder]):
                flash(f"{result.bundle or _('A file')}: {result.verdict} {result.code or ''} {result.detail}")
            return url_for("bring.new")

        return work.do_once(take)
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal=refusal), 422


def _page(
    typed: Typed,
    *,
    results: list[BundleResult] | None = None,
    refusal: RuleError | TrustError | None = None,
) -> str:
    with work.reading() as session:
        return render_template(
            "bring/new.html", typed=typed, results=results, came_in=came_in(session), refusal=refusal
        )
