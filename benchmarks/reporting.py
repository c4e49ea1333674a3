"""Reports over large books: the trial balance beside the plain GROUP BY, and the portfolio's reports.

The rows are made in bulk, without signatures: what is measured only reads. Each round asks both ways in turn,
and their answers must be the same to the last unit. Times are of the processor, on which SQLite works too, so
that other work on the machine does not count.

Run: python -m benchmarks.reporting [JOURNAL LINES] [LOANS] [ROUNDS]
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from banking.reports import REPORTS
from banking.reports.ledger_books import trial_balance
from banking.standard import add_office, create_standard_reference
from ledger.money import Money
from schema.base import first_id
from schema.database import Database, open_database
from schema.reading import fetch
from schema.tables import metadata
from schema.writing import Act, declare

T = TypeVar("T")

LINES, LOANS, ROUNDS = 1_000_000, 10_000, 7
OFFICES, DAYS, ROWS = 10, 365, 25
FIRST = date(2025, 1, 1)
AS_OF = date(2025, 12, 31)
PRINCIPAL, SHARE, INTEREST = 100_000, 4_000, 385

_PLAIN = """
SELECT g.code, CAST(sum(l.debit) AS BIGINT), CAST(sum(l.credit) AS BIGINT)
  FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
  JOIN gl_account AS g ON g.id = l.gl_account_id
 WHERE e.booked_on <= ? GROUP BY g.code ORDER BY g.code
"""
_PORTFOLIO = (
    "active-loans",
    "portfolio-at-risk",
    "ageing",
    "arrears",
    "officer-portfolio",
    "collections-due",
    "demand-against-collection",
    "disbursements",
    "client-listing",
    "ratios",
)


class _Ids:
    """Gives ids of headquarters' device."""

    def __init__(self) -> None:
        self._last = first_id(1)

    def take(self) -> int:
        """Give the next id."""
        self._last += 1
        return self._last


