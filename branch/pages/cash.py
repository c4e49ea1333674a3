"""Today's cash, drawer by drawer."""

from flask import Blueprint, render_template

from banking.cash import till_reports
from branch.pages import desk
from web import work
from web.guards import requires

cash = Blueprint("cash", __name__)


@cash.get("/cash")
@requires("reports.see")
def show() -> str:
    """Show what came in and went out today."""
    day = desk.find_open_day()
    with work.reading() as session:
        tills = till_reports(session, desk.installation().place.office_id, day) if day else []
    return render_template("cash/show.html", day=day, tills=tills)
