"""Ending, suspending and resuming devices: rows of the roster in chain 0, with a reason (protocol 1).

Bounds are places in a chain, never times. What is at or before a bound stays good for ever, so a bound never
moves back; what lies beyond is quarantined.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.text import LONGEST_NOTE, clean
from hq.decision_errors import BoundBehindError, DeviceStateError, UnknownPlaceError
from hq.decision_rows import DEVICE, write_decision
from hq.decisions import confirmed_by
from ledger.errors import NotFoundError
from schema.reference import Device
from schema.replication import StoredChangeset
from schema.writing import update
from sync import chain as chains
from sync.cases import Member, case_key
from sync.changeset import Place
from sync.roster import ACTIVE, HQ_SCOPE, RESERVE, RETIRED, REVOKED, SUSPENDED, UNCONFIRMED

PERMISSION: Final = "devices.retire"
RETIRE, REVOKE, SUSPEND, RESUME = "retire", "revoke", "suspend", "resume"
STATES: Final = {RETIRE: RETIRED, REVOKE: REVOKED, SUSPEND: SUSPENDED}
_FROM: Final = {
    RETIRE: frozenset({ACTIVE, UNCONFIRMED, SUSPENDED, RETIRED}),
    REVOKE: frozenset({ACTIVE, UNCONFIRMED, SUSPENDED, RETIRED, REVOKED}),
    SUSPEND: frozenset({ACTIVE, UNCONFIRMED}),
    RESUME: frozenset({SUSPENDED}),
}
_NOWHERE: Final = Place(0, b"")
"""The bound of a device of which nothing is good."""


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """What became of a device, and the last place of it that is good."""

    device: int
    state: str
    last_seq: int


def possible_words(device: Device) -> list[str]:
    """List what can be done with a device in its state."""
    return [] if device.scope == HQ_SCOPE else [word for word in _FROM if device.state in _FROM[word]]


def change_device(
    session: Session,
    number: int,
    word: str,
    *,
    at: int | None = None,
    reason: str = "",
    second_id: int | None = None,
) -> DeviceChange:
    """Retire, revoke, suspend or resume a device, inside a unit of work of chain 0.

    at         the last place that is good, retire and revoke only; None: the last that is in the books
    second_id  who confirms; needed to revoke, and where the bound takes something out of the books
    raises     NotFoundError; DeviceStateError; UnknownPlaceError; BoundBehindError;
               SecondPersonForDecisionError, BadSecondPersonError: nothing is changed then
    """
    device = session.scalars(select(Device).where(Device.number == number)).first()
    if device is None or device.state == RESERVE:
        raise NotFoundError(kind="device", key=number)
    if word not in possible_words(device):
        raise DeviceStateError(device=number, state=device.state)
    head = chains.watermark(session, number, 0, chains.HEAD) or _NOWHERE
    bound = head
    if word in {RETIRE, REVOKE}:
        bound = _bound(session, device, head, at)
    second = confirmed_by(session, second_id, needed=word == REVOKE or bound.seq < head.seq)
    if word in {RETIRE, REVOKE}:
        update(
            session,
            device,
            state=STATES[word],
            bound_seq=bound.seq,
            bound_hash=bound.hash or None,
        )
    else:
        resumed = ACTIVE if device.signing_key is not None else UNCONFIRMED
        update(session, device, state=STATES.get(word, resumed))
    members = (Member(number, bound.seq, bound.hash),)
    write_decision(
        session,
        DEVICE,
        word,
        case_key(DEVICE, members),
        members,
        reason=clean(reason, "reason", LONGEST_NOTE),
        approved_by=second,
        detail={"device": number, "seq": bound.seq, "hash": bound.hash},
    )
    return DeviceChange(number, device.state, bound.seq)


def _bound(session: Session, device: Device, head: Place, at: int | None) -> Place:
    known = Place(device.bound_seq, device.bound_hash or b"") if device.bound_seq is not None else _NOWHERE
    if at is None:
        return max(head, known)
    if at < known.seq:
        raise BoundBehindError(device=device.number, bound=known.seq, given=at)
    if at == 0:
        return _NOWHERE
    found = session.execute(
        select(StoredChangeset.hash).where(
            StoredChangeset.device == device.number,
            StoredChangeset.chain == 0,
            StoredChangeset.seq == at,
            StoredChangeset.state == "accepted",
            StoredChangeset.as_device.is_(None),
        )
    ).scalar_one_or_none()
    if found is None:
        raise UnknownPlaceError(device=device.number, place=at)
    return Place(at, found)


def beyond_bound(session: Session, number: int) -> int:
    """Count what is here of a device beyond its bound: stored, and not believed."""
    count: int = session.execute(
        select(func.count()).where(
            StoredChangeset.device == number,
            StoredChangeset.state == "quarantined",
            StoredChangeset.code == "REVOKED_AFTER",
        )
    ).scalar_one()
    return count
