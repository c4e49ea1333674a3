"""Exceptions: everything that waits for a person."""

from flask import Blueprint, render_template

from hq.pages import desk
from hq.waiting import waiting_list
from web import work
from web.guards import requires

exceptions = Blueprint("exceptions", __name__)


@exceptions.get("/exceptions")
@requires("reports.see")
def show() -> str:
    """Show what waits, each with its reason and the next step."""
    with work.reading() as session:
        found = waiting_list(session)
    missing = [branch for branch in desk.branches() if branch.gaps]
    return render_template("exceptions/show.html", found=found, missing=missing)
