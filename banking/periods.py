"""Accounting periods: made by headquarters for a year, closed and opened again by newer versions.

A period may be of all offices or of one. A month that is made for all can be closed for one office alone: its
own version then stands beside the common one, and either of them closes it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.approval import check_second_person
from banking.errors import BadValueError
from banking.period_errors import (
    PeriodOverlapError,
    PeriodStateError,
    SecondPersonAlwaysError,
    YearClosedError,
)
from banking.text import LONGEST_NOTE, require
from ledger.calendars import (
    FiscalYear,
    Span,
    bikram_sambat_year,
    ethiopian_year,
    gregorian_year,
)
from ledger.errors import NotFoundError
from schema.people import User
from schema.reading import fetch
from schema.reference import Period
from schema.writing import act, insert

MONTH, YEAR = "month", "year"
OPEN, CLOSED = "open", "closed"
PERMISSION: Final = "period.close"


def _gregorian(year: int, first_month: int) -> FiscalYear:
    if not 1 <= first_month <= 12:  # noqa: PLR2004 - months
        raise BadValueError(field="first_month", given=first_month)
    return gregorian_year(year, first_month)


CALENDARS: Final[Mapping[str, Callable[[int, int], FiscalYear]]] = {
    "gregorian": _gregorian,
    "ethiopian": lambda year, _first: ethiopian_year(year),
    "ethiopian-tax": lambda year, _first: ethiopian_year(year, join_pagume=True),
    "nepali": lambda year, _first: bikram_sambat_year(year),
}
"""Years by the calendar that an institution keeps: months; 13 months from Hamle 1; the same with Nehase and
Pagume as one; Bikram Sambat months from Shrawan 1."""


@dataclass(frozen=True, slots=True)
class PeriodState:
    """A period as one office sees it: ``closed`` when its own version or that of all offices says so.

    for_all   whether the version of all offices closes it: it is opened again for all of them, then
    reopened  whether it was closed before and is open now
    """

    name: str
    kind: str
    starts_on: date
    ends_on: date
    closed: bool
    for_all: bool = False
    reopened: bool = False

    @property
    def state(self) -> str:
        """Open or closed, in a word."""
        return CLOSED if self.closed else OPEN


_VERSIONS = """
SELECT id, office_id, name, kind, starts_on, ends_on, state, version, cut FROM period
 ORDER BY starts_on, kind, name, office_id, version
