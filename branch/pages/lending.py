"""The lending desk: applications and loans by state, and the way to a new application."""

from flask import Blueprint, render_template, request

from banking.lending_desk import STATES, count_by_state, list_applications
from banking.loan_books import APPLIED
from branch.pages import desk
from web import work
from web.guards import requires

lending = Blueprint("lending", __name__)


@lending.get("/lending")
@requires("clients.see")
def show() -> str:
    """List the newest applications of a state; each opens by a letter."""
    office_id = desk.installation().place.office_id
    wanted = request.args.get("state", APPLIED)
    state = wanted if wanted in STATES else APPLIED
    with work.reading() as session:
        return render_template(
            "lending/show.html",
            state=state,
            tabs=STATES,
            counts=count_by_state(session, office_id),
            rows=list_applications(session, state, office_id),
        )
