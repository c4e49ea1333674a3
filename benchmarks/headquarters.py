"""Headquarters over a whole institution: trial balance, each step of the drill, risk by branch, memory.

Each figure stands beside a yardstick of the same run: the plain ``GROUP BY`` of all lines, the plain scan of
all instalments. Answers are compared to the last unit before anything is timed.

Run: python -m benchmarks.headquarters sqlite|postgres [BRANCHES] [LOANS] [ROUNDS]
"""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from banking.reports import REPORTS
from banking.reports.ledger_books import trial_balance
from benchmarks.institution import AS_OF, make_institution
from hq.books import Scope, account_sheet, entry_sheet, get_office
from schema.database import Database, open_database
from schema.reading import fetch

T = TypeVar("T")
BRANCHES, LOANS, ROUNDS = 50, 100_000, 5

_PLAIN: Final = """
SELECT g.code, CAST(sum(l.debit) AS BIGINT), CAST(sum(l.credit) AS BIGINT)
  FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
  JOIN gl_account AS g ON g.id = l.gl_account_id
 WHERE e.booked_on <= ? GROUP BY g.code ORDER BY g.code
"""
_SCAN: Final = """
SELECT CAST(sum(owed) AS BIGINT) FROM (
  SELECT i.loan_account_id, sum(i.principal - coalesce(p.principal, 0)) AS owed,
         min(CASE WHEN i.principal > coalesce(p.principal, 0) THEN i.due_on END) AS late_since
    FROM installment AS i LEFT JOIN (
      SELECT installment_id, sum(principal) AS principal FROM loan_transaction_share GROUP BY installment_id
    ) AS p ON p.installment_id = i.id GROUP BY i.loan_account_id
) AS loans WHERE late_since < ?
"""
_LENT: Final = """
SELECT CAST(sum(CASE WHEN kind = 'disbursement' THEN principal ELSE -principal END) AS BIGINT)
  FROM loan_transaction WHERE booked_on <= ?
"""
_PAST: Final = ((1, date(2026, 5, 31)), (3, date(2026, 3, 31)), (9, date(2025, 9, 30)))


def main() -> None:
    """Print medians in milliseconds and ratios."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    given = [int(word) for word in sys.argv[2:]]
    branches, loans, rounds = (*given, *(BRANCHES, LOANS, ROUNDS)[len(given) :])
    with tempfile.TemporaryDirectory(dir=".") as folder, _empty(kind, Path(folder)) as database:
        took, _ = _timed(partial(make_institution, database, branches, loans))
        with database.reading() as session:
            [(lines,)] = fetch(session, "SELECT count(*) FROM journal_line")
        print(f"{kind}: {branches} branches, {loans} loans, {lines} journal lines, made in {took:.0f} s")
        with database.reading() as session:
            _trial_balance(session, rounds)
            _drill(session, rounds)
            _risk(session, rounds)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


@contextmanager
def _empty(kind: str, folder: Path) -> Iterator[Database]:
    if kind == "sqlite":
        database = open_database(folder / "books.db")
        yield database
        database.close()
        return
    from tests.support.postgres import running_cluster  # noqa: PLC0415 - only this one needs a server

    with running_cluster() as cluster:
        database = open_database(cluster.new_database())
        yield database
        database.close()


def _timed(act: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found


def _median(act: Callable[[], object], rounds: int) -> float:
    return statistics.median(_timed(act)[0] for _ in range(rounds))


def _show(name: str, seconds: float, plain: float | None = None) -> None:
    ratio = "" if plain is None else f"  {seconds / plain:8.4f} of the yardstick"
    print(f"  {name:<44}{1000 * seconds:9.0f} ms{ratio}")


def _trial_balance(session: Session, rounds: int) -> None:
    first, balance = _timed(partial(trial_balance, session, as_of=AS_OF))
    plain, rows = _timed(lambda: fetch(session, _PLAIN, AS_OF.isoformat()))
    ours = {
        row.code: (row.debit.minor, row.credit.minor) for row in balance.accounts if row.debit or row.credit
    }
    assert ours == {code: (debit, credit) for code, debit, credit in rows}
    _show("plain GROUP BY of all lines", plain)
    _show("consolidated trial balance, the first time", first, plain)
    _show("again", _median(partial(trial_balance, session, as_of=AS_OF), rounds), plain)
    for name in ("balance-sheet", "income-statement", "trial-balance"):
        _show(
            f"{name}, a column for each branch",
            _median(partial(REPORTS[name], session, as_of=AS_OF, by_office=True), rounds),
            plain,
        )


def _drill(session: Session, rounds: int) -> None:
    [(code,)] = fetch(session, "SELECT code FROM gl_account WHERE role = 'cash'")
    [(entry,)] = fetch(session, "SELECT max(id) FROM journal_entry")
    branch = get_office(session, "B007")
    everywhere, there = Scope(as_of=AS_OF), Scope(branch, None, AS_OF)
    _show(
        "the busiest account, all branches",
        _median(partial(account_sheet, session, code, everywhere), rounds),
    )
    _show("the same of one branch", _median(partial(account_sheet, session, code, there), rounds))
    _show("its tenth page", _median(partial(account_sheet, session, code, there, 10), rounds))
    _show("an entry", _median(partial(entry_sheet, session, entry), rounds))


def _risk(session: Session, rounds: int) -> None:
    ask = partial(REPORTS["portfolio-at-risk"], session, as_of=AS_OF)
    first, report = _timed(ask)
    plain, rows = _timed(lambda: fetch(session, _SCAN, AS_OF.isoformat()))
    assert report.records("at_risk")[0]["principal"] == rows[0][0] > 0
    _show("plain scan of all instalments", plain)
    _show("portfolio at risk by branch, the first time", first, plain)
    _show("again", _median(ask, rounds), plain)
    for months, day in _PAST:
        _risk_then(session, rounds, months, day)


def _risk_then(session: Session, rounds: int, months: int, day: date) -> None:
    """Ask of a past day, each time beside the scan."""
    ask, plain, ours = partial(REPORTS["portfolio-at-risk"], session, as_of=day), [], []
    for _ in range(rounds):
        plain.append(_timed(partial(fetch, session, _SCAN, day.isoformat()))[0])
        took, report = _timed(ask)
        ours.append(took)
    [(lent,)] = fetch(session, _LENT, day.isoformat())
    assert report.figure("gross_portfolio") == lent > 0
    _show(f"the same, months back: {months}", statistics.median(ours), statistics.median(plain))


if __name__ == "__main__":
    main()