"""


def _newest(session: Session) -> list[Sequence[Any]]:
    """Give the newest version of each period of all offices and of one, by the first day."""
    found: dict[tuple[str, int | None], Sequence[Any]] = {}
    for row in fetch(session, _VERSIONS):
        found[row[2], row[1]] = row
    return list(found.values())


def make_year(
    session: Session, calendar: str, year: int, *, office_id: int | None = None, first_month: int = 1
) -> list[Period]:
    """Write a year and its months as open periods; gives them, the year last.

    calendar     one of ``CALENDARS``; ``year`` is counted in it: the one in which the year begins (Gregorian,
                 Nepali), the one in which it ends (Ethiopian budget year)
    first_month  Gregorian only: the month that the year begins with
    raises       BadValueError; PeriodOverlapError; CalendarYearError, CalendarDateError
    """
    build = CALENDARS.get(calendar)
    if build is None:
        raise BadValueError(field="calendar", given=calendar)
    wanted = build(year, first_month)
    _refuse_overlap(session, wanted.year, office_id)
    spans = [*((MONTH, span) for span in wanted.months), (YEAR, wanted.year)]
    rows = [
        Period(office_id=office_id, name=span.name, kind=kind, starts_on=span.starts_on, ends_on=span.ends_on)
        for kind, span in spans
    ]
    insert(session, *rows)
    return rows


def _refuse_overlap(session: Session, span: Span, office_id: int | None) -> None:
    for row in _newest(session):
        shared = row[1] is None or office_id is None or row[1] == office_id
        same_days = row[4] <= span.ends_on.isoformat() and row[5] >= span.starts_on.isoformat()
        if shared and (same_days or row[2] == span.name):
            raise PeriodOverlapError(name=span.name, other=row[2])


def list_periods(session: Session, office_id: int | None) -> list[PeriodState]:
    """List the periods that count for an office (None: those of all offices), by their first day."""
    return periods_by_office(session, [office_id])[office_id]


def periods_by_office(
    session: Session, office_ids: Iterable[int | None]
) -> dict[int | None, list[PeriodState]]:
    """List the periods of several offices, as ``list_periods`` does of one; the rows are read once."""
    common: list[Sequence[Any]] = []
    own: dict[int, list[Sequence[Any]]] = {}
    for row in _newest(session):
        (common if row[1] is None else own.setdefault(row[1], [])).append(row)
    return {
        office_id: _states(common if office_id is None else [*common, *own.get(office_id, [])])
        for office_id in office_ids
    }


def _states(rows: Sequence[Sequence[Any]]) -> list[PeriodState]:
    """Put versions of all offices and of one together: either of them closes a period."""
    found: dict[str, PeriodState] = {}
    for _, office_id, name, kind, starts_on, ends_on, state, version, _ in rows:
        known = found.get(name)
        is_closed = state == CLOSED
        closed = is_closed or (known is not None and known.closed)
        found[name] = PeriodState(
            name,
            kind,
            date.fromisoformat(starts_on),
            date.fromisoformat(ends_on),
            closed,
            for_all=(is_closed and office_id is None) or (known is not None and known.for_all),
            reopened=not closed and (version > 1 or (known is not None and known.reopened)),
        )
    return sorted(found.values(), key=lambda one: (one.starts_on, one.kind, one.name))


def get_period(session: Session, name: str, office_id: int | None) -> PeriodState:
    """Give a period of an office by its name.

    raises   NotFoundError
    """
    for period in list_periods(session, office_id):
        if period.name == name:
            return period
    raise NotFoundError(kind="period", key=name)


def months_of(periods: Sequence[PeriodState], year: PeriodState) -> list[PeriodState]:
    """Give the months of a year."""
    return [
        period
        for period in periods
        if period.kind == MONTH and year.starts_on <= period.starts_on and period.ends_on <= year.ends_on
    ]


def year_of(periods: Sequence[PeriodState], day: date) -> PeriodState | None:
    """Give the year that a day lies in, if there is one."""
    return next((one for one in periods if one.kind == YEAR and one.starts_on <= day <= one.ends_on), None)


def write_closed(session: Session, name: str, office_id: int | None, reason: str = "") -> Period:
    """Write the newer version that closes a period; whether it may be closed was checked before.

    It says how far each chain of the office, or of all, is known: the cut. What comes later for a day of the
    period is late (protocol, section 7.7). A period that is opened again keeps its cut, so that the next one
    never falls short of it. ``reason`` says why it is closed over what differs.

    raises   NotFoundError; PeriodStateError when it is closed
    """
    period = get_period(session, name, office_id)
    if period.closed:
        raise PeriodStateError(name=name, state=CLOSED)
    return _write_version(session, period, office_id, CLOSED, "", reason)


def reopen_period(
    session: Session, name: str, office_id: int | None, *, reason: str, approved_by_id: int | None
) -> Period:
    """Open a closed period again, for the office or for all that it was closed for; two people and a reason.

    raises   NotFoundError; PeriodStateError when that version is open; YearClosedError for a month of a
             closed year; SecondPersonAlwaysError, BadSecondPersonError, MissingError
    """
    why = require(reason, "reason", LONGEST_NOTE)
    period = get_period(session, name, office_id)
    newest = _newest_of(session, name, office_id)
    if newest is None or newest[6] == OPEN:
        raise PeriodStateError(name=name, state=OPEN)
    year = year_of(list_periods(session, office_id), period.starts_on)
    if period.kind == MONTH and year is not None and year.closed:
        raise YearClosedError(name=year.name)
    if approved_by_id is None:
        raise SecondPersonAlwaysError
    second = session.get_one(User, check_second_person(session, approved_by_id, permission=PERMISSION))
    return _write_version(session, period, office_id, OPEN, second.username, why)


def _newest_of(session: Session, name: str, office_id: int | None) -> Sequence[Any] | None:
    rows = (row for row in _newest(session) if row[2] == name and row[1] == office_id)
    return next(rows, None)


def _write_version(
    session: Session, period: PeriodState, office_id: int | None, state: str, approved_by: str, reason: str
) -> Period:
    newest = _newest_of(session, period.name, office_id)
    version = 1 if newest is None else newest[7]
    cut: bytes | None = None if newest is None else newest[8]
    if state == CLOSED:
        cut = act(session).heads(office_id, cut)
    row = Period(
        office_id=office_id,
        name=period.name,
        kind=period.kind,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        state=state,
        version=version + 1,
        cut=cut,
        closed_at=act(session).recorded_at if state == CLOSED else None,
        approved_by=approved_by,
        reason=reason,
    )
    insert(session, row)
    return row
