"""What somebody published between the asking for a change and its approval: both values, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hq.publishing import changed_by, published
from schema.approvals import ApprovalRequest

_LOOKED_AT = 200
"""Publications that are looked through, the newest first: so many stand between asking and approving."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """One field of a row that the request is about: its value when it was asked for and now, in words.

    ``by`` published the newest value, ``at`` that instant.
    """

    row: str
    field: str
    then: str
    now: str
    by: str
    at: datetime


def overtaken(
    session: Session,
    asked: ApprovalRequest,
    result: Mapping[str, object],
    digits: int,
    newest: int | None = None,
) -> list[Overtaken]:
    """List what changed since ``asked`` in the rows that it would change.

    result   what the act answers when it is rehearsed now: its ``changes`` name the rows
    digits   decimals of the currency
    newest   number of the newest publication that is looked at, where the request itself is published already
    """
    changes = result.get("changes")
    rows = {str(one["what"]) for one in changes} if isinstance(changes, list) else set()
    found: dict[tuple[str, str], Overtaken] = {}
    for one in reversed(published(session, limit=_LOOKED_AT)) if rows else ():
        if one.at <= asked.asked_at or (newest is not None and one.row.number > newest):
            continue
        for change in changed_by(session, one, digits):
            if change.row in rows:
                key = (change.row, change.field)
                then = found[key].then if key in found else change.before
                found[key] = Overtaken(*key, then, change.after, one.row.made_by, one.at)
    return [one for one in found.values() if one.then != one.now]
