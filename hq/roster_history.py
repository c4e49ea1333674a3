"""What became of each laptop of a branch, as headquarters' chain and the laptops' own chains tell it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.changesets import readable
from schema.base import from_milliseconds
from schema.people import User
from schema.reference import Device, Office
from schema.replication import StoredChangeset
from sync import chain as chains
from sync.chain import REFERENCE_CHAIN
from sync.changeset import INSERT, Changeset, Op, Row, hlc_ms
from sync.rulings import detail_of
from sync.succession import succession_of

_STATES: Final[Mapping[tuple[str, str], str]] = {
    ("", "unconfirmed"): "registered",
    ("", "reserve"): "kept as a reserve number",
    ("", "retired"): "an adopted history, under a number of its own",
    ("reserve", "unconfirmed"): "written into a kit for a new laptop",
    ("reserve", "active"): "confirmed",
    ("unconfirmed", "active"): "confirmed",
    ("suspended", "active"): "resumed",
}
"""What a change of the state says, from what to what; others say the new state."""
_WAYS: Final[Mapping[str, str]] = {
    "restored": "restored from a backup",
    "reseeded": "set up anew with the books of headquarters",
    "rotated": "new keys",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a laptop, by the time of the changeset that says so.

    ``who`` is the user who did it, as far as known here; ``seq`` the changeset's number in its chain.
    """

    at: datetime
    device: int
    what: str
    who: str
    seq: int


def roster_history(session: Session, office: Office) -> list[Event]:
    """List what happened to the laptops of an office, oldest first."""
    numbers = set(session.scalars(select(Device.number).where(Device.office_id == office.id)))
    found = [*_by_headquarters(session, numbers), *_by_laptops(session, numbers)]
    return sorted(found, key=lambda event: (event.at, event.device, event.seq))


def _by_headquarters(session: Session, numbers: set[int]) -> Iterator[Event]:
    named: dict[int, int] = {}
    states: dict[int, str] = {}
    wanted = (
        select(StoredChangeset)
        .where(
            StoredChangeset.device.in_(chains.hq_devices(session)),
            StoredChangeset.chain == REFERENCE_CHAIN,
            StoredChangeset.state == "accepted",
        )
        .order_by(StoredChangeset.hlc)
    )
    for row in session.scalars(wanted):
        changeset = Changeset.from_bytes(row.body)
        for op in changeset.ops:
            for device, what in _said(op, named, states):
                if device in numbers:
                    yield _event(session, row, changeset, device, what)


def _said(op: Op, named: dict[int, int], states: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Give device and words of an op about a laptop; ``named`` and ``states`` are kept from op to op."""
    new: Row = op.new or {}
    if op.table == "decision" and new.get("kind") == "device":
        detail = new.get("detail")
        device = detail_of(detail).get("device") if isinstance(detail, bytes) else None
        if isinstance(device, int):
            yield device, "opened with the recovery key"
    if op.table != "device":
        return
    if op.sign == INSERT and isinstance(new.get("number"), int):
        named[op.id] = int(str(new["number"]))
    device, state = named.get(op.id), new.get("state")
    if device is None or not isinstance(state, str):
        return
    before = states.get(device, "")
    states[device] = state
    bound = new.get("bound_seq")
    words = _STATES.get((before, state), state)
    if isinstance(bound, int):
        words += f"; what it wrote up to entry {bound} stays"
    if before != state:
        yield device, words


def _by_laptops(session: Session, numbers: set[int]) -> Iterator[Event]:
    firsts = select(StoredChangeset).where(
        StoredChangeset.device.in_(numbers),
        StoredChangeset.chain == REFERENCE_CHAIN,
        StoredChangeset.seq == 1,
        StoredChangeset.state == "accepted",
    )
    for row in session.scalars(firsts):
        changeset = Changeset.from_bytes(row.body)
        claim = succession_of(changeset)
        if claim is not None:
            way = _WAYS.get(claim.how, "")
            what = f"{way}: goes on with the books of laptop {claim.old_device} from entry {claim.seq}"
            yield _event(session, row, changeset, row.device, what)


def _event(session: Session, row: StoredChangeset, changeset: Changeset, device: int, what: str) -> Event:
    actor = session.get(User, changeset.actor)
    who = readable(actor.full_name or actor.username) if actor is not None else ""
    return Event(from_milliseconds(hlc_ms(row.hlc)), device, what, who, row.seq)
