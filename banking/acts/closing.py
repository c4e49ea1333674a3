"""Acts of closes: periods and their checklist, years."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from banking import periods
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount
from banking.closing.checklist import blocking, check_period
from banking.closing.closing_periods import close_period, end_month
from banking.closing.steps import StepDone
from banking.closing.year_end import close_year_books, reopen_year_books
from banking.offices import is_head_office
from schema.accounting import JournalEntry
from schema.reference import Period
from schema.writing import act

PERIOD: Final = Field("period", readers.text, "name of the period, as period.list shows it", required=True)
OFFICE: Final = Field("office", readers.office, "code of an office; default: all of them")
YEAR_FIELD: Final = Field("year", readers.text, "name of the year, as period.list shows it", required=True)
REASON: Final = Field("reason", readers.text, "why", required=True)
WHY_CLOSED: Final = Field("reason", readers.text, "why it is closed although control totals differ")
ON: Final = Field("on", readers.day, "as at the close of this day; default: the open business day")


# --- periods --------------------------------------------------------------------------------------


def _make(session: Session, values: Values) -> Result:
    made = periods.make_year(
        session,
        values.one("calendar", str),
        values.one("year", int),
        office_id=values.maybe("office", int),
        first_month=values.maybe("first_month", int) or 1,
    )
    return {"made": [_of_row(period) for period in made]}


def _of_row(period: Period) -> dict[str, object]:
    return {
        "period": period.name,
        "kind": period.kind,
        "starts_on": period.starts_on.isoformat(),
        "ends_on": period.ends_on.isoformat(),
        "state": period.state,
        "version": period.version,
    }


def _list(session: Session, values: Values) -> Result:
    office = values.maybe("office", int) or _own(session)
    return {
        "periods": [
            {
                "period": one.name,
                "kind": one.kind,
                "starts_on": one.starts_on.isoformat(),
                "ends_on": one.ends_on.isoformat(),
                "state": one.state,
            }
            for one in periods.list_periods(session, office)
        ]
    }


def _own(session: Session) -> int | None:
    """Give the office of a branch; headquarters means all of them."""
    current = act(session)
    return None if is_head_office(session) else current.office_id


def _check(session: Session, values: Values) -> Result:
    office = values.maybe("office", int) or _own(session)
    checks = check_period(session, values.one("period", str), office, whole=is_head_office(session))
    return {
        "period": values.one("period", str),
        "ready": not blocking(checks),
        "checks": [
            {
                "office": check.office,
                "name": check.name,
                "ok": check.ok,
                "blocks": check.blocks,
                "detail": check.detail,
            }
            for check in checks
        ],
    }


def _close(session: Session, values: Values) -> Result:
    office, reason = values.maybe("office", int), values.maybe("reason", str)
    return _of_row(close_period(session, values.one("period", str), office, reason or ""))


def _reopen(session: Session, values: Values) -> Result:
    reopened = periods.reopen_period(
        session,
        values.one("period", str),
        values.maybe("office", int),
        reason=values.text("reason"),
        approved_by_id=values.second_id,
    )
    return {**_of_row(reopened), "approved_by": reopened.approved_by}


def _end(session: Session, values: Values) -> Result:
    closed = end_month(session, values.one("period", str))
    return {"on": closed.on.isoformat(), "steps": [_step(session, step) for step in closed.steps]}


def _step(session: Session, step: StepDone) -> Mapping[str, object]:
    return {"name": step.name, "done": step.done, "amount": amount(session, step.amount)}


# --- years ----------------------------------------------------------------------------------------


def _close_year(session: Session, values: Values) -> Result:
    entry = close_year_books(session, values.one("year", str))
    return {"year": values.one("year", str), "entries": [] if entry is None else [_of_entry(entry)]}


def _reopen_year(session: Session, values: Values) -> Result:
    entries = reopen_year_books(session, values.one("year", str), reason=values.text("reason"))
    return {"year": values.one("year", str), "entries": [_of_entry(entry) for entry in entries]}


def _of_entry(entry: JournalEntry) -> dict[str, object]:
    return {"entry": str(entry.id), "kind": entry.kind, "booked_on": entry.booked_on.isoformat()}


_HQ: Final = (Place.HQ,)
_BRANCH: Final = (Place.BRANCH,)
_BOTH: Final = (Place.BRANCH, Place.HQ)
_BOOKS: Final = (Place.BRANCH, Place.HEAD_OFFICE)

ACTS: Final = (
    Act(
        "period.make",
        "period.close",
        _HQ,
        "Make an accounting year and its months.",
        (
            Field("calendar", readers.choice(*periods.CALENDARS), "whose months they are", required=True),
            Field(
                "year",
                readers.count,
                "in that calendar: the year it begins in; of the Ethiopian budget year: the one it ends in",
                required=True,
            ),
            Field("first_month", readers.count, "Gregorian: the month that the year begins with; default: 1"),
            OFFICE,
        ),
        _make,
    ),
    Act("period.list", "reports.see", _BOTH, "List the periods and their states.", (OFFICE,), _list),
    Act(
        "period.check",
        "reports.see",
        _BOTH,
        "Show the checklist of a month or year: all that must hold before it is closed.",
        (PERIOD, OFFICE),
        _check,
    ),
    Act(
        "period.close",
        "period.close",
        _HQ,
        "Close a month or a year when nothing is missing, and keep the reports as they are.",
        (PERIOD, OFFICE, WHY_CLOSED),
        _close,
    ),
    Act(
        "period.reopen",
        "period.close",
        _HQ,
        "Open a closed period again; takes a second person.",
        (PERIOD, OFFICE, REASON),
        _reopen,
    ),
    Act(
        "period.end",
        "day.open_close",
        _BRANCH,
        "Close the last day of a month on which nobody opened the day, without waiting for the next one.",
        (PERIOD,),
        _end,
    ),
    Act(
        "year.close",
        "period.close",
        _BOOKS,
        "Bring this office's income and expense of a year to retained earnings.",
        (YEAR_FIELD,),
        _close_year,
    ),
    Act(
        "year.reopen",
        "period.close",
        _BOOKS,
        "Take the closing entries of a year back, so that they can be made anew.",
        (YEAR_FIELD, REASON),
        _reopen_year,
    ),
)
