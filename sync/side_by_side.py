"""Bundles of different branches taken into the books side by side, by several processes on one server.

Each bundle is a transaction of its own, as ever. As long as it is opened and checked, and its rows are judged
and applied, it touches rows of its own office alone, and reads what only headquarters writes, which waits
meanwhile. Before anything that offices have in common (shared rows, numbers of persons, what waits for
others, control totals, faults) it waits for its turn (``schema.database.take_turn``), and from then on sees
all that was brought before. So what comes of it is what imports one after another come to, in the order of
their turns. Bundles of one office go one after another.
"""

import logging
import multiprocessing
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sync.bundle_files import FoundBundle
from sync.import_watch import QUIET, ImportWatch
from sync.installation import Installation
from sync.receiving import BundleResult
from sync.taking import import_beside, import_one, is_known, name_of

_log = logging.getLogger("satchel.imports")


class _Opener(Protocol):
    """Opens a home that is open in another process: ``Installation.again``."""

    def __call__(self, *, clock: Callable[[], datetime]) -> Installation: ...


def import_side_by_side(
    installation: Installation,
    bundles: Sequence[FoundBundle],
    lines: dict[int, deque[int]],
    watch: ImportWatch,
    workers: int,
) -> list[BundleResult]:
    """Import bundles on a server by ``workers`` processes; gives what came of each, in their order.

    What stands in none of the ``lines``, or is refused, is taken here when the others are through.
    """
    pool = _Pool(installation, bundles, watch)
    try:
        pool.run(lines, min(workers, len(lines)))
    except BrokenProcessPool:
        _log.warning("a process that imports bundles has ended; the rest is imported in this one")
    for number, bundle in enumerate(bundles):
        if number not in pool.results:
            watch.reads(name_of(bundle))
            pool.results[number] = import_one(installation, bundle, watch)
    return [pool.results[number] for number in range(len(bundles))]


def lines_of_offices(installation: Installation, bundles: Sequence[FoundBundle]) -> dict[int, deque[int]]:
    """Give, of each office, which bundles can be taken beside others, by their places and in their order.

    Left out is what is not plainly of one office that is known: a first bundle, damaged files, strangers.
    """
    found: dict[int, deque[int]] = {}
    with installation.database.reading() as session:
        roster = installation.roster(session)
    for number, bundle in enumerate(bundles):
        writer = roster.find(bundle.index.device)
        is_plain = bundle.index.institution == roster.institution_id and is_known(roster, bundle)
        if writer is None or writer.is_hq or not is_plain or bundle.code == "VOLUME_TWIN":
            continue
        if not bundle.damaged and not bundle.spare:
            found.setdefault(writer.office_id, deque()).append(number)
    return found


@dataclass
class _Pool:
    """The processes: which office and bundle each is working on, and what came of those that are through."""

    installation: Installation
    bundles: Sequence[FoundBundle]
    watch: ImportWatch
    running: dict[Future[BundleResult | None], tuple[int, int]] = field(default_factory=dict)
    results: dict[int, BundleResult] = field(default_factory=dict)

    def run(self, lines: dict[int, deque[int]], workers: int) -> None:
        """Work through the lines; what is raised here ends it once the bundles in work are through."""
        context = multiprocessing.get_context("spawn")  # threads and open databases do not survive a fork
        watch_there = self.watch.in_worker()
        with ProcessPoolExecutor(
            workers, context, initializer=_begin, initargs=(self.installation.again, watch_there)
        ) as pool:
            while lines or self.running:
                busy = {office for office, _ in self.running.values()}
                for office in [one for one in lines if one not in busy][: workers - len(busy)]:
                    self._submit(pool, office, lines[office].popleft())
                    if not lines[office]:
                        del lines[office]
                self._hear(is_told_here=watch_there is None)

    def _submit(self, pool: ProcessPoolExecutor, office: int, number: int) -> None:
        bundle = self.bundles[number]
        self.watch.reads(name_of(bundle))
        asked = pool.submit(_import, bundle, self.installation.clock())
        self.running[asked] = (office, number)

    def _hear(self, *, is_told_here: bool) -> None:
        """Wait for one bundle at least, and tell the watch."""
        done, _ = wait(self.running, return_when=FIRST_COMPLETED)
        for asked in done:
            _, number = self.running.pop(asked)
            result = asked.result()
            if result is None:
                continue
            self.results[number] = result
            if is_told_here:
                with self.installation.database.reading() as session:
                    self.watch.through(session, result)


class _Here:
    """What a worker has opened, once for all its bundles."""

    installation: Installation
    watch: ImportWatch


def _begin(again: _Opener, watch_of: Callable[[Installation], ImportWatch] | None) -> None:
    _Here.installation = again(clock=_no_clock)
    _Here.watch = watch_of(_Here.installation) if watch_of else QUIET


def _no_clock() -> datetime:
    raise AssertionError("each bundle is imported at an instant that is told")


def _import(bundle: FoundBundle, now: datetime) -> BundleResult | None:
    """Import one bundle in a worker, if it can be done beside others."""
    _Here.installation.clock = lambda: now
    return import_beside(_Here.installation, bundle, _Here.watch)
