"""What was decided at headquarters: by whom, when, why, with whom, and in which changeset. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.changesets import readable
from hq.decision_rows import detail_of, members_of
from hq.waiting import short
from schema.base import from_milliseconds
from schema.people import User
from schema.reference import Decision, Device, Office
from schema.replication import StoredChangeset
from sync.changeset import INSERT, Changeset, hlc_ms
from sync.roster import HQ_SCOPE

SHOWN = 200
_MARK = b"\x68decision"
"""The table's name as it stands in a changeset that writes to it."""


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """One decision.

    counts   no newer one of the same case stands
    device   that it is about, 0 where it is about none; ``branch`` is its office's code
    place    device, chain and sequence of the changeset that carries it
    """

    kind: str
    outcome: str
    key: str
    reason: str
    who: str
    second: str
    at: datetime
    place: tuple[int, int, int]
    device: int
    branch: str
    detail: Mapping[str, object]
    counts: bool


def decided_list(session: Session, *, devices: Iterable[int] = (), limit: int = SHOWN) -> list[DecidedLine]:
    """List the decisions that this database has, the newest first; ``devices``: only what is about these."""
    wanted = frozenset(devices)
    hq = select(Device.number).where(Device.scope == HQ_SCOPE)
    newest_first = (
        select(StoredChangeset.body)
        .where(
            StoredChangeset.chain == 0, StoredChangeset.device.in_(hq), StoredChangeset.state == "accepted"
        )
        .order_by(StoredChangeset.hlc.desc(), StoredChangeset.device.desc())
    )
    offices = select(Device.number, Office.code).join(Office, Office.id == Device.office_id)
    codes = {row.number: row.code for row in session.execute(offices)}
    lines: list[DecidedLine] = []
    seen: set[bytes] = set()
    for body in session.scalars(newest_first).all():
        if _MARK not in body:
            continue
        for line, key in _lines(session, Changeset.from_bytes(body), codes):
            counts = key not in seen
            seen.add(key)
            if not wanted or line.device in wanted:
                lines.append(replace(line, counts=counts))
        if len(lines) >= limit:
            break
    return lines[:limit]


def _lines(
    session: Session, changeset: Changeset, codes: Mapping[int, str]
) -> Sequence[tuple[DecidedLine, bytes]]:
    found = []
    for op in reversed(changeset.ops):
        if op.table != Decision.__tablename__ or op.sign != INSERT:
            continue
        new = cast("dict[str, object]", op.new)
        detail = detail_of(cast("bytes | None", new["detail"]))
        members = members_of(cast("bytes", new["members"]))
        device = cast("int", detail.get("device") or (members[0].device if members else 0))
        actor = session.get(User, changeset.actor)
        line = DecidedLine(
            kind=str(new["kind"]),
            outcome=str(new["outcome"]),
            key=short(cast("bytes", new["case_key"])),
            reason=readable(str(new["reason"])),
            who=readable(actor.full_name or actor.username) if actor else "",
            second=readable(str(new.get("approved_by", ""))),
            at=from_milliseconds(hlc_ms(changeset.hlc)),
            place=(changeset.device, changeset.chain, changeset.seq),
            device=device,
            branch=codes.get(device, ""),
            detail=detail,
            counts=True,
        )
        found.append((line, cast("bytes", new["case_key"])))
    return found
