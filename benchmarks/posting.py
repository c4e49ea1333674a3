"""Posting a repayment at the branch: through the services, against the same rows inserted without us.

Three ways, interleaved in one run, medians of rounds:

* bare      append 4 KiB to a file and fdatasync: the price of being on the disk at all
* raw       the rows that one repayment writes, inserted with plain SQLite (WAL, synchronous=FULL), one commit
* ours      ``post_repayment`` in a unit of work: encrypted database, signed changeset, second copy, anchor

Run: python -m benchmarks.posting [ROUNDS] [POSTS]
"""

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from banking.repayments import post_repayment
from benchmarks.books import Branch, open_branch
from ledger.money import Money
from schema.replication import StoredChangeset
from schema.writing import images_by_table
from sync.changeset import Op, read_ops

ROUNDS, POSTS, LOANS = 7, 100, 40


def main() -> None:
    """Print medians in milliseconds and the ratios to the bare append."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    posts = int(sys.argv[2]) if len(sys.argv) > 2 else POSTS
    with tempfile.TemporaryDirectory(dir=".") as folder, open_branch(Path(folder), loans=LOANS) as branch:
        _assert_durable(branch)
        rows = _rows_of_one_post(branch)
        raw = _Raw(Path(folder) / "raw.db", rows)
        with (Path(folder) / "bare").open("wb", buffering=0) as file:
            ways: dict[str, Callable[[], None]] = {
                "bare append + fdatasync": lambda: _append(file.fileno()),
                "raw rows, SQLite WAL FULL": raw.insert,
                "ours: posted, signed, two copies": lambda: _post(branch),
            }
            for way in ways.values():
                _time(way, 20)
            times = {name: [] for name in ways}  # type: dict[str, list[float]]
            for _ in range(rounds):
                for name, way in ways.items():
                    times[name].append(_time(way, posts))
        _assert_counts(branch, rounds * posts)
        _print(times, len(rows))


def _post(branch: Branch) -> None:
    loan_id = next(branch.turn)
    with branch.installation.unit_of_work("loan.repay", branch.clerk_id) as session:
        post_repayment(session, loan_id, Money(100), branch.day, till_id=branch.till_id)


def _append(descriptor: int) -> None:
    os.write(descriptor, bytes(4096))
    os.fdatasync(descriptor)


def _time(way: Callable[[], None], posts: int) -> float:
    began = time.perf_counter()
    for _ in range(posts):
        way()
    return (time.perf_counter() - began) / posts * 1000


def _rows_of_one_post(branch: Branch) -> list[Op]:
    _post(branch)
    with branch.installation.database.reading() as session:
        body = session.execute(
            select(StoredChangeset.body).order_by(StoredChangeset.seq.desc()).limit(1)
        ).scalar_one()
    return read_ops(body)


class _Raw:
    """The same rows in a plain database without us, each time under new ids."""

    def __init__(self, path: Path, rows: list[Op]) -> None:
        self._rows = rows
        self._next = 1
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        assert self._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        for table in {op.table for op in rows}:
            columns = ", ".join(f'"{name}"' for name in images_by_table()[table].columns)
            self._connection.execute(f'CREATE TABLE "{table}" (id INTEGER PRIMARY KEY, {columns})')

    def insert(self) -> None:
        """One commit."""
        self._connection.execute("BEGIN IMMEDIATE")
        for op in self._rows:
            values = list((op.new or {}).values())
            marks = ", ".join("?" * (len(values) + 1))
            insert = f'INSERT INTO "{op.table}" VALUES ({marks})'  # noqa: S608 - our tables
            self._connection.execute(insert, (self._next, *values))
            self._next += 1
        self._connection.execute("COMMIT")


def _assert_durable(branch: Branch) -> None:
    with branch.installation.database.writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    assert branch.installation.home.journal.exists()


def _assert_counts(branch: Branch, posts: int) -> None:
    """Every post is there, signed, and in the second copy."""
    with branch.installation.database.reading() as session:
        signed = session.execute(
            select(func.count()).where(
                StoredChangeset.kind == "loan.repay", func.length(StoredChangeset.signature) == 64
            )
        ).scalar_one()
    assert signed >= posts
    assert sum(1 for _ in branch.installation.second_copy.records()) >= posts


def _print(times: dict[str, list[float]], rows: int) -> None:
    bare = statistics.median(times["bare append + fdatasync"])
    print(f"rows of one repayment: {rows}")
    for name, measured in times.items():
        ratios = [one / other for one, other in zip(measured, times["bare append + fdatasync"], strict=True)]
        median = statistics.median(measured)
        spread = f"(rounds {min(ratios):.1f}..{max(ratios):.1f})"
        print(f"{name:36} {median:7.2f} ms  x bare {median / bare:5.1f}  {spread}")


if __name__ == "__main__":
    main()
