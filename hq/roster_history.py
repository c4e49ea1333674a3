"""What became of each laptop of a branch, as headquarters' chain and the laptops' own chains tell it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.changesets import readable
from hq.unlocking import UNLOCK
from ledger.errors import N_
from schema.base import from_milliseconds
from schema.people import User
from schema.reference import Device, Office
from schema.replication import StoredChangeset
from sync import chain as chains
from sync.chain import REFERENCE_CHAIN
from sync.changeset import INSERT, Changeset, Op, Row, hlc_ms
from sync.roster import HQ_SCOPE
from sync.rulings import detail_of
from sync.succession import RESEEDED, RESTORED, ROTATED, succession_of

_STATES: Final[Mapping[tuple[str, str], str]] = {
    ("", "unconfirmed"): "registered",
    ("", "reserve"): "reserve",
    ("", "retired"): "adopted",
    ("reserve", "unconfirmed"): "kit",
    ("reserve", "active"): "confirmed",
    ("unconfirmed", "active"): "confirmed",
    ("suspended", "active"): "resumed",
    ("suspended", "unconfirmed"): "resumed",
}
"""What a change of the state is called, from what to what; others are called as the new state."""
WORDS: Final[Mapping[str, str]] = {
    "registered": N_("registered"),
    "reserve": N_("kept as a reserve number"),
    "adopted": N_("an adopted history, under a number of its own"),
    "kit": N_("written into a kit for a new laptop"),
    "confirmed": N_("confirmed"),
    "resumed": N_("resumed"),
    "suspended": N_("suspended"),
    "retired": N_("retired"),
    "revoked": N_("revoked"),
    UNLOCK: N_("opened with the recovery key"),
    RESTORED: N_("restored from a backup"),
    RESEEDED: N_("set up anew with the books of headquarters"),
    ROTATED: N_("new keys"),
}
"""What can become of a laptop, in words; what has none here is said as its name."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a laptop, by the time of the changeset that says so.

    name       of ``WORDS``
    who        the user who did it, as far as known here
    place      device, chain and number of the changeset that says it
    bound      what the laptop wrote up to this entry stays; None: nothing is said of it
    old, from_seq   whose books it goes on with, and from which entry; None where it begins its own
    reason, second  why, and who confirmed, where the decision says so
    """

    at: datetime
    device: int
    name: str
    who: str
    place: tuple[int, int, int]
    bound: int | None = None
    old: int | None = None
    from_seq: int | None = None
    reason: str = ""
    second: str = ""

    @property
    def seq(self) -> int:
        """The changeset's number in its chain."""
        return self.place[2]

    @property
    def what(self) -> str:
        """What happened, in English, for the command line."""
        words = WORDS.get(self.name, self.name)
        if self.bound is not None:
            words += f"; what it wrote up to entry {self.bound} stays"
        if self.old is not None:
            words += f": goes on with the books of laptop {self.old} from entry {self.from_seq}"
        return words


@dataclass(slots=True)
class _Known:
    """What was read so far: numbers by the id of the row, and the state of each number."""

    named: dict[int, int] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)


def roster_history(session: Session, office: Office | None = None) -> list[Event]:
    """List what happened to the laptops of an office, or of all branches, oldest first."""
    wanted = select(Device.number).where(Device.scope != HQ_SCOPE)
    if office is not None:
        wanted = wanted.where(Device.office_id == office.id)
    numbers = set(session.scalars(wanted))
    found = [*_by_headquarters(session, numbers), *_by_laptops(session, numbers)]
    return sorted(found, key=lambda event: (event.at, event.device, event.seq))


def _by_headquarters(session: Session, numbers: set[int]) -> Iterator[Event]:
    known = _Known()
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
        decided = _decided(changeset.ops)
        for device, (outcome, reason, second) in decided.items():
            if outcome == UNLOCK and device in numbers:
                yield _event(session, row, changeset, device, UNLOCK, reason=reason, second=second)
        for op in changeset.ops:
            for device, name, bound in _said(op, known):
                if device in numbers:
                    _outcome, reason, second = decided.get(device, ("", readable(changeset.note), ""))
                    event = _event(session, row, changeset, device, name, reason=reason, second=second)
                    yield replace(event, bound=bound)


def _decided(ops: Iterable[Op]) -> dict[int, tuple[str, str, str]]:
    """Give what a changeset decides about laptops, by number: outcome, reason, second person."""
    found = {}
    for op in ops:
        new: Row = op.new or {}
        if op.table != "decision" or new.get("kind") != "device":
            continue
        detail = new.get("detail")
        device = detail_of(detail).get("device") if isinstance(detail, bytes) else None
        if isinstance(device, int):
            reason, second = (readable(str(new.get(name) or "")) for name in ("reason", "approved_by"))
            found[device] = (str(new.get("outcome")), reason, second)
    return found


def _said(op: Op, known: _Known) -> Iterator[tuple[int, str, int | None]]:
    """Give number, event and bound of an op about a laptop; ``known`` is kept from op to op."""
    if op.table != "device":
        return
    new: Row = op.new or {}
    if op.sign == INSERT and isinstance(new.get("number"), int):
        known.named[op.id] = int(str(new["number"]))
    device, state = known.named.get(op.id), new.get("state")
    if device is None or not isinstance(state, str):
        return
    before = known.states.get(device, "")
    known.states[device] = state
    bound = new.get("bound_seq")
    if before != state:
        yield device, _STATES.get((before, state), state), bound if isinstance(bound, int) else None


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
            event = _event(session, row, changeset, row.device, claim.how)
            yield replace(event, old=claim.old_device, from_seq=claim.seq)


def _event(
    session: Session,
    row: StoredChangeset,
    changeset: Changeset,
    device: int,
    name: str,
    *,
    reason: str = "",
    second: str = "",
) -> Event:
    actor = session.get(User, changeset.actor)
    who = readable(actor.full_name or actor.username) if actor is not None else ""
    place = (row.device, row.chain, row.seq)
    at = from_milliseconds(hlc_ms(row.hlc))
    return Event(at, device, name, who, place, reason=reason, second=second)
