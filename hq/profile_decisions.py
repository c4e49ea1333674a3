"""Choosing one of several values that stand beside each other in a shared profile.

Headquarters writes the chosen values itself, into the chain of the branch that keeps the row, as a write that
replaces all that stood; the decision names the case. Every value stays readable.
"""

from sqlalchemy.orm import Session

from hq.decision_errors import UnknownDecisionError
from hq.waiting import WaitingItem
from schema.base import BranchRow, recorded_models
from schema.reference import Office
from schema.writing import act, restate
from sync.cases import items_of
from sync.profile_rows import WrittenValue, values_of


def standing_values(
    session: Session, item: WaitingItem
) -> list[tuple[tuple[str, int, str], list[WrittenValue]]]:
    """Give, for each (table, row id, group) of a case, the values that its members wrote."""
    found = []
    named = {member.hash for member in item.members}
    for subject in items_of(item.subject):
        table, row_id, group = str(subject["table"]), subject["id"], str(subject["group"])
        assert isinstance(row_id, int), "the id of a row"
        values = [value for value in values_of(session, table, row_id, group) if value.write.hash in named]
        found.append(((table, row_id, group), values))
    return found


def choose_values(session: Session, item: WaitingItem, chosen: str) -> None:
    """Write the values that a changeset wrote (the beginning of its hash) once more, above all others.

    A case may be about several groups that the same changesets wrote: each gets what that one wrote of it.

    raises   UnknownDecisionError where no value of the case has that name
    """
    found = False
    for (table, row_id, _group), values in standing_values(session, item):
        wanted = next((one for one in values if one.write.hash.hex().upper().startswith(chosen)), None)
        if wanted is None:
            continue
        row = session.get_one(recorded_models()[table], row_id)
        assert isinstance(row, BranchRow), "profiles are rows of branches"
        restate(session, row, **dict(wanted.values))
        office = session.get_one(Office, row.origin_office_id)
        act(session).cut_into(office.number)
        found = True
    if not found:
        raise UnknownDecisionError(given=f"value:{chosen}", key=item.key, possible=", ".join(item.choices))
