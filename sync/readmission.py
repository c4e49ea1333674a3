"""Admission of one device's chain anew: from what is stored and decided, whatever came first.

The slow way, for everything unusual: a gap that closes, a fork, a bound, a decision, an arm. It reads the
columns of the changesets from the first unusual one on, and bodies only of those that do not count yet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from schema.database import SCHEMA_REVISION
from schema.reading import connection_of, execute, fetch, fetch_one
from sync import chain as chains
from sync.chain import ARM, HEAD, Link
from sync.changeset import Changeset, Place
from sync.fork_cases import anchor_of, set_fork_cases
from sync.forks import ACCEPTED, FORK, Admitted, Node, Rules, Standing, admit
from sync.roster import Member, Roster
from sync.rulings import Rulings, bound_of, rulings_of

_UNUSUAL: Final = """
SELECT min(seq) FROM changeset
 WHERE device = ? AND chain = ? AND (state <> 'accepted' OR as_device IS NOT NULL)
"""
_BEFORE: Final = """
SELECT seq, hash FROM changeset WHERE device = ? AND chain = ? AND seq < ? AND state = 'accepted'
 ORDER BY seq DESC LIMIT 1
"""
_MEMBER: Final = "SELECT seq FROM changeset WHERE device = ? AND chain = ? AND hash = ?"
_ROWS: Final = """
SELECT seq, hash, prev, hlc, key_time, beacon, state, code, as_device,
       CASE WHEN state = 'accepted' AND NOT {all_bodies} THEN NULL ELSE body END
  FROM changeset WHERE device = ? AND chain = ? AND seq > ? AND seq <= ? ORDER BY seq, hash
"""
_WINDOW: Final = 5_000
"""Sequences that are read at once: their bodies are in memory together."""


@dataclass(slots=True)
class Change:
    """What admission anew has changed.

    fresh     the changesets that count now and did not before: line (None: the main one), sequence, hash
    is_undone something that counted does not any more, or stands elsewhere: what was folded is not a
              beginning of what is to be folded
    """

    fresh: list[tuple[int | None, int, bytes]] = field(default_factory=list)
    is_undone: bool = False
    undone: int = 0
    held: int = 0
    quarantined: int = 0
    codes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored changeset without its body, and its times as far as they are known."""

    node: Node
    link: Link | None
    had: tuple[str, str, int | None, int, int]


def causes_of(session: Session, roster: Roster, writer: Member, changeset: Changeset) -> list[Link] | None:
    """Give what is known of everything that a changeset has seen; None when something is not here yet.

    A branch has not what headquarters saw of other branches, and need not wait for it.
    """
    causes: list[Link] = []
    for name, place in sorted(changeset.seen.items()):
        devices = [name] if writer.is_hq else roster.hq_devices()
        found = chains.find_link(session, devices, 0 if writer.is_hq else name, place)
        if found is not None:
            causes.append(found[1])
        elif roster.is_at_hq or not writer.is_hq:
            return None
    for link in chains.succession_links(session, changeset.ops):
        if link is not None:
            causes.append(link)
        elif roster.is_at_hq:
            return None
    return causes


def readmit(session: Session, roster: Roster, writer: Member, chain: int) -> Change:
    """Compute admission of a chain anew and store what it says; nothing is folded."""
    rulings = rulings_of(session, writer.device, chain)
    bound = bound_of(writer, rulings)
    root = _root(session, writer, chain, bound, rulings)
    if root is None:
        return Change()
    stored = list(_Placing(session, roster, writer, chain, rulings).run(root))
    is_kept = writer.device == roster.own or (writer.is_hq and not roster.is_at_hq)
    head = chains.watermark(session, writer.device, chain, HEAD)
    rules = Rules(
        bound=bound,
        adoptions=rulings.adoptions,
        gaps=rulings.gaps,
        anchor=None
        if is_kept or writer.is_hq or not _parts(stored)
        else anchor_of(session, roster, writer.device),
        kept=head.hash if is_kept and head else None,
    )
    admitted = admit(root, [one.node for one in stored], rules)
    if writer.is_hq:
        _name_fork_of_hq(admitted)
    else:
        set_fork_cases(session, writer, chain, admitted.forks)
    _move_heads(session, writer.device, chain, root, stored, admitted)
    return _store(session, writer.device, chain, stored, admitted)


