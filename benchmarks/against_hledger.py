"""The trial balance of an institution, asked by a program of its own: ours beside hledger on what we export.

Whole processes in turn, by the time of the processor that each took; sums are compared to the unit.

Run: python -m benchmarks.against_hledger [BRANCHES] [LOANS] [ROUNDS]
"""

import re
import resource
import statistics
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Final

from banking.ledger_export import write_ledger
from banking.reports.ledger_books import trial_balance
from benchmarks.institution import AS_OF, make_institution
from schema.database import open_database

BRANCHES, LOANS, ROUNDS = 50, 7_500, 5
_ASKED: Final = "--ask"
_AMOUNT: Final = re.compile(r"^\s*KES\s*(-?[0-9.]+)|^\s*(-?[0-9.]+) KES")


def main() -> None:
    """Print medians in seconds and the ratio of each pair."""
    if sys.argv[1:2] == [_ASKED]:
        _ask(Path(sys.argv[2]))
        return
    given = [int(word) for word in sys.argv[1:]]
    branches, loans, rounds = (*given, *(BRANCHES, LOANS, ROUNDS)[len(given) :])
    with tempfile.TemporaryDirectory(dir=".") as folder:
        books, journal = Path(folder) / "books.db", Path(folder) / "all.journal"
        _make(books, journal, branches, loans)
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(rounds):
            took, told = _timed(sys.executable, "-m", "benchmarks.against_hledger", _ASKED, str(books))
            ours.append(took)
            took, balances = _timed("hledger", "-f", str(journal), "bal", "-N", "--flat")
            theirs.append(took)
            assert int(told) == _debit_of(balances) > 0
            print(f"  {ours[-1]:7.2f} s {theirs[-1]:7.2f} s", flush=True)
    ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"  ours     {statistics.median(ours):7.2f} s")
    print(f"  hledger  {statistics.median(theirs):7.2f} s")
    print(f"  ratio    {statistics.median(ratios):7.3f} ({ratios[0]:.3f}..{ratios[-1]:.3f})")


def _make(books: Path, journal: Path, branches: int, loans: int) -> None:
    database = open_database(books)
    make_institution(database, branches, loans)
    with database.reading() as session, journal.open("w", encoding="utf-8") as file:
        entries, lines = write_ledger(session, "hledger", file)
    database.close()
    print(f"trial balance of {branches} branches, {entries} entries, {lines} lines, whole processes:")


def _ask(books: Path) -> None:
    """Print what all accounts with a balance on the debit side come to, minor units."""
    database = open_database(books)
    with database.reading() as session:
        rows = trial_balance(session, as_of=AS_OF).accounts
    print(sum(max((row.debit - row.credit).minor, 0) for row in rows))
    database.close()


def _timed(*command: str) -> tuple[float, str]:
    """Run a program; gives what it took of the processor, in seconds, and what it told."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def _debit_of(balances: str) -> int:
    """Add up the balances above zero that hledger told, minor units."""
    found = [_AMOUNT.match(line) for line in balances.splitlines()]
    amounts = [Decimal(one.group(1) or one.group(2)) for one in found if one]
    return int(sum(amount for amount in amounts if amount > 0) * 100)


if __name__ == "__main__":
    main()
