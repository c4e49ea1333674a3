"""One thing that waits, with everything that a person needs to decide it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.arm_sheets import ForkSheet, fork_sheet
from hq.changesets import ChangesetSheet, changeset_sheet
from hq.decided import DecidedLine, decided_list
from hq.decision_rows import FORK, GAP
from hq.gaps import Asking, Gap, asked_for, list_gaps
from hq.holding import why_not_held
from hq.people_sheets import GroupSheet, PersonSheet, group_sheets, person_sheets
from hq.tails import TailLine, tail_of
from hq.waiting import EXCEPTION, IDENTITY, PROFILE, QUARANTINE, TOTALS, WaitingItem
from ledger.money import ZERO, Money, total
from schema.reference import Device
from sync.installation import Installation

TAIL_SHOWN = 500


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """One thing that waits; what does not belong to its family is empty.

    why_not  an exception only: why the books could not hold it, whoever accepts it
    before   decisions about it, the newest first
    """

    item: WaitingItem
    fork: ForkSheet | None = None
    gap: Gap | None = None
    asking: Asking | None = None
    tail: Sequence[TailLine] = ()
    tail_money: Money = ZERO
    device: Device | None = None
    changeset: ChangesetSheet | None = None
    why_not: str = ""
    people: Sequence[PersonSheet] = ()
    groups: Sequence[GroupSheet] = ()
    before: Sequence[DecidedLine] = field(default_factory=tuple)


def case_sheet(installation: Installation, session: Session, item: WaitingItem) -> CaseSheet:
    """Read everything about one thing that waits."""
    device = session.scalars(select(Device).where(Device.number == item.device)).first()
    before = tuple(line for line in decided_list(session) if line.key == item.key)
    if item.family == FORK:
        return CaseSheet(item, fork=fork_sheet(session, item.members), device=device, before=before)
    if item.family == GAP:
        return _gap_sheet(session, item, device, before)
    if item.family == QUARANTINE:
        tail = tail_of(session, item.device, item.code, limit=TAIL_SHOWN)
        money = total(line.money for line in tail)
        return CaseSheet(item, tail=tail, tail_money=money, device=device, before=before)
    if item.family in {IDENTITY, PROFILE}:
        people = person_sheets(session, item) if item.family == IDENTITY else ()
        groups = group_sheets(session, item) if item.family == PROFILE else ()
        return CaseSheet(item, people=people, groups=groups, before=before)
    if item.family in {EXCEPTION, TOTALS} and item.place is not None:
        roster = installation.roster(session)
        sheet = changeset_sheet(session, roster, *item.place)
        why_not = why_not_held(session, roster, item.members[0]) if item.family == EXCEPTION else ""
        return CaseSheet(item, changeset=sheet, why_not=why_not, device=device, before=before)
    return CaseSheet(item, device=device, before=before)


def _gap_sheet(
    session: Session, item: WaitingItem, device: Device | None, before: tuple[DecidedLine, ...]
) -> CaseSheet:
    first = item.members[0]
    gap = next((one for one in list_gaps(session, item.device) if one.next.hash == first.hash), None)
    asking = asked_for(session, gap, device.office_id if device else None) if gap is not None else None
    return CaseSheet(item, gap=gap, asking=asking, device=device, before=before)
