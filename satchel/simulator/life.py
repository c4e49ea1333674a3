"""Living one seed: work, roads and mishaps in an order that the seed draws; then everything must agree."""

import random
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from satchel.simulator.chance import replaced, seeded_program, with_constants
from satchel.simulator.copies import COPIES
from satchel.simulator.decisions import DECISIONS
from satchel.simulator.disk import Disk, virtual_disk
from satchel.simulator.mishaps import MISHAPS, draw_parcel
from satchel.simulator.settle import settle
from satchel.simulator.template import (
    BRANCHES,
    HQ,
    SCRATCH_KEY,
    Template,
    found_template,
)
from satchel.simulator.watch import Watch, watching
from satchel.simulator.world import VOLUME_BYTES, World
from schema.database import Database, open_database

DEFAULT_STEPS: Final = 30
_SMALL_PAD: Final = 4 << 10
_SMALL_RUN: Final = 2 << 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one life went. ``failure`` is empty, or what broke, at ``step``; ``story`` is what came before."""

    seed: int
    steps: int
    failure: str
    step: int
    faults: Counter[str]
    story: tuple[str, ...] = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class Stage:
    """What lives of one process share: the template, the virtual disk, the watch, the source of chance."""

    template: Template
    disk: Disk
    watch: Watch
    source: random.Random


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Set the stage for any number of lives of this process in an empty ``folder``."""
    source = random.Random(0)  # noqa: S311 - seeded for each life
    with ExitStack() as stack:
        template = found_template(folder / "template")
        stack.enter_context(seeded_program(source))
        disk = stack.enter_context(virtual_disk())
        watch = stack.enter_context(watching())
        stack.enter_context(_kept_engines(template))
        yield Stage(template, disk, watch, source)


@contextmanager
def _kept_engines(template: Template) -> Iterator[None]:
    """Open databases by engines that are kept from life to life: compiling statements takes longest of all.

    The scratch database of ``verify`` has its tables already, for the same reason.
    """
    kept: dict[tuple[Path | str, bytes | None], Database] = {}

    def open_again(where: Path | str, key: bytes | None = None) -> Database:
        if str(where).rpartition("/")[2].startswith("verify-"):
            shutil.copy(template.scratch, where)
            key = SCRATCH_KEY
        known = kept.get((where, key))
        if known is None:
            known = kept[where, key] = open_database(where, key)
        return known

    with replaced(open_database, open_again):
        yield


@contextmanager
def _volumes_of(small: bool) -> Iterator[int]:  # noqa: FBT001 - drawn
    """Let volumes and segments be so small that a bundle has several; gives the size of a volume."""
    if not small:
        yield VOLUME_BYTES
        return
    with with_constants(PAD_BYTES=_SMALL_PAD, RUN_BYTES=_SMALL_RUN):
        yield 4 * _SMALL_PAD


def live(on: Stage, seed: int, steps: int = DEFAULT_STEPS) -> Outcome:
    """Live one seed to its end; never raises for what the life itself finds."""
    began = time.perf_counter()
    chance = random.Random(seed)  # noqa: S311 - repeatable is what it is to be
    on.source.seed(seed)
    on.disk.calm()
    step, failure = 0, ""
    folder = on.template.folder.with_name("life")  # the same for all: engines are kept by their paths
    folder.mkdir()
    world = World(seed, on.template, folder, on.disk, on.watch, chance)
    try:
        with _volumes_of(chance.random() < 0.5) as size:
            world.volume_bytes, world.is_dark = size, chance.random() < 0.6
            world.begin(sorted(chance.sample(BRANCHES, chance.choice((2, 2, 3)))))
            for step in range(1, steps + 1):  # noqa: B007 - where it failed is told
                _step(world)
            settle(world)
    except Exception as fault:  # noqa: BLE001 - whatever ends a life is what was looked for
        failure = _told(fault)
    finally:
        world.end()
        shutil.rmtree(folder)
    return Outcome(seed, steps, failure, step, world.faults, tuple(world.story), time.perf_counter() - began)


def _told(fault: Exception) -> str:
    """Say what ended a life; with the place in the program where it was no invariant of ours."""
    if isinstance(fault, AssertionError) and str(fault):
        return str(fault)
    places = [f"{Path(at.filename).name}:{at.lineno}" for at in traceback.extract_tb(fault.__traceback__)]
    return f"fault: {type(fault).__name__}: {fault} (at {' '.join(places[-8:])})"


def _step(world: World) -> None:
    """Time passes; then somebody works, something travels, or something goes wrong."""
    world.pass_time(world.chance.randrange(1, 20))
    drawn = world.chance.random()
    if drawn < 0.3:
        _work_some(world)
    elif drawn < 0.65:
        _travel(world)
    else:
        _go_wrong(world)


def _work_some(world: World) -> None:
    computer = world.draw_laptop()
    if computer is not None:
        for _ in range(world.chance.randrange(1, 4)):
            world.work(computer)


def _travel(world: World) -> None:
    """A bundle is written, or brought; headquarters answers what it has imported."""
    parcel = draw_parcel(world)
    if parcel is not None and world.chance.random() < 0.6:
        world.deliver(parcel)
        world.throw_away(parcel)
        if parcel.reader == HQ:
            code = world.computers[parcel.sender].code
            if world.chance.random() < 0.5:
                world.confirm(code)
            if world.chance.random() < 0.8:
                world.send(world.hq, code)
        return
    computer = world.draw_laptop()
    if computer is not None:
        if world.chance.random() < 0.5:
            world.work(computer)
        world.send(computer, HQ, since_last=world.chance.random() < 0.25)


def _go_wrong(world: World) -> None:
    drawn = _ALL if world.is_dark else _ROADS
    name, _, mishap = world.chance.choices(drawn, weights=[weight for _, weight, _ in drawn])[0]
    world.tell(f"-- {name}")
    if mishap(world):
        world.faults[name] += 1


_ROADS: Final[tuple[tuple[str, int, Callable[[World], bool]], ...]] = MISHAPS
_ALL: Final[tuple[tuple[str, int, Callable[[World], bool]], ...]] = (*MISHAPS, *COPIES, *DECISIONS)
