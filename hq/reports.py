"""What the figures of headquarters' reports rest on: how far the bundles of each branch have come."""

from sqlalchemy.orm import Session

from hq.status import hq_status
from schema.reading import fetch
from sync.installation import Installation


def rests_on(
    installation: Installation, session: Session, offices: tuple[int, ...] | None
) -> tuple[str, ...]:
    """Say for each branch up to which entry its books are here, and what is missing.

    offices   only these; None: all
    """
    ids = {row[0]: row[1] for row in fetch(session, "SELECT code, id FROM office")}
    found = []
    for branch in hq_status(installation, session):
        if not branch.last_seq or (offices is not None and ids[branch.branch] not in offices):
            continue
        words = f"{branch.branch} up to entry {branch.last_seq} ({branch.last_date})"
        if branch.days_behind:
            words += f", {branch.days_behind} days behind"
        if branch.gaps:
            words += ", entries missing"
        found.append(words)
    return (f"Rests on: {'; '.join(found)}.",) if found else ()
