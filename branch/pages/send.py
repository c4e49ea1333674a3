"""Send to headquarters: one bundle in a folder, its label, and what to do with it."""

from pathlib import Path

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from branch.pages import desk
from branch.standing import find_written, standing, written_bundles
from ledger.errors import NotFoundError, RuleError, TrustError
from sync.export import write_branch_bundle
from web import work
from web.folders import list_sticks, read_folder
from web.forms import Typed
from web.guards import requires

send = Blueprint("send", __name__)


@send.get("/send")
@requires("bundles.send")
def new() -> ResponseReturnValue:
    """Say what there is to send, and ask where to."""
    return _page(
        Typed.begin(folder=request.args.get("folder") or usual_folder(desk.installation().home.outbox))
    )


@send.post("/send")
@requires("bundles.send")
def create() -> ResponseReturnValue:
    """Write a bundle into the folder."""
    typed = Typed(request.form)
    try:
        folder = read_folder(typed, writable=True)
        typed.require()

        def write() -> str:
            bundle = write_branch_bundle(desk.installation(), folder)
            if bundle.last_seq is None:
                return url_for("send.new", nothing=bundle.name)
            return url_for("send.show", name=bundle.name, folder=folder)

        return work.do_once(write)
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal), 422


@send.get("/send/<name>")
@requires("bundles.send")
def show(name: str) -> str:
    """Show a bundle that was written: its files, and the label to write on the medium."""
    with work.reading() as session:
        bundle = find_written(session, desk.installation().facts.device, name)
    if bundle is None:
        raise NotFoundError(kind="bundle", key=name)
    folder = request.args.get("folder", "")
    return render_template(
        "send/show.html", bundle=bundle, folder=folder, files=_volumes(folder, bundle.name)
    )


def _volumes(folder: str, name: str) -> list[str]:
    """List the files of a bundle in a folder that may be gone by now."""
    try:
        return sorted(path.name for path in Path(folder).glob(f"{name}.*")) if folder else []
    except (OSError, ValueError):
        return []


def usual_folder(own: Path) -> str:
    """Give the folder that most people mean: the first stick, else this installation's own folder."""
    return str(next(iter(list_sticks()), own))


def _page(typed: Typed, refusal: RuleError | TrustError | None = None) -> str:
    installation = desk.installation()
    with work.reading() as session:
        return render_template(
            "send/new.html",
            standing=standing(session, installation.facts.device),
            written=written_bundles(session, installation.facts.device),
            sticks=[str(place) for place in list_sticks()],
            own=installation.home.outbox,
            nothing=request.args.get("nothing", ""),
            typed=typed,
            refusal=refusal,
        )
