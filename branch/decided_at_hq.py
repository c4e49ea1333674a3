"""What headquarters decided about the entries of this branch, as its own chain says here. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.base import from_milliseconds
from schema.reference import Decision, Device
from schema.replication import StoredChangeset
from sync.canonical import decode
from sync.cases import Member
from sync.changeset import INSERT, Changeset, hlc_ms
from sync.roster import HQ_SCOPE
from sync.rulings import detail_of

SHOWN: Final = 20
_MARK: Final = b"\x68decision"
"""The table's name as it stands in a changeset that writes to it."""
_LIMIT_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class DecidedHere:
    """One decision about a laptop of this branch.

    first, last  the entries that it is about, as far as it names a range; else the entry, twice
    counts       no newer decision of the same case is here
    """

    kind: str
    outcome: str
    reason: str
    at: datetime
    device: int
    first: int
    last: int
    counts: bool


def decided_here(session: Session, office_id: int) -> list[DecidedHere]:
    """List what was decided about the laptops of an office, the newest first."""
    own = frozenset(session.scalars(select(Device.number).where(Device.office_id == office_id)))
    hq = select(Device.number).where(Device.scope == HQ_SCOPE)
    bodies = session.scalars(
        select(StoredChangeset.body)
        .where(
            StoredChangeset.chain == 0, StoredChangeset.device.in_(hq), StoredChangeset.state == "accepted"
        )
        .order_by(StoredChangeset.hlc.desc(), StoredChangeset.device.desc())
    )
    found: list[DecidedHere] = []
    seen: set[object] = set()
    for body in bodies:
        if _MARK not in body or len(found) >= SHOWN:
            continue
        changeset = Changeset.from_bytes(body)
        for op in reversed(changeset.ops):
            if op.table != Decision.__tablename__ or op.sign != INSERT:
                continue
            new = cast("dict[str, object]", op.new)
            line = _line(new, from_milliseconds(hlc_ms(changeset.hlc)), counts=new["case_key"] not in seen)
            seen.add(new["case_key"])
            if line.device in own:
                found.append(line)
    return found


def _line(new: dict[str, object], at: datetime, *, counts: bool) -> DecidedHere:
    detail = detail_of(cast("bytes | None", new["detail"]))
    listed = cast("list[list[object]]", decode(cast("bytes", new["members"]), limit_bytes=_LIMIT_BYTES))
    members = [Member(*cast("tuple[int, int, bytes]", tuple(one))) for one in listed]
    seqs = [member.seq for member in members] or [0]
    last = cast("int", detail.get("last", detail.get("seq", max(seqs))))
    return DecidedHere(
        kind=str(new["kind"]),
        outcome=str(new["outcome"]),
        reason=str(new["reason"]),
        at=at,
        device=cast("int", detail.get("device") or (members[0].device if members else 0)),
        first=cast("int", detail.get("first", min(*seqs, last))),
        last=last,
        counts=counts,
    )
