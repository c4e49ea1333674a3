"""What the figures of headquarters' reports rest on: how far the bundles of each branch have come."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from hq.status import BranchStatus, hq_status
from schema.reading import fetch
from sync.installation import Installation

MOST_NAMED: Final = 12
"""So many branches are named one by one; where there are more, only those that are behind."""

BEHIND_DAYS: Final = 7
"""From so many days on a branch is behind."""

_LABELS: Final = """
SELECT b.office_id, b.number, b.bundle_id FROM bundle AS b
 WHERE b.id IN (SELECT max(id) FROM bundle
                 WHERE direction = 'in' AND verdict = 'ADMIT' AND office_id IS NOT NULL GROUP BY office_id)
"""


@dataclass(frozen=True, slots=True)
class Rest:
    """One branch: its state, the label of the last bundle in the books (number or name), weeks behind."""

    branch: BranchStatus
    label: str
    weeks: int

    @property
    def is_behind(self) -> bool:
        """Whether somebody should look: a week or more is missing, or entries in between."""
        return self.weeks > 0 or bool(self.branch.gaps)


@dataclass(frozen=True, slots=True)
class Rests:
    """The branches that are named, and how many more there are, with the oldest last day of theirs."""

    named: tuple[Rest, ...]
    others: int
    others_since: date | None


def resting(installation: Installation, session: Session, offices: tuple[int, ...] | None) -> Rests:
    """Give how far each branch has come whose books are here.

    offices   only these; None: all
    """
    ids = {row[0]: row[1] for row in fetch(session, "SELECT code, id FROM office")}
    labels = {
        office: f"{number:04d}" if number else bytes(name).hex()[:8].upper()
        for office, number, name in fetch(session, _LABELS)
    }
    found = [
        Rest(branch, labels.get(ids[branch.branch], ""), (branch.days_behind or 0) // BEHIND_DAYS)
        for branch in hq_status(installation, session)
        if branch.last_seq and (offices is None or ids[branch.branch] in offices)
    ]
    named = found if len(found) <= MOST_NAMED else [rest for rest in found if rest.is_behind]
    others = [rest.branch.last_date for rest in found if rest not in named and rest.branch.last_date]
    return Rests(tuple(named), len(found) - len(named), min(others, default=None))


def rests_on(
    installation: Installation, session: Session, offices: tuple[int, ...] | None
) -> tuple[str, ...]:
    """Say for each branch up to which bundle and entry its books are here, and what is missing.

    offices   only these; None: all
    """
    rests = resting(installation, session, offices)
    words = [_words(rest) for rest in rests.named]
    if rests.others:
        branches = "branch" if rests.others == 1 else "branches"
        words.append(f"{rests.others} more {branches} up to {rests.others_since} or later")
    return (f"Rests on: {'; '.join(words)}.",) if words else ()


def _words(rest: Rest) -> str:
    branch = rest.branch
    words = f"{branch.branch} up to {rest.label}, entry {branch.last_seq} ({branch.last_date})"
    if rest.weeks:
        words += f", {rest.weeks} {'week' if rest.weeks == 1 else 'weeks'} behind"
    elif branch.days_behind:
        words += f", {branch.days_behind} {'day' if branch.days_behind == 1 else 'days'} behind"
    return f"{words}, entries missing" if branch.gaps else words
