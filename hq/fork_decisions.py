"""What the decision on a fork says: which arms stand, and under which device numbers they are folded."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hq.arms import Arm, arms_of, main_arm
from hq.decision_errors import UnknownDecisionError
from hq.decision_rows import FORK, decisions_of_kind, detail_of
from hq.waiting import ADOPT, WaitingItem
from schema.reference import Device
from schema.writing import insert
from sync.roster import BRANCH_SCOPE, RETIRED


def fork_detail(session: Session, item: WaitingItem, word: str, chosen: str) -> dict[str, object]:
    """Give the detail of a decision on a fork, and put the devices of adopted arms on the roster.

    word    adopt or refuse
    chosen  the name of the one arm that stands; empty: all of them
    raises  UnknownDecisionError where no arm has that name
    """
    device = item.device
    if word != ADOPT:
        return {"device": device, "main": b"", "arms": {}}
    arms = arms_of(session, item.members)
    if chosen:
        arms = [arm for arm in arms if arm.name == chosen]
    if not arms:
        raise UnknownDecisionError(given=f"{word}:{chosen}", key=item.key, possible=", ".join(item.choices))
    main = _main_before(session, arms) or main_arm(arms)
    others = [arm for arm in arms if arm is not main]
    return {
        "device": device,
        "main": main.first.hash,
        "arms": {arm.first.hash.hex(): _number_of(session, arm) for arm in others},
    }


def _main_before(session: Session, arms: Sequence[Arm]) -> Arm | None:
    """Give the arm that the first decision left its device's number: where all stand it is the same."""
    firsts = {arm.first.hash: arm for arm in arms}
    found = [
        firsts[main]
        for decision in decisions_of_kind(session, FORK)
        if (main := cast("bytes", detail_of(decision.detail).get("main", b""))) in firsts
    ]
    return found[0] if found else None


def _number_of(session: Session, arm: Arm) -> int:
    """Give the number of an arm: the one that an earlier decision gave it, else the next free one."""
    name = arm.first.hash.hex()
    for decision in decisions_of_kind(session, FORK):
        detail = detail_of(decision.detail)
        numbers = cast("dict[str, int]", detail.get("arms", {}))
        if detail.get("device") == arm.device and name in numbers:
            return numbers[name]
    number: int = session.execute(select(func.max(Device.number))).scalar_one() + 1
    office = session.execute(select(Device.office_id).where(Device.number == arm.device)).scalar_one()
    insert(
        session,
        Device(number=number, office_id=office, state=RETIRED, scope=BRANCH_SCOPE, succeeds=arm.device),
    )
    return number
