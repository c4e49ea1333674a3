"""What is left to be explained in an office's books when a month is closed. It is told and blocks nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.closing.checks import PeriodCheck
from banking.periods import PeriodState
from ledger.errors import N_
from ledger.posting import Role
from schema.reading import fetch

_SUSPENSE: Final = """
SELECT t.origin_office_id, a.code, a.name
  FROM gl_day_total AS t JOIN gl_account AS a ON a.id = t.gl_account_id
 WHERE a.role IN (?, ?) AND t.booked_on <= ?
 GROUP BY t.origin_office_id, a.code, a.name HAVING sum(t.debit) <> sum(t.credit)
 ORDER BY a.code
"""

_OUT_OF_USE: Final = """
SELECT t.origin_office_id, a.code, a.name
  FROM gl_day_total AS t JOIN gl_account AS a ON a.id = t.gl_account_id
 WHERE (a.active = 0 OR a.usage <> 'detail') AND t.booked_on BETWEEN ? AND ?
 GROUP BY t.origin_office_id, a.code, a.name ORDER BY a.code
"""

_BANK_LINES: Final = """
SELECT b.origin_office_id, count(*) FROM bank_statement_line AS b
 WHERE b.journal_line_id IS NULL AND b."on" <= ? GROUP BY b.origin_office_id
"""


def open_item_checks(
    session: Session, codes: Mapping[int, str], period: PeriodState
) -> Iterator[PeriodCheck]:
    """Ask of each office (code by id) what waits on suspense, which accounts it books on, what banks say."""
    start, end = period.starts_on.isoformat(), period.ends_on.isoformat()
    suspense = _named(fetch(session, _SUSPENSE, Role.UNALLOCATED, Role.BROUGHT_IN, end))
    strange = _named(fetch(session, _OUT_OF_USE, start, end))
    lines = dict(fetch(session, _BANK_LINES, end))
    for office_id, code in codes.items():
        yield _accounts(code, "suspense_clear", N_("amounts wait on: {accounts}"), suspense.get(office_id))
        yield _accounts(
            code,
            "chart_matches",
            N_("entries stand on accounts that the chart takes no entries on: {accounts}"),
            strange.get(office_id),
        )
        count = lines.get(office_id, 0)
        lacking = N_("{count} line(s) of bank statements are not matched")
        yield PeriodCheck(code, "bank_matched", lacking if count else "", {"count": count}, blocks=False)


def _named(rows: Sequence[Sequence[Any]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for office_id, code, name in rows:
        found.setdefault(office_id, []).append(f"{code} {name}")
    return found


def _accounts(code: str, name: str, lacking: str, accounts: Sequence[str] | None) -> PeriodCheck:
    facts = {"accounts": ", ".join(accounts or ())}
    return PeriodCheck(code, name, lacking if accounts else "", facts, blocks=False)
