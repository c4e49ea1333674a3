"""The close of a day at a branch with many running loans, against one bare pass over the same rows.

Each round opens the next day and closes it. Beside it, interleaved, runs what any close must do at least: one
pass that adds up what is unpaid of every row, in plain SQLite without us.

Run: python -m benchmarks.closing [LOANS] [ROUNDS]
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
from pathlib import Path

from sqlalchemy import func, select

from banking.cash import create_till
from banking.clients import register_client
from banking.closing import steps as closing
from banking.days import close_business, open_day
from banking.loan_books import read_dues
from banking.loans import apply, approve, disburse
from banking.periods import make_year
from banking.provision_tables import PUBLISHED, define_table
from banking.repayments import post_repayment
from benchmarks.books import CLERK, Clock, add_branch, make_headquarters, open_home
from ledger.money import Money, total
from schema.accounts import LoanAccount
from schema.products import LoanProduct
from schema.reading import fetch
from schema.writing import cut_when_full, update
from sync.installation import Installation

LOANS, ROUNDS = 10_000, 5
LAST = date(2026, 3, 31)
SPREAD_DAYS = 80
LATE_OF_TEN = 1

_BARE = """
SELECT i.loan, min(CASE WHEN i.due_on < ? AND i.owed > coalesce(p.paid, 0) THEN i.due_on END),
       sum(i.owed - coalesce(p.paid, 0))
  FROM row AS i LEFT JOIN (SELECT row, sum(paid) AS paid FROM share GROUP BY row) AS p ON p.row = i.id
 GROUP BY i.loan
"""


def main() -> None:
    """Print medians in seconds, the steps apart, and the ratio to the bare pass."""
    loans = int(sys.argv[1]) if len(sys.argv) > 1 else LOANS
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    with tempfile.TemporaryDirectory(dir=".") as folder, _branch(Path(folder)) as (branch, clock):
        began = time.perf_counter()
        _lend(branch, loans)
        print(f"{loans} loans made in {time.perf_counter() - began:.0f} s")
        bare = _copy(branch)
        month = _close(branch, clock, LAST, {})
        ours, passes, apart = [], [], {}  # type: list[float], list[float], dict[str, list[float]]
        for number in range(rounds):
            passes.append(_timed(lambda: bare.execute(_BARE, (LAST.isoformat(),)).fetchall()))
            ours.append(_close(branch, clock, LAST + timedelta(1 + number), apart))
        _assert_closed(branch, loans, rounds + 1)
    median, least = statistics.median(ours), statistics.median(passes)
    print(f"bare pass, plain SQLite  {least:6.2f} s")
    spread = f"({min(ours):.2f}..{max(ours):.2f})"
    print(f"close of a day           {median:6.2f} s  x bare {median / least:.0f}  {spread}")
    print(f"close of a month's end   {month:6.2f} s  with provisions, and its reports kept")
    for name, times in apart.items():
        print(f"  {name:20} {statistics.median(times):6.2f} s")


@contextmanager
def _branch(folder: Path) -> Iterator[tuple[Installation, Clock]]:
    """Make a branch whose weekly product accrues and has a rule for loans that do not perform."""
    clock = Clock()
    with open_home(make_headquarters(folder, clock), clock) as headquarters:
        with headquarters.unit_of_work("product.define", CLERK) as session:
            product = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one()
            update(session, product, accrual="periodic", non_performing_after_days=30)
            make_year(session, "gregorian", LAST.year)
            bands = PUBLISHED["sa-dhan"].bands
            define_table(session, code="standard", starts_on=date(LAST.year, 1, 1), bands=bands)
        home = add_branch(headquarters, folder, "KIT", clock)
    clock._now = datetime(LAST.year, LAST.month, LAST.day, 6, tzinfo=UTC)  # noqa: SLF001 - that day
    with open_home(home, clock) as installation:
        yield installation, clock


def _lend(branch: Installation, loans: int) -> None:
    """Disburse loans over some weeks; nine of ten are paid as due, the others not at all."""
    with branch.unit_of_work("till.create", CLERK) as session:
        create_till(session)
        product = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY")).one().id
    with branch.bulk_work("loan.disburse", CLERK) as (session, _):
        for number in range(loans):
            on = LAST - timedelta(1 + number % SPREAD_DAYS)
            client = register_client(session, name=f"Borrower {number}", joined_on=on)
            principal = Money(10_000_00 + 100_00 * (number % 97))
            loan = apply(session, client_id=client.id, product_id=product, principal=principal, applied_on=on)
            approve(session, loan.id, on)
            disburse(session, loan.id, on)
            due = total(row.owed for row in read_dues(session, loan.id) if row.due_date < LAST)
            if due and number % 10 >= LATE_OF_TEN:
                post_repayment(session, loan.id, due, LAST - timedelta(1))
            cut_when_full(session)


def _close(branch: Installation, clock: Clock, on: date, apart: dict[str, list[float]]) -> float:
    """Open a day and measure its close, durable commit included."""
    clock._now = datetime(on.year, on.month, on.day, 6, tzinfo=UTC)  # noqa: SLF001 - the next morning
    with branch.unit_of_work("day.open", CLERK) as session:
        open_day(session, on)
    began = time.perf_counter()
    with branch.unit_of_work("day.close", CLERK) as session:
        close_business(session)
    whole = time.perf_counter() - began
    with branch.unit_of_work("again", CLERK) as session:  # each step once more, apart; none of them writes
        for step in closing.STEPS:
            took = _timed(partial(step, session, on))
            apart.setdefault(step.__name__.strip("_"), []).append(took)
    return whole


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _copy(branch: Installation) -> sqlite3.Connection:
    """Copy what the bare pass reads into plain SQLite."""
    plain = sqlite3.connect(":memory:")
    plain.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, loan INTEGER, due_on TEXT, owed INTEGER)")
    plain.execute("CREATE TABLE share (id INTEGER PRIMARY KEY, row INTEGER, paid INTEGER)")
    with branch.database.reading() as session:
        rows = fetch(
            session,
            "SELECT id, loan_account_id, due_on, principal + interest + fee + penalty FROM installment",
        )
        shares = fetch(
            session,
            "SELECT id, installment_id, principal + interest + fee + penalty FROM loan_transaction_share",
        )
    plain.executemany("INSERT INTO row VALUES (?, ?, ?, ?)", rows)
    plain.executemany("INSERT INTO share VALUES (?, ?, ?)", shares)
    print(f"{len(rows)} rows, {len(shares)} shares")
    return plain


def _assert_closed(branch: Installation, loans: int, rounds: int) -> None:
    """Every loan is there, days are closed, and receivables are what is computed."""
    with branch.unit_of_work("look", CLERK) as session:
        assert session.scalar(select(func.count()).select_from(LoanAccount)) == loans
        assert fetch(session, "SELECT count(*) FROM business_day WHERE state = 'closed'")[0][0] == rounds
        assert fetch(session, "SELECT count(*) FROM journal_entry WHERE kind = 'accrual'")[0][0] >= rounds


if __name__ == "__main__":
    main()
