"""The checklist of a month or a year: asked at the branch for its own books, at headquarters for all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.closing.arrival_checks import arrival_checks
from banking.closing.checks import PeriodCheck
from banking.closing.open_items import open_item_checks
from banking.closing.year_end import open_results
from banking.inter_branch_matching import unmatched
from banking.periods import MONTH, PeriodState, get_period, months_of, periods_by_office
from ledger.errors import N_
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


@dataclass(frozen=True, slots=True)
class _Office:
    id: int
    code: str
    periods: Sequence[PeriodState]


def check_period(
    session: Session, name: str, office_id: int | None, *, whole: bool = False
) -> list[PeriodCheck]:
    """Ask everything that must hold before a period is closed, in a unit of work; see ``check_offices``.

    office_id  one office, or None for all of them
    """
    wanted = None if office_id is None else (office_id,)
    return check_offices(session, name, wanted, whole=whole, today=act(session).recorded_at.date())


def check_offices(
    session: Session,
    name: str,
    office_ids: Sequence[int] | None,
    *,
    today: date,
    whole: bool = True,
    thorough: bool = True,
) -> list[PeriodCheck]:
    """Ask everything that must hold before a period is closed; every answer is listed, good or not.

    office_ids  these offices, or None for all of them
    today       the day on which it is asked
    whole       whether the books of all offices are here (at headquarters): then what has not arrived is
                asked too, and both legs of what went between offices are looked for
    thorough    whether the whole database is asked as well (``schema.invariants``): slow in large books
    raises      NotFoundError for a period that is not there
    """
    period = get_period(session, name, None if office_ids is None else office_ids[0])
    wanted = [row for row in fetch(session, _OFFICES) if office_ids is None or row[0] in office_ids]
    periods = periods_by_office(session, [row[0] for row in wanted])
    offices = [_Office(row[0], row[1], periods[row[0]]) for row in wanted]
    codes = {office.id: office.code for office in offices}
    checks = [_over(period, today)]
    for office in offices:
        checks += _of_office(session, office, period)
    if period.kind == MONTH:
        if thorough:
            checks += [_invariant(found.name, found.detail) for found in check_invariants(session)]
        checks += open_item_checks(session, codes, period)
        if whole:
            checks += arrival_checks(session, codes, period)
            checks += _between_offices(session, set(codes.values()), period.ends_on)
    return checks


def _of_office(session: Session, office: _Office, period: PeriodState) -> Iterator[PeriodCheck]:
    if period.kind == MONTH:
        yield from _days(session, office, period)
        yield _earlier(office, period)
    else:
        yield _months(office, period)
        yield _results(session, office, period)
    yield _balance(session, office, period.ends_on)


def blocking(checks: Sequence[PeriodCheck]) -> list[PeriodCheck]:
    """Give those that are not answered and keep the period open."""
    return [check for check in checks if check.blocks and not check.ok]


def warnings(checks: Sequence[PeriodCheck]) -> list[PeriodCheck]:
    """Give those that are not answered and keep nothing open."""
    return [check for check in checks if not check.blocks and not check.ok]


def to_explain(checks: Sequence[PeriodCheck]) -> list[PeriodCheck]:
    """Give those that are not answered and that somebody must have a reason for."""
    return [check for check in checks if check.asks and not check.ok]


def _invariant(name: str, detail: str) -> PeriodCheck:
    if not detail:
        return PeriodCheck("", name)
    return PeriodCheck("", name, N_("{name}: {detail}"), {"name": name, "detail": detail})


def _over(period: PeriodState, today: date) -> PeriodCheck:
    if today >= period.ends_on:
        return PeriodCheck("", "over")
    facts = {"period": period.name, "day": period.ends_on}
    return PeriodCheck("", "over", N_("{period} lasts until {day}"), facts)


def _days(session: Session, office: _Office, period: PeriodState) -> Iterator[PeriodCheck]:
    """Days are closed, and the last one too: with it accruals, provisions and penalties were posted."""
    end = period.ends_on.isoformat()
    first, still_open, closed = fetch(session, _DAYS, office.id, office.id, end, office.id, end)[0]
    if still_open is None:
        yield PeriodCheck(office.code, "days_closed")
    else:
        facts = {"day": date.fromisoformat(still_open)}
        yield PeriodCheck(office.code, "days_closed", N_("the day {day} is open"), facts)
    if first is not None and first <= end and not closed:
        lacking = N_("{day} is not closed, so that accruals and provisions are not posted up to it")
        yield PeriodCheck(office.code, "last_day_closed", lacking, {"day": period.ends_on})
    else:
        yield PeriodCheck(office.code, "last_day_closed")


def _earlier(office: _Office, period: PeriodState) -> PeriodCheck:
    before = [
        one.name
        for one in office.periods
        if one.kind == MONTH and one.ends_on < period.starts_on and not one.closed
    ]
    if not before:
        return PeriodCheck(office.code, "earlier_months")
    facts = {"months": ", ".join(before)}
    return PeriodCheck(office.code, "earlier_months", N_("earlier months are open: {months}"), facts)


def _balance(session: Session, office: _Office, until: date) -> PeriodCheck:
    debit, credit = fetch(session, _TOTALS, office.id, until.isoformat())[0]
    lacking = "" if debit == credit else N_("the trial balance does not balance")
    return PeriodCheck(office.code, "trial_balance", lacking)


def _months(office: _Office, year: PeriodState) -> PeriodCheck:
    still = [one.name for one in months_of(office.periods, year) if not one.closed]
    if not still:
        return PeriodCheck(office.code, "months_closed")
    return PeriodCheck(
        office.code, "months_closed", N_("months are open: {months}"), {"months": ", ".join(still)}
    )


def _results(session: Session, office: _Office, year: PeriodState) -> PeriodCheck:
    left = len(open_results(session, office.id, year.ends_on))
    lacking = N_("{count} income and expense account(s) are not closed to retained earnings")
    return PeriodCheck(office.code, "result_carried", lacking if left else "", {"count": left})


def _between_offices(session: Session, codes: set[str], until: date) -> Iterator[PeriodCheck]:
    """Ask of each office by itself: what two others have open keeps none but these two."""
    old: dict[str, list[str]] = {}
    for one in unmatched(session, until):
        if one.days > OLDEST_TRANSFER_DAYS:
            for code in {one.office, one.other} & codes:
                old.setdefault(code, []).append(f"{one.key} ({one.office}, {one.other}, {one.since})")
    for code in sorted(codes):
        transfers = {"transfers": ", ".join(old.get(code, ()))}
        lacking = N_("the other side is missing: {transfers}")
        yield PeriodCheck(code, "between_offices", lacking if code in old else "", transfers)
