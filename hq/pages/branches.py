"""Branches: how far each one is here, and what is missing."""

from flask import Blueprint, render_template
from sqlalchemy.orm import Session

from hq.books import get_office
from hq.branches import BranchSheet, branch_sheet, came_by_week, weeks_until
from hq.changesets import chain_lines
from hq.pages import desk
from hq.sending import newest_member
from ledger.errors import NotFoundError
from sync.chain import HEAD, REFERENCE_CHAIN, watermark
from sync.phone_codes import PhoneCode, code_for
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
        codes = _codes(session, sheet)
    return render_template("branches/one.html", known=known, sheet=sheet, entries=entries, codes=codes)


def _codes(session: Session, sheet: BranchSheet) -> tuple[PhoneCode, PhoneCode] | None:
    """The codes that can be read out to the branch: it has arrived, and send it again."""
    installation = desk.installation()
    if not sheet.came_in:
        return None
    member = newest_member(installation, session, sheet.office.code)
    if watermark(session, member.device, REFERENCE_CHAIN, HEAD) is None:
        return None
    arrived = code_for(installation, session, member, again=False)
    return arrived, code_for(installation, session, member, again=True)
