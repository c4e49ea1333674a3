"""Folding an office anew, and settling what a decision or a change of the roster means for chains.

Incremental folding equals folding everything again, because whatever could make a difference takes this way:
the rows of the office go, and all its accepted changesets are applied in the one order (protocol, 6 and 7).

After headquarters wrote rows of ``SETTLED`` tables, and after they came to a branch, ``settle_after`` is
called in the same transaction; units of work and imports do so by themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Final, cast

from sqlalchemy.orm import Session

from schema.base import Kind
from schema.database import take_turn
from schema.reading import connection_of, execute, fetch, fetch_one
from schema.totals import TOTALS
from schema.triggers import facts_may_be_removed
from schema.writing import images_by_table
from sync import chain as chains
from sync.arms import ArmIds, arms_of, first_of_arm, ops_from, printed_by
from sync.chain import ARM, Accepted
from sync.changeset import Changeset, Op
from sync.folding import Item, fold
from sync.lifting import lifted
from sync.overdrawn import note_overdrawn
from sync.profile_fold import forget_profiles
from sync.readmission import Change, readmit
from sync.roster import Member, Roster
from sync.rulings import ACCEPT, EXCEPTION, detail_of

DECISION: Final = "decision"
DEVICE: Final = "device"
SETTLED: Final = frozenset({DECISION, DEVICE})
"""Tables of which a new or changed row may change what of the chains counts."""

_ROWS: Final = """
SELECT seq, hash, body, signature, key_time, beacon FROM changeset
 WHERE device = ? AND chain = ? AND state = 'accepted' AND {line} AND seq >= ? ORDER BY seq LIMIT 500
