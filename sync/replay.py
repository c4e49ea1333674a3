"""Changesets to rows: the ops of accepted changesets applied to the tables, in order.

Two callers: a home that is brought forward from its own second copy, and the fold of many changesets at
once. Facts are only inserted; the journal's lines go in before their entries, so the database's own checks
see whole entries.
"""

from collections.abc import Iterable, Sequence
from typing import Final, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from schema.database import upsert
from schema.reading import connection_of, execute
from schema.replication import StoredChangeset
from schema.totals import add_to_totals
from schema.writing import images_by_table, insert_statement, update_statement
from sync import chain as chains
from sync import late
from sync.chain import HEAD, SEEN, Accepted, Link, Signer
from sync.changeset import DELETE, INSERT, Changeset, Op, Place, digest
from sync.lifting import lifted
from sync.lot import ENTRY, LINE, Lot, Part
from sync.profile_fold import Effective, fold_profiles, plain_changes
from sync.signing import verify

_FIRST: Final = {LINE: 0, ENTRY: 1}
"""As long as a line waits for its entry, the database looks with each new row for those that name it."""
_OF_A_LINE: Final = ("journal_entry_id", "origin_office_id", "gl_account_id", "debit", "credit")


def apply_ops(session: Session, changesets: Iterable[Sequence[Op]] | Lot) -> None:
    """Apply the ops of effective changesets, given in the order of their chain, to the tables.

    All new rows go in first, table by table (a row is inserted once, before anything changes it): lines, then
    their entries, then what names entries; then changes and removals in order. Daily totals follow from the
    new entries. Shared columns are changed by ``fold_profiles``, which is called after this.
    """
    lot = changesets if isinstance(changesets, Lot) else Lot(list(changesets))
    inserts = [part for part in lot.parts if part.sign == INSERT]
    dialect = connection_of(session).dialect.name
    for part in sorted(inserts, key=lambda part: (_FIRST.get(part.table, len(_FIRST)), part.table)):
        columns = (part.columns[name] for name in images_by_table()[part.table].columns)
        execute(session, insert_statement(part.table, dialect), list(zip(part.ids, *columns, strict=True)))
    for op in lot.later:
        _change(session, op, dialect)
    _add_totals(session, inserts)
    if any(part.table == late.PERIOD for part in inserts):
        late.settle_periods(session)


def _change(session: Session, op: Op, dialect: str) -> None:
    if op.sign == DELETE:
        mark = "?" if dialect == "sqlite" else "%s"
        execute(session, f'DELETE FROM "{op.table}" WHERE id = {mark}', [(op.id,)])  # noqa: S608 - a checked name
        return
    new = plain_changes(op)  # shared columns are not simply overwritten: they are folded
    if new:
        execute(session, update_statement(op.table, tuple(new), dialect), [(*new.values(), op.id)])


def _add_totals(session: Session, inserts: Iterable[Part]) -> None:
    days: dict[int, str] = {}
    summed: dict[tuple[int, int, str], list[int]] = {}
    dated: list[late.DatedEntry] = []
    for part in inserts:
        if part.table == ENTRY:
            named = (part.columns[name] for name in ("origin_office_id", "booked_on", "kind"))
            dated += map(late.DatedEntry, part.ids, *named)
            days.update(zip(part.ids, part.columns["booked_on"], strict=True))
    days |= late.posting_days(session, dated)
    for part in inserts:
        if part.table != LINE:
            continue
        named = (part.columns[name] for name in _OF_A_LINE)
        for entry_id, office, account, debit, credit in zip(*named, strict=True):
            total = summed.setdefault((office, account, days[entry_id]), [0, 0])
            total[0] += debit
            total[1] += credit
    add_to_totals(session, summed)


def replay_own(session: Session, signer: Signer, body: bytes, signature: bytes) -> Accepted | None:
    """Apply one changeset of this device that the database lacks; None when it does not follow its head."""
    changeset = Changeset.from_bytes(body)
    verify(signer.key.public, signature, "changeset", signer.institution_id, body)
    previous = chains.head(session, signer.device, changeset.chain)
    expected = (previous.seq + 1, previous.hash) if previous else (1, signer.genesis)
    if (changeset.seq, changeset.prev) != expected:
        return None
    causes: list[Link] = []
    for name, place in changeset.seen.items():
        devices, chain = ([name], 0) if signer.is_hq else (chains.hq_devices(session), name)
        found = chains.find_link(session, devices, chain, place)
        if found is not None:
            causes.append(found[1])
            chains.set_watermark(session, found[0], chain, SEEN, place)
    causes += [link for link in chains.succession_links(session, changeset.ops) if link]
    sha256 = digest(body)
    link = chains.follow(changeset, sha256, previous, causes, is_hq=signer.is_hq)
    accepted = Accepted(changeset, body, signature, sha256, link.key_time, link.beacon)
    upsert(session, cast("Table", StoredChangeset.__table__), [chains.stored_row(accepted)])
    chains.set_watermark(session, signer.device, changeset.chain, HEAD, Place(changeset.seq, sha256))
    ops = lifted(changeset).ops
    apply_ops(session, [ops])
    fold_profiles(session, [Effective(accepted, ops)])
    return accepted
