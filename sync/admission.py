"""From bytes to books: changesets of one chain are received, admitted in order, and folded.

Received is whatever is rightly signed; it is kept for ever. Admitted is the part of a chain without a gap,
a fork or an unknown cause. Folded are the rows of admitted changesets that break no rule of meaning. The
result depends on the set received and never on the order or number of times in which it came.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from schema.database import SCHEMA_REVISION, upsert
from schema.replication import ExceptionItem, StoredChangeset
from sync import chain as chains
from sync.canonical import encode
from sync.chain import HEAD, HQ_DEVICE, Accepted, Link
from sync.changeset import Changeset, Place, digest
from sync.lifting import lifted
from sync.meaning import Fault, Judge
from sync.packing import Signed
from sync.profile_fold import Effective, fold_profiles
from sync.reasons import refused
from sync.replay import apply_ops
from sync.roster import RETIRED, REVOKED, Member, Roster
from sync.verifying import verified

_FOLD_TOGETHER: Final = 2_000
_HELD: Final = "held"
_QUARANTINED: Final = "quarantined"


@dataclass(slots=True)
class Admission:
    """What came of the changesets of one chain."""

    admitted: int = 0
    known: int = 0
    held: int = 0
    quarantined: int = 0
    exceptions: int = 0
    codes: list[str] = field(default_factory=list)

    def add(self, other: "Admission") -> None:
        """Count ``other`` in."""
        self.admitted += other.admitted
        self.known += other.known
        self.held += other.held
        self.quarantined += other.quarantined
        self.exceptions += other.exceptions
        self.codes += [code for code in other.codes if code not in self.codes]

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
        self._fresh: list[Accepted] = []
        self._rows: list[dict[str, object]] = []

    def receive(self, signed: Iterable[Signed], *, bundle_id: bytes | None = None) -> Admission:
        """Take changesets in any order, keep what is rightly signed, admit and fold what now follows.

        raises  TrustError when one is malformed, of another chain, or not signed by the writer: then
                nothing of the lot may be kept, and the caller undoes its transaction
        """
        result = Admission()
        waiting: list[Accepted] = []
        for found in self._verified(signed):
            waiting.append(found)
            if len(waiting) == _FOLD_TOGETHER:
                self._take_all(waiting, result, bundle_id)
        self._take_all(waiting, result, bundle_id)
        self._take_up_held(result)
        self._fold(result)
        return result

    def _take_all(self, waiting: list[Accepted], result: Admission, bundle_id: bytes | None) -> None:
        """Take some changesets: one look at what is stored, one insert of what is new, one fold."""
        waiting.sort(key=lambda found: found.changeset.seq)
        stored = self._stored_hashes(waiting)
        for found in waiting:
            if found.hash in stored:
                result.known += 1
            else:
                stored.add(found.hash)
                self._take(found, result, bundle_id)
        self._flush()
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

    def _flush(self) -> None:
        upsert(self._session, cast("Table", StoredChangeset.__table__), self._rows)
        self._rows.clear()

    def _verified(self, signed: Iterable[Signed]) -> Iterable[Accepted]:
        for changeset, body, signature, sha256 in verified(
            signed, self._writer.signing_key, self._roster.institution_id
        ):
            if (changeset.device, changeset.chain) != (self._writer.device, self._chain):
                raise refused("BAD_SIGNATURE", "A changeset of another chain stands in this one.")
            yield Accepted(lifted(changeset), body, signature, sha256, 0, 0)

    def _take(self, found: Accepted, result: Admission, bundle_id: bytes | None) -> None:
        seq = found.changeset.seq
        if self._is_beyond_bound(found):
            self._keep(found, _QUARANTINED, "REVOKED_AFTER", bundle_id)
            result.quarantined += 1
            result.note("REVOKED_AFTER")
        elif self._head is not None and seq <= self._head.seq:
            self._keep(found, _QUARANTINED, "FORK", bundle_id)
            result.quarantined += 1
            result.note("FORK")
        else:
            code = self._why_not_next(found)
            if code:
                self._keep(found, _HELD, code, bundle_id)
                result.held += 1
                result.note(code)
            else:
                self._accept(found, bundle_id)
                result.admitted += 1

    def _why_not_next(self, found: Accepted) -> str:
        """Give the reason why ``found`` cannot be the next of its chain; empty when it is."""
        changeset = found.changeset
        expected = (self._head.seq + 1, self._head.hash) if self._head else (1, self._writer.genesis)
        if changeset.seq > expected[0]:
            return "GAP"
        if changeset.prev != expected[1]:
            return "FORK"
        if changeset.schema > SCHEMA_REVISION:
            return "NEEDS_SCHEMA"
        return "" if self._causes(changeset) is not None else "SEEN_MISSING"

    def _causes(self, changeset: Changeset) -> list[Link] | None:
        """Give what is known of everything in ``seen``; None when something of it is not here yet."""
        causes: list[Link] = []
        for name, place in sorted(changeset.seen.items()):
            device, chain = (name, 0) if self._writer.is_hq else (HQ_DEVICE, name)
            if self._writer.is_hq and chains.head(self._session, device, chain) is None:
                continue  # another branch's chain: a branch cannot and need not follow it
            link = chains.link_at(self._session, device, chain, place)
            if link is None:
                return None
            causes.append(link)
        return causes

    def _accept(self, found: Accepted, bundle_id: bytes | None, *, stored: bool = False) -> None:
        causes = self._causes(found.changeset)
        assert causes is not None, "checked before"
        self._head = chains.follow(found.changeset, found.hash, self._head, causes, is_hq=self._writer.is_hq)
        accepted = Accepted(
            found.changeset, found.body, found.signature, found.hash, self._head.key_time, self._head.beacon
        )
        self._fresh.append(accepted)
        if stored:
            self._set_state(
                found.hash, state="accepted", key_time=accepted.key_time, beacon=accepted.beacon, code=""
            )
        else:
            self._keep(accepted, "accepted", "", bundle_id)

    def _take_up_held(self, result: Admission) -> None:
        """Accept what was held as soon as it follows; of two that follow neither is preferred."""
        while waiting := self._held_next():
            reasons = [self._why_not_next(found) for found, _ in waiting]
            if reasons.count("") == 1:
                (next_one, _) = waiting.pop(reasons.index(""))
                self._accept(next_one, None, stored=True)
                result.admitted += 1
                for other, _ in waiting:
                    self._set_state(other.hash, state=_QUARANTINED, code="FORK")
                    result.quarantined += 1
                    result.note("FORK")
                continue
            for (found, known_as), reason in zip(waiting, reasons, strict=True):
                code = reason or "FORK"
                if code != known_as:  # no longer a gap: say what it waits for now
                    self._set_state(found.hash, code=code)
                    result.held += 1
                    result.note(code)
            return

    def _held_next(self) -> list[tuple[Accepted, str]]:
        """Everything that is held in the next place of the chain, with the reason that it was held for."""
        rows = self._session.execute(
            select(
                StoredChangeset.body, StoredChangeset.signature, StoredChangeset.hash, StoredChangeset.code
            )
            .where(
                StoredChangeset.device == self._writer.device,
                StoredChangeset.chain == self._chain,
                StoredChangeset.seq == (self._head.seq + 1 if self._head else 1),
                StoredChangeset.state == _HELD,
            )
            .order_by(StoredChangeset.hash)
        )
        return [
            (
                Accepted(lifted(Changeset.from_bytes(row.body)), row.body, row.signature, row.hash, 0, 0),
                row.code,
            )
            for row in rows
        ]

    def _fold(self, result: Admission) -> None:
        for start in range(0, len(self._fresh), _FOLD_TOGETHER):
            self._fold_some(self._fresh[start : start + _FOLD_TOGETHER], result)
        if self._fresh and self._head is not None:
            place = Place(self._head.seq, self._head.hash)
            chains.set_watermark(self._session, self._writer.device, self._chain, HEAD, place)
        self._fresh.clear()

    def _fold_some(self, accepted: Sequence[Accepted], result: Admission) -> None:
        judge = Judge(self._session, self._roster, self._writer)
        judge.look_up([one.changeset for one in accepted])
        effective = []
        for one in accepted:
            fault = judge.fault_of(one.changeset)
            if fault is None:
                effective.append(Effective(one, one.changeset.ops))
                continue
            self._set_state(one.hash, code=fault.code)
            self._raise_exception(one, fault)
            result.exceptions += 1
            result.note(fault.code)
        apply_ops(self._session, [one.ops for one in effective])
        fold_profiles(self._session, effective)

    def _raise_exception(self, one: Accepted, fault: Fault) -> None:
        row: dict[str, object] = {
            "key": exception_key(fault.code, one),
            "code": fault.code,
            "device": one.changeset.device,
            "chain": one.changeset.chain,
            "seq": one.changeset.seq,
            "hash": one.hash,
            "office_id": self._writer.office_id,
            "what": fault.what,
            "state": "open",
        }
        upsert(self._session, cast("Table", ExceptionItem.__table__), [row])

    def _is_beyond_bound(self, found: Accepted) -> bool:
        writer = self._writer
        return (
            writer.state in {RETIRED, REVOKED}
            and found.changeset.seq > (writer.bound_seq or 0)  # without a bound nothing more is believed
        )

    def _keep(self, found: Accepted, state: str, code: str, bundle_id: bytes | None) -> None:
        row = chains.stored_row(found, state=state, code=code)
        row["bundle_id"] = bundle_id
        self._rows.append(row)

    def _set_state(self, sha256: bytes, **values: object) -> None:
        table = cast("Table", StoredChangeset.__table__)
        self._session.connection().execute(
            table.update()
            .where(
                table.c.device == self._writer.device, table.c.chain == self._chain, table.c.hash == sha256
            )
            .values(**values)
        )


def exception_key(code: str, one: Accepted) -> bytes:
    """Give the name of an exception: it follows from what it is about, not from when it was found."""
    changeset = one.changeset
    return digest(encode([code, changeset.device, changeset.chain, changeset.seq, one.hash]))
