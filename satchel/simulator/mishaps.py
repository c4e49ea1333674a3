"""What happens on the road and in a branch's room: sticks, power, disks, clocks, and people's mistakes.

Each mishap draws what it needs from the life's chance and gives whether it could happen at all.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from satchel.simulator.disk import Crashed
from satchel.simulator.node import Computer
from satchel.simulator.road import HARMFUL, HARMLESS, Parcel, copy_parcel
from satchel.simulator.template import HQ
from satchel.simulator.work import LifeError
from satchel.simulator.world import World
from sync.home import Home
from sync.installation import STEPS

Mishap = Callable[[World], bool]
DELAY: Final = timedelta(days=90)


def draw_parcel(world: World) -> Parcel | None:
    """Draw a parcel that can be there by now."""
    due = [parcel for parcel in world.mail if parcel.due <= world.clock.now]
    return world.chance.choice(due) if due else None


def drop(world: World) -> bool:
    """A stick is lost for ever."""
    parcel = draw_parcel(world)
    if parcel is not None:
        world.throw_away(parcel)
    return parcel is not None


def double(world: World) -> bool:
    """A bundle is imported, and lies there to be imported again."""
    parcel = draw_parcel(world)
    if parcel is not None:
        world.deliver(parcel)
    return parcel is not None


def reorder(world: World) -> bool:
    """A later bundle of the same way overtakes an earlier one."""
    for late in reversed(world.mail):
        earlier = [p for p in world.mail if (p.sender, p.reader) == (late.sender, late.reader)]
        if earlier[0] is not late:
            world.deliver(late)
            world.deliver(earlier[0])
            world.throw_away(late)
            return True
    return False


def delay(world: World) -> bool:
    """A bundle lies somewhere for ninety days."""
    parcel = draw_parcel(world)
    if parcel is not None:
        parcel.due += DELAY
    return parcel is not None


def damage(name: str) -> Mishap:
    """Make the mishap that spoils the files of a parcel in one way before it is imported."""
    do = dict(HARMFUL)[name]

    def happen(world: World) -> bool:
        parcel = draw_parcel(world)
        if parcel is None or not do(parcel, world.chance):
            return False
        parcel.damaged = name
        world.deliver(parcel)
        world.throw_away(parcel)
        return True

    return happen


def disguise(name: str) -> Mishap:
    """Make the mishap that changes nothing but names and neighbours of the files."""
    do = dict(HARMLESS)[name]

    def happen(world: World) -> bool:
        parcel = draw_parcel(world)
        if parcel is None or not do(parcel, world.chance):
            return False
        world.deliver(parcel)
        world.throw_away(parcel)
        return True

    return happen


def mix(world: World) -> bool:
    """Volumes of two bundles for one reader lie in one folder."""
    parcel = draw_parcel(world)
    others = [p for p in world.mail if parcel and p is not parcel and p.reader == parcel.reader]
    if parcel is None or not others:
        return False
    other = world.chance.choice(others)
    for path in other.volumes:
        path.rename(parcel.folder / f"b{path.name}")
    world.throw_away(other)
    world.deliver(parcel)
    world.throw_away(parcel)
    return True


def wrong_reader(world: World) -> bool:
    """Somebody imports a bundle where it does not belong."""
    parcel = draw_parcel(world)
    readers = [c for c in world.computers.values() if parcel and c is not world.reader_of(parcel) and c.works]
    if parcel is None or not readers:
        return False
    reader = world.chance.choice(readers)
    if reader.code == world.computers[parcel.sender].code:
        return False
    before = world.count_stored(reader)
    results = world.deliver(parcel, reader)
    if world.count_stored(reader) != before or any(result.verdict == "ADMIT" for result in results):
        raise LifeError(f"authentic: {reader.name} took what was addressed to {parcel.reader}")
    return True


def own_bundle(world: World) -> bool:
    """A clerk imports at the branch what the branch itself has written."""
    parcels = [
        p for p in world.mail if p.reader == HQ and world.laptops[world.computers[p.sender].code] == p.sender
    ]
    if not parcels:
        return False
    parcel = world.chance.choice(parcels)
    computer = world.computers[parcel.sender]
    before = world.count_stored(computer)
    if not computer.works:
        return False
    world.deliver(parcel, computer)
    if world.count_stored(computer) != before:
        raise LifeError("kept: a branch's own bundle changed its books")
    return True


def crash_in_work(step: str) -> Mishap:
    """Make the mishap that cuts the power at a named step of recording."""

    def happen(world: World) -> bool:
        computer = world.draw_laptop()
        if computer is None:
            return False
        world.disk.crash_at_step(step)
        crashed = world.survive(computer, lambda: world.work(computer))
        world.disk.calm()
        return crashed

    return happen


def torn_journal(world: World) -> bool:
    """The power goes while the second copy is written: its last record is torn."""
    computer = world.draw_laptop()
    if computer is None:
        return False
    world.disk.crash_at_flush(0)
    try:
        world.work(computer)
    except Crashed:
        computer.end()
        _tear(computer, world)
        computer.start()
        return True
    finally:
        world.disk.calm()
    return False


def _tear(computer: Computer, world: World) -> None:
    """Lose the end of what was last written to the journal: the disk had not got to it."""
    journal = Home.at(computer.root).journal
    data = journal.read_bytes().rstrip(b"\0")
    with journal.open("r+b") as file:
        start = max(0, len(data) - world.chance.randrange(1, 200))
        file.seek(start)
        file.write(bytes(len(data) - start))
    world.tell(f"{computer.name}: the journal is torn")


def crash_in_export(world: World) -> bool:
    """The power goes, or the stick is pulled out, while a bundle is written."""
    computer = world.draw_laptop()
    if computer is None:
        return False
    world.disk.crash_at_flush(world.chance.randrange(3))
    return world.survive(computer, lambda: _send(world, computer)) or not world.disk.calm()


def _send(world: World, computer: Computer) -> None:
    world.send(computer, HQ)


def crash_in_import(world: World) -> bool:
    """The process dies in the middle of an import; afterwards the same stick is brought again."""
    parcel = draw_parcel(world)
    if parcel is None or not world.reader_of(parcel).works:
        return False
    computer = world.reader_of(parcel)
    before = world.count_stored(computer)
    world.disk.crash_at_statement(world.chance.randrange(12))
    crashed = world.survive(computer, lambda: _deliver(world, parcel))
    world.disk.calm()
    if crashed and world.count_stored(computer) != before:
        raise LifeError("chain: an import that was killed left a part of it behind")
    world.deliver(parcel)
    world.throw_away(parcel)
    return crashed


def _deliver(world: World, parcel: Parcel) -> None:
    world.deliver(parcel)


def full_stick(world: World) -> bool:
    """The stick is full while a bundle is written: nothing of it may be left there."""
    computer = world.draw_laptop()
    if computer is None:
        return False
    world.disk.full_at_flush(0)
    world.send(computer, HQ)
    return world.disk.calm()


def full_disk(world: World) -> bool:
    """The laptop's disk is full when the second copy is to be written; the program is started again."""
    computer = world.draw_laptop()
    if computer is None:
        return False
    world.disk.full_at_flush(world.chance.randrange(2))
    world.work(computer)
    happened = world.disk.calm()
    computer.end()
    computer.start()
    return happened


