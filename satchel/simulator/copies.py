"""Laptops that are two or are older than they were, keys that were stolen, programs that break a rule."""

import shutil
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from ledger.errors import RuleError, TrustError
from satchel.simulator.mishaps import Mishap
from satchel.simulator.node import Computer
from satchel.simulator.template import CLERK, HQ, TWIN, copy_home
from satchel.simulator.work import LifeError
from satchel.simulator.world import World
from schema.database import SCHEMA_REVISION, upsert
from schema.replication import StoredChangeset
from schema.writing import images_by_table
from sync import chain as chains
from sync.chain import HEAD, Accepted
from sync.changeset import INSERT, Changeset, Op, Place, Value, digest
from sync.home import DATABASE_FILE

_FAR: Final = 1 << 30
_MOST_COPIES: Final = 2


def back_up(world: World) -> bool:
    """Somebody copies a laptop's whole home, by hand, while the program is stopped."""
    computer = world.draw_laptop()
    if computer is None:
        return False
    computer.end()
    kept = world.folder / f"kept-{computer.name}"
    shutil.rmtree(kept, ignore_errors=True)
    copy_home(computer.root, kept)
    computer.start()
    world.backups[computer.name] = computer.head()
    return True


def older_database(world: World) -> bool:
    """Yesterday's database is put under today's journal: the program brings it forward, or says why not."""
    computer = _backed_up(world)
    if computer is None:
        return False
    head, kept = computer.head(), world.folder / f"kept-{computer.name}" / DATABASE_FILE
    if head == world.backups[computer.name]:
        return False
    computer.end()
    aside = world.folder / "aside"
    shutil.copytree(computer.root, aside)
    for leftover in computer.root.glob(f"{DATABASE_FILE}*"):
        leftover.unlink()
    shutil.copy(kept, computer.root / DATABASE_FILE)
    _start_anyhow(computer)
    if computer.stopped:  # it builds on what headquarters said since: the newer one is put back
        _put_back(computer, aside)
    elif computer.head() != head:
        raise LifeError(f"kept: {computer.name} was brought forward to {computer.head()} of {head}")
    shutil.rmtree(aside)
    return True


def _put_back(computer: Computer, aside: object) -> None:
    computer.end()
    shutil.rmtree(computer.root)
    shutil.copytree(str(aside), computer.root)
    computer.stopped = ""
    computer.start()


def older_home(world: World) -> bool:
    """A laptop is restored from an older copy, journal and all, and people go on working on it."""
    computer = _backed_up(world)
    if computer is None or computer.code in world.disputed:
        return False
    lost = {sha256 for _, sha256 in computer.own_hashes(world.backups[computer.name])}
    if not lost:
        return False
    computer.end()
    shutil.rmtree(computer.root)
    copy_home(world.folder / f"kept-{computer.name}", computer.root)
    world.excused |= lost
    world.disputed.add(computer.code)
    world.tell(f"{computer.name}: restored from an older copy, {len(lost)} changesets are not on it")
    _start_anyhow(computer)
    return True


def clone(world: World) -> bool:
    """A laptop's home is copied to a second laptop, and both are used."""
    computer = world.draw_laptop()
    if computer is None:
        return False
    copies = [name for name in world.computers if name.startswith(f"{computer.code}-")]
    if len(copies) >= _MOST_COPIES:
        return False
    computer.end()
    made = world.add_computer(f"{computer.code}-{len(copies) + 2}", computer.code, computer.root)
    made.opener = computer.opener
    computer.start()
    made.start()
    world.disputed.add(computer.code)
    for _ in range(world.chance.randrange(1, 4)):
        world.work(made)
        world.work(computer)
    world.send(made, HQ)
    return True


def work_on_copy(world: World) -> bool:
    """A second laptop of a branch is worked on, and its bundle sent."""
    copies = [c for c in world.computers.values() if c.name not in {*world.laptops.values(), HQ} and c.works]
    if not copies:
        return False
    computer = world.chance.choice(copies)
    world.work(computer)
    world.send(computer, HQ)
    return True


def twin_of_kit(world: World) -> bool:
    """A second laptop was set up from one kit: each of them claims the branch."""
    if TWIN not in world.laptops or f"{TWIN}-twin" in world.computers:
        return False
    made = world.add_computer(f"{TWIN}-twin", TWIN, world.template.folder / f"{TWIN}-twin")
    made.opener = world.template.openers[f"{TWIN}-twin"]
    world.keys[made.device].add(made.opener.secrets.signing_key.public)
    world.disputed.add(TWIN)
    made.start()
    parcel = world.send(made, HQ)
    if parcel is not None:
        world.deliver(parcel)
    return True


def broken_rule(name: str) -> Mishap:
    """Make the mishap that a faulty program signs what no rule allows: it must stay without effect."""

    def happen(world: World) -> bool:
        computer = world.draw_laptop()
        if computer is None or computer.installation.read_only_because is not None:
            return False
        world.auditor.ignored.add(_forge(computer, _OPS[name](computer)))
        world.uncertain.add(computer.code)
        return True

    return happen