def main() -> None:
    """Print medians in milliseconds, and the ratio to the plain GROUP BY."""
    given = [int(word) for word in sys.argv[1:]]
    lines, loans, rounds = (*given, *(LINES, LOANS, ROUNDS)[len(given) :])
    with (
        tempfile.TemporaryDirectory(dir=".") as folder,
        _books(Path(folder), lines, loans) as database,
        database.reading() as session,
    ):
        _trial_balance(session, Path(folder), rounds, lines)
        _portfolio(session, max(rounds // 2, 1), loans)


def _trial_balance(session: Session, folder: Path, rounds: int, lines: int) -> None:
    """Ask ours in a connection of its own, with pages that no GROUP BY has swept; the first time apart."""
    first, ours, plain = [], [], []
    for _ in range(rounds):
        fresh = open_database(folder / "books.db")
        with fresh.reading() as own:
            first.append(_timed(partial(trial_balance, own, as_of=AS_OF))[0])
            took, balance = _timed(partial(trial_balance, own, as_of=AS_OF))
        fresh.close()
        ours.append(took)
        took, rows = _timed(lambda: fetch(session, _PLAIN, AS_OF.isoformat()))
        plain.append(took)
        assert [(row.code, row.debit.minor, row.credit.minor) for row in balance.accounts] == list(rows)
        assert sum(row[1] for row in rows) == balance.debit.minor > 0
    [(totals,)] = fetch(session, "SELECT count(*) FROM gl_day_total")
    ratios = sorted(a / b for a, b in zip(ours, plain, strict=True))
    print(f"trial balance over {lines} lines ({totals} day totals), {OFFICES} offices, medians of {rounds}:")
    print(f"  plain GROUP BY   {1000 * statistics.median(plain):9.1f} ms")
    print(f"  kept summaries   {1000 * statistics.median(ours):9.1f} ms")
    print(f"  the first time   {1000 * statistics.median(first):9.1f} ms")
    print(f"  ratio            {statistics.median(ratios):9.4f} ({ratios[0]:.4f}..{ratios[-1]:.4f})")


def _portfolio(session: Session, rounds: int, loans: int) -> None:
    print(f"reports over {loans} loans of {ROWS} rows, medians of {rounds}:")
    for name in _PORTFOLIO:
        times = [_timed(partial(REPORTS[name], session, as_of=AS_OF))[0] for _ in range(rounds)]
        print(f"  {name:<26}{1000 * statistics.median(times):9.0f} ms")
    gross = REPORTS["portfolio-at-risk"](session, as_of=AS_OF).figure("gross_portfolio")
    assert gross == Money(loans * PRINCIPAL).minor - _repaid(loans) * SHARE


def _timed(act: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    found = act()
    return time.process_time() - began, found


@contextmanager
def _books(folder: Path, lines: int, loans: int) -> Iterator[Database]:
    """Make books of that size in a plain file."""
    database = open_database(folder / "books.db")
    with database.writer.begin() as connection:
        metadata.create_all(connection)
    with database.writing() as session:
        declare(session, _act())
        create_standard_reference(
            session, institution_public_id=bytes(16), name="Measured", currency="KES", digits=2
        )
        offices = [
            add_office(session, 2 + place, f"B{place:02}", f"Branch {place}").id for place in range(OFFICES)
        ]
    raw = sqlite3.connect(folder / "books.db")
    with raw:
        _journal(raw, offices, lines)
        _lend(raw, offices, loans)
    raw.execute("ANALYZE")
    raw.close()
    yield database
    database.close()


def _act() -> Act:
    return Act("measure", 0, 1, 0, "HQ", "KES", 2, FIRST, datetime(2025, 1, 1, tzinfo=UTC), _Ids())


def _insert(raw: sqlite3.Connection, table: str, rows: Iterator[dict[str, object]]) -> None:
    """Insert rows; columns that they do not name stay empty or take a zero or no text."""
    known = {row[1]: row for row in raw.execute(f"PRAGMA table_info({table})")}
    first = next(rows)
    needed = {
        name: "" if "CHAR" in row[2] or row[2] == "TEXT" else 0
        for name, row in known.items()
        if row[3] and name not in first
    }
    names = [*first, *needed]
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names of the schema
    rest = tuple(needed.values())
    raw.execute(statement, (*first.values(), *rest))
    raw.executemany(statement, ((*row.values(), *rest) for row in rows))


def _journal(raw: sqlite3.Connection, offices: list[int], lines: int) -> None:
    """Write entries of two lines each, over a year and all accounts, and the day totals that they make."""
    accounts = [row[0] for row in raw.execute("SELECT id FROM gl_account WHERE \"usage\" = 'detail'")]
    entries = lines // 2

    def day(number: int) -> str:
        return (FIRST + timedelta(days=number % DAYS)).isoformat()

    _insert(
        raw,
        "journal_entry",
        (
            {
                "id": n,
                "kind": "manual",
                "value_date": day(n),
                "booked_on": day(n),
                "origin_office_id": offices[n % 10],
            }
            for n in range(1, entries + 1)
        ),
    )
    _insert(
        raw,
        "journal_line",
        (
            {
                "id": 2 * n + side,
                "journal_entry_id": n,
                "gl_account_id": accounts[(n // 10 + side * (1 + n % 7)) % len(accounts)],
                "currency": "KES",
                "debit": 0 if side else 100 + n % 977,
                "credit": 100 + n % 977 if side else 0,
                "origin_office_id": offices[n % 10],
            }
            for n in range(1, entries + 1)
            for side in (0, 1)
        ),
    )
    raw.execute(
        "INSERT INTO gl_day_total (origin_office_id, gl_account_id, booked_on, debit, credit) "
        "SELECT l.origin_office_id, l.gl_account_id, e.booked_on, sum(l.debit), sum(l.credit) "
        "FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id GROUP BY 1, 2, 3"
    )


def _paid_rows(loan: int) -> int:
    """How many rows of a loan are paid: one in ten has stopped early."""
    return 3 if loan % 10 == 0 else 12


def _repaid(loans: int) -> int:
    return sum(_paid_rows(loan) for loan in range(loans))


def _lend(raw: sqlite3.Connection, offices: list[int], loans: int) -> None:
    """Write clients, loans paid out twelve weeks before the end, their rows, and weekly payments."""
    [(product,)] = raw.execute("SELECT id FROM loan_product WHERE code = 'WEEKLY'").fetchall()
    out = AS_OF - timedelta(weeks=12)
    base = count(10_000_000)
    of_loan = [(next(base), next(base), offices[loan % 10]) for loan in range(loans)]
    _insert(
        raw,
        "client",
        (
            {"id": c, "number": f"C{c}", "name": f"N{c}", "state": "active", "origin_office_id": o}
            for c, _, o in of_loan
        ),
    )
    _insert(raw, "loan_account", (
        {
            "id": a, "number": f"L{a}", "client_id": c, "product_id": product, "status": "active",
            "principal": PRINCIPAL, "annual_rate": "20", "interest_type": "FLAT", "installments": ROWS,
            "repay_every": 1, "repay_unit": "WEEKS", "disbursed_on": out.isoformat(), "cycle": 1,
            "origin_office_id": o,
        }
        for c, a, o in of_loan
    ))  # fmt: skip
    rows = {(a, nr): next(base) for _, a, _ in of_loan for nr in range(ROWS)}
    due = [(out + timedelta(weeks=nr + 1)).isoformat() for nr in range(ROWS)]
    office_of = {a: o for _, a, o in of_loan}
    _insert(raw, "installment", (
        {
            "id": i, "loan_account_id": a, "number": nr + 1, "due_on": due[nr], "principal": SHARE,
            "interest": INTEREST, "origin_office_id": office_of[a],
        }
        for (a, nr), i in rows.items()
    ))  # fmt: skip
    paid = [(a, nr, next(base)) for place, (_, a, _) in enumerate(of_loan) for nr in range(_paid_rows(place))]

    def moved() -> Iterator[dict[str, object]]:
        for _, a, o in of_loan:
            yield _movement(next(base), a, o, "disbursement", out.isoformat(), PRINCIPAL, 0)
        for a, nr, t in paid:
            yield _movement(t, a, office_of[a], "repayment", due[nr], SHARE, INTEREST)

    _insert(raw, "loan_transaction", moved())
    _insert(raw, "loan_transaction_share", (
        {
            "id": next(base), "loan_transaction_id": t, "installment_id": rows[a, nr], "principal": SHARE,
            "interest": INTEREST, "origin_office_id": office_of[a],
        }
        for a, nr, t in paid
    ))  # fmt: skip


def _movement(
    row_id: int, loan: int, office: int, kind: str, on: str, principal: int, interest: int
) -> dict[str, object]:
    return {
        "id": row_id, "loan_account_id": loan, "kind": kind, "amount": principal + interest,
        "principal": principal, "interest": interest, "value_date": on, "booked_on": on,
        "origin_office_id": office,
    }  # fmt: skip


if __name__ == "__main__":
    main()