def _name_fork_of_hq(admitted: Admitted) -> None:
    """Two histories of headquarters are no case that headquarters could decide: whoever sees them stops."""
    for sha256, standing in admitted.standing.items():
        if standing.code == FORK:
            admitted.standing[sha256] = standing._replace(code="FORK_HQ")


def _root(
    session: Session, writer: Member, chain: int, bound: Place | None, rulings: Rulings
) -> Place | None:
    """Give the place before which nothing is in question; None where nothing is at all.

    A member of a decided fork is in question although it came alone and follows what counts.
    """
    (first,) = fetch_one(session, _UNUSUAL, writer.device, chain) or (None,)
    for sha256 in sorted({name for adoption in rulings.adoptions for name in adoption.members}):
        member = fetch_one(session, _MEMBER, writer.device, chain, sha256)
        first = min(first or member[0], member[0]) if member else first
    if bound is not None:
        at = fetch_one(session, _BEFORE, writer.device, chain, bound.seq + 1)
        if at is not None and Place(at[0], bytes(at[1])) != bound:
            first = 1 if at[0] == bound.seq else first
        if fetch_one(session, _BEFORE.replace("seq < ?", "seq > ?"), writer.device, chain, bound.seq):
            first = min(first or bound.seq + 1, bound.seq + 1)
    if first is None:
        return None
    before = fetch_one(session, _BEFORE, writer.device, chain, first)
    return Place(0, writer.genesis) if before is None else Place(before[0], bytes(before[1]))


def _parts(stored: Sequence[_Stored]) -> bool:
    """Whether two changesets follow one."""
    return len({(one.node.seq, one.node.prev) for one in stored}) < len(stored)


class _Placing:
    """Reads the changesets of a chain and computes the times of those that had none yet."""

    def __init__(
        self, session: Session, roster: Roster, writer: Member, chain: int, rulings: Rulings
    ) -> None:
        self._session = session
        self._roster = roster
        self._writer = writer
        self._chain = chain
        self._rulings = rulings
        self._links: dict[bytes, Link | None] = {}
        # over a gap that is closed times are computed from before it, and again once it is filled
        self._rows = _ROWS.format(all_bodies="1 = 1" if rulings.gaps else "1 = 0")

    def run(self, root: Place) -> Iterator[_Stored]:
        """Give every stored changeset beyond ``root``, in order."""
        device, chain = self._writer.device, self._chain
        self._links[root.hash] = chains.link_at(self._session, device, chain, root) if root.seq else None
        newest = fetch_one(
            self._session, "SELECT max(seq) FROM changeset WHERE device = ? AND chain = ?", device, chain
        )
        last = newest[0] if newest and newest[0] else 0
        start = root.seq
        while start < last:
            following = fetch_one(
                self._session,
                "SELECT min(seq) FROM changeset WHERE device = ? AND chain = ? AND seq > ?",
                device,
                chain,
                start,
            )
            assert following is not None, "there is a later one"
            end = following[0] + _WINDOW - 1
            for row in fetch(self._session, self._rows, device, chain, start, end):
                yield self._placed(row)
            start = end

    def _placed(self, row: Sequence[Any]) -> _Stored:
        seq, sha256, prev, hlc, key_time, beacon, state, code, as_device, body = row
        sha256, prev = bytes(sha256), bytes(prev)
        had = (state, code, as_device, key_time, beacon)
        follows, before = self._before(seq, prev)
        waits_for = ""
        link: Link | None = None
        if follows and not self._rulings.gaps and (key_time or state == ACCEPTED):
            link = Link(seq, sha256, hlc, key_time, beacon)
        if body is not None and follows:
            changeset = Changeset.from_bytes(bytes(body))
            if link is None:
                link = self._new_link(changeset, sha256, before)
                waits_for = "" if link else "SEEN_MISSING"
            if changeset.schema > SCHEMA_REVISION:
                waits_for = "NEEDS_SCHEMA"
        if link is not None:
            self._links[sha256] = link
        return _Stored(Node(seq, sha256, prev, waits_for), link, had)

    def _before(self, seq: int, prev: bytes) -> tuple[bool, Link | None]:
        """Whether what a changeset follows is here with its times, and they; None at the very beginning."""
        if prev in self._links:
            link = self._links[prev]
            if (link.seq if link else 0) == seq - 1:
                return True, link
        for gap in self._rulings.gaps:
            if (gap.last + 1, gap.after) == (seq, prev):
                if gap.before is None or gap.before == self._writer.genesis:
                    return True, None
                if gap.before in self._links:
                    return True, self._links[gap.before]
        return False, None

    def _new_link(self, changeset: Changeset, sha256: bytes, before: Link | None) -> Link | None:
        causes = causes_of(self._session, self._roster, self._writer, changeset)
        if causes is None:
            return None
        return chains.follow(changeset, sha256, before, causes, is_hq=self._writer.is_hq)


