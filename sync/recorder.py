"""The recorder: what a unit of work wrote becomes one signed changeset in the same commit.

Order, each step before the next: flush, seal, commit, journal (the second copy), anchor, answer. One lock
is held from BEGIN IMMEDIATE until the anchor has moved.
"""

from collections.abc import Callable
from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.base import device_of, to_milliseconds
from schema.database import SCHEMA_REVISION, upsert
from schema.reading import fetch_one
from schema.replication import StoredChangeset
from schema.writing import Act, act
from sync import chain as chains
from sync.chain import HEAD, RULES_VERSION, SEEN, Accepted, Link, Signer
from sync.changeset import MAX_OPS, Base, Changeset, Op, Place, Row, digest, next_hlc
from sync.meaning import form_fault
from sync.profile_fold import Effective, fold_profiles, with_bases
from sync.reasons import refused


class Recorder:
    """Seals the ops of one session into changesets of one chain of this device."""

    def __init__(self, session: Session, signer: Signer, chain: int, reached: Callable[[str], None]) -> None:
        self._session = session
        self._signer = signer
        self._chain = chain
        self._reached = reached
        self._link = chains.head(session, signer.device, chain)
        self._newest_hlc = chains.newest_hlc(session, signer.device)
        if self.begins_chain:
            self._newest_hlc = max(self._newest_hlc, newest_hlc_here(session, is_hq=signer.is_hq))
        self.sealed: list[Accepted] = []

    @property
    def begins_chain(self) -> bool:
        """Whether this device writes its first changeset in this chain."""
        return self._link is None

    def seal(self, kind: str | None = None, note: str | None = None) -> None:
        """Turn what was written since the last seal into one changeset; nothing written, nothing sealed.

        raises  TrustError LIMIT_OPS or LIMIT_SIZE when one action changed too much for one changeset
        """
        done = act(self._session)
        if not done.ops:
            return
        self._reached("flush")
        seen = self._newly_seen()
        changeset = self._changeset(done, kind or done.kind, done.note if note is None else note, seen)
        body = changeset.to_bytes()
        signature = self._signer.key.sign("changeset", self._signer.institution_id, body)
        causes = [link for _, _, link in seen]
        causes += [link for link in chains.succession_links(self._session, changeset.ops) if link]
        link = chains.follow(changeset, digest(body), self._link, causes, is_hq=self._signer.is_hq)
        accepted = Accepted(changeset, body, signature, link.hash, link.key_time, link.beacon)
        self._link = link
        self._store(accepted, seen)
        fold_profiles(self._session, [Effective(accepted, changeset.ops)], own=True)
        done.ops.clear()
        self._reached("seal")

    def seal_into(self, chain: int) -> None:
        """Turn what was written since the last seal into one changeset of another chain of this device."""
        own, link = self._chain, self._link
        self._chain, self._link = chain, chains.head(self._session, self._signer.device, chain)
        try:
            self.seal()
        finally:
            self._chain, self._link = own, link

    def _changeset(self, done: Act, kind: str, note: str, seen: list[tuple[int, int, Link]]) -> Changeset:
        if len(done.ops) > MAX_OPS:
            raise refused("LIMIT_OPS", f"One action changed {len(done.ops)} rows.")
        own_device = [op[2] for op in done.ops if op[1] == "+" and device_of(op[2]) != done.device]
        assert not own_device, "every new row carries this device's number"
        ops = tuple(with_bases(self._session, _op(op)) for op in done.ops)
        for op in ops:
            fault = form_fault(op)
            if fault is not None:
                raise TrustError(
                    "LIMIT_SIZE",
                    f"A text is too long or an amount too large ({fault.what}). Nothing of it was booked.",
                    next_step="Shorten the text, or look at the amount again.",
                )
        reference = self._reference()
        return Changeset(
            device=self._signer.device,
            chain=self._chain,
            seq=self._link.seq + 1 if self._link else 1,
            prev=self._link.hash if self._link else self._signer.genesis,
            hlc=next_hlc(self._newest_hlc, to_milliseconds(done.recorded_at)),
            date=done.business_date.isoformat(),
            actor=done.actor_id,
            kind=kind,
            note=note,
            schema=SCHEMA_REVISION,
            rules=RULES_VERSION,
            reference=reference.seq if reference else 0,
            ops=ops,
            seen={self._name_of(device, chain): link.place for device, chain, link in seen},
        )

    def _reference(self) -> Place | None:
        """The newest changeset of chain 0 that is in the books, of the newest incarnation that wrote one."""
        for device in reversed(chains.hq_devices(self._session)):
            found = chains.watermark(self._session, device, chains.REFERENCE_CHAIN, HEAD)
            if found is not None:
                return found
        return None

    def _name_of(self, device: int, chain: int) -> int:
        """A branch names HQ's chains by their number; HQ names a branch's only chain by its device."""
        return device if self._signer.is_hq else chain

    def _newly_seen(self) -> list[tuple[int, int, Link]]:
        """Heads of the other side's chains that our changesets have not named yet.

        One place for each name: of two incarnations of headquarters the newer one's.
        """
        heads = chains.watermarks(self._session, HEAD)
        told = chains.watermarks(self._session, SEEN)
        found: dict[int, tuple[int, int, Link]] = {}
        for (device, chain), place in sorted(heads.items()):
            known = told.get((device, chain))
            if device == self._signer.device or (known is not None and known.seq >= place.seq):
                continue
            if self._signer.is_hq and chain != chains.REFERENCE_CHAIN:
                continue  # of an earlier incarnation: only its chain 0 has a name
            if not self._signer.is_hq and not _is_hq(self._session, device):
                continue  # an earlier laptop of this branch: the first changeset says how far it is known
            link = chains.link_at(self._session, device, chain, place)
            assert link is not None, "a head is a stored changeset"
            found[self._name_of(device, chain)] = (device, chain, link)
        return list(found.values())

    def _store(self, accepted: Accepted, seen: list[tuple[int, int, Link]]) -> None:
        changeset = accepted.changeset
        table = cast("Table", StoredChangeset.__table__)
        upsert(self._session, table, [chains.stored_row(accepted)])
        place = Place(changeset.seq, accepted.hash)
        chains.set_watermark(self._session, changeset.device, changeset.chain, HEAD, place)
        for device, chain, link in seen:
            chains.set_watermark(self._session, device, chain, SEEN, link.place)
        self._newest_hlc = changeset.hlc
        self.sealed.append(accepted)


def newest_hlc_here(session: Session, *, is_hq: bool) -> int:
    """Give the newest instant that any device of this side has signed: a successor's are later."""
    asked = "IN" if is_hq else "NOT IN"
    row = fetch_one(
        session,
        f"SELECT max(hlc) FROM changeset WHERE device {asked} "  # noqa: S608 - one of two words
        "(SELECT number FROM device WHERE scope = 'hq')",
    )
    return (row[0] if row else None) or 0


def _is_hq(session: Session, device: int) -> bool:
    return fetch_one(session, "SELECT 1 FROM device WHERE number = ? AND scope = 'hq'", device) is not None


def _op(written: list[object]) -> Op:
    table, sign, row_id, new, old, base = written
    return Op(
        cast("str", table),
        cast("str", sign),
        cast("int", row_id),
        cast("Row | None", new),
        cast("Row | None", old),
        cast("tuple[Base, ...] | None", base),
    )
