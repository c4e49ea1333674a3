"""From a row back to the changeset that made it: what paper and auditors are shown."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.base import device_of, to_milliseconds
from schema.replication import StoredChangeset
from sync.changeset import HLC_COUNTER_BITS, INSERT, read_ops

PRINTED_CHARACTERS: Final = 8
"""So much of a changeset's hash stands on a receipt."""

_LOOKED_AT: Final = 200
"""A row is in the first changeset from its instant on; a burst within one millisecond lies just after it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The changeset that inserted a row."""

    device: int
    chain: int
    seq: int
    hash: bytes
    kind: str

    @property
    def printed(self) -> str:
        """The part of the hash that is printed: eight characters, capitals."""
        return self.hash.hex()[:PRINTED_CHARACTERS].upper()


def find_origin(session: Session, table: str, row_id: int, recorded_at: datetime) -> Origin | None:
    """Find the changeset that inserted a row; None where it is not here (any more).

    recorded_at  the row's own instant: the changeset's logical time is never before it
    """
    first = to_milliseconds(recorded_at) << HLC_COUNTER_BITS
    near = (
        select(StoredChangeset)
        .where(StoredChangeset.device == device_of(row_id), StoredChangeset.hlc >= first)
        .order_by(StoredChangeset.hlc)
        .limit(_LOOKED_AT)
    )
    mark = row_id.to_bytes(8, "big")
    with closing(session.scalars(near).yield_per(8)) as found:  # left early: a server keeps a cursor for it
        for stored in found:
            if mark in stored.body and any(
                op.table == table and op.id == row_id and op.sign == INSERT for op in read_ops(stored.body)
            ):
                return Origin(stored.device, stored.chain, stored.seq, stored.hash, stored.kind)
    return None
