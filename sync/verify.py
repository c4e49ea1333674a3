"""Proving the books: chains and signatures checked again, all changesets folded anew, both compared.

The new fold goes into an encrypted scratch database in the home, under a key that nobody keeps.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from heapq import merge
from itertools import chain as chain_of
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.accounting import GLDayTotal
from schema.database import KEY_BYTES, Database, open_database
from schema.invariants import Check
from schema.reading import fetch
from schema.replication import ControlTotal, StoredChangeset
from schema.writing import images_by_table
from sync import chain as chains
from sync.admission import Admission, Admitter
from sync.chain import HEAD
from sync.changeset import digest
from sync.installation import Installation
from sync.packing import Signed
from sync.refold import settle_import
from sync.roster import Roster
from sync.rulings import rulings_of

_FETCH: Final = 2_000
_LEFT_AFTER_SECONDS: Final = 86_400
"""A scratch database that was not written for so long belongs to a check that was killed."""

_DERIVED: Final = {
    "late_entry": ("journal_entry_id", "posted_on", "period_name"),
    "exception": ("key", "code", "state", "outcome"),
}
"""Local tables that follow from the chains too, with the columns that say it all."""


def verify_books(installation: Installation) -> list[Check]:
    """Run every check; none of them changes anything."""
    scratch = installation.home.root / f"verify-{os.getpid()}.db"
    fresh = open_database(scratch, os.urandom(KEY_BYTES))
    try:
        fresh.migrate()
        _remove_leftovers(scratch)
        with installation.database.reading() as session:
            return [
                _chains(session, installation.roster(session)),
                _fold(session, fresh, installation.roster(session)),
                _admission(session, fresh),
                *_tables(session, fresh),
                _control_totals(session),
                _bundle_order(session),
                _second_copy(session, installation),
            ]
    finally:
        fresh.close()
        for leftover in scratch.parent.glob(f"{scratch.name}*"):
            leftover.unlink()


def _remove_leftovers(scratch: Path) -> None:
    """Remove what killed checks left: nobody has its key. A check that runs beside this one is younger."""
    now = scratch.stat().st_mtime
    for leftover in scratch.parent.glob("verify-*.db*"):
        if now - leftover.stat().st_mtime > _LEFT_AFTER_SECONDS:
            leftover.unlink(missing_ok=True)


def _chains(session: Session, roster: Roster) -> Check:
    """Every chain without gaps, each changeset the one that its hash says, up to the head that is shown."""
    heads = chains.watermarks(session, HEAD)
    for (device, chain), head in sorted(heads.items()):
        member = roster.find(device)
        if member is None:
            return Check("chains", ok=False, detail=f"device {device} is not on the roster")
        lost = {(gap.first, gap.last + 1, gap.after) for gap in rulings_of(session, device, chain).gaps}
        previous, seq = member.genesis, 0
        for row in chains.stored(session, device, chain):
            follows = (row.seq, row.prev) == (seq + 1, previous) or (seq + 1, row.seq, row.prev) in lost
            seq += 1
            if not follows or digest(row.body) != row.hash:
                return Check("chains", ok=False, detail=f"device {device} chain {chain} changeset {seq}")
            previous, seq = row.hash, row.seq
        if (seq, previous) != (head.seq, head.hash):
            return Check("chains", ok=False, detail=f"device {device} chain {chain} ends at {seq}")
    return Check("chains", ok=True, detail=f"{len(heads)} chain(s) whole up to their heads")


def _fold(session: Session, fresh: Database, roster: Roster) -> Check:
    """Check every signature again, then admit and fold everything that is stored into an empty database.

    The main lines go first, in the one order, so that nothing waits for its causes; then what does not count
    or counts elsewhere: forks, bounds and decisions are judged anew.
    """
    total = Admission()
    every = list(fetch(session, "SELECT DISTINCT device, chain FROM changeset ORDER BY 1, 2"))
    with fresh.writing() as target:
        for device, chain, signed in chain_of(_main_lines(session, every), _the_rest(session, every)):
            member = roster.find(device)
            if member is None:
                return Check("signatures", ok=False, detail=f"device {device} is not on the roster")
            try:
                result = Admitter(target, roster, member, chain).receive(signed)
            except TrustError as refusal:
                return Check("signatures", ok=False, detail=f"device {device} chain {chain}: {refusal.code}")
            total.add(result)
            if result.settles:
                settle_import(target, lambda: roster, result.settles, hq_grew=False)
        settle_import(target, lambda: roster, ())
    return Check("signatures", ok=True, detail=f"{total.admitted} changeset(s) checked and folded anew")


Run = tuple[int, int, Iterator[Signed]]


def _main_lines(session: Session, every: Sequence[tuple[int, int]]) -> Iterator[Run]:
    """Give what counts on the main lines, in the one order, cut where it goes on with another chain."""
    lines = [chains.stored(session, device, chain) for device, chain in every]
    ordered = merge(*lines, key=lambda row: (row.key_time, row.device, row.seq, row.hash))
    for (device, chain), run in groupby(ordered, key=lambda row: (row.device, row.chain)):
        yield device, chain, ((row.body, row.signature) for row in run)


def _the_rest(session: Session, every: Sequence[tuple[int, int]]) -> Iterator[Run]:
    rest = (StoredChangeset.state != "accepted") | StoredChangeset.as_device.is_not(None)
    for device, chain in every:
        wanted = select(StoredChangeset.body, StoredChangeset.signature).where(
            StoredChangeset.device == device, StoredChangeset.chain == chain, rest
        )
        asked = wanted.order_by(StoredChangeset.seq, StoredChangeset.hash)
        with closing(session.execute(asked, execution_options={"yield_per": _FETCH})) as found:
            yield device, chain, ((row.body, row.signature) for row in found)


def _admission(session: Session, fresh: Database) -> Check:
    """What counts follows from what is stored: every changeset stands where it would stand anew."""
    query = "SELECT hash, device, chain, seq, state, code, as_device, key_time FROM changeset ORDER BY hash"
    with fresh.reading() as anew:
        for here, there in zip_longest(fetch(session, query), fetch(anew, query)):
            if here != there:
                _, device, chain, seq, *standing = here or there
                detail = (
                    f"device {device} chain {chain} changeset {seq}: {standing}, anew {(there or here)[4:]}"
                )
                return Check("admission", ok=False, detail=detail)
    return Check("admission", ok=True, detail="what counts follows from what is stored")


def _tables(session: Session, fresh: Database) -> Iterator[Check]:
    """Compare every table that travels with the new fold, row by row, up to the first fault."""
    with fresh.reading() as anew:
        for table, images in images_by_table().items():
            columns = ", ".join(f'"{name}"' for name in ("id", *images.columns))
            query = f'SELECT {columns} FROM "{table}" ORDER BY id'  # noqa: S608 - names are ours
            yield _compare(f"table {table}", query, session, anew, names=("id", *images.columns))
        totals = GLDayTotal.__tablename__
        yield _compare(
            "daily totals",
            f"SELECT origin_office_id, gl_account_id, booked_on, debit, credit FROM {totals} "  # noqa: S608 - ours
            "ORDER BY origin_office_id, gl_account_id, booked_on",
            session,
            anew,
            names=("office", "account", "day", "debit", "credit"),
        )
        for local, names in _DERIVED.items():
            listed = ", ".join(names)
            query = f"SELECT {listed} FROM {local} ORDER BY {listed}"  # noqa: S608 - names are ours
            yield _compare(f"table {local}", query, session, anew, names=names)


def _compare(name: str, query: str, ours: Session, anew: Session, *, names: tuple[str, ...]) -> Check:
    options = {"yield_per": _FETCH}
    with (  # left at the first fault: a server keeps a cursor for it
        closing(ours.execute(text(query), execution_options=options)) as found,
        closing(anew.execute(text(query), execution_options=options)) as wanted,
    ):
        return _compare_rows(name, found, wanted, names)


def _compare_rows(name: str, ours: Iterable[Any], anew: Iterable[Any], names: tuple[str, ...]) -> Check:
    rows = 0
    for here, there in zip_longest(ours, anew):
        if here is None:
            return Check(name, ok=False, detail=f"id {there[0]} is missing")
        if there is None or here[0] < there[0]:
            return Check(name, ok=False, detail=f"id {here[0]} follows from no changeset")
        if here[0] > there[0]:
            return Check(name, ok=False, detail=f"id {there[0]} is missing")
        if tuple(here) != tuple(there):
            odd = [column for column, a, b in zip(names, here, there, strict=True) if a != b]
            return Check(name, ok=False, detail=f"id {here[0]} differs in {', '.join(odd)}")
        rows += 1
    return Check(name, ok=True, detail=f"{rows} row(s) follow from the chains")


def _control_totals(session: Session) -> Check:
    row = (
        session.execute(
            select(ControlTotal)
            .where(ControlTotal.agree == 0)
            .order_by(ControlTotal.device, ControlTotal.seq)
        )
        .scalars()
        .first()
    )
    if row is not None:
        detail = f"device {row.device} at {row.seq}: {row.difference}"
        return Check("control totals", ok=False, detail=detail)
    return Check("control totals", ok=True, detail="what senders claimed is what their entries add up to")


_BUNDLES_IN: Final = """
SELECT b.id, b.device, b.last_seq, b.last_hash FROM bundle AS b
 WHERE b.direction = 'in' AND b.verdict = 'ADMIT' AND b.last_hash IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM changeset AS c WHERE c.device = b.device AND c.chain = b.chain
                   AND c.seq = b.last_seq AND c.hash = b.last_hash)
 ORDER BY b.id
