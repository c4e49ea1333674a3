"""The first page: the day, the cash, and the way to a client."""

from flask import Blueprint, render_template

from banking.cash import till_reports
from branch.pages import desk
from web import work

today = Blueprint("today", __name__)


@today.get("/")
def show() -> str:
    """Show where the day stands."""
    day = desk.find_open_day()
    with work.reading() as session:
        tills = till_reports(session, desk.installation().place.office_id, day) if day else []
        return render_template("today/show.html", day=day, tills=tills)