def full_database(world: World) -> bool:
    """The disk under the database is full: nothing is booked, and nothing is half booked."""
    computer = world.draw_laptop()
    if computer is None:
        return False
    raw = computer.installation.database.writer
    before = computer.head()
    with raw.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for _ in range(3):
        world.work(computer)
    with raw.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    return computer.head() >= before


def clock_jump(name: str, to: datetime | None) -> Mishap:
    """Make the mishap that sets a laptop's clock wrong; ``to`` None: back by some days."""

    def happen(world: World) -> bool:
        computer = world.draw_laptop()
        if computer is None:
            return False
        back = world.clock.now - timedelta(days=world.chance.randrange(1, 40))
        computer.skew = (to or back) - world.clock.now
        world.tell(f"{computer.name}: clock {name}")
        for _ in range(3):
            world.work(computer)
        if world.chance.random() < 0.5:
            computer.skew = timedelta()
        return True

    return happen


def process_killed_idle(world: World) -> bool:
    """The program is stopped without ceremony and started again; also headquarters'."""
    computer = world.chance.choice([c for c in world.computers.values() if c.works])
    computer.end()
    computer.start()
    return True


def copy_of_stick(world: World) -> bool:
    """Somebody copies a stick: one goes now, the other one later."""
    parcel = draw_parcel(world)
    if parcel is None:
        return False
    world.mail.append(copy_parcel(parcel, world.new_folder()))
    return True


MISHAPS: Final[tuple[tuple[str, int, Mishap], ...]] = (
    ("drop", 2, drop),
    ("double", 2, double),
    ("reorder", 3, reorder),
    ("delay", 1, delay),
    *((name, 1, damage(name)) for name, _ in HARMFUL),
    *((name, 1, disguise(name)) for name, _ in HARMLESS),
    ("mixed", 1, mix),
    ("wrong_reader", 2, wrong_reader),
    ("own_bundle", 1, own_bundle),
    *((f"crash_{step}", 1, crash_in_work(step)) for step in STEPS),
    ("journal_torn", 2, torn_journal),
    ("crash_export", 1, crash_in_export),
    ("crash_import", 2, crash_in_import),
    ("stick_full", 1, full_stick),
    ("disk_full", 1, full_disk),
    ("database_full", 1, full_database),
    ("clock_2036", 1, clock_jump("2036", datetime(2036, 2, 3, 8, tzinfo=UTC))),
    ("clock_1970", 1, clock_jump("1970", datetime(1970, 1, 2, 8, tzinfo=UTC))),
    ("clock_back", 1, clock_jump("back", None)),
    ("restart", 1, process_killed_idle),
    ("stick_copied", 1, copy_of_stick),
)
"""Name, weight and doing of each."""
