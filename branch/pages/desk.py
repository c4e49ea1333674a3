"""What every page of a branch stands on: the installation, the open day, the cash drawer."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from flask import current_app, flash, g
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.days import current_day
from banking.errors import NoOpenDayError
from banking.role_rights import decided_rights, may_by
from banking.till_cash import TILL, drawers_of, holding
from ledger.errors import N_, RuleError
from schema.accounting import Till
from schema.people import User
from sync.installation import Installation
from web import work
from web.forms import Typed

EXTENSION = "satchel.installation"


class FutureDateError(RuleError):
    """Money cannot be booked before it came. Facts: day (the open one)."""

    code = "FUTURE_DATE"
    message = N_("This day has not come yet; the open day is {day}.")


def installation() -> Installation:
    """Give the opened home that these pages serve."""
    return cast("Installation", current_app.extensions[EXTENSION])


def role_may(user: User, permission: str) -> bool:
    """Whether a user's role allows something, by what is published here; asked once a request."""
    if "rights" not in g:
        with work.reading() as session:
            g.rights = decided_rights(session)
    return may_by(g.rights, user.role, permission)


def find_open_day() -> date | None:
    """Give the open business day of this branch, or None; asked once a request."""
    if "open_day" not in g:
        with work.reading() as session:
            day = current_day(session, installation().place.office_id)
        g.open_day = day.on if day else None
    return cast("date | None", g.open_day)


def require_open_day() -> date:
    """Give the open business day; raises NoOpenDayError where there is none."""
    day = find_open_day()
    if day is None:
        raise NoOpenDayError
    return day


def today() -> date:
    """Give the day that figures are shown for: the open one, else the calendar's."""
    return find_open_day() or work.now().astimezone().date()


def read_value_date(typed: Typed, open_day: date) -> date:
    """Read when money counts: the open day, or a day before it."""
    on = typed.day("value_date") if typed.values.get("value_date") else open_day
    if on > open_day:
        typed.note("value_date", FutureDateError(day=open_day))
    return on


def drawers(session: Session) -> Sequence[Till]:
    """List the cash drawers in use at the counter; the vault is none of them."""
    own = drawers_of(session, installation().place.office_id)
    return [till for till in own if till.kind == TILL and till.state == "active"]


def read_till(typed: Typed, tills: Sequence[Till]) -> int | None:
    """Read which drawer takes the money; where there is one, nobody is asked."""
    if len(tills) == 1:
        return tills[0].id
    chosen = typed.choice("till", [str(till.id) for till in tills]) if tills else ""
    return int(chosen) if chosen else None


def warn_if_full(till_id: int | None) -> None:
    """Tell the user when a drawer holds more than it may."""
    if till_id is None:
        return
    with work.reading() as session:
        now = holding(session, session.get_one(Till, till_id))
    if now.too_much:
        flash(_("%(till)s holds more cash than it may. Take some to the vault.", till=now.till.name))
