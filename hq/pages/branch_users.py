"""Users of branches: what each branch says of them, and what headquarters ordered about them."""

from flask import Blueprint, render_template, request

from hq.ordered_users import branch_user_rows
from hq.pages import desk
from web import work
from web.guards import requires
from web.people import ROLES

branch_users = Blueprint("branch_users", __name__)


@branch_users.get("/people/branches")
@requires("reports.see")
def show() -> str:
    """List the users of all branches, or of one, with the orders that count about each."""
    code = request.args.get("branch", "").upper()
    with work.reading() as session:
        rows = branch_user_rows(session, desk.installation().place.office_id)
    return render_template(
        "people/branches.html",
        rows=[row for row in rows if code in ("", row.user.office)],
        offices=sorted({row.user.office for row in rows}),
        code=code,
        roles=ROLES,
    )
