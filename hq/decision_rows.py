"""The rows in which a decision of headquarters stands (protocol, section 7, rule 8), written and read.

A decision names what it is about by places in chains, never by when or where somebody saw it: the key of a
case is the SHA-256 of its kind and its sorted members. The newest decision of a key counts; undoing one is
a newer one.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.reference import Decision
from schema.writing import insert
from sync.canonical import decode, encode
from sync.cases import Member, items_of

FORK, GAP, RELEASE, EXCEPTION = "fork", "gap", "release", "exception"
PAIR, PROFILE, VOID = "pair", "profile", "void"
DEVICE, TAIL = "device", "tail"
"""About a laptop, and that a tail stays where it is: for people, the fold reads neither."""

_LIMIT_BYTES: Final = 1 << 20


def members_of(packed: bytes) -> tuple[Member, ...]:
    """Read the members of a case or a decision."""
    listed = cast("list[list[object]]", decode(packed, limit_bytes=_LIMIT_BYTES))
    return tuple(Member(*cast("tuple[int, int, bytes]", tuple(one))) for one in listed)


def detail_of(packed: bytes | None) -> dict[str, object]:
    """Read the detail of a decision or the subject of a case; empty where there is none."""
    if packed is None:
        return {}
    read = decode(packed, limit_bytes=_LIMIT_BYTES)
    assert isinstance(read, dict), "a map, as the schema says"
    return cast("dict[str, object]", read)


def write_decision(
    session: Session,
    kind: str,
    outcome: str,
    key: bytes,
    members: Iterable[Member],
    *,
    reason: str,
    approved_by: str = "",
    detail: Mapping[str, object] | None = None,
) -> Decision:
    """Write one decision into the changeset that is being made; gives its row.

    kind, outcome  such as fork and adopt; the list is in docs/conflict-rules.md
    key            of the case, or of the exception
    approved_by    log-in name of the second person, empty where there is none
    """
    row = Decision(
        case_key=key,
        kind=kind,
        outcome=outcome,
        reason=reason,
        members=encode([list(member) for member in sorted(members)]),
        detail=None if detail is None else encode(dict(detail)),
        approved_by=approved_by,
    )
    insert(session, row)
    return row


def newest_decision(session: Session, key: bytes, kind: str = "") -> Decision | None:
    """Give the decision of a key that counts: the newest one, by the order in which they were written."""
    wanted = select(Decision).where(Decision.case_key == key)
    if kind:
        wanted = wanted.where(Decision.kind == kind)
    return session.scalars(wanted.order_by(Decision.id.desc()).limit(1)).first()


def decisions_of_kind(session: Session, kind: str) -> list[Decision]:
    """List the decisions of one kind, the oldest first."""
    return list(session.scalars(select(Decision).where(Decision.kind == kind).order_by(Decision.id)))


def pairs_of(subject: bytes | None) -> list[tuple[str, int, int]]:
    """Give the pairs of rows that a case of one number is about: table and two ids, the smaller first."""
    found = set()
    for item in items_of(subject):
        table = str(item.get("table", "client"))
        pairs = combinations(sorted(cast("list[int]", item["ids"])), 2)
        found |= {(table, first, second) for first, second in pairs}
    return sorted(found)
