"""When the faults stop: what can still arrive arrives, and all books agree within a few exchanges."""

from datetime import timedelta
from typing import Final

from satchel.simulator.mishaps import DELAY
from satchel.simulator.node import Computer
from satchel.simulator.template import HQ
from satchel.simulator.work import LifeError
from satchel.simulator.world import World
from schema.invariants import check_invariants
from sync import chain as chains
from sync.chain import ACKED, HEAD
from sync.digest import Digest, digest_of
from sync.verify import verify_books

EXCHANGES: Final = 4
"""So many journeys to headquarters and back must be enough."""


def settle(world: World) -> None:
    """Let the life come to rest and compare all books.

    raises  LifeError: ``converged``, ``anew`` and what the auditor finds
    """
    world.disk.calm()
    for computer in world.computers.values():
        computer.skew = timedelta()
    world.clock.pass_time(DELAY)
    _bring_everything(world)
    left = sorted(code for code in world.laptops if code not in world.disputed)
    for _ in range(EXCHANGES):
        for code in sorted(world.laptops):
            _exchange(world, code)
        left = [code for code in left if _difference(world, code)]
        if not left:
            break
    for code in sorted(set(world.laptops) - world.disputed):
        if found := _difference(world, code):
            raise LifeError(f"converged: {code} and headquarters do not agree: {found}")
        _check_paper(world, code)
    for code in sorted(world.disputed):
        _check_dispute(world, code)
    for computer in (world.hq, *(world.laptop(code) for code in sorted(world.laptops))):
        if computer.works:
            check_anew(world, computer)


def _bring_everything(world: World) -> None:
    while world.mail:
        parcel = world.chance.choice(world.mail)
        world.deliver(parcel)
        world.throw_away(parcel)


def _exchange(world: World, code: str) -> None:
    computer = world.laptop(code)
    if computer.works:
        parcel = world.send(computer, HQ)
        if parcel is not None:
            world.deliver(parcel)
            world.throw_away(parcel)
    world.confirm(code)
    back = world.send(world.hq, code)
    if back is not None:
        world.deliver(back)
        world.throw_away(back)


def _difference(world: World, code: str) -> str:
    """Say in what a branch and headquarters differ; empty where they agree in everything."""
    computer = world.laptop(code)
    if not computer.works:
        return f"nobody works there ({computer.stopped})"
    here, there = _digest(computer, computer), _digest(world.hq, computer)
    if here.sha256 != there.sha256:
        odd = [name for name in here.tables if here.tables[name] != there.tables.get(name)]
        return f"digests differ in {', '.join(odd)}"
    waiting = [r for r in world.store if r.device == computer.device and r.state != "accepted"]
    if waiting:
        return f"{len(waiting)} changeset(s) wait, the first for {waiting[0].code} at {waiting[0].seq}"
    return _unacknowledged(world, computer)


def _unacknowledged(world: World, computer: Computer) -> str:
    with computer.installation.database.reading() as session:
        head = chains.watermark(session, computer.device, 0, HEAD)
        acked = chains.watermark(session, computer.device, 0, ACKED)
        heads = chains.watermarks(session, HEAD)
    if head != acked:
        return f"acknowledged up to {acked and acked.seq} of {head and head.seq}"
    with world.hq.installation.database.reading() as session:
        own = chains.watermarks(session, HEAD)
    behind = own[world.hq.device, 0], heads.get((world.hq.device, 0))
    return "" if behind[0] == behind[1] else f"the branch has not all of chain 0: {behind}"


def _digest(computer: Computer, branch: Computer) -> Digest:
    office = branch.installation.place.office_id
    with computer.installation.database.reading() as session:
        return digest_of(session, computer.installation.roster(session), office_id=office)


def _check_paper(world: World, code: str) -> None:
    """Everything that a clerk of this branch was told is in headquarters' books."""
    accepted = {row.hash for row in world.store if row.state == "accepted"}
    for sha256, (branch, slip) in world.paper.items():
        if branch == code and sha256 not in accepted and sha256 not in world.excused:
            raise LifeError(f"kept: a {slip.kind} of {code} was answered and never came to headquarters")


def _check_dispute(world: World, code: str) -> None:
    """A dispute waits for a person: it can be seen, and the books say that they are not certain."""
    computer = world.laptop(code)
    with world.hq.installation.database.reading() as session:
        roster = world.hq.installation.roster(session)
        office = roster.office_of(computer.device)
        digest = digest_of(session, roster, office_id=office)
    doubtful = [row for row in world.store if row.code and roster.office_of(row.device) == office]
    if digest.certified and doubtful:
        raise LifeError(f"explained: {code} is disputed, and its digest is certified")


def check_anew(world: World, computer: Computer) -> None:
    """Compare the tables of a computer with a new fold of its chains, and ask every invariant in SQL."""
    failed = [check for check in verify_books(computer.installation) if not check.ok]
    with computer.installation.database.reading() as session:
        failed += [check for check in check_invariants(session) if not check.ok]
    if computer.code in world.disputed or world.disputed:
        failed = [check for check in failed if check.name != "control totals"]
    if failed:
        raise LifeError(f"anew: {computer.name}: {failed[0].name}: {failed[0].detail}")
