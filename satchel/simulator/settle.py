"""When the faults stop: what can still arrive arrives, and all books agree within a few exchanges."""

from datetime import timedelta
from typing import Final

from hq.decision_rows import FORK
from satchel.simulator.decisions import ADOPT, decide_item, list_waiting
from satchel.simulator.mishaps import DELAY
from satchel.simulator.node import Computer
from satchel.simulator.template import HQ, TWIN
from satchel.simulator.work import LifeError
from satchel.simulator.world import World
from schema.invariants import check_invariants
from sync import chain as chains
from sync.chain import ACKED, HEAD
from sync.digest import Digest, digest_of
from sync.verify import verify_books

EXCHANGES: Final = 4
"""So many journeys to headquarters and back must be enough."""
DECISIONS_AT_MOST: Final = 6
AFTER_DISPUTES: Final = frozenset({"control totals"})
"""What may rightly differ where two laptops worked on one account: each counted alone."""


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
    told: dict[str, str] = {}
    for _ in range(EXCHANGES):
        for code in sorted(world.laptops):
            _exchange(world, code)
        told = {code: _difference(world, code) for code in left}
        left = [code for code in left if told[code]]
        if not left:
            break
    for code in sorted(set(world.laptops) - world.disputed):
        if found := told[code] if code in told else _difference(world, code):
            raise LifeError(f"converged: {code} and headquarters do not agree: {found}")
        _check_paper(world, code)
    for code in sorted(world.disputed & world.laptops.keys()):
        _settle_dispute(world, code)
    for computer in (world.hq, world.laptop(world.chance.choice(sorted(world.laptops)))):
        if computer.works and computer.code not in world.uncertain:
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
    waiting = [row for row in world.store if row.device == computer.device and row.state != "accepted"]
    if waiting:
        return f"{len(waiting)} changeset(s) wait, the first for {waiting[0].code} at {waiting[0].seq}"
    if behind := _unacknowledged(world, computer):
        return behind
    here, there = _digest(computer, computer), _digest(world.hq, computer)
    if here.sha256 != there.sha256:
        odd = [name for name in here.tables if here.tables[name] != there.tables.get(name)]
        return f"digests differ in {', '.join(odd)}"
    return ""


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


def _settle_dispute(world: World, code: str) -> None:
    """Everything that can still come comes; then decisions settle it, and what both drawers took is there."""
    for computer in world.computers.values():
        if computer.code == code and computer.running is not None:
            parcel = world.send(computer, HQ)
            if parcel is not None:
                world.deliver(parcel)
                world.throw_away(parcel)
    _check_seen(world, code)
    for _ in range(DECISIONS_AT_MOST):
        forks = [item for item in list_waiting(world, code) if item.family == FORK]
        if not forks or not decide_item(world, forks[0], [ADOPT]):
            break
    waiting = [item for item in list_waiting(world, code) if item.family == FORK]
    if waiting:
        raise LifeError(f"converged: the fork of {code} cannot be settled by decisions")
    if code not in world.revoked and code != TWIN:
        _check_adopted(world, code)


def _check_seen(world: World, code: str) -> None:
    """A dispute can be seen, and the books say that they are not certain; one that was decided is none."""
    with world.hq.installation.database.reading() as session:
        roster = world.hq.installation.roster(session)
        office = roster.office_of(world.laptop(code).device)
        if office is None:
            return
        digest = digest_of(session, roster, office_id=office)
    waiting = [row for row in world.store if (row.state, row.code) == ("held", "FORK")]
    if digest.certified and any(roster.office_of(row.device) == office for row in waiting):
        raise LifeError(f"explained: {code} is disputed, and its digest is certified")


def _check_adopted(world: World, code: str) -> None:
    """After both arms were adopted, everything that either laptop answered is in the books, once."""
    if any(branch == code and word != ADOPT for branch, family, word in world.decided if family == FORK):
        return
    rows = {row.hash: row for row in world.store}
    for sha256, (branch, slip) in world.paper.items():
        if branch != code or sha256 not in rows:
            continue
        row = rows[sha256]
        if row.state != "accepted":
            raise LifeError(
                f"kept: all arms of {code} were adopted, a {slip.kind} at {row.seq} is {row.state} {row.code}"
            )


def check_anew(world: World, computer: Computer) -> None:
    """Compare the tables of a computer with a new fold of its chains, and ask every invariant in SQL."""
    failed = [check for check in verify_books(computer.installation) if not check.ok]
    with computer.installation.database.reading() as session:
        failed += [check for check in check_invariants(session) if not check.ok]
    if world.disputed | world.uncertain:
        failed = [check for check in failed if check.name not in AFTER_DISPUTES]
    if failed:
        raise LifeError(f"anew: {computer.name}: {failed[0].name}: {failed[0].detail}")
