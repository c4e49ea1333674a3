"""Branches: how far each one is here, and what is missing."""

from flask import Blueprint, render_template

from hq.books import get_office
from hq.branches import branch_sheet, came_by_week, weeks_until
from hq.changesets import chain_lines
from hq.pages import desk
from ledger.errors import NotFoundError
from web import work
from web.guards import requires

branches = Blueprint("branches", __name__)


@branches.get("/branches")
@requires("reports.see")
def show() -> str:
    """Show every branch in a line, and in which weeks something came from it."""
    with work.reading() as session:
        return render_template(
            "branches/show.html",
            branches=desk.branches(),
            weeks=weeks_until(desk.today()),
            by_week=came_by_week(session, desk.today()),
        )


@branches.get("/branches/<code>")
@requires("reports.see")
def one(code: str) -> str:
    """Show one branch: what to do next, what came in, what was written for it, its last entries."""
    known = next((branch for branch in desk.branches() if branch.branch == code.upper()), None)
    if known is None:
        raise NotFoundError(kind="branch", key=code)
    with work.reading() as session:
        sheet = branch_sheet(session, get_office(session, code))
        entries = chain_lines(session, [device.number for device in sheet.devices])
    return render_template("branches/one.html", known=known, sheet=sheet, entries=entries)
