"""Who is late: by officer and age, with telephone and village, for the day's walk."""

from datetime import date
from typing import Final

from flask import Blueprint, render_template, request

from banking.arrears_list import AGES, read_arrears
from branch.pages import desk
from web import work
from web.forms import Typed
from web.guards import requires

arrears = Blueprint("arrears", __name__)

ROWS_SHOWN: Final = 500
"""A page shows so many loans; choose an officer or an age to see the others."""


@arrears.get("/arrears")
@requires("clients.see")
def show() -> str:
    """List the late loans; ``officer``, ``age`` and ``on`` choose."""
    typed = Typed(request.args)
    on = _day(typed)
    wanted = request.args.get("age", "")
    age = int(wanted) if wanted in {str(first) for first, _last in AGES} else 0
    with work.reading() as session:
        found = read_arrears(
            session,
            on,
            desk.installation().place.office_id,
            officer=request.args.get("officer"),
            age=age,
        )
    return render_template(
        "arrears/show.html",
        found=found,
        officer=request.args.get("officer"),
        age=age,
        most=ROWS_SHOWN,
        kept={name: request.args[name] for name in ("officer", "age", "on") if name in request.args},
    )


def _day(typed: Typed) -> date:
    if not typed.values.get("on"):
        return desk.today()
    on = typed.day("on")
    return desk.today() if typed.errors else on