def wrong_signature(world: World) -> bool:
    """Somebody writes a changeset into a branch's chain and has no key: a bundle of it must be refused."""
    computer = world.draw_laptop()
    if computer is None or computer.code in world.disputed or computer.installation.read_only_because:
        return False
    thief = world.add_computer_for_now(computer)
    _forge(thief, _unbalanced(thief), spoil=True)
    parcel = world.send(thief, HQ)
    if parcel is not None:
        parcel.damaged = "forged"
        before = world.count_stored(world.hq)
        world.deliver(parcel)
        world.throw_away(parcel)
        if world.count_stored(world.hq) != before:
            raise LifeError("authentic: a bundle with a forged signature left something at headquarters")
    world.drop_computer(thief)
    return True


def _forge(computer: Computer, ops: tuple[Op, ...], *, spoil: bool = False) -> bytes:
    """Sign ops and put them at the head of a computer's chain, no table is touched; gives the hash."""
    installation = computer.installation
    signer = installation.signer
    with installation.exclusive() as session:
        head = chains.head(session, signer.device, 0)
        assert head is not None, "a branch begins with its first user"
        made = Changeset(
            device=signer.device,
            chain=0,
            seq=head.seq + 1,
            prev=head.hash,
            hlc=chains.newest_hlc(session, signer.device) + 1,
            date="2026-01-05",
            actor=CLERK,
            kind="test.forge",
            note="",
            schema=SCHEMA_REVISION,
            rules=1,
            reference=0,
            ops=ops,
            seen={},
        )
        body = made.to_bytes()
        signature = signer.key.sign("changeset", signer.institution_id, body)
        if spoil:
            signature = signature[:-1] + bytes((signature[-1] ^ 1,))
        link = chains.follow(made, digest(body), head, [], is_hq=False)
        accepted = Accepted(made, body, signature, link.hash, link.key_time, link.beacon)
        upsert(session, StoredChangeset.__table__, [chains.stored_row(accepted)])  # type: ignore[arg-type]  # a table
        chains.set_watermark(session, signer.device, 0, HEAD, Place(made.seq, link.hash))
    return link.hash


def _copied(computer: Computer, table: str, number: int, **changed: Value) -> Op:
    """Give the insert of a row like the newest of ``table`` under an id far beyond the branch's own."""
    names = images_by_table()[table].columns
    columns = ", ".join(f'"{name}"' for name in names)
    with computer.installation.database.reading() as session:
        row = session.connection().exec_driver_sql(
            f'SELECT {columns} FROM "{table}" ORDER BY id DESC LIMIT 1'  # noqa: S608 - names are ours
        )
        new: Mapping[str, Value] = dict(zip(names, row.one(), strict=True)) | changed
    return Op(table, INSERT, (computer.device << 40) + _FAR + number + computer.head() * 10, new, None)


def _unbalanced(computer: Computer) -> tuple[Op, ...]:
    entry = _copied(computer, "journal_entry", 1)
    line = _copied(computer, "journal_line", 2, journal_entry_id=entry.id, debit=777, credit=0)
    return (line, entry)


def _foreign_id(computer: Computer) -> tuple[Op, ...]:
    op = _copied(computer, "client", 3)
    return (op._replace(id=op.id + (7 << 40)),)


def _other_office(computer: Computer) -> tuple[Op, ...]:
    return (_copied(computer, "client", 4, origin_office_id=7),)


_OPS: Final = {"unbalanced": _unbalanced, "foreign_id": _foreign_id, "other_office": _other_office}


def _backed_up(world: World) -> Computer | None:
    found = [
        world.computers[name]
        for name in sorted(world.backups)
        if world.computers[name].works and world.laptops.get(world.computers[name].code) == name
    ]
    return world.chance.choice(found) if found else None


def _start_anyhow(computer: Computer) -> None:
    """Start a home that may find out that it is older than it was."""
    with suppress(TrustError, RuleError):
        computer.start()
    refusal = computer.running and computer.running.read_only_because
    if refusal:
        computer.stopped = refusal.code
    elif not computer.running:
        computer.stopped = computer.stopped or "CHAIN_RESTORED"


def revoke(world: World) -> bool:
    """Headquarters hears of a stolen laptop and revokes its device from here on."""
    from hq.devices import REVOKE, change_device  # noqa: PLC0415 - nothing else here needs headquarters

    codes = sorted(world.disputed & world.laptops.keys())
    if not codes:
        return False
    computer = world.laptop(world.chance.choice(codes))
    try:
        with world.hq.installation.unit_of_work("device.revoke", world.chief) as session:
            change_device(session, computer.device, REVOKE, reason="the laptop was stolen")
    except RuleError:
        return False
    world.revoked.add(computer.code)
    world.look_at(world.hq)
    return True


COPIES: Final[tuple[tuple[str, int, Mishap], ...]] = (
    ("backup_by_hand", 4, back_up),
    ("older_database", 4, older_database),
    ("older_home", 2, older_home),
    ("clone", 3, clone),
    ("clone_used", 1, work_on_copy),
    ("kit_twice", 1, twin_of_kit),
    *((name, 1, broken_rule(name)) for name in _OPS),
    ("forged", 4, wrong_signature),
    ("revoked", 1, revoke),
)
"""Name, weight and doing of each."""
