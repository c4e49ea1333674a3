"""Changesets to rows: the ops of accepted changesets applied to the tables, in order.

Two callers: a home that is brought forward from its own second copy, and the fold of many changesets at
once. Facts are only inserted; the journal's lines go in before their entries, so the database's own checks
see whole entries.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from schema.accounting import GLDayTotal
from schema.database import upsert
from schema.reading import connection_of, execute
from schema.replication import StoredChangeset
from schema.writing import images_by_table, insert_statement, update_statement
from sync import chain as chains
from sync import late
from sync.chain import HEAD, SEEN, Accepted, Link, Signer
from sync.changeset import DELETE, INSERT, Changeset, Op, Place, digest
from sync.lifting import lifted
from sync.profile_fold import Effective, fold_profiles, plain_changes
from sync.signing import verify

ENTRY: Final = "journal_entry"
LINE: Final = "journal_line"


def apply_ops(session: Session, changesets: Iterable[Sequence[Op]]) -> None:
    """Apply the ops of effective changesets, given in the order of their chain, to the tables.

    All new rows go in first, table by table (a row is inserted once, before anything changes it), entries
    after their lines; then changes and removals in order. Daily totals follow from the new entries. Shared
    columns are changed by ``fold_profiles``, which is called after this.
    """
    inserts: dict[str, list[tuple[object, ...]]] = {}
    later: list[Op] = []
    lines: list[Op] = []
    entries: dict[int, Op] = {}
    for ops in changesets:
        for op in ops:
            if op.sign != INSERT:
                later.append(op)
                continue
            new = cast("Mapping[str, object]", op.new)
            columns = images_by_table()[op.table].columns
            inserts.setdefault(op.table, []).append((op.id, *(new[name] for name in columns)))
            if op.table == LINE:
                lines.append(op)
            elif op.table == ENTRY:
                entries[op.id] = op
    dialect = connection_of(session).dialect.name
    for table in sorted(inserts, key=lambda name: (name == ENTRY, name)):
        execute(session, insert_statement(table, dialect), inserts[table])
    for op in later:
        _change(session, op, dialect)
    _add_totals(session, lines, entries)
    if late.PERIOD in inserts:
        late.settle_periods(session)


def _change(session: Session, op: Op, dialect: str) -> None:
    if op.sign == DELETE:
        mark = "?" if dialect == "sqlite" else "%s"
        execute(session, f'DELETE FROM "{op.table}" WHERE id = {mark}', [(op.id,)])  # noqa: S608 - a checked name
        return
    new = plain_changes(op)  # shared columns are not simply overwritten: they are folded
    if new:
        execute(session, update_statement(op.table, tuple(new), dialect), [(*new.values(), op.id)])


def _add_totals(session: Session, lines: list[Op], entries: Mapping[int, Op]) -> None:
    summed: dict[tuple[object, object, object], list[int]] = {}
    shown = late.posting_days(session, (_dated(op) for op in entries.values()))
    for line in lines:
        new = cast("Mapping[str, object]", line.new)
        entry_id = cast("int", new["journal_entry_id"])
        entry = cast("Mapping[str, object]", entries[entry_id].new)
        key = (new["origin_office_id"], new["gl_account_id"], shown.get(entry_id, entry["booked_on"]))
        total = summed.setdefault(key, [0, 0])
        total[0] += cast("int", new["debit"])
        total[1] += cast("int", new["credit"])
    rows: list[dict[str, object]] = [
        {
            "origin_office_id": office,
            "gl_account_id": account,
            "booked_on": booked_on,
            "debit": debit,
            "credit": credit,
        }
        for (office, account, booked_on), (debit, credit) in sorted(
            summed.items(), key=lambda item: str(item[0])
        )
    ]
    upsert(session, cast("Table", GLDayTotal.__table__), rows, add=("debit", "credit"))


def _dated(op: Op) -> late.DatedEntry:
    new = cast("Mapping[str, int]", op.new)
    office_id, booked_on, kind = new["origin_office_id"], str(new["booked_on"]), str(new["kind"])
    return late.DatedEntry(op.id, office_id, booked_on, kind)


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
        device, chain = (name, 0) if signer.is_hq else (chains.HQ_DEVICE, name)
        link = chains.link_at(session, device, chain, place)
        if link is not None:
            causes.append(link)
            chains.set_watermark(session, device, chain, SEEN, place)
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