"""
_BUNDLES_OUT: Final = """
SELECT later.id, later.number, later.office_id FROM bundle AS later JOIN bundle AS earlier
    ON earlier.direction = 'out' AND earlier.id < later.id AND earlier.number >= later.number
   AND coalesce(earlier.office_id, 0) = coalesce(later.office_id, 0)
 WHERE later.direction = 'out' ORDER BY later.id LIMIT 1
"""


def _bundle_order(session: Session) -> Check:
    """What bundles brought up to their last entry is here, and the numbers of those written here rise."""
    name = "bundle order"
    for row_id, device, seq, sha256 in fetch(session, _BUNDLES_IN):  # a tail's: of another device
        asked = "SELECT 1 FROM changeset WHERE seq = ? AND hash = ?"
        if not fetch(session, asked, seq, bytes(sha256)):
            detail = f"bundle {row_id} of device {device} brought entry {seq}, which is not here"
            return Check(name, ok=False, detail=detail)
    for row_id, number, _office in fetch(session, _BUNDLES_OUT):
        return Check(name, ok=False, detail=f"bundle {row_id} has the number {number} of an earlier one")
    return Check(name, ok=True, detail="what each bundle brought is here, and their numbers rise")


def _second_copy(session: Session, installation: Installation) -> Check:
    """Every changeset of this device stands in the second copy."""
    copied = {digest(record.body) for _, _, record in installation.second_copy.records()}
    own = session.execute(
        select(StoredChangeset.chain, StoredChangeset.seq, StoredChangeset.hash).where(
            StoredChangeset.device == installation.facts.device,
            StoredChangeset.state == "accepted",
            StoredChangeset.as_device.is_(None),
        )
    )
    for row in own:
        if row.hash not in copied:
            return Check("second copy", ok=False, detail=f"chain {row.chain} changeset {row.seq} is missing")
    return Check("second copy", ok=True, detail=f"{len(copied)} changeset(s)")
