"""Forks as cases for a person, and what headquarters' own chain says about the arms."""

from collections.abc import Sequence
from typing import Final, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from schema.base import LONGEST_CUT
from schema.database import upsert
from schema.reading import connection_of, execute, fetch, fetch_one
from schema.replication import Case
from sync.canonical import decode, decode_unwalked, encode
from sync.changeset import MAX_BYTES, digest
from sync.forks import Fork
from sync.roster import Member, Roster

FORK: Final = "fork"
_FOLLOWING: Final = """
SELECT chain, seq, body FROM changeset
 WHERE device = ? AND state = 'accepted' AND (chain > ? OR (chain = ? AND seq > ?))
 ORDER BY chain, seq LIMIT 500
"""


def anchor_of(session: Session, roster: Roster, device: int) -> bytes | None:
    """Give the newest place of ``device`` that headquarters' chain names: what it acknowledged stays."""
    newest, named = 0, None
    for hq_device in roster.hq_devices():
        at = (0, 0)
        while rows := fetch(
            session,
            _FOLLOWING,
            hq_device,
            at[0],
            *at,
        ):
            at = rows[-1][0], rows[-1][1]
            for _, _, body in rows:
                fields = cast("dict[str, object]", decode_unwalked(bytes(body), limit_bytes=MAX_BYTES))
                seen = cast("dict[int, tuple[int, bytes]]", fields["seen"])
                if device in seen and seen[device][0] > newest:
                    newest, named = seen[device]
    return named


def set_fork_cases(session: Session, writer: Member, chain: int, forks: Sequence[Fork]) -> None:
    """Make the cases about forks of a chain those that there are; a decided one stays for its members."""
    found: dict[bytes, dict[str, object]] = {}
    for fork in forks:
        members = [[writer.device, place.seq, place.hash] for place in fork.members]
        key = digest(encode([FORK, members]))
        outcome = _outcome(session, key) or ("adopt" if fork.is_decided else "")
        found[key] = {
            "key": key,
            "kind": FORK,
            "members": encode(members),
            "what": f"device {writer.device} wrote {len(members)} different entries {fork.members[0].seq}",
            "state": "decided" if outcome else "open",
            "office_id": writer.office_id,
            "outcome": outcome,
        }
    rows = fetch(session, "SELECT key, members FROM conflict_case WHERE kind = ? AND state = ?", FORK, "open")
    gone = [
        (bytes(key),)
        for key, members in rows
        if bytes(key) not in found and _device_of(bytes(members)) == writer.device
    ]
    if gone and chain == 0:
        mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
        execute(session, f"DELETE FROM conflict_case WHERE key = {mark}", gone)  # noqa: S608 - only a mark
    upsert(session, cast("Table", Case.__table__), list(found.values()))


def _device_of(members: bytes) -> int:
    return cast("list[tuple[int, int, bytes]]", decode(members, limit_bytes=LONGEST_CUT))[0][0]


def _outcome(session: Session, key: bytes) -> str:
    row = fetch_one(session, "SELECT outcome FROM decision WHERE case_key = ? ORDER BY id DESC LIMIT 1", key)
    return str(row[0]) if row else ""
