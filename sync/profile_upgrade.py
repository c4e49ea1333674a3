"""Profiles of a home from before their writes were kept: folded once, from the stored changesets."""

from collections.abc import Iterator
from contextlib import closing
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.database import Database
from schema.reading import fetch_one
from schema.replication import Setting, StoredChangeset
from sync.chain import Accepted
from sync.changeset import Changeset
from sync.lifting import lifted
from sync.profile_fold import Effective, fold_profiles
from sync.profile_groups import shared_tables

_SETTING: Final = "profiles_kept_since"
_REVISION: Final = "4"


def bring_profiles_forward(database: Database) -> None:
    """Keep and fold the profile writes of earlier revisions; does nothing the second time.

    The rows stay as they are: whoever wrote last in a chain is shown, now as then. What is new are the writes
    behind them, the index of numbers, and the cases that follow.
    """
    with database.reading() as session:
        if fetch_one(session, "SELECT 1 FROM setting WHERE name = ?", _SETTING) is not None:
            return
    with database.writing() as session:
        kept = "SELECT 1 FROM profile_write UNION ALL SELECT 1 FROM unique_key LIMIT 1"
        if fetch_one(session, kept) is None:
            fold_profiles(session, list(_effective(session)))
        session.add(Setting(name=_SETTING, value=_REVISION))


def _effective(session: Session) -> Iterator[Effective]:
    tables = shared_tables()
    named = [bytes([0x60 + len(table)]) + table.encode() for table in sorted(tables)]
    wanted = select(StoredChangeset).where(StoredChangeset.state == "accepted", StoredChangeset.code == "")
    rows = session.execute(
        wanted.order_by(StoredChangeset.device, StoredChangeset.chain, StoredChangeset.seq),
        execution_options={"yield_per": 500},
    )
    with closing(rows.scalars()) as stored:
        for row in stored:
            if not any(name in row.body for name in named):  # most are about money: not worth decoding
                continue
            changeset = Changeset.from_bytes(row.body)
            ops = [op for op in lifted(changeset).ops if op.table in tables]
            accepted = Accepted(changeset, row.body, row.signature, row.hash, row.key_time, row.beacon)
            yield Effective(accepted, ops, row.as_device)
