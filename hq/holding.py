"""Whether the books could hold a changeset that a person accepts against a rule."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.replication import StoredChangeset
from sync.cases import Member
from sync.changeset import Changeset
from sync.lifting import lifted
from sync.lot import Lot
from sync.meaning import Judge
from sync.roster import Roster


def why_not_held(session: Session, roster: Roster, member: Member) -> str:
    """Say why the tables could not hold a changeset whoever accepts it; empty where they could or do."""
    row = session.execute(
        select(StoredChangeset.body, StoredChangeset.code, StoredChangeset.as_device).where(
            StoredChangeset.device == member.device,
            StoredChangeset.seq == member.seq,
            StoredChangeset.hash == member.hash,
        )
    ).first()
    writer = roster.find(member.device)
    if row is None or writer is None or not row.code or row.as_device is not None:
        return ""
    ops = lifted(Changeset.from_bytes(row.body)).ops
    judge = Judge(session, roster, writer.office_id)
    judge.look_up(Lot([ops]))
    fault = judge.fault_of(writer, ops, is_pardoned=True)
    return "" if fault is None else fault.what
