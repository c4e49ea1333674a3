"""Return bundles: what headquarters answers a branch, written onto a stick or fetched with the browser."""

from pathlib import Path

from flask import Blueprint, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.books import get_office
from hq.branches import branch_sheet, bundle_lines
from hq.pages import desk
from hq.sending import export_to_branch, send_now
from ledger.errors import NotFoundError, RuleError, TrustError
from sync.carriers import FILES, SMTP
from sync.carriers.settings import Carriers
from sync.carriers.writing import PAGE_BYTES, Way
from web import work
from web.folders import list_sticks, read_folder
from web.forms import Typed
from web.guards import requires

returns = Blueprint("returns", __name__)


@returns.get("/branches/<code>/return")
@requires("bundles.import")
def new(code: str) -> ResponseReturnValue:
    """Ask where the bundle goes; the outbox is proposed, from which the browser can fetch it."""
    outbox = str(desk.installation().home.outbox.absolute())
    return _page(code, Typed.begin(folder=request.args.get("folder", outbox)))


@returns.post("/branches/<code>/return")
@requires("bundles.import")
def create(code: str) -> ResponseReturnValue:
    """Write the return bundle, in the form that was chosen; or send it at once."""
    typed = Typed(request.form)
    how = typed.values.get("how") or FILES
    try:
        if how == SMTP:
            return work.do_once(lambda: _sent(code))
        form = how if how in PAGE_BYTES else FILES
        folder = read_folder(typed, writable=True)
        typed.require()
        way = Way(form, parity=typed.values.get("parity") == "yes")

        def act() -> str:
            written = export_to_branch(
                desk.installation(), code, folder, volume_bytes=PAGE_BYTES[form], way=way
            )
            return url_for("returns.show", code=code, name=written.name, folder=folder)

        return work.do_once(act)
    except (RuleError, TrustError) as refusal:
        return _page(code, typed, refusal), 422


def _sent(code: str) -> str:
    written = send_now(desk.installation(), SMTP, code.upper())
    return url_for("returns.show", code=code, name=written.name, mailed="yes")


@returns.get("/branches/<code>/return/<name>")
@requires("bundles.import")
def show(code: str, name: str) -> str:
    """Show a bundle that was written: its files, and the label to write on the medium."""
    with work.reading() as session:
        office = get_office(session, code)
        found = bundle_lines(session, "out", office_id=office.id)
    bundle = next((line for line in found if line.name == name), None)
    if bundle is None:
        raise NotFoundError(kind="bundle", key=name)
    outbox = desk.installation().home.outbox
    return render_template(
        "returns/show.html",
        office=office,
        bundle=bundle,
        folder=request.args.get("folder", ""),
        mailed=request.args.get("mailed", ""),
        fetched=sorted(path.name for path in _files(outbox, bundle.name)),
    )


@returns.get("/branches/<code>/return/<name>/<volume>")
@requires("bundles.import")
def volume(code: str, name: str, volume: str) -> ResponseReturnValue:
    """Give one file of a bundle in the outbox to the browser."""
    with work.reading() as session:
        office = get_office(session, code)
        known = {line.name for line in bundle_lines(session, "out", office_id=office.id)}
    there = {path.name: path for path in _files(desk.installation().home.outbox, name)}
    if name not in known or volume not in there:
        raise NotFoundError(kind="bundle", key=name)
    return _send(there[volume])


def _files(folder: Path, name: str) -> list[Path]:
    """List the files of a bundle, without its slip."""
    return [path for path in folder.glob(f"{name}[.-]*") if path.suffix.upper() != ".TXT"]


def _send(path: Path) -> ResponseReturnValue:
    return send_file(path, "application/octet-stream", as_attachment=True, download_name=path.name)


def _page(code: str, typed: Typed, refusal: RuleError | TrustError | None = None) -> str:
    with work.reading() as session:
        sheet = branch_sheet(session, get_office(session, code))
    if not sheet.devices:
        raise NotFoundError(kind=_("laptop"), key=code)
    return render_template(
        "returns/new.html",
        sheet=sheet,
        typed=typed,
        refusal=refusal,
        sticks=[str(place) for place in list_sticks()],
        outbox=str(desk.installation().home.outbox.absolute()),
        carriers=Carriers.read(desk.installation()),
    )
