"""Importing bundles at headquarters and writing them at a branch, against the same rows inserted raw.

W = bundles of 2,000 repayments each, a branch each. A repayment is 5 rows here (two journal lines, their
entry, the transaction and its share of an instalment); paid amounts of instalments are derived, never sent.
Raw: ``executemany`` of the same rows into plain SQLite (WAL, synchronous=FULL), one commit a bundle, once
into bare tables and once into tables with our indexes. Ours: volumes found, opened, every signature checked,
admitted, judged, folded, control totals compared, acknowledged; an encrypted database. Decoding, verifying
and inserting are also timed apart, over the same changesets.

Run: python -m benchmarks.importing [BUNDLES] [REPAYMENTS]
"""

import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final, cast

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
from ledger.errors import TrustError
from ledger.money import Money
from schema.accounting import Till
from schema.accounts import LoanAccount, LoanTransaction
from schema.replication import StoredChangeset
from schema.tables import metadata
from schema.writing import images_by_table
from sync.changeset import INSERT, Changeset, Op
from sync.compression import compress
from sync.export import write_branch_bundle
from sync.inbox import import_paths
from sync.installation import Installation
from sync.packing import Signed, pack
from sync.signing import verify
from sync.volume import check_volume

BUNDLES, REPAYMENTS, LOANS = 5, 2_000, 100
SMALL: Final = (50, 300)
"""Repayments in the smaller bundles whose bytes are shown."""
LARGE: Final = 5
"""How many times as many repayments stand in the bundle that the memory of an import is measured with."""
_PEAK: Final = "--peak"


@dataclass
class Times:
    """Seconds, one for each bundle."""

    bare: list[float] = field(default_factory=list)
    indexed: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    export: list[float] = field(default_factory=list)
    decode: list[float] = field(default_factory=list)
    verify: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Stick:
    """What one branch has written: its loans, then its repayments; and seconds to write the second."""

    before: Path
    after: Path
    seconds: float


@dataclass(frozen=True)
class Sizes:
    """Bytes of a bundle: changesets and signatures packed and compressed; the same sealed with manifest."""

    repayments: int
    frames: int
    sealed: int


