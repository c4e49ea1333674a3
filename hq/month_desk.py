"""Months and years at headquarters: a grid of offices, what keeps each open, and who opened one again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.closing.checklist import blocking, check_offices, to_explain, warnings
from banking.closing.checks import PeriodCheck
from banking.periods import MONTH, YEAR, PeriodState, months_of, periods_by_office
from ledger.errors import NotFoundError
from schema.accounting import ReportSnapshot
from schema.reading import fetch
from schema.reference import Office, Period

CLOSED, REOPENED, OPEN, LASTS = "closed", "reopened", "open", "lasts"

_LATE: Final = """
SELECT origin_office_id, booked_on, count(*) FROM late_entry
 WHERE booked_on BETWEEN ? AND ? GROUP BY origin_office_id, booked_on
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One office and one period; None where the office does not have it.

    asked   whether the checklist was asked: of the first month that is over and open
    blocks  how many answers keep it open; ``warns``: how many only warn
    late    entries that are dated in it and came after its close
    """

    period: PeriodState
    state: str
    late: int = 0
    asked: bool = False
    blocks: int = 0
    warns: int = 0


@dataclass(frozen=True, slots=True)
class GridRow:
    """One office and its periods, in the order of the grid's names."""

    code: str
    name: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A year: the names of its months and its own, and what each office has; ``years`` are all there are."""

    year: str
    years: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[GridRow, ...]


@dataclass(frozen=True, slots=True)
class OfficePeriod:
    """One office's period and its checklist."""

    office: Office
    period: PeriodState
    checks: tuple[PeriodCheck, ...]

    @property
    def blocks(self) -> list[PeriodCheck]:
        """What keeps it open."""
        return blocking(self.checks)

    @property
    def warns(self) -> list[PeriodCheck]:
        """What only warns."""
        return warnings(self.checks)

    @property
    def to_explain(self) -> list[PeriodCheck]:
        """What it is closed over only with a reason."""
        return to_explain(self.checks)

    @property
    def may_close(self) -> bool:
        """Whether it can be closed now, if need be with a reason."""
        return not self.period.closed and not self.blocks

    @property
    def is_ready(self) -> bool:
        """Whether it can be closed now, with nothing to be explained."""
        return self.may_close and not self.to_explain


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of a period: closed, or opened again by two people; ``for_all``: of all offices."""

    version: int
    state: str
    for_all: bool
    closed_at: datetime | None
    approved_by: str
    reason: str


def period_grid(session: Session, today: date, year: str = "") -> Grid:
    """Give the grid of a year: the named one, else the one that ``today`` lies in, else the newest."""
    offices = _offices(session)
    periods = periods_by_office(session, [office.id for office in offices])
    years = {one.name: one for of_office in periods.values() for one in of_office if one.kind == YEAR}
    chosen = _chosen(years, today, year)
    if chosen is None:
        return Grid("", (), (), ())
    names: dict[str, None] = {}
    for of_office in periods.values():
        names |= dict.fromkeys(one.name for one in months_of(of_office, chosen))
    late = _late_counts(session, chosen)
    asked = _first_answers(session, offices, periods, today)
    rows = []
    for office in offices:
        own = {one.name: one for one in periods[office.id]}
        cells = tuple(_cell(own.get(name), office, today, late, asked) for name in (*names, chosen.name))
        rows.append(GridRow(office.code, office.name, cells))
    return Grid(chosen.name, tuple(sorted(years)), (*names, chosen.name), tuple(rows))


def office_periods(session: Session, name: str, today: date, code: str = "") -> list[OfficePeriod]:
    """Give a period of every office that has it, or of the one with this code, with the whole checklist.

    raises   NotFoundError where no office has it
    """
    offices = [office for office in _offices(session) if not code or office.code == code]
    periods = periods_by_office(session, [office.id for office in offices])
    own = {
        office.id: period
        for office in offices
        if (period := next((one for one in periods[office.id] if one.name == name), None)) is not None
    }
    if not own:
        raise NotFoundError(kind="period", key=name[:40])
    by_office: dict[str, list[PeriodCheck]] = defaultdict(list)
    for check in check_offices(session, name, tuple(own), today=today):
        by_office[check.office].append(check)
    return [
        OfficePeriod(office, own[office.id], (*by_office[""], *by_office[office.code]))
        for office in offices
        if office.id in own
    ]


def version_lines(session: Session, name: str, office_id: int) -> list[VersionLine]:
    """Give how a period of an office was closed and opened again, the newest first."""
    wanted = (
        select(Period)
        .where(Period.name == name, (Period.office_id == office_id) | Period.office_id.is_(None))
        .order_by(Period.id.desc())
    )
    return [
        VersionLine(row.version, row.state, row.office_id is None, row.closed_at, row.approved_by, row.reason)
        for row in session.scalars(wanted)
        if row.version > 1
    ]


def kept_reports(session: Session, office_id: int, as_of: date) -> list[str]:
    """Give the names of the reports that were kept when an office's period was closed."""
    wanted = select(ReportSnapshot.name).where(
        ReportSnapshot.office_id == office_id, ReportSnapshot.as_of == as_of
    )
    return sorted(session.scalars(wanted))


