"""The change feed: accepted changesets, each once, from a place that the cursor of the consumer names.

Nothing is kept for consumers. A cursor is how far each line was read: the number that a line is folded under
(the device, or the number of an adopted arm), its chain, a sequence number and the first bytes of the hash
there. The hash tells when a line has been replaced since, by a decision about a fork or by the bound of a
device that was revoked: what was given out and counts no more is named, and the line goes on where it still
agrees (protocol, sections 4 and 5).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple, cast

from sqlalchemy.orm import Session

from hq.decision_rows import FORK, decisions_of_kind, detail_of
from schema.reading import fetch, fetch_one
from sync.arms import arms_of
from sync.chain import ARM, HEAD
from sync.changeset import Changeset, Op
from sync.lifting import lifted
from sync.roster import Roster

HASH_BYTES: Final = 4
"""Of a hash, in a cursor: they tell the few changesets of one place apart."""
ANSWER_BYTES: Final = 4 << 20
"""Of changesets, after which an answer ends, however many were asked for."""
_LEAST_AT_ONCE: Final = 4

_BEFORE: Final = """
SELECT seq, hash, prev FROM changeset
 WHERE device = ? AND chain = ? AND seq < ? AND hash = ? ORDER BY seq DESC LIMIT 1
"""
_LINES: Final = "SELECT device, chain, stage, seq, hash FROM watermark WHERE stage IN (?, ?)"


class Line(NamedTuple):
    """What is folded as one: ``number`` is the device, or the number of an adopted arm."""

    number: int
    chain: int


class At(NamedTuple):
    """A place in a line; sequence 0 is before its first changeset."""

    seq: int
    hash: bytes


START: Final = At(0, b"")
Cursor = Mapping[Line, At]


@dataclass(frozen=True, slots=True)
class Change:
    """An accepted changeset as it is folded: ``ops`` in today's columns, of an adopted arm with mapped ids.

    ``code`` says why it has no effect on the tables, else it is empty; a later decision may change that.
    """

    number: int
    device: int
    chain: int
    seq: int
    hash: bytes
    code: str
    changeset: Changeset
    ops: Sequence[Op]


class Undone(NamedTuple):
    """A changeset that was given out, and counts no more on its line."""

    number: int
    chain: int
    seq: int
    hash: bytes


@dataclass(slots=True)
class Found:
    """One answer of the feed; ``has_more`` when asking again at once gives more."""

    changes: list[Change] = field(default_factory=list)
    undone: list[Undone] = field(default_factory=list)
    cursor: dict[Line, At] = field(default_factory=dict)
    has_more: bool = False


class _Key(NamedTuple):
    """Where a changeset stands in the one order, and its line."""

    key_time: int
    number: int
    seq: int
    hash: bytes
    line: Line
    device: int


def read_feed(session: Session, roster: Roster, cursor: Cursor, limit: int, office_id: int | None) -> Found:
    """Give what follows a cursor, over all lines in the one order.

    office_id  only lines of its devices, and headquarters' chain for it; None: all
    """
    found = Found(cursor=dict(cursor))
    number = _number_of(session, office_id)
    heads = _heads(session)
    waiting: list[tuple[Line, int, At]] = []
    for line in sorted(heads.keys() | cursor.keys()):
        if office_id is not None and not _is_of(roster, line, office_id, number):
            continue
        at, head = cursor.get(line, START), heads.get(line, START)
        if (at.seq, at.hash) == (head.seq, head.hash[:HASH_BYTES]):
            continue
        device = _device(session, line)
        if at.seq:
            at = _last_agreed(session, line, device, at, found)
        if line in heads:
            waiting.append((line, device, at))
    at_once = max(_LEAST_AT_ONCE, 2 * limit // max(len(waiting), 1))
    keys = merge(*(_keys(session, *one, at_once) for one in waiting))
    _read(session, found, list(islice(keys, limit + 1)), limit)
    return found


def _heads(session: Session) -> dict[Line, At]:
    return {
        Line(number, chain): At(seq, bytes(sha256))
        for number, chain, _, seq, sha256 in fetch(session, _LINES, HEAD, ARM)
    }


def _number_of(session: Session, office_id: int | None) -> int:
    row = fetch_one(session, "SELECT number FROM office WHERE id = ?", office_id) if office_id else None
    return int(row[0]) if row else -1


def _is_of(roster: Roster, line: Line, office_id: int, number: int) -> bool:
    member = roster.find(line.number)
    if member is not None and member.is_hq:
        return line.chain == number
    return roster.office_of(line.number) == office_id


def _device(session: Session, line: Line) -> int:
    """Give the device that wrote a line: an adopted arm's number wrote nothing itself."""
    wrote = fetch_one(session, "SELECT 1 FROM changeset WHERE device = ? LIMIT 1", line.number)
    if wrote is not None:
        return line.number
    row = fetch_one(session, "SELECT succeeds FROM device WHERE number = ?", line.number)
    return int(row[0]) if row is not None and row[0] is not None else line.number


def _counts(line: Line, device: int) -> str:
    """Give the condition that a changeset counts on a line."""
    return "as_device IS NULL" if device == line.number else f"as_device = {int(line.number)}"