def main() -> None:
    """Print seconds, rates, ratios, bytes and memory."""
    if _PEAK in sys.argv:
        print(_peak_of_import(Path(sys.argv[-2]), Path(sys.argv[-1])))
        return
    bundles = int(sys.argv[1]) if len(sys.argv) > 1 else BUNDLES
    repayments = int(sys.argv[2]) if len(sys.argv) > 2 else REPAYMENTS
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder, clock = Path(name), BusyCounter()
        hq_home = make_headquarters(folder, clock)
        with open_home(hq_home, clock) as headquarters:
            homes = [add_branch(headquarters, folder, f"B{n:03}", clock) for n in range(bundles)]
            large_home = add_branch(headquarters, folder, "LARGE", clock)
        sticks = []
        for number, home in enumerate(homes):
            sticks.append(_work(home, clock, folder / f"stick{number}", repayments))
            print(f"\rmade {number + 1} of {bundles}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        sizes = _sizes(homes[0], clock, folder / "sizes", sticks[0], repayments)
        large = _work(large_home, clock, folder / "large", LARGE * repayments)
        with open_home(hq_home, clock) as headquarters:
            times, rows = _measure(headquarters, folder, sticks[:-1])
            _assert_whole(headquarters, (bundles - 1) * repayments)
        peaks = [_peak(hq_home, stick) for stick in (sticks[-1], large)]
        _print(times, rows, (bundles - 1) * repayments)
        _print_sizes(sizes, peaks, repayments)


class BusyCounter(Clock):
    """A clock at a counter: between two changesets pass 8 to 40 seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._chance = Random(7)

    def wait(self) -> None:
        """Let the time until the next client pass."""
        self._now += timedelta(milliseconds=self._chance.randrange(8_000, 40_000))


def _work(home: Path, clock: BusyCounter, stick: Path, repayments: int) -> Stick:
    """Two bundles: loans, then repayments."""
    before, after = stick / "before", stick / "after"
    for folder in (before, after):
        folder.mkdir(parents=True)
    with open_home(home, clock) as installation:
        branch = lend(installation, LOANS)
        write_branch_bundle(installation, before)
        _repay(branch, clock, repayments)
        began = time.perf_counter()
        write_branch_bundle(installation, after, since_last=True)
        return Stick(before, after, time.perf_counter() - began)


def _repay(branch: Branch, clock: BusyCounter, repayments: int) -> None:
    """Post through the services, one signed changeset each, in few commits; amounts as clients pay them."""
    chance = Random(repayments)
    for start in range(0, repayments, 500):
        with branch.installation.bulk_work("loan.repay", CLERK) as (session, seal):
            for _ in range(start, min(start + 500, repayments)):
                amount = Money(chance.choice((100, 50, 1)) * chance.randrange(500, 4_000))
                post_repayment(session, chance.choice(branch.loan_ids), amount, DAY, till_id=branch.till_id)
                seal("loan.repay", "")
                clock.wait()


def _sizes(home: Path, clock: BusyCounter, folder: Path, stick: Stick, repayments: int) -> list[Sizes]:
    """Bytes of small bundles that the branch goes on to write, and of the one that it has written."""
    with open_home(home, clock) as installation:
        with installation.database.reading() as session:
            till_id = session.scalars(select(Till.id)).first() or 0
            loan_ids = list(session.scalars(select(LoanAccount.id)))
        branch = Branch(installation, loan_ids, till_id)
        found = [_size(installation, stick.after, repayments)]
        for count in SMALL:
            small = folder / str(count)
            small.mkdir(parents=True)
            _repay(branch, clock, count)
            write_branch_bundle(installation, small, since_last=True)
            found.append(_size(installation, small, count))
    return found


def _size(installation: Installation, stick: Path, count: int) -> Sizes:
    """Of a bundle that the branch has just written: its newest changesets are in it."""
    run = _newest(installation, installation.facts.device, count)
    sealed = 0
    for path in stick.iterdir():
        try:
            with path.open("rb") as file:
                index = check_volume(file, path.stat().st_size)
        except TrustError:
            continue  # the slip beside the volumes
        sealed += sum(entry.length for entry in index.segments)
    return Sizes(count, len(compress(pack(run).block)), sealed)


def _measure(headquarters: Installation, folder: Path, sticks: Sequence[Stick]) -> tuple[Times, int]:
    """Import pair by pair: the bundle through ours, then its rows raw, so that both see the same machine."""
    bare, indexed = _Raw(folder / "bare.db", indexed=False), _Raw(folder / "indexed.db", indexed=True)
    times = Times()
    rows = 0
    for stick in sticks:
        assert import_paths(headquarters, [stick.before])[0].verdict == "ADMIT"
        began = time.perf_counter()
        (result,) = import_paths(headquarters, [stick.after])
        times.ours.append(time.perf_counter() - began)
        assert (result.verdict, result.totals_agree) == ("ADMIT", True)
        began = time.perf_counter()
        (known,) = import_paths(headquarters, [stick.after])
        times.again.append(time.perf_counter() - began)
        assert known.verdict == "NOOP"
        device, signed = _signed(headquarters, result.counts.admitted)
        with headquarters.database.reading() as session:
            member = headquarters.roster(session).find(device)
        assert member is not None
        began = time.perf_counter()
        changesets = [Changeset.from_bytes(body) for body, _ in signed]
        times.decode.append(time.perf_counter() - began)
        began = time.perf_counter()
        for body, signature in signed:
            verify(member.signing_key, signature, "changeset", headquarters.facts.institution_id, body)
        times.verify.append(time.perf_counter() - began)
        ops = [op for changeset in changesets for op in changeset.ops]
        rows += len(ops)
        times.bare.append(bare.insert(ops))
        times.indexed.append(indexed.insert(ops))
        times.export.append(stick.seconds)
    return times, rows


def _signed(headquarters: Installation, count: int) -> tuple[int, list[Signed]]:
    """The device and the changesets of the bundle that came last."""
    with headquarters.database.reading() as session:
        device = session.execute(
            select(func.max(StoredChangeset.device)).where(StoredChangeset.kind == "loan.repay")
        ).scalar_one()
    return device, _newest(headquarters, device, count)


def _newest(installation: Installation, device: int, count: int) -> list[Signed]:
    with installation.database.reading() as session:
        rows = session.execute(
            select(StoredChangeset.body, StoredChangeset.signature)
            .where(StoredChangeset.device == device)
            .order_by(StoredChangeset.seq.desc())
            .limit(count)
        )
        return [(row.body, row.signature) for row in rows][::-1]


def _peak(hq_home: Path, stick: Stick) -> int:
    """Memory of a process that imports one bundle, in bytes."""
    command = [sys.executable, "-m", "benchmarks.importing", _PEAK, str(hq_home), str(stick.before.parent)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _peak_of_import(hq_home: Path, stick: Path) -> int:
    with open_home(hq_home, Clock()) as headquarters:
        for part in ("before", "after"):
            assert import_paths(headquarters, [stick / part])[0].verdict == "ADMIT"
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class _Raw:
    """Plain tables in plain SQLite, one commit a bundle."""

    def __init__(self, path: Path, *, indexed: bool) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        for table, images in images_by_table().items():
            columns = ", ".join(f'"{name}"' for name in images.columns)
            self._connection.execute(f'CREATE TABLE "{table}" (id INTEGER PRIMARY KEY, {columns})')
            for index in metadata.tables[table].indexes if indexed else ():
                named = ", ".join(f'"{column.name}"' for column in index.columns)
                self._connection.execute(f'CREATE INDEX "{index.name}" ON "{table}" ({named})')

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


def _print(times: Times, rows: int, repayments: int) -> None:
    print(f"{repayments} repayments in {len(times.ours)} bundles, {rows} row operations")
    for what, seconds in (
        ("raw executemany, bare tables", times.bare),
        ("raw executemany, our indexes", times.indexed),
        ("ours, whole import", times.ours),
        ("  decoding apart, one by one", times.decode),
        ("  verifying apart, one core", times.verify),
        ("imported again", times.again),
        ("export of the same", times.export),
    ):
        total = sum(seconds)
        print(f"{what:30} {total:8.2f} s  {rows / total:10,.0f} rows/s")
    for what, one, other in (
        ("rate ours / raw with indexes", times.indexed, times.ours),
        ("rate ours / raw bare", times.bare, times.ours),
        ("time again / first", times.again, times.ours),
        ("time export / raw with indexes", times.export, times.indexed),
        ("time export / raw bare", times.export, times.bare),
    ):
        ratios = sorted(left / right for left, right in zip(one, other, strict=True))
        print(f"{what}: median {statistics.median(ratios):.3f} (pairs {ratios[0]:.3f}..{ratios[-1]:.3f})")


def _print_sizes(sizes: Sequence[Sizes], peaks: Sequence[int], repayments: int) -> None:
    for size in sizes:
        print(
            f"bytes a repayment in a bundle of {size.repayments}: {size.frames / size.repayments:.0f} in the"
            f" frames with its signature; manifest and encryption {size.sealed - size.frames} a bundle"
        )
    for count, peak in zip((repayments, LARGE * repayments), peaks, strict=True):
        print(f"memory of a process that imports {count} repayments in one bundle: {peak / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
