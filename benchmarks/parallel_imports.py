"""Bundles of several branches, imported with one process and with more that open them ahead.

Each branch sends one bundle of loans and repayments. The same headquarters is copied for every run, so that
each run imports the same; the books' digest must be the same too. Runs alternate.

Run: python -m benchmarks.parallel_imports [BRANCHES] [REPAYMENTS] [ROUNDS]
"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.books import add_branch, lend, make_headquarters, open_home
from benchmarks.importing import BusyCounter, _repay
from sync import inbox
from sync.digest import digest_of
from sync.export import write_branch_bundle
from sync.inbox import import_paths

BRANCHES, REPAYMENTS, LOANS, ROUNDS = 8, 1_500, 40, 3
WORKERS = (1, 2)


def main() -> None:
    """Print seconds and their ratio."""
    given = [int(word) for word in sys.argv[1:]]
    branches, repayments, rounds = (*given, *(BRANCHES, REPAYMENTS, ROUNDS)[len(given) :])
    inbox.WORTH_BYTES = 0  # type: ignore[misc]  # small ones too, to see what a process costs and saves
    seconds: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    digests = set()
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder, clock = Path(name), BusyCounter()
        home = make_headquarters(folder, clock)
        with open_home(home, clock) as headquarters:
            homes = [add_branch(headquarters, folder, f"B{n:03}", clock) for n in range(branches)]
        stick = folder / "stick"
        stick.mkdir()
        for branch in homes:
            with open_home(branch, clock) as installation:
                _repay(lend(installation, LOANS), clock, repayments)
                write_branch_bundle(installation, stick)
        for turn in range(rounds):
            for workers in WORKERS:
                copy = folder / f"run-{turn}-{workers}"
                shutil.copytree(home, copy)
                with open_home(copy, clock) as headquarters:
                    began = time.perf_counter()
                    results = import_paths(headquarters, [stick], workers=workers)
                    seconds[workers].append(time.perf_counter() - began)
                    assert {result.verdict for result in results} == {"ADMIT"}
                    with headquarters.database.reading() as session:
                        digests.add(digest_of(session, headquarters.roster(session)).sha256)
                shutil.rmtree(copy)
    assert len(digests) == 1
    for workers, all_runs in seconds.items():
        told = " ".join(f"{one:.2f}" for one in all_runs)
        print(f"workers {workers}: median {statistics.median(all_runs):.2f} s ({told})")
    one, two = (statistics.median(seconds[workers]) for workers in WORKERS)
    print(f"time with {WORKERS[1]} / with {WORKERS[0]}: {two / one:.2f}; same digest")


if __name__ == "__main__":
    main()
