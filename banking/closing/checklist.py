"""The checklist of a month or a year: asked at the branch for its own books, at headquarters for all."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.closing.checks import PeriodCheck
from banking.closing.year_end import open_results
from banking.inter_branch_matching import unmatched
from banking.periods import MONTH, PeriodState, get_period, list_periods, months_of
from schema.invariants import check_invariants
from schema.reading import fetch
from schema.writing import act

_OFFICES = "SELECT id, code FROM office WHERE state = 'open' ORDER BY number"

_DAYS = """
SELECT (SELECT min("on") FROM business_day WHERE origin_office_id = ?),
       (SELECT min("on") FROM business_day WHERE origin_office_id = ? AND state = 'open' AND "on" <= ?),
       (SELECT count(*) FROM business_day WHERE origin_office_id = ? AND state = 'closed' AND "on" = ?)
"""

_TOTALS = """
SELECT CAST(coalesce(sum(debit), 0) AS BIGINT), CAST(coalesce(sum(credit), 0) AS BIGINT)
  FROM gl_day_total WHERE origin_office_id = ? AND booked_on <= ?
"""

OLDEST_TRANSFER_DAYS: Final = 7
"""How long what went between two offices may wait for its other side when a month is closed."""


def check_period(
    session: Session, name: str, office_id: int | None, *, whole: bool = False
) -> list[PeriodCheck]:
    """Ask everything that must hold before a period is closed; every answer is listed, good or not.

    office_id  one office, or None for all of them
    whole      whether the books of all offices are here (at headquarters): then both legs of what went
               between offices are looked for
    raises     NotFoundError for a period that is not there
    """
    period = get_period(session, name, office_id)
    offices = [row for row in fetch(session, _OFFICES) if office_id is None or row[0] == office_id]
    checks = [_over(session, period)]
    for own_id, code in offices:
        if period.kind == MONTH:
            checks += [*_days(session, own_id, code, period), _earlier(session, own_id, code, period)]
        else:
            checks += [_months(session, own_id, code, period), _results(session, own_id, code, period)]
        checks.append(_balance(session, own_id, code, period.ends_on))
    if period.kind == MONTH:
        checks += [
            PeriodCheck("", found.name, "" if found.ok else f"{found.name}: {found.detail}")
            for found in check_invariants(session)
        ]
        if whole:
            checks.append(_between_offices(session, period.ends_on))
    return checks


def blocking(checks: Sequence[PeriodCheck]) -> list[PeriodCheck]:
    """Give those that are not answered."""
    return [check for check in checks if not check.ok]


def _over(session: Session, period: PeriodState) -> PeriodCheck:
    over = act(session).recorded_at.date() >= period.ends_on
    return PeriodCheck("", "over", "" if over else f"{period.name} lasts until {period.ends_on}")


def _days(session: Session, office_id: int, code: str, period: PeriodState) -> Iterator[PeriodCheck]:
    """Days are closed, and the last one too: with it accruals, provisions and penalties were posted."""
    end = period.ends_on.isoformat()
    first, still_open, closed = fetch(session, _DAYS, office_id, office_id, end, office_id, end)[0]
    yield PeriodCheck(code, "days_closed", "" if still_open is None else f"the day {still_open} is open")
    keeps_days = first is not None and first <= end
    lacking = f"{end} is not closed, so that accruals and provisions are not posted up to it"
    yield PeriodCheck(code, "last_day_closed", lacking if keeps_days and not closed else "")


def _earlier(session: Session, office_id: int, code: str, period: PeriodState) -> PeriodCheck:
    before = [
        one.name
        for one in list_periods(session, office_id)
        if one.kind == MONTH and one.ends_on < period.starts_on and not one.closed
    ]
    return PeriodCheck(
        code, "earlier_months", f"earlier months are open: {', '.join(before)}" if before else ""
    )


def _balance(session: Session, office_id: int, code: str, until: date) -> PeriodCheck:
    debit, credit = fetch(session, _TOTALS, office_id, until.isoformat())[0]
    return PeriodCheck(code, "trial_balance", "" if debit == credit else "the trial balance does not balance")


def _months(session: Session, office_id: int, code: str, year: PeriodState) -> PeriodCheck:
    still = [one.name for one in months_of(list_periods(session, office_id), year) if not one.closed]
    return PeriodCheck(code, "months_closed", f"months are open: {', '.join(still)}" if still else "")


def _results(session: Session, office_id: int, code: str, year: PeriodState) -> PeriodCheck:
    left = len(open_results(session, office_id, year.ends_on))
    lacking = f"{left} income and expense account(s) are not closed to retained earnings"
    return PeriodCheck(code, "result_carried", lacking if left else "")


def _between_offices(session: Session, until: date) -> PeriodCheck:
    old = [
        f"{one.key} of {one.office} and {one.other} ({one.since})"
        for one in unmatched(session, until)
        if one.days > OLDEST_TRANSFER_DAYS
    ]
    return PeriodCheck("", "between_offices", f"the other side is missing: {', '.join(old)}" if old else "")
