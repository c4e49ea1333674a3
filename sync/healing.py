"""Start-up: database and second copy are made to agree, whichever of them knows more.

The order of recording (commit, journal, anchor) leaves these cases:

* the copy ends in a torn record: it is cut off; its changeset is in the database, so it is appended again;
* the database is ahead (killed between commit and journal): what is missing is appended;
* the copy is ahead (an older database was put back, a write-ahead log was lost): it is replayed;
* both hold another changeset at one sequence, or both are behind the anchor: this home is a clone or was
  restored from an older state. It must not go on under this device number: stop, and say so.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.database import Database
from schema.replication import StoredChangeset
from sync import chain as chains
from sync.chain import Signer
from sync.changeset import Changeset, Place, digest
from sync.packing import Signed
from sync.reasons import REASONS, refused
from sync.replay import replay_own
from sync.second_copy import Anchor, CopiedChangeset, SecondCopy


def heal(database: Database, copy: SecondCopy, anchor: Anchor | None, signer: Signer) -> list[str]:
    """Make both sides agree and give what was done, one sentence each; an empty list when they agreed.

    raises  TrustError CHAIN_RESTORED when this home is a clone or was restored: nothing is changed then
    """
    start = anchor.start if anchor and anchor.end <= copy.size else 0
    tail = list(copy.records(start))
    if anchor is not None and not any(end == anchor.end for _, end, _ in tail):
        start, tail = 0, list(copy.records(0))
    end = tail[-1][1] if tail else start
    last = tail[-1][2] if tail else None
    told: list[str] = []
    with _named(), database.writing() as session:
        newest = chains.newest_hlc(session, signer.device)
        _refuse_when_both_are_behind(anchor, tail, session, signer)
        if last is not None and not _is_stored(session, signer, last):
            replayed = _replay_missing(session, copy, signer)
            told.append(f"Replayed {len(replayed)} changeset(s) from the second copy: {', '.join(replayed)}.")
            newest = chains.newest_hlc(session, signer.device)
        missing = missing_in_copy(session, signer, last.hlc if last else 0) if newest else []
    copy.end_at(end)
    if missing:
        begin = end
        for copied in missing:
            begin, end = copy.append(copied)
        copy.move_anchor(begin, end, digest(missing[-1].body))
        told.append(f"Appended {len(missing)} changeset(s) to the second copy.")
    elif last is not None and (anchor is None or anchor.end != end):
        copy.move_anchor(tail[-1][0], end, digest(last.body))
    return told


@contextmanager
def _named() -> Iterator[None]:
    """What is replayed may name rows of headquarters that came after the database that was put back."""
    try:
        yield
    except IntegrityError as error:
        raise _restored(
            "What the second copy holds builds on data of headquarters that is missing."
        ) from error


def _refuse_when_both_are_behind(
    anchor: Anchor | None, tail: list[tuple[int, int, CopiedChangeset]], session: Session, signer: Signer
) -> None:
    if anchor is None or any(end == anchor.end and digest(c.body) == anchor.hash for _, end, c in tail):
        return
    if _stored_hash(session, signer, anchor.hash):
        return
    raise _restored("Neither the database nor the second copy holds the last changeset of this home.")


def _stored_hash(session: Session, signer: Signer, sha256: bytes) -> bool:
    wanted = select(StoredChangeset.seq).where(
        StoredChangeset.device == signer.device, StoredChangeset.hash == sha256
    )
    return session.execute(wanted).first() is not None


def _is_stored(session: Session, signer: Signer, copied: CopiedChangeset) -> bool:
    return _stored_hash(session, signer, digest(copied.body))


def _replay_missing(session: Session, copy: SecondCopy, signer: Signer) -> list[str]:
    """Bring the database forward from the copy; each changeset must follow the one before."""
    told: list[str] = []
    for _, _, copied in copy.records(0):
        if _is_stored(session, signer, copied):
            continue
        accepted = replay_own(session, signer, copied.body, copied.signature)
        if accepted is None:
            raise _restored(f"The second copy does not follow the database at {copied.chain}/{copied.hlc}.")
        told.append(f"{accepted.changeset.kind} {accepted.changeset.seq}")
    return told


class ChainRestoredError(TrustError):
    """Others have changesets of this device that it does not have. ``missing``: the newest that is known."""

    def __init__(self, detail: str, missing: Place | None) -> None:
        """Name what was found."""
        reason = REASONS["CHAIN_RESTORED"]
        super().__init__("CHAIN_RESTORED", f"{reason.sentence} {detail}", next_step=reason.next_step)
        self.missing = missing


def take_own(session: Session, signer: Signer, signed: Sequence[Signed]) -> int:
    """Replay changesets of this device that a bundle brings back and the database lacks; gives how many.

    raises  ChainRestoredError where they do not follow what is here, or build on data of headquarters that
            is not here yet: nothing is changed then
    """
    taken = 0
    for body, signature in signed:
        changeset = Changeset.from_bytes(body)
        place = Place(changeset.seq, digest(body))
        if chains.link_at(session, signer.device, changeset.chain, place) is not None:
            continue
        if any(
            chains.find_link(session, chains.hq_devices(session), chain, seen) is None
            for chain, seen in changeset.seen.items()
        ):
            raise refused(
                "SEEN_MISSING", "Import the newest bundle of headquarters first, then this one again."
            )
        if replay_own(session, signer, body, signature) is None:
            raise ChainRestoredError(f"Entry {changeset.seq} is not the one that is here.", place)
        taken += 1
    return taken


def missing_in_copy(session: Session, signer: Signer, after_hlc: int) -> list[CopiedChangeset]:
    """Give what this device recorded after the newest record of its second copy, in order."""
    rows = session.execute(
        select(StoredChangeset.chain, StoredChangeset.hlc, StoredChangeset.body, StoredChangeset.signature)
        .where(
            StoredChangeset.device == signer.device,
            StoredChangeset.hlc > after_hlc,
            StoredChangeset.state == "accepted",
            StoredChangeset.as_device.is_(None),
        )
        .order_by(StoredChangeset.hlc)
    )
    return [CopiedChangeset(row.chain, row.hlc, row.body, row.signature) for row in rows]


def _restored(detail: str) -> TrustError:
    return TrustError(
        "CHAIN_RESTORED",
        f"This home is a copy or was restored from an older state. {detail} Nothing was changed.",
        next_step="Book nothing here. Telephone headquarters: it moves this laptop to a reserve number.",
    )