"""

_WAITING: Final = "SELECT DISTINCT device, chain FROM changeset WHERE state = 'held' AND code = ?"

Key = tuple[int, int, int, bytes]


@dataclass(slots=True)
class Settled:
    """What settling a chain has changed; ``faults`` are the codes of fresh changesets without effect."""

    change: Change = field(default_factory=Change)
    faults: list[str] = field(default_factory=list)
    hq_ops: list[Op] = field(default_factory=list)
    is_hq: bool = False


def settle_after(session: Session, roster: Roster, ops: Iterable[Op]) -> None:
    """Settle what rows of decisions and of the roster, which were just written or folded, are about.

    roster  as it is now, with these rows
    """
    devices: set[int] = set()
    offices: set[int] = set()
    for op in ops:
        if op.table == DEVICE:
            found = fetch_one(session, "SELECT number FROM device WHERE id = ?", op.id)
            devices |= {found[0]} if found else set()
        elif op.table == DECISION and op.new is not None:
            if op.new["kind"] == EXCEPTION:
                offices |= _decided_exception(session, cast("bytes", op.new["case_key"]), op.new["outcome"])
            elif op.new["detail"] is not None:
                device = detail_of(cast("bytes", op.new["detail"])).get("device")
                devices |= {device} if isinstance(device, int) else set()
    settle(session, roster, devices=devices, offices=offices)


def settle_import(
    session: Session, roster_of: Callable[[], Roster], ops: Sequence[Op], *, hq_grew: bool = True
) -> None:
    """Settle what came with an import: what headquarters said of chains, and what waited for it.

    roster_of  reads the roster as it stands then
    hq_grew    changesets of headquarters came: they may name places of a forked chain, which then stay
    """
    settle_after(session, roster_of(), ops)
    codes = ("SEEN_MISSING", "FORK") if hq_grew else ("SEEN_MISSING",)
    while waiting := _grown(session, roster_of, codes):
        hq_ops = [op for settled in waiting for op in settled.hq_ops]
        settle_after(session, roster_of(), hq_ops)
        codes = ("SEEN_MISSING", "FORK") if any(settled.is_hq for settled in waiting) else ("SEEN_MISSING",)


def _grown(session: Session, roster_of: Callable[[], Roster], codes: Sequence[str]) -> list[Settled]:
    """Admit chains that wait for one of some reasons anew; gives those of which more counts now.

    What a chain of headquarters brings may add to the roster by which the next one is folded.
    """
    found: list[Settled] = []
    for code in codes:
        for device, chain in sorted(fetch(session, _WAITING, code)):
            roster = roster_of()
            writer = roster.find(device)
            if writer is not None:
                settled = settle_chain(session, roster, writer, chain)
                found += [settled] if settled.change.fresh else []
    return found


def settle(
    session: Session, roster: Roster, *, devices: Iterable[int] = (), offices: Iterable[int] = ()
) -> None:
    """Admit all chains of some devices anew and fold what changed; fold some offices anew."""
    for device in sorted(devices):
        writer = roster.find(device)
        if writer is None:
            continue
        for (chain,) in fetch(
            session, "SELECT DISTINCT chain FROM changeset WHERE device = ? ORDER BY chain", device
        ):
            settle_chain(session, roster, writer, chain)
    for office_id in sorted(offices):
        refold_office(session, roster, office_id)


def settle_chain(session: Session, roster: Roster, writer: Member, chain: int) -> Settled:
    """Admit one chain anew and fold what changed: what follows at its end, or else its whole office."""
    take_turn(session)
    change = readmit(session, roster, writer, chain)
    settled = Settled(change, is_hq=writer.is_hq)
    fresh = {sha256 for _, _, sha256 in change.fresh}
    if writer.is_hq or not (change.fresh or change.is_undone):
        items = list(_fresh_items(session, writer, chain, change))
        settled.hq_ops = [op for item in items for op in item.ops if op.table in SETTLED]
        faults = fold(session, roster, writer.office_id, items)
    elif must_refold(session, roster, writer, chain, change):
        faults = refold_office(session, roster, writer.office_id)
    else:
        faults = fold(session, roster, writer.office_id, _fresh_items(session, writer, chain, change))
        note_overdrawn(session, roster.numbers_of(writer.office_id), writer.office_id)
    settled.faults = [code for sha256, code in faults.items() if sha256 in fresh]
    return settled


def must_refold(session: Session, roster: Roster, writer: Member, chain: int, change: Change) -> bool:
    """Whether more changed than that the main line of a chain has grown behind all else of its office."""
    if change.is_undone or any(line is not None for line, _, _ in change.fresh):
        return True
    first = min(seq for _, seq, _ in change.fresh)
    row = fetch_one(
        session,
        "SELECT key_time, hash FROM changeset"
        " WHERE device = ? AND chain = ? AND seq = ? AND state = 'accepted' AND as_device IS NULL",
        writer.device,
        chain,
        first,
    )
    assert row is not None, "it was admitted"
    return not sorts_last(session, roster, writer, (row[0], writer.device, first, bytes(row[1]))) or (
        repeats_an_arm(session, writer.device, ops_from(session, writer.device, first))
    )


def sorts_last(session: Session, roster: Roster, writer: Member, key: Key) -> bool:
    """Whether a changeset comes after all that is folded of the other lines of its office."""
    for number in roster.numbers_of(writer.office_id):
        head = chains.head(session, number, 0) if number != writer.device else None
        if head is not None and (head.key_time, number, *head.place) > key:
            return False
        arm = chains.watermark(session, number, 0, ARM)
        if arm is not None:
            device, _ = first_of_arm(session, number)
            link = chains.link_at(session, device, 0, arm)
            if link is not None and (link.key_time, device, *arm) > key:
                return False
    return True


def repeats_an_arm(session: Session, device: int, changesets: Iterable[Sequence[Op]]) -> bool:
    """Whether changesets of the main line give numbers that an adopted arm of the device gave too."""
    arms = [number for number, _ in arms_of(session, device).items()]
    if not arms:
        return False
    given = {text for number in arms for text in printed_by(ops_from(session, device, 1, number))}
    return any(text in given for text in printed_by(changesets))


def refold_office(session: Session, roster: Roster, office_id: int) -> dict[bytes, str]:
    """Fold all accepted changesets of an office anew; gives hash and code of each without effect.

    Rows that other offices name must come again: what headquarters has built on stays accepted.
    """
    take_turn(session)
    numbers = roster.numbers_of(office_id)
    session.flush()
    with facts_may_be_removed(connection_of(session)):
        _empty(session, office_id, numbers)
        lines = [line for number in numbers for line in _lines(session, roster, number)]
        faults = fold(session, roster, office_id, (item for _, item in merge(*lines, key=_key)))
    note_overdrawn(session, numbers, office_id)
    session.expire_all()
    return faults


def _key(found: tuple[Key, Item]) -> Key:
    return found[0]


def _empty(session: Session, office_id: int, numbers: Sequence[int]) -> None:
    """Take away what was folded of an office; what others wrote on its rows stays, and waits for them."""
    mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
    tables = [name for name, images in images_by_table().items() if images.kind is Kind.BRANCH]
    for table in (*tables, *TOTALS, "late_entry", "loan_standing"):
        execute(session, f'DELETE FROM "{table}" WHERE origin_office_id = {mark}', [(office_id,)])  # noqa: S608 - ours
    devices = [(number,) for number in numbers]
    execute(session, f"DELETE FROM exception WHERE device = {mark}", devices)  # noqa: S608 - only a mark
    execute(
        session,
        f"UPDATE changeset SET code = '' WHERE device = {mark} AND state = 'accepted' AND code <> ''",  # noqa: S608 - only a mark
        devices,
    )
    forget_profiles(session, numbers)


def _lines(session: Session, roster: Roster, device: int) -> Iterator[Iterator[tuple[Key, Item]]]:
    """Give the lines of a device that are folded, each in its order: the main one and its adopted arms."""
    writer = roster.find(device)
    if writer is None:
        return
    yield _line(session, writer, 0, None)
    for number, ids in arms_of(session, device).items():
        yield _line(session, replace(writer, device=number), 0, ids, device)


def _line(
    session: Session,
    writer: Member,
    chain: int,
    ids: ArmIds | None,
    device: int | None = None,
    first: int = 1,
) -> Iterator[tuple[Key, Item]]:
    device = device or writer.device
    statement = _ROWS.format(line="as_device IS NULL" if ids is None else f"as_device = {int(writer.device)}")
    while rows := fetch(session, statement, device, chain, first):
        first = rows[-1][0] + 1
        for seq, sha256, body, signature, key_time, beacon in rows:
            changeset = lifted(Changeset.from_bytes(bytes(body)))
            accepted = Accepted(changeset, bytes(body), bytes(signature), bytes(sha256), key_time, beacon)
            ops = changeset.ops if ids is None else ids.mapped(changeset.ops)
            yield (key_time, device, seq, bytes(sha256)), Item(accepted, writer, ops)


def _fresh_items(session: Session, writer: Member, chain: int, change: Change) -> Iterator[Item]:
    if change.fresh:
        first = min(seq for _, seq, _ in change.fresh)
        for _, item in _line(session, writer, chain, None, first=first):
            yield item


def _decided_exception(session: Session, key: bytes, outcome: object) -> set[int]:
    """Note a decision on an exception; gives the office to fold anew where it changes the books."""
    row = fetch_one(session, "SELECT office_id, outcome FROM exception WHERE key = ?", key)
    if row is None:
        return set()
    mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
    execute(
        session,
        f"UPDATE exception SET state = 'decided', outcome = {mark} WHERE key = {mark}",  # noqa: S608 - only marks
        [(outcome, key)],
    )
    return {row[0]} if ACCEPT in {outcome, row[1]} else set()
