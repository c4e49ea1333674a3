"""Importing bundles at headquarters, against the same rows inserted raw.

W = 50 bundles of 2,000 repayments each. Raw: ``executemany`` of the same rows into plain SQLite tables (WAL,
synchronous=FULL), one commit a bundle. Ours: volumes found, opened, every signature checked, admitted,
judged, folded, control totals compared, acknowledged; an encrypted database. Decoding, verifying and
inserting are also timed apart, over the same changesets.

Run: python -m benchmarks.importing [BUNDLES] [REPAYMENTS]
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import func, select

from banking.repayments import post_repayment
from benchmarks.books import (
    CLERK,
    DAY,
    Branch,
    Clock,
    add_branch,
    lend,
    make_headquarters,
    open_home,
)
from ledger.money import Money
from schema.accounts import LoanTransaction
from schema.replication import StoredChangeset
from schema.writing import images_by_table
from sync.changeset import INSERT, Changeset, Op
from sync.export import write_branch_bundle
from sync.inbox import import_paths
from sync.installation import Installation
from sync.roster import Member
from sync.signing import verify
from sync.volume import check_volume

BUNDLES, REPAYMENTS, LOANS = 50, 2_000, 100


@dataclass
class Times:
    """Seconds, one for each bundle."""

    raw: list[float]
    ours: list[float]
    decode: list[float]
    verify: list[float]


def main() -> None:
    """Print seconds, rates and ratios."""
    bundles = int(sys.argv[1]) if len(sys.argv) > 1 else BUNDLES
    repayments = int(sys.argv[2]) if len(sys.argv) > 2 else REPAYMENTS
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder, clock = Path(name), Clock()
        hq_home = make_headquarters(folder, clock)
        sticks, sizes = [], []
        with open_home(hq_home, clock) as headquarters:
            homes = [add_branch(headquarters, folder, f"B{n:03}", clock) for n in range(bundles)]
        for number, home in enumerate(homes):
            first, last, size = _work(home, clock, folder / f"stick{number}", repayments)
            sticks.append((first, last))
            sizes.append(size)
            print(f"\rmade {number + 1} of {bundles}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        with open_home(hq_home, clock) as headquarters:
            times, rows = _measure(headquarters, folder, sticks)
            _assert_whole(headquarters, bundles * repayments)
        _print(times, rows, bundles * repayments, statistics.median(sizes) / repayments)


def _work(home: Path, clock: Clock, stick: Path, repayments: int) -> tuple[Path, Path, int]:
    """Two bundles: loans, then repayments; gives both folders and the sealed bytes of the second."""
    before, after = stick / "before", stick / "after"
    for folder in (before, after):
        folder.mkdir(parents=True)
    with open_home(home, clock) as installation:
        branch = lend(installation, LOANS)
        write_branch_bundle(installation, before)
        _repay(branch, repayments)
        sealed = write_branch_bundle(installation, after, since_last=True)
    assert len(sealed.volumes) == 1
    with sealed.volumes[0].open("rb") as file:
        index = check_volume(file, sealed.volumes[0].stat().st_size)
    return before, after, sum(entry.length for entry in index.segments)


def _repay(branch: Branch, repayments: int) -> None:
    """Post through the services, one signed changeset each, in few commits."""
    for start in range(0, repayments, 500):
        with branch.installation.bulk_work("loan.repay", CLERK) as (session, seal):
            for number in range(start, min(start + 500, repayments)):
                loan_id = branch.loan_ids[number % len(branch.loan_ids)]
                post_repayment(session, loan_id, Money(1_000 + number), DAY, till_id=branch.till_id)
                seal("loan.repay", "")


def _measure(
    headquarters: Installation, folder: Path, sticks: Sequence[tuple[Path, Path]]
) -> tuple[Times, int]:
    """Import pair by pair: the bundle through ours, then its rows raw, so that both see the same machine."""
    raw = _Raw(folder / "raw.db")
    times = Times([], [], [], [])
    rows = 0
    for before, after in sticks:
        assert import_paths(headquarters, [before])[0].verdict == "ADMIT"
        began = time.perf_counter()
        (result,) = import_paths(headquarters, [after])
        times.ours.append(time.perf_counter() - began)
        assert (result.verdict, result.totals_agree) == ("ADMIT", True)
        member, signed = _signed(headquarters, result.counts.admitted)
        began = time.perf_counter()
        changesets = [Changeset.from_bytes(body) for body, _ in signed]
        times.decode.append(time.perf_counter() - began)
        began = time.perf_counter()
        for body, signature in signed:
            verify(member.signing_key, signature, "changeset", headquarters.facts.institution_id, body)
        times.verify.append(time.perf_counter() - began)
        ops = [op for changeset in changesets for op in changeset.ops]
        rows += len(ops)
        times.raw.append(raw.insert(ops))
    return times, rows


def _signed(headquarters: Installation, count: int) -> tuple[Member, list[tuple[bytes, bytes]]]:
    """The changesets of the bundle that came last."""
    with headquarters.database.reading() as session:
        device = session.execute(
            select(func.max(StoredChangeset.device)).where(StoredChangeset.kind == "loan.repay")
        ).scalar_one()
        rows = session.execute(
            select(StoredChangeset.body, StoredChangeset.signature)
            .where(StoredChangeset.device == device)
            .order_by(StoredChangeset.seq.desc())
            .limit(count)
        )
        member = headquarters.roster(session).find(device)
        assert member is not None
        return member, [(row.body, row.signature) for row in rows][::-1]


class _Raw:
    """Plain tables in plain SQLite, one commit a bundle."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        for table, images in images_by_table().items():
            columns = ", ".join(f'"{name}"' for name in images.columns)
            self._connection.execute(f'CREATE TABLE "{table}" (id INTEGER PRIMARY KEY, {columns})')

    def insert(self, ops: Sequence[Op]) -> float:
        """Seconds to insert the rows that ``ops`` make; what is changed is not counted against raw."""
        rows: dict[str, list[tuple[object, ...]]] = {}
        for op in ops:
            if op.sign == INSERT:
                new = cast("Mapping[str, object]", op.new)
                columns = images_by_table()[op.table].columns
                rows.setdefault(op.table, []).append((op.id, *(new[name] for name in columns)))
        began = time.perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        for table, values in rows.items():
            marks = ", ".join("?" * len(values[0]))
            self._connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)  # noqa: S608 - our tables
        self._connection.execute("COMMIT")
        return time.perf_counter() - began


