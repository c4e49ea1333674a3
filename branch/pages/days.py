"""The business day: opened and closed with the cash counted."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.cash import create_till
from banking.days import close_day, list_days, open_day
from branch.pages import desk
from ledger.errors import RuleError
from ledger.money import Money
from web import work
from web.filters import plain_date, show_date
from web.forms import Typed
from web.guards import requires

days = Blueprint("days", __name__)


@days.get("/day")
def show() -> ResponseReturnValue:
    """Show the open day, or the way to open one, and the days before."""
    return _page(Typed.begin(on=plain_date(desk.today())))


@days.post("/day")
@requires("day.open_close")
def create() -> ResponseReturnValue:
    """Open or close a day, as the form says: a page that was left open must not do the other."""
    typed = Typed(request.form)
    return _close(typed) if typed.values.get("act") == "close" else _open(typed)


def _open(typed: Typed) -> ResponseReturnValue:
    """Open a day with the cash that was counted; the first one gives the branch its first drawer."""
    try:
        on = typed.day("on")
        counted = typed.amount("cash", zero=True)
        typed.require()

        def act(session: Session) -> str:
            if not desk.drawers(session):
                create_till(session)
            open_day(session, on, counted)
            return url_for("today.show")

        return work.post_once("day.open", act)
    except RuleError as refusal:
        return _page(typed, refusal), 422


def _close(typed: Typed) -> ResponseReturnValue:
    """Close the open day with the cash that was counted."""
    try:
        on = desk.require_open_day()
        counted = _counted(typed)
        typed.require()

        def act(session: Session) -> str:
            close_day(session, counted)
            return url_for("days.show")

        answer = work.post_once("day.close", act)
        flash(_("%(day)s is closed. Now send it to headquarters: press 5.", day=show_date(on)))
        return answer
    except RuleError as refusal:
        return _page(typed, refusal), 422


def _counted(typed: Typed) -> Money | dict[int, Money]:
    """Read what was counted: one amount, or one for each drawer where there are several."""
    with work.reading() as session:
        tills = desk.drawers(session)
    if len(tills) == 1 or not tills or "cash" in typed.values:
        return typed.amount("cash", zero=True)
    return {till.id: typed.amount(f"cash_{till.number}", zero=True) for till in tills}


def _page(typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "days/show.html",
            day=desk.find_open_day(),
            tills=desk.drawers(session),
            past=list_days(session, desk.installation().place.office_id, limit=14),
            typed=typed,
            refusal=refusal,
        )
