"""From bytes to books: changesets of one chain are received, admitted in order, and folded.

Received is whatever is rightly signed; it is kept for ever. Admitted is the part of a chain without a gap,
a fork or an unknown cause. Folded are the rows of admitted changesets that break no rule of meaning. The
result depends on the set received and never on the order or number of times in which it came.

What simply goes on at the end of a chain takes the fast way, here; everything else is stored first, and
admission is computed anew from what is stored (``refold.settle_chain``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.database import SCHEMA_REVISION, upsert
from schema.reading import fetch, fetch_one
from schema.replication import StoredChangeset
from sync import chain as chains
from sync.chain import HEAD, Accepted, Link
from sync.changeset import Changeset, Op, Place
from sync.folding import Item, fold
from sync.forks import ACCEPTED, HELD
from sync.frames import Unpacked
from sync.lifting import lifted
from sync.packing import Signed
from sync.readmission import causes_of
from sync.reasons import refused
from sync.refold import SETTLED, refold_office, settle_chain, sorts_last
from sync.roster import RETIRED, REVOKED, Member, Roster
from sync.rulings import rulings_of
from sync.verifying import verified

_FOLD_TOGETHER: Final = 2_000


@dataclass(slots=True)
class Admission:
    """What came of the changesets of one chain; ``settles`` are ops that others have to be settled after."""

    admitted: int = 0
    known: int = 0
    held: int = 0
    quarantined: int = 0
    exceptions: int = 0
    codes: list[str] = field(default_factory=list)
    settles: list[Op] = field(default_factory=list, compare=False)

    def add(self, other: "Admission") -> None:
        """Count ``other`` in."""
        self.admitted += other.admitted
        self.known += other.known
        self.held += other.held
        self.quarantined += other.quarantined
        self.exceptions += other.exceptions
        self.codes += [code for code in other.codes if code not in self.codes]
        self.settles += other.settles

    def note(self, code: str) -> None:
        """Remember a reason code, once."""
        if code not in self.codes:
            self.codes.append(code)


class Admitter:
    """Admits the changesets of one chain of one device into one database."""

    def __init__(self, session: Session, roster: Roster, writer: Member, chain: int) -> None:
        self._session = session
        self._roster = roster
        self._writer = writer
        self._chain = chain
        self._head = chains.head(session, writer.device, chain)
        self._is_plain = self._nothing_is_unusual()
        self._is_refolded = False
        self._fresh: list[Accepted] = []
        self._rows: list[dict[str, object]] = []

    def receive(self, signed: Iterable[Signed], *, bundle_id: bytes | None = None) -> Admission:
        """Take changesets in any order, keep what is rightly signed, admit and fold what now follows.

        raises  TrustError when one is malformed, of another chain, or not signed by the writer: then
                nothing of the lot may be kept, and the caller undoes its transaction
        """
        result = Admission()
        if isinstance(signed, Unpacked) and self._is_plain and self._has_all(signed):
            result.known = len(signed)
            return result
        waiting: list[Accepted] = []
        for found in self._verified(signed):
            waiting.append(found)
            if len(waiting) == _FOLD_TOGETHER:
                self._take_all(waiting, result, bundle_id)
        self._take_all(waiting, result, bundle_id)
        if not self._is_plain:
            self._settle(result)
        elif self._is_refolded:
            self._count_faults(result, refold_office(self._session, self._roster, self._writer.office_id))
        return result

    def _has_all(self, signed: Unpacked) -> bool:
        """Whether each is accepted already, with this very signature: then all was checked before."""
        try:
            first, last = (Changeset.from_bytes(signed[at][0]).seq for at in (0, -1))
        except (TrustError, IndexError):
            return False
        rows = fetch(
            self._session,
            "SELECT hash, signature FROM changeset"
            " WHERE device = ? AND chain = ? AND seq BETWEEN ? AND ? AND state = ?",
            *(self._writer.device, self._chain, first, last, ACCEPTED),
        )
        stored = {(bytes(sha256), bytes(signature)) for sha256, signature in rows}
        hashes = (sha256 for frame in signed.frames for sha256 in frame.hashes)
        return stored.issuperset((sha256, mark) for sha256, (_, mark) in zip(hashes, signed, strict=True))

    def _nothing_is_unusual(self) -> bool:
        """Whether a changeset that follows the head needs no look at anything else of its chain."""
        writer = self._writer
        if writer.state in {RETIRED, REVOKED} or rulings_of(self._session, writer.device, self._chain):
            return False
        waiting = fetch_one(
            self._session,
            "SELECT 1 FROM changeset WHERE state IN ('held', 'quarantined') AND device = ? AND chain = ?",
            writer.device,
            self._chain,
        )
        return waiting is None

    def _take_all(self, waiting: list[Accepted], result: Admission, bundle_id: bytes | None) -> None:
        """Take some changesets: one look at what is stored, one insert of what is new, one fold."""
        waiting.sort(key=lambda found: found.changeset.seq)
        stored = self._stored_hashes(waiting)
        for found in waiting:
            if found.hash in stored:
                result.known += 1
                continue
            stored.add(found.hash)
            if self._is_plain and (link := self._followed(found)) is not None:
                self._head = link
                accepted = Accepted(
                    found.changeset, found.body, found.signature, found.hash, link.key_time, link.beacon
                )
                self._fresh.append(accepted)
                self._keep(accepted, ACCEPTED, bundle_id)
                result.admitted += 1
            else:
                self._is_plain = False
                self._keep(found, HELD, bundle_id)
        upsert(self._session, cast("Table", StoredChangeset.__table__), self._rows)
        self._rows.clear()
        self._fold(result)
        waiting.clear()

    def _stored_hashes(self, found: Sequence[Accepted]) -> set[bytes]:
        if not found:
            return set()
        rows = self._session.execute(
            select(StoredChangeset.hash).where(
                StoredChangeset.device == self._writer.device,
                StoredChangeset.chain == self._chain,
                StoredChangeset.seq.between(found[0].changeset.seq, found[-1].changeset.seq),
            )
        )
        return set(rows.scalars())

    def _verified(self, signed: Iterable[Signed]) -> Iterable[Accepted]:
        for changeset, body, signature, sha256 in verified(
            signed, self._writer.signing_key, self._roster.institution_id
        ):
            if (changeset.device, changeset.chain) != (self._writer.device, self._chain):
                raise refused("BAD_SIGNATURE", "A changeset of another chain stands in this one.")
            yield Accepted(lifted(changeset), body, signature, sha256, 0, 0)

    def _followed(self, found: Accepted) -> Link | None:
        """Give the times of a changeset that simply follows the head; None where anything is unusual."""
        changeset = found.changeset
        expected = (self._head.seq + 1, self._head.hash) if self._head else (1, self._writer.genesis)
        if (changeset.seq, changeset.prev) != expected or changeset.schema > SCHEMA_REVISION:
            return None
        causes = causes_of(self._session, self._roster, self._writer, changeset)
        if causes is None:
            return None
        return chains.follow(changeset, found.hash, self._head, causes, is_hq=self._writer.is_hq)

    def _keep(self, found: Accepted, state: str, bundle_id: bytes | None) -> None:
        row = chains.stored_row(found, state=state)
        row["bundle_id"] = bundle_id
        self._rows.append(row)

    def _fold(self, result: Admission) -> None:
        """Fold what took the fast way; where it does not come after all else of its office, later."""
        if not self._fresh or self._head is None:
            return
        place = Place(self._head.seq, self._head.hash)
        chains.set_watermark(self._session, self._writer.device, self._chain, HEAD, place)
        if not self._writer.is_hq and not self._comes_last():
            self._is_refolded = True
        if not self._is_refolded:
            items = [Item(one, self._writer, one.changeset.ops) for one in self._fresh]
            self._count_faults(result, fold(self._session, self._roster, self._writer.office_id, items))
            if self._writer.is_hq:
                result.settles += [op for item in items for op in item.ops if op.table in SETTLED]
        self._fresh.clear()

    def _comes_last(self) -> bool:
        first = self._fresh[0]
        key = (first.key_time, first.changeset.device, first.changeset.seq, first.hash)
        return sorts_last(self._session, self._roster, self._writer, key)

    def _settle(self, result: Admission) -> None:
        settled = settle_chain(self._session, self._roster, self._writer, self._chain)
        change = settled.change
        result.admitted = max(0, result.admitted + len(change.fresh) - change.undone)
        result.held += change.held
        result.quarantined += change.quarantined
        result.exceptions += len(settled.faults)
        result.settles += settled.hq_ops
        for code in (*change.codes, *settled.faults):
            result.note(code)
        if self._is_refolded:
            refold_office(self._session, self._roster, self._writer.office_id)

    def _count_faults(self, result: Admission, faults: dict[bytes, str]) -> None:
        result.exceptions += len(faults)
        for code in faults.values():
            result.note(code)
