"""Bring in what headquarters sent back: look at it first, then import it."""

from collections.abc import Callable, Sequence

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from banking.publishing import list_publications, newest_number
from branch.pages import desk
from branch.pages.send import usual_folder
from branch.pages.words import VERDICTS
from branch.standing import came_in
from ledger.errors import RuleError, TrustError
from sync.carriers import SOURCES
from sync.carriers.fetching import fetch_bundles
from sync.carriers.settings import Carriers
from sync.inbox import import_paths
from sync.receiving import BundleResult
from web import work
from web.folders import list_sticks, read_folder
from web.forms import Typed
from web.guards import requires

bring = Blueprint("bring", __name__)

PUBLISHED_SHOWN = 10


@bring.get("/bring")
@requires("bundles.import")
def new() -> ResponseReturnValue:
    """Ask where the return bundle is."""
    return _page(
        Typed.begin(folder=request.args.get("folder") or usual_folder(desk.installation().home.inbox))
    )


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
            _take(lambda: import_paths(desk.installation(), [folder]))
            return url_for("bring.new")

        return work.do_once(take)
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal=refusal), 422


@bring.post("/bring/fetch")
@requires("bundles.import")
def fetch() -> ResponseReturnValue:
    """Fetch what headquarters sent by a line, and import it."""
    typed = Typed(request.form)
    via = typed.choice("via", SOURCES)

    def take() -> str:
        _take(lambda: fetch_bundles(desk.installation(), via))
        return url_for("bring.new")

    try:
        typed.require()
        return work.do_once(take)
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal=refusal), 422


def _take(bring_in: Callable[[], Sequence[BundleResult]]) -> None:
    """Bring in, and say what came of each bundle and what headquarters published with it."""
    with work.reading() as session:
        known = newest_number(session)
    _tell(bring_in())
    with work.reading() as session:
        for row in list_publications(session, after=known):
            flash(
                _("Headquarters published number %(number)d: %(what)s.", number=row.number, what=row.subject)
            )


def _tell(results: Sequence[BundleResult]) -> None:
    for result in results:
        flash(_told(result), VERDICTS[result.verdict][1])
    if not results:
        flash(_("Nothing new is there."), "plain")


def _told(result: BundleResult) -> str:
    """Say what came of one bundle, in a line that can be read aloud."""
    name = _("Bundle %(name)s", name=result.bundle) if result.bundle else _("A file that is no bundle")
    verdict = _(VERDICTS[result.verdict][0])
    new = ngettext("%(num)d new entry", "%(num)d new entries", result.counts.admitted)
    return f"{name}: {verdict}, {new}. {result.detail}".strip()


def _page(
    typed: Typed,
    *,
    results: list[BundleResult] | None = None,
    refusal: RuleError | TrustError | None = None,
) -> str:
    with work.reading() as session:
        return render_template(
            "bring/new.html",
            typed=typed,
            results=results,
            came_in=came_in(session),
            published=list_publications(session, limit=PUBLISHED_SHOWN),
            sticks=[str(place) for place in list_sticks()],
            own=desk.installation().home.inbox.absolute(),
            carriers=Carriers.read(desk.installation()),
            refusal=refusal,
        )
