"""Cases that follow from the fold: kept, changed and taken away as the writes and numbers behind them change.

A case is named by its kind and its members (protocol, section 7, rule 8), so a new member makes a new one. An
open case that nothing supports any more goes; a decided one stays, for its members.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from schema.database import upsert
from schema.reference import Decision
from schema.replication import Case
from sync.canonical import Plain, decode, encode
from sync.chain import Accepted
from sync.changeset import digest

PROFILE: Final = "profile"
IDENTITY: Final = "identity"
OPEN: Final = "open"
DECIDED: Final = "decided"

_LIMIT_BYTES: Final = 1 << 20
_TABLE: Final = cast("Table", Case.__table__)


class Member(NamedTuple):
    """A changeset that a case is about."""

    device: int
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Dispute:
    """Something that a person must judge.

    item      what it is about: ``{"table", "id", "group"}`` of a profile, ``{"number", "value", "ids"}`` of
              one number at several rows
    members   the changesets that made it so
    settled   the outcome where decisions have settled it already, else empty
    """

    item: Mapping[str, Plain]
    members: frozenset[Member]
    what: str
    office_id: int | None
    settled: str = ""


def case_key(kind: str, members: Iterable[Member]) -> bytes:
    """Give the key of a case: it follows from what it is about."""
    return digest(encode([kind, [list(member) for member in sorted(members)]]))


def exception_key(code: str, one: Accepted, about: str = "") -> bytes:
    """Give the name of an exception: it follows from what it is about, not from when it was found."""
    changeset = one.changeset
    named = [code, changeset.device, changeset.chain, changeset.seq, one.hash]
    return digest(encode([*named, about] if about else named))


def items_of(subject: bytes | None) -> list[dict[str, Plain]]:
    """Give what a profile or identity case is about: mostly one row or number, seldom several."""
    if subject is None:
        return []
    read = cast("dict[str, list[dict[str, Plain]]]", decode(subject, limit_bytes=_LIMIT_BYTES))
    return read["items"]


def about(item: Mapping[str, Plain]) -> bytes:
    """Give the name of what an item is about, without what may change of it."""
    return encode({name: value for name, value in item.items() if name != "ids"})


def set_disputes(session: Session, kind: str, found: Mapping[bytes, Dispute | None]) -> None:
    """Make the cases of ``kind`` agree with ``found``, by ``about``; None: nothing to judge any more."""
    keys = {name: case_key(kind, one.members) for name, one in found.items() if one is not None}
    opened = session.execute(select(_TABLE).where(_TABLE.c.kind == kind, _TABLE.c.state == OPEN))
    for row in opened.mappings().all():
        items = items_of(row["subject"])
        kept = [item for item in items if about(item) not in found or keys.get(about(item)) == row["key"]]
        if not kept:
            session.connection().execute(_TABLE.delete().where(_TABLE.c.key == row["key"]))
        elif kept != items:
            upsert(session, _TABLE, [{**row, "subject": _packed(kept)}])
    for name, dispute in sorted(found.items()):
        if dispute is not None:
            _put(session, kind, keys[name], dispute)


def mark_decided(session: Session, key: bytes, outcome: str) -> None:
    """Note that a decision on the case has come, if the case is here."""
    session.connection().execute(
        _TABLE.update().where(_TABLE.c.key == key).values(state=DECIDED, outcome=outcome)
    )


def _put(session: Session, kind: str, key: bytes, dispute: Dispute) -> None:
    known = session.execute(select(_TABLE.c.subject, _TABLE.c.what).where(_TABLE.c.key == key)).first()
    items = {about(item): dict(item) for item in [*items_of(known.subject if known else None), dispute.item]}
    outcome = dispute.settled or (_decided(session, key) if kind == PROFILE else "")
    row: dict[str, object] = {
        "key": key,
        "kind": kind,
        "members": encode([list(member) for member in sorted(dispute.members)]),
        "what": dispute.what if len(items) == 1 else min(dispute.what, known.what if known else dispute.what),
        "state": DECIDED if outcome else OPEN,
        "office_id": dispute.office_id,
        "subject": _packed([item for _, item in sorted(items.items())]),
        "outcome": outcome,
    }
    upsert(session, _TABLE, [row])


def _decided(session: Session, key: bytes) -> str:
    row = session.execute(
        select(Decision.outcome).where(Decision.case_key == key).order_by(Decision.id.desc()).limit(1)
    ).first()
    return row.outcome if row else ""


def _packed(items: list[dict[str, Plain]]) -> bytes:
    return encode({"items": items})
