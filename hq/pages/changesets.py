"""Changesets: what one user action did, byte for byte as it was signed."""

from flask import Blueprint, render_template, request

from hq.changesets import changeset_sheet
from hq.pages import desk
from web import work
from web.guards import requires

changesets = Blueprint("changesets", __name__)


@changesets.get("/changesets/<int:device>/<int:chain>/<int:seq>")
@requires("audit.see")
def show(device: int, chain: int, seq: int) -> str:
    """Show one changeset with its rows; signature and hash are checked anew each time."""
    with work.reading() as session:
        roster = desk.installation().roster(session)
        sheet = changeset_sheet(session, roster, device, chain, seq, request.args.get("hash", ""))
    return render_template("changesets/show.html", sheet=sheet)
