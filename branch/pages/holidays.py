"""Days on which nobody works: headquarters' holidays, what they move, and the way to close a day here."""

from datetime import date, timedelta
from typing import Final

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.calendar_days import coming_holidays
from banking.holidays import apply_holidays, find_moves
from banking.meeting_errors import MovesChangedError
from banking.moved_rows import MovedRow
from branch.pages import desk
from ledger.errors import RuleError
from web import work
from web.forms import Typed
from web.guards import requires

holidays = Blueprint("holidays", __name__)

YEAR: Final = timedelta(days=366)


@holidays.get("/closed-days")
@requires("clients.see")
def show() -> str:
    """List the coming holidays, and the rows of loans that still fall on them."""
    return _page()


@holidays.post("/closed-days")
@requires("loans.approve")
def create() -> ResponseReturnValue:
    """Move the rows that were shown, by the rule of each product."""
    typed = Typed(request.form)
    try:
        first, last = _span(desk.require_open_day())

        def act(session: Session) -> str:
            if typed.values.get("mark") != _mark(find_moves(session, first, last)):
                raise MovesChangedError
            apply_holidays(session, first, last)
            return url_for("holidays.show")

        answer = work.post_once("loan.apply_holidays", act)
        flash(_("Done as shown."))
        return answer
    except RuleError as refusal:
        return _page(refusal), 422


def _span(today: date) -> tuple[date, date]:
    return today, today + YEAR


def _mark(moves: list[MovedRow]) -> str:
    return ",".join(f"{row.installment_id}:{row.moves_to.isoformat()}" for row in moves)


def _page(refusal: RuleError | None = None) -> str:
    office_id = desk.installation().place.office_id
    first, last = _span(desk.today())
    with work.reading() as session:
        moves = find_moves(session, first, last, office_id)
        return render_template(
            "holidays/show.html",
            days=coming_holidays(session, office_id, first, last),
            moves=moves,
            mark=_mark(moves),
            refusal=refusal,
        )
