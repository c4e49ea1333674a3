"""The fold: accepted changesets judged, and the ops of those that break no rule applied to the tables.

What breaks a rule stays accepted and signed, has no effect as a whole, and waits for a person as an
exception. The newest decision on it counts: ``accept`` makes it effective, unless no table could hold it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from schema.database import take_turn, upsert
from schema.reading import connection_of, execute
from schema.replication import ExceptionItem
from sync.cases import exception_key
from sync.chain import Accepted
from sync.changeset import Op
from sync.lot import Lot
from sync.meaning import Fault, Judge
from sync.profile_fold import Effective, concerns_profiles, fold_profiles
from sync.replay import apply_ops
from sync.roster import Member, Roster
from sync.rulings import ACCEPT, outcomes

_TOGETHER: Final = 2_000
_ONE_BY_ONE: Final = 64
"""So few changesets, one of which may have a fault, are judged each by itself."""


class Item(NamedTuple):
    """An accepted changeset as it is folded: who counts as its writer, and its ops in today's columns.

    Of an adopted arm the writer is the device of its new number, and ``ops`` carry the mapped ids.
    """

    accepted: Accepted
    writer: Member
    ops: Sequence[Op]


def fold(session: Session, roster: Roster, office_id: int, items: Iterable[Item]) -> dict[bytes, str]:
    """Fold changesets of one office, given in the one order; gives hash and code of each without effect.

    What surely has no fault concerns its office alone, and is applied beside imports of other offices; faults
    and shared rows wait for the turn.
    """
    decided = outcomes(session)
    codes: dict[bytes, str] = {}
    remaining = iter(items)
    while some := list(islice(remaining, _TOGETHER)):
        lot = Lot([item.ops for item in some])
        judge = Judge.of(session, roster, office_id, lot)
        is_good = _is_good(judge, some, lot)
        if not is_good and take_turn(session):
            judge = Judge.of(session, roster, office_id, lot)
        effective: list[Item] = []
        for part in [some] if is_good else _good_or_single(judge, some):
            if len(part) > 1 or not _is_exception(session, judge, part[0], decided, codes):
                effective += part
        folded = lot if len(effective) == len(some) else Lot([item.ops for item in effective])
        apply_ops(session, folded)
        if concerns_profiles(folded):
            take_turn(session)
            fold_profiles(session, list(_as_folded(effective)))
    return codes


def _is_good(judge: Judge, items: Sequence[Item], lot: Lot) -> bool:
    """Whether surely none of several changesets has a fault."""
    writer = items[0].writer
    is_one = len(items) > 1 and all(item.writer is writer for item in items)
    return is_one and judge.is_good(writer, lot)


def _good_or_single(judge: Judge, items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut into runs of which surely none has a fault, and single changesets that are still to be judged."""
    if len(items) <= _ONE_BY_ONE:
        for item in items:
            yield [item]
        return
    middle = len(items) // 2
    for half in (items[:middle], items[middle:]):
        if _is_good(judge, half, Lot([item.ops for item in half])):
            yield half
        else:
            yield from _good_or_single(judge, half)


def _as_folded(items: Iterable[Item]) -> Iterator[Effective]:
    for item in items:
        device = item.writer.device
        is_arm = device != item.accepted.changeset.device
        yield Effective(item.accepted, item.ops, device if is_arm else None)


def _is_exception(
    session: Session, judge: Judge, item: Item, decided: Mapping[bytes, str], codes: dict[bytes, str]
) -> bool:
    fault = judge.fault_of(item.writer, item.ops)
    if fault is None:
        return False
    outcome = decided.get(exception_key(fault.code, item.accepted), "")
    _raise_exception(session, item, fault, outcome)
    if outcome == ACCEPT and judge.fault_of(item.writer, item.ops, is_pardoned=True) is None:
        return False
    codes[item.accepted.hash] = fault.code
    _set_code(session, item.accepted, fault.code)
    return True


def _raise_exception(session: Session, item: Item, fault: Fault, outcome: str) -> None:
    note_exception(session, item.accepted, item.writer.office_id, fault.code, fault.what, outcome=outcome)


def note_exception(
    session: Session,
    accepted: Accepted,
    office_id: int,
    code: str,
    what: str,
    *,
    about: str = "",
    outcome: str = "",
) -> None:
    """Put a changeset on the list of what waits for a person.

    about  what of it is meant, where one changeset can give rise to several exceptions of a kind
    """
    changeset = accepted.changeset
    row: dict[str, object] = {
        "key": exception_key(code, accepted, about),
        "code": code,
        "device": changeset.device,
        "chain": changeset.chain,
        "seq": changeset.seq,
        "hash": accepted.hash,
        "office_id": office_id,
        "what": what,
        "state": "decided" if outcome else "open",
        "outcome": outcome,
    }
    upsert(session, cast("Table", ExceptionItem.__table__), [row])


def _set_code(session: Session, one: Accepted, code: str) -> None:
    mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
    statement = f"UPDATE changeset SET code = {mark} WHERE device = {mark} AND chain = {mark} AND seq = {mark} AND hash = {mark}"  # noqa: S608, E501 - only marks
    changeset = one.changeset
    execute(session, statement, [(code, changeset.device, changeset.chain, changeset.seq, one.hash)])
