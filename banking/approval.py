"""Two people where the amount asks for it: limits of headquarters, and who may be the second one."""

from typing import Final

from sqlalchemy.orm import Session

from banking.errors import BadSecondPersonError, SecondPersonNeededError
from banking.role_rights import may_here
from ledger.money import Money
from schema.people import User
from schema.reading import fetch_one
from schema.user_orders import standing_of
from schema.writing import act

SECOND_PERSON: Final = "second_person"
"""The limit from which a second person confirms a cash payment, a reversal or a manual entry."""

CONFIRM: Final = "money.confirm"

_LIMIT = """
SELECT amount FROM money_limit
 WHERE name = ? AND (office_id = ? OR office_id IS NULL)
 ORDER BY CASE WHEN office_id IS NULL THEN 1 ELSE 0 END, id DESC LIMIT 1
"""


def find_limit(session: Session, name: str, office_id: int) -> Money | None:
    """Give the limit ``name`` of an office in minor units: its own, else that of all offices, else None."""
    row = fetch_one(session, _LIMIT, name, office_id)
    return None if row is None else Money(row[0])


def require_second_person(
    session: Session,
    amount: Money,
    approved_by_id: int | None,
    *,
    permission: str = CONFIRM,
) -> int | None:
    """Give the second person back, who is needed from the limit of this office on.

    amount         minor units; its sign does not count
    approved_by_id the user who confirms; below the limit, and where there is none, nobody need be named
    raises         SecondPersonNeededError; BadSecondPersonError for somebody who does the act herself, who is
                   of another office, who left, or whose role does not have ``permission``
    """
    if approved_by_id is not None:
        return check_second_person(session, approved_by_id, permission=permission)
    limit = find_limit(session, SECOND_PERSON, act(session).office_id)
    if limit is not None and abs(amount) >= limit:
        raise SecondPersonNeededError(amount=abs(amount), limit=limit)
    return None


def check_second_person(session: Session, approved_by_id: int, *, permission: str = CONFIRM) -> int:
    """Give ``approved_by_id`` back when this user may confirm what somebody else does.

    raises   BadSecondPersonError
    """
    current = act(session)
    user = session.get(User, approved_by_id)
    if user is None or user.origin_office_id != current.office_id:
        raise BadSecondPersonError(name=approved_by_id, reason="nobody of this office has that name")
    if user.id == current.actor_id:
        raise BadSecondPersonError(name=user.username, reason="it is the same person who does it")
    role, state = standing_of(session, user)
    if state != "active":
        raise BadSecondPersonError(name=user.username, reason="this person left")
    if not may_here(session, role, permission):
        raise BadSecondPersonError(name=user.username, reason="this role does not confirm")
    return user.id
