"""What headquarters asks of an office's chains before a month is closed: did everything come, is it believed.

What waits for something earlier, and what breaks a rule without an effect, keeps the month open: it may still
bring entries of it, which the cut would then leave out. What is not trusted, what only has to be seen and
totals that differ are told and keep nothing open: a person may know why, and the books stand as they are. Why
totals of the month or of later differ, that person must say: it is kept with the close.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from banking.closing.checks import PeriodCheck
from banking.periods import PeriodState
from ledger.errors import N_
from schema.reading import fetch

_OFFICE: Final = "SELECT d.office_id, count(*) FROM {source} GROUP BY d.office_id"

_WAITING: Final = _OFFICE.format(
    source="""changeset AS c JOIN device AS d ON d.number = c.device
      LEFT JOIN watermark AS w ON w.device = c.device AND w.chain = c.chain AND w.stage = 'head'
      LEFT JOIN changeset AS h ON h.device = w.device AND h.chain = w.chain AND h.seq = w.seq
                              AND h.hash = w.hash
     WHERE c.state = 'held' AND (h.business_date IS NULL OR h.business_date <= ?)"""
)
"""What waits behind something earlier; where the books reach beyond the month, nothing of it is missing."""

_UNTRUSTED: Final = _OFFICE.format(
    source="""changeset AS c JOIN device AS d ON d.number = c.device
     WHERE c.state = 'quarantined' AND c.business_date BETWEEN ? AND ?"""
)

_RULES: Final = _OFFICE.format(
    source="""exception AS x JOIN device AS d ON d.number = x.device
      JOIN changeset AS c ON c.device = x.device AND c.chain = x.chain AND c.seq = x.seq
                         AND c.hash = x.hash
     WHERE x.state = 'open' AND c.code {sign} '' AND c.business_date <= ?"""
)

_CHART: Final = _OFFICE.format(
    source="""exception AS x JOIN device AS d ON d.number = x.device
     WHERE x.state = 'open' AND x.what LIKE 'journal_line %gl_account_id names a row that is not there%'"""
)
"""Entries on accounts that the chart here does not have; the whole changeset waits, by the row's name."""

_TOTALS: Final = _OFFICE.format(
    source="""control_total AS t JOIN device AS d ON d.number = t.device
      JOIN changeset AS c ON c.device = t.device AND c.chain = t.chain AND c.seq = t.seq AND c.hash = t.hash
     WHERE t.agree = 0 AND c.business_date >= ?"""
)


_EXPLAINED: Final = "totals_agree"

_NEWEST: Final = """
SELECT d.office_id, max(h.business_date) FROM device AS d
  LEFT JOIN watermark AS w ON w.device = d.number AND w.chain = 0 AND w.stage = 'head'
  LEFT JOIN changeset AS h ON h.device = w.device AND h.chain = w.chain AND h.seq = w.seq
                          AND h.hash = w.hash
 WHERE d.scope = 'branch' GROUP BY d.office_id
"""


def arrival_checks(session: Session, codes: Mapping[int, str], period: PeriodState) -> Iterator[PeriodCheck]:
    """Ask what has not arrived, or is in doubt, of each office (code by id)."""
    start, end = period.starts_on.isoformat(), period.ends_on.isoformat()
    asked: tuple[tuple[str, str, bool, dict[int, int]], ...] = (
        (
            "all_arrived",
            N_("{count} changeset(s) wait for something earlier that is missing, or for a decision"),
            True,
            dict(fetch(session, _WAITING, end)),
        ),
        (
            "rules_kept",
            N_("{count} changeset(s) break a rule and have no effect until somebody decides"),
            True,
            dict(fetch(session, _RULES.format(sign="<>"), end)),
        ),
        (
            "chart_known",
            N_("{count} changeset(s) book on accounts that the chart here does not have; they wait, by name"),
            True,
            dict(fetch(session, _CHART)),
        ),
        (
            "all_seen",
            N_("{count} thing(s) wait that count already and that somebody should have seen"),
            False,
            dict(fetch(session, _RULES.format(sign="="), end)),
        ),
        (
            "all_trusted",
            N_("{count} changeset(s) with dates in it are not trusted and are not in the books"),
            False,
            dict(fetch(session, _UNTRUSTED, start, end)),
        ),
        (
            "totals_agree",
            N_("{count} control total(s) of its bundles differ from what the books add up to"),
            False,
            dict(fetch(session, _TOTALS, start)),
        ),
    )
    newest = dict(fetch(session, _NEWEST))
    for office_id, code in codes.items():
        yield _newest_check(code, office_id, newest, period)
    for name, lacking, blocks, counts in asked:
        for office_id, code in codes.items():
            count = counts.get(office_id, 0)
            facts = {"count": count}
            yield PeriodCheck(code, name, lacking if count else "", facts, blocks, asks=name == _EXPLAINED)


def _newest_check(
    code: str, office_id: int, newest: Mapping[int, str | None], period: PeriodState
) -> PeriodCheck:
    """Tell where the newest entry of a branch is older than the end of the period: more of it may come."""
    day = newest.get(office_id)
    if office_id not in newest or (day is not None and day >= period.ends_on.isoformat()):
        return PeriodCheck(code, "reaches_the_end", blocks=False)
    if day is None:
        return PeriodCheck(code, "reaches_the_end", N_("nothing has come from it yet"), blocks=False)
    facts = {"day": date.fromisoformat(day)}
    lacking = N_("its newest entry here is of {day}: later ones may still come")
    return PeriodCheck(code, "reaches_the_end", lacking, facts, blocks=False)
