"""What the figures of headquarters' reports rest on: how far the bundles of each branch have come."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.status import hq_status
from schema.reference import Office
from sync.installation import Installation


def rests_on(
    installation: Installation, session: Session, offices: tuple[int, ...] | None
) -> tuple[str, ...]:
    """Say for each branch up to which entry its books are here, and what is missing.

    offices   only these; None: all
    """
    codes = dict(session.execute(select(Office.code, Office.id)).tuples().all())
    found = []
    for branch in hq_status(installation, session):
        if not branch.last_seq or (offices is not None and codes[branch.branch] not in offices):
            continue
        words = f"{branch.branch} up to entry {branch.last_seq} ({branch.last_date})"
        if branch.days_behind:
            words += f", {branch.days_behind} days behind"
        if branch.gaps:
            words += ", entries missing"
        found.append(words)
    return (f"Rests on: {'; '.join(found)}.",) if found else ()