def _assert_whole(headquarters: Installation, repayments: int) -> None:
    """Every repayment is in the books, every signature is kept, every commit was durable."""
    with headquarters.database.reading() as session:
        posted = session.execute(
            select(func.count()).select_from(LoanTransaction).where(LoanTransaction.kind == "repayment")
        ).scalar_one()
        signed = session.execute(
            select(func.count()).where(
                StoredChangeset.kind == "loan.repay", func.length(StoredChangeset.signature) == 64
            )
        ).scalar_one()
    with headquarters.database.writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    assert posted == signed == repayments


def _print(times: Times, rows: int, repayments: int, bytes_each: float) -> None:
    ours, raw = sum(times.ours), sum(times.raw)
    ratios = sorted(one / other for one, other in zip(times.raw, times.ours, strict=True))
    print(f"{repayments} repayments in {len(times.ours)} bundles, {rows} row operations")
    print(f"raw executemany, same rows     {raw:8.2f} s  {rows / raw:10,.0f} rows/s")
    print(f"ours, whole import             {ours:8.2f} s  {rows / ours:10,.0f} rows/s")
    print(f"  decoding apart               {sum(times.decode):8.2f} s")
    print(f"  verifying apart              {sum(times.verify):8.2f} s")
    print(f"  the rest (judging, inserting){ours - sum(times.decode) - sum(times.verify):8.2f} s")
    print(
        f"rate ours / raw: median {statistics.median(ratios):.3f} (pairs {ratios[0]:.3f}..{ratios[-1]:.3f})"
    )
    print(
        f"bytes a repayment, sealed: {bytes_each:.0f} (manifest and encryption in, padding of the volume out)"
    )


if __name__ == "__main__":
    main()
