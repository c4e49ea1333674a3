"""Bundles of several branches, imported by one process and by more.

Into a file more processes open bundles ahead; into a server they take bundles of different branches into the
books side by side. Each branch has sent its loans before; what is measured are bundles of repayments. The
same headquarters is copied for every run, so that each run imports the same; the books' digest must be the
same too. Runs alternate.

Run: python -m benchmarks.parallel_imports file|server [BRANCHES] [REPAYMENTS] [ROUNDS] [PROCESSES]
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.books import add_branch, lend, make_headquarters, open_home
from benchmarks.importing import BusyCounter, _repay
from sync import inbox
from sync.digest import digest_of
from sync.export import write_branch_bundle
from sync.home import Home
from sync.inbox import import_paths
from tests.support.postgres import Cluster, running_cluster

BRANCHES, REPAYMENTS, LOANS, ROUNDS, PROCESSES = 8, 1_500, 40, 3, 2


@dataclass(frozen=True)
class Made:
    """Headquarters that knows every branch's loans, and the stick with their repayments."""

    home: Path
    stick: Path
    clock: BusyCounter
    cluster: Cluster | None


def main() -> None:
    """Print seconds and their ratio."""
    where, given = sys.argv[1], [int(word) for word in sys.argv[2:]]
    usual = (BRANCHES, REPAYMENTS, ROUNDS, PROCESSES)
    branches, repayments, rounds, processes = (*given, *usual[len(given) :])
    inbox.WORTH_BYTES = inbox.WORTH_BYTES_BESIDE = 0  # type: ignore[misc]  # few are enough to compare
    seconds: dict[int, list[float]] = {1: [], processes: []}
    digests = set()
    with _place(where) as (folder, cluster):
        made = _make(folder, cluster, branches, repayments)
        for turn in range(rounds):
            for workers, all_runs in seconds.items():
                took, sha256 = _run(made, folder / f"run-{turn}-{workers}", workers)
                all_runs.append(took)
                digests.add(sha256)
    assert len(digests) == 1
    for workers, all_runs in seconds.items():
        told = " ".join(f"{one:.2f}" for one in all_runs)
        print(f"processes {workers}: median {statistics.median(all_runs):.2f} s ({told})")
    ratios = [many / one for one, many in zip(seconds[1], seconds[processes], strict=True)]
    print(f"time with {processes} / with 1: {statistics.median(ratios):.2f}; same digest")


@contextmanager
def _place(where: str) -> Iterator[tuple[Path, Cluster | None]]:
    with tempfile.TemporaryDirectory(dir=".") as name:
        if where == "file":
            yield Path(name), None
        else:
            with running_cluster() as cluster:
                yield Path(name), cluster


def _make(folder: Path, cluster: Cluster | None, branches: int, repayments: int) -> Made:
    clock = BusyCounter()
    home = make_headquarters(folder, clock, database=cluster.new_database() if cluster else None)
    with open_home(home, clock) as headquarters:
        homes = [add_branch(headquarters, folder, f"B{n:03}", clock) for n in range(branches)]
    before, stick = folder / "before", folder / "stick"
    for one in (before, stick):
        one.mkdir()
    for branch in homes:
        with open_home(branch, clock) as installation:
            lent = lend(installation, LOANS)
            write_branch_bundle(installation, before)
            _repay(lent, clock, repayments)
            write_branch_bundle(installation, stick, since_last=True)
    with open_home(home, clock) as headquarters:
        import_paths(headquarters, [before])
    return Made(home, stick, clock, cluster)


def _run(made: Made, copy: Path, workers: int) -> tuple[float, bytes]:
    """Import the stick into a copy; gives seconds and the digest of the books."""
    shutil.copytree(made.home, copy)
    database = ""
    if made.cluster:
        facts = Home.at(copy).facts()
        database = made.cluster.new_database(like=facts.database)
        Home.at(copy).write_facts(replace(facts, database=database))
    with open_home(copy, made.clock) as headquarters:
        began = time.perf_counter()
        results = import_paths(headquarters, [made.stick], workers=workers)
        took = time.perf_counter() - began
        assert {result.verdict for result in results} == {"ADMIT"}
        with headquarters.database.reading() as session:
            digest = digest_of(session, headquarters.roster(session)).sha256
    shutil.rmtree(copy)
    if made.cluster:
        made.cluster.drop_database(database)
    return took, digest


if __name__ == "__main__":
    main()