def _last_agreed(session: Session, line: Line, device: int, at: At, found: Found) -> At:
    """Go back from where the consumer is to the newest place that still counts; what is passed is undone.

    A place that is not known here stays: it will be heard of again.
    """
    row = fetch_one(
        session,
        "SELECT seq, hash, prev FROM changeset WHERE device = ? AND chain = ? AND seq = ?"  # noqa: S608 - a number
        f" AND substr(hash, 1, {HASH_BYTES}) = ?",
        device,
        line.chain,
        at.seq,
        at.hash,
    )
    if row is None:
        return at
    begins = _begins(session, line) if device != line.number else frozenset[bytes]()
    while row is not None and not _is_on(session, line, device, row[0], row[1]):
        seq, sha256 = row[0], bytes(row[1])
        found.undone.append(Undone(line.number, line.chain, seq, sha256))
        row = None if sha256 in begins else fetch_one(session, _BEFORE, device, line.chain, seq, row[2])
    if row is None:  # the line begins anew, or goes on behind a range that is lost
        found.cursor.pop(line, None)
        return START
    agreed = At(row[0], bytes(row[1])[:HASH_BYTES])
    found.cursor[line] = agreed
    return agreed


def _begins(session: Session, line: Line) -> frozenset[bytes]:
    """Give the first own changesets of the arm of a number: what it follows was never read under it."""
    return frozenset(
        bytes.fromhex(first)
        for decision in decisions_of_kind(session, FORK)
        for first, number in cast("dict[str, int]", detail_of(decision.detail).get("arms", {})).items()
        if number == line.number
    )


def _is_on(session: Session, line: Line, device: int, seq: int, sha256: bytes) -> bool:
    """Whether a changeset counts on a line."""
    row = fetch_one(
        session,
        "SELECT 1 FROM changeset WHERE device = ? AND chain = ? AND seq = ? AND hash = ?"  # noqa: S608 - a number
        f" AND state = 'accepted' AND {_counts(line, device)}",
        device,
        line.chain,
        seq,
        sha256,
    )
    return row is not None


def _keys(session: Session, line: Line, device: int, at: At, at_once: int) -> Iterator[_Key]:
    after = at.seq
    while rows := fetch(
        session,
        "SELECT key_time, seq, hash FROM changeset WHERE device = ? AND chain = ?"  # noqa: S608 - ours
        f" AND state = 'accepted' AND {_counts(line, device)} AND seq > ? ORDER BY seq LIMIT {at_once}",
        device,
        line.chain,
        after,
    ):
        for key_time, seq, sha256 in rows:
            yield _Key(key_time, line.number, seq, bytes(sha256), line, device)
        after = rows[-1][1]


def _read(session: Session, found: Found, keys: Sequence[_Key], limit: int) -> None:
    size = 0
    for key in keys[:limit]:
        if size > ANSWER_BYTES:
            found.has_more = True
            return
        row = fetch_one(
            session,
            "SELECT body, code FROM changeset WHERE device = ? AND chain = ? AND seq = ? AND hash = ?",
            key.device,
            key.line.chain,
            key.seq,
            key.hash,
        )
        assert row is not None, "it was just listed"
        body = bytes(row[0])
        size += len(body)
        changeset = lifted(Changeset.from_bytes(body))
        ops: Sequence[Op] = changeset.ops
        if key.device != key.number:
            ops = arms_of(session, key.device)[key.number].mapped(ops)
        found.changes.append(
            Change(key.number, key.device, key.line.chain, key.seq, key.hash, row[1], changeset, ops)
        )
        found.cursor[key.line] = At(key.seq, key.hash[:HASH_BYTES])
    found.has_more = len(keys) > limit


def life_of(session: Session) -> bytes:
    """Tell the lives of headquarters apart: empty in the first, new bytes after each backup it came from.

    What was given out after that backup and never reached a branch exists no more, and nothing here names it:
    a cursor of an earlier life leads nowhere.
    """
    row = fetch_one(session, _LIFE)
    return b"" if row is None else bytes(row[0] or b"")[:HASH_BYTES]


_LIFE: Final = """
SELECT d.signing_key FROM incarnation AS i JOIN device AS d ON d.number = i.device
 ORDER BY i.number DESC, i.id DESC LIMIT 1
"""


def cursor_to_plain(cursor: Cursor) -> list[list[int | bytes]]:
    """Write a cursor as plain values, in one order."""
    return [[line.number, line.chain, at.seq, at.hash] for line, at in sorted(cursor.items())]


def cursor_of_plain(value: object) -> dict[Line, At] | None:
    """Read a cursor; None for what is none."""
    if type(value) is not list:
        return None
    found: dict[Line, At] = {}
    for one in value:
        if type(one) is not list or [type(part) for part in one] != [int, int, int, bytes]:
            return None
        number, chain, seq, start = cast("tuple[int, int, int, bytes]", tuple(one))
        if min(number, chain, seq - 1) < 0 or len(start) != HASH_BYTES:
            return None
        found[Line(number, chain)] = At(seq, start)
    return found