def _offices(session: Session) -> list[Office]:
    return list(session.scalars(select(Office).where(Office.state == "open").order_by(Office.number)))


def _chosen(years: Mapping[str, PeriodState], today: date, wanted: str) -> PeriodState | None:
    if wanted in years:
        return years[wanted]
    by_day = sorted(years.values(), key=lambda one: one.starts_on)
    if not by_day:
        return None
    return ([one for one in by_day if one.starts_on <= today] or by_day)[-1]


def _late_counts(session: Session, year: PeriodState) -> dict[int, dict[date, int]]:
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for office_id, day, count in fetch(session, _LATE, year.starts_on.isoformat(), year.ends_on.isoformat()):
        found[office_id][date.fromisoformat(day)] = count
    return found


def _first_answers(
    session: Session,
    offices: Sequence[Office],
    periods: Mapping[int | None, Sequence[PeriodState]],
    today: date,
) -> dict[tuple[str, str], list[PeriodCheck]]:
    """Ask the checklist of the month that each office can close next, by month: by (month, code)."""
    by_month: dict[str, list[Office]] = defaultdict(list)
    for office in offices:
        name = next(
            (
                one.name
                for one in periods[office.id]
                if one.kind == MONTH and not one.closed and one.ends_on <= today
            ),
            None,
        )
        if name is not None:
            by_month[name].append(office)
    found: dict[tuple[str, str], list[PeriodCheck]] = {}
    for name, wanted in by_month.items():
        checks = check_offices(session, name, [one.id for one in wanted], today=today, thorough=False)
        found |= {(name, one.code): _of_code(checks, one.code) for one in wanted}
    return found


def _of_code(checks: Iterable[PeriodCheck], code: str) -> list[PeriodCheck]:
    return [check for check in checks if check.office in ("", code)]


def _cell(
    period: PeriodState | None,
    office: Office,
    today: date,
    late: Mapping[int, Mapping[date, int]],
    asked: Mapping[tuple[str, str], Sequence[PeriodCheck]],
) -> Cell | None:
    if period is None:
        return None
    days = late.get(office.id, {})
    count = sum(number for day, number in days.items() if period.starts_on <= day <= period.ends_on)
    checks = asked.get((period.name, office.code))
    return Cell(
        period,
        state_of(period, today),
        count if period.kind == MONTH else 0,
        asked=checks is not None,
        blocks=len(blocking(checks or ())),
        warns=len(warnings(checks or ())),
    )


def state_of(period: PeriodState, today: date) -> str:
    """Tell a period's state as a word: closed, opened again, open, or not over yet."""
    if period.closed:
        return CLOSED
    if period.reopened:
        return REOPENED
    return OPEN if period.ends_on <= today else LASTS
