"""Many seeds, in this process or shared out to several; each outcome is told as soon as it is known."""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from satchel.simulator.life import DEFAULT_STEPS, Outcome, Stage, live, stage

_FEW: Final = 6
"""So few lives are over before another process has begun."""


@dataclass(slots=True)
class Report:
    """What came of some seeds. ``seconds`` is the time on the wall."""

    seeds: int = 0
    failed: list[int] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def to_json(self) -> dict[str, object]:
        """Give the document of ``satchel simulate``."""
        return {
            "seeds": self.seeds,
            "failed": sorted(self.failed),
            "faults": dict(sorted(self.faults.items())),
            "seconds": round(self.seconds, 1),
        }


def simulate(
    seeds: Sequence[int],
    *,
    steps: int = DEFAULT_STEPS,
    jobs: int | None = None,
    tell: Callable[[Outcome], None] = lambda _outcome: None,
) -> Report:
    """Live all ``seeds``; a seed that fails does not stop the others.

    jobs  worker processes; None: as many as there are cores, none for a few seeds
    """
    began = time.perf_counter()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="satchel-lives-", dir=memory_folder()) as folder:
        for outcome in _outcomes(Path(folder), seeds, steps, jobs):
            report.seeds += 1
            report.faults.update(outcome.faults)
            if outcome.failure:
                report.failed.append(outcome.seed)
            tell(outcome)
    report.seconds = time.perf_counter() - began
    return report


def memory_folder() -> str | None:
    """Give a folder that lies in memory, where the system has one; None: the usual place."""
    shared = "/dev/shm"  # noqa: S108 - only folders of our own are made there
    return shared if os.access(shared, os.W_OK) else None


def _outcomes(folder: Path, seeds: Sequence[int], steps: int, jobs: int | None) -> Iterator[Outcome]:
    workers = min(os.cpu_count() or 1 if jobs is None else jobs, len(seeds))
    if workers < 2 or (jobs is None and len(seeds) <= _FEW):
        with stage(folder / "own") as on:
            for seed in seeds:
                yield live(on, seed, steps)
        return
    with get_context("spawn").Pool(workers, _set_stage, (str(folder),)) as pool:
        yield from pool.imap_unordered(_live, [(seed, steps) for seed in seeds])
        pool.close()
        pool.join()


_kept: Final = ExitStack()
_stages: Final[list[Stage]] = []


def _set_stage(folder: str) -> None:
    """Begin a worker: its stage stands until the process ends; the folder is its parent's to remove."""
    _stages.append(_kept.enter_context(stage(Path(folder) / str(os.getpid()))))


def _live(asked: tuple[int, int]) -> Outcome:
    seed, steps = asked
    return live(_stages[0], seed, steps)
