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
    installation: Installation, bundles: Sequence[FoundBundle], watch: ImportWatch, workers: int
) -> list[BundleResult]:
    """Import bundles on a server by ``workers`` processes; gives what came of each, in their order.

    What is not plainly of one office that is known (a first bundle, damaged files, strangers), or is refused,
    is taken here when the others are through.
    """
    results: dict[int, BundleResult] = {}
    lines = _lines(installation, bundles)
    try:
        _Pool(installation, bundles, watch, workers, results).run(lines)
    except BrokenProcessPool:
        _log.warning("a process that imports bundles has ended; the rest is imported in this one")
    for number, bundle in enumerate(bundles):
        if number not in results:
            watch.reads(name_of(bundle))
            results[number] = import_one(installation, bundle, watch)
    return [results[number] for number in range(len(bundles))]


def offices_of(installation: Installation, bundles: Sequence[FoundBundle]) -> int:
    """Count the offices whose bundles can be taken side by side."""
    return len(_lines(installation, bundles))


def _lines(installation: Installation, bundles: Sequence[FoundBundle]) -> dict[int, deque[int]]:
    """Give, of each office, the numbers of its bundles in their order."""
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


class _Pool:
    """The processes, and what each of them is working on."""

    def __init__(
        self,
        installation: Installation,
        bundles: Sequence[FoundBundle],
        watch: ImportWatch,
        workers: int,
        results: dict[int, BundleResult],
    ) -> None:
        self._installation = installation
        self._bundles = bundles
        self._watch = watch
        self._workers = workers
        self._results = results
        self._running: dict[Future[BundleResult | None], tuple[int, int]] = {}

    def run(self, lines: dict[int, deque[int]]) -> None:
        """Work through the lines; what is raised here ends it once the bundles in work are through."""
        context = multiprocessing.get_context("spawn")  # threads and open databases do not survive a fork
        workers = min(self._workers, len(lines))
        watch_there = self._watch.in_worker()
        with ProcessPoolExecutor(
            workers, context, initializer=_begin, initargs=(self._installation.again, watch_there)
        ) as pool:
            while lines or self._running:
                busy = {office for office, _ in self._running.values()}
                for office in [one for one in lines if one not in busy][: workers - len(busy)]:
                    self._submit(pool, office, lines[office].popleft())
                    if not lines[office]:
                        del lines[office]
                self._hear(is_told_here=watch_there is None)

    def _submit(self, pool: ProcessPoolExecutor, office: int, number: int) -> None:
        bundle = self._bundles[number]
        self._watch.reads(name_of(bundle))
        asked = pool.submit(_import, bundle, self._installation.clock())
        self._running[asked] = (office, number)

    def _hear(self, *, is_told_here: bool) -> None:
        """Wait for one bundle at least, and tell the watch."""
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for asked in done:
            _, number = self._running.pop(asked)
            result = asked.result()
            if result is None:
                continue
            self._results[number] = result
            if is_told_here:
                with self._installation.database.reading() as session:
                    self._watch.through(session, result)


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
