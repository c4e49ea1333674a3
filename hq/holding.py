"""Whether the books could hold a changeset that a person accepts against a rule."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from schema.replication import StoredChangeset
from schema.writing import images_by_table
from sync.cases import Member
from sync.changeset import DELETE, read_ops
from sync.meaning import form_fault

_NEVER = {
    "UNBALANCED": "an entry of it does not balance",
    "ID_COLLISION": "another row stands under the same id",
}


def why_not_held(session: Session, code: str, member: Member) -> str:
    """Say why the tables could not hold a changeset whoever accepts it; empty where they could."""
    if code in _NEVER:
        return _NEVER[code]
    body = session.execute(
        select(StoredChangeset.body).where(
            StoredChangeset.device == member.device,
            StoredChangeset.seq == member.seq,
            StoredChangeset.hash == member.hash,
        )
    ).scalar_one_or_none()
    for op in () if body is None else read_ops(body):
        if op.table not in images_by_table():
            return f"this program knows no table {op.table}"
        if op.sign == DELETE:
            return f"rows of {op.table} are not removed"
        fault = form_fault(op)
        if fault is not None:
            return fault.what
    return ""
