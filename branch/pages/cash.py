"""Today's cash, drawer by drawer: the till reports."""

from flask import Blueprint, render_template

from banking.till_sheets import office_sheets
from branch.pages import desk
from web import work
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
