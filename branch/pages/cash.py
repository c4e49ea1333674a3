"""Today's cash, drawer by drawer: the till reports, on the screen and on paper."""

from datetime import date

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from banking.till_cash import drawers_of
from banking.till_sheets import TillSheet, branch_sheet, office_sheets, till_sheet
from banking.users import log_look
from branch.pages import desk
from ledger.errors import NotFoundError
from web import work
from web.calendars import day_in_address
from web.guards import requires

cash = Blueprint("cash", __name__)


@cash.get("/cash")
@requires("reports.see")
def show() -> str:
    """Show what each drawer had, what came in and went out today, and what it must hold."""
    day = desk.find_open_day()
    with work.reading() as session:
        tills = office_sheets(session, desk.installation().place.office_id, day) if day else []
    return render_template("cash/show.html", day=day, tills=tills)


@cash.get("/cash/till/<int:till_id>")
@requires("reports.see")
def till(till_id: int) -> str:
    """Show the report of one till or vault, for paper."""
    on = _day()
    with work.reading() as session:
        own = {row.id for row in drawers_of(session, desk.installation().place.office_id)}
        if till_id not in own:
            raise NotFoundError(kind="till", key=till_id)
        sheet = till_sheet(session, till_id, on)
    return _report([sheet], on, sheet.name)


@cash.get("/cash/branch")
@requires("reports.see")
def branch() -> str:
    """Show the reports of all drawers and of the whole branch, for paper."""
    on = _day()
    with work.reading() as session:
        sheets = office_sheets(session, desk.installation().place.office_id, on)
    return _report([branch_sheet(_("The whole branch"), on, sheets), *sheets], on, _("The whole branch"))


def _report(sheets: list[TillSheet], on: date, subject: str) -> str:
    with work.edition().database.writing() as session:
        log_look(session, work.now(), work.user().id, "till.report.view", f"{subject} {on.isoformat()}")
    return render_template("cash/report.html", sheets=sheets, on=on)


def _day() -> date:
    """Give the day that is asked for (``on``, ISO), else the open one."""
    if "on" not in request.args:
        return desk.today()
    day = day_in_address(request.args["on"])
    if day is None:
        raise NotFoundError(kind="day", key=request.args["on"])
    return day