def _move_heads(
    session: Session, device: int, chain: int, root: Place, stored: Sequence[_Stored], admitted: Admitted
) -> None:
    head = admitted.heads.get(None, root)
    if head.seq:
        chains.set_watermark(session, device, chain, HEAD, head)
    else:
        chains.forget_watermark(session, device, chain, HEAD)
    arms = {number: place for number, place in admitted.heads.items() if number is not None}
    for number in {one.had[2] for one in stored if one.had[2] is not None} - arms.keys():
        chains.forget_watermark(session, number, chain, ARM)
    for number, place in arms.items():
        chains.set_watermark(session, number, chain, ARM, place)


def _store(
    session: Session, device: int, chain: int, stored: Sequence[_Stored], admitted: Admitted
) -> Change:
    change = Change()
    rows: list[tuple[object, ...]] = []
    for one in stored:
        state, code, as_device, *_ = one.had
        now = admitted.standing[one.node.hash]
        link = one.link or Link(0, b"", 0, 0, 0)
        if state == now.state == ACCEPTED and as_device == now.as_device:
            now = now._replace(code=code)  # what the fold found wrong with its meaning stays
        else:
            _note(change, one, now)
        became = (now.state, now.code, now.as_device, link.key_time, link.beacon)
        if became != one.had:
            change.is_undone = change.is_undone or (
                state == now.state == ACCEPTED and one.had[3] != link.key_time
            )
            rows.append((*became, device, chain, one.node.seq, one.node.hash))
    kept = [one.node.seq for one in stored if _is_kept(one, admitted)]
    if change.fresh and kept and max(kept) > min(seq for _, seq, _ in change.fresh):
        change.is_undone = True
    if rows:
        mark = "?" if connection_of(session).dialect.name == "sqlite" else "%s"
        changes = ", ".join(
            f"{name} = {mark}" for name in ("state", "code", "as_device", "key_time", "beacon")
        )
        wanted = " AND ".join(f"{name} = {mark}" for name in ("device", "chain", "seq", "hash"))
        execute(session, f"UPDATE changeset SET {changes} WHERE {wanted}", rows)  # noqa: S608 - names are ours
    return change


def _is_kept(one: _Stored, admitted: Admitted) -> bool:
    """Whether a changeset counted on the main line before and does now."""
    return (
        one.had[0] == ACCEPTED and one.had[2] is None and admitted.standing[one.node.hash].state == ACCEPTED
    )


def _note(change: Change, one: _Stored, now: Standing) -> None:
    state, code, as_device, *_ = one.had
    if state == ACCEPTED:
        change.is_undone = True
        change.undone += 1
    if now.state == ACCEPTED:
        change.fresh.append((now.as_device, one.node.seq, one.node.hash))
    elif (state, code, as_device) != now:
        if now.code not in change.codes:
            change.codes.append(now.code)
        if now.state == "held":
            change.held += 1
        else:
            change.quarantined += 1
