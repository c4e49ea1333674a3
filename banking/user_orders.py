"""Orders of headquarters about users of a branch: ended, let in again, another role.

An order is a row in the chain of that branch. It counts from the moment in which the branch has it, whatever
the branch itself says of the user, and until a newer order says otherwise (``schema.user_orders``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from banking.approval import check_second_person
from banking.errors import BadValueError
from banking.publishing import ReviewNeededError, reviewers
from banking.text import LONGEST_NOTE, require
from banking.users import ADMIN, ROLES, folded_username
from ledger.errors import N_, NotFoundError, RuleError
from schema.people import User
from schema.publishing import UserOrder
from schema.reading import fetch
from schema.reference import Office
from schema.user_orders import DISABLE, ROLE, standing_by, standing_of
from schema.writing import act, insert


class LastOfBranchError(RuleError):
    """Facts: username, office."""

    code = "LAST_OF_BRANCH"
    message = N_(
        "{username} is the last administrator of {office}: then nobody there could change users or reset a "
        "password. Nothing was ordered. Order it with “anyway” where that is wanted."
    )


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order: the id of its row, what it says, why, and who reviewed it (empty: nobody else could)."""

    id: int
    kind: str
    role: str
    reason: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class UserOfBranch:
    """A user of a branch as its imported rows say, and what counts there once it has every order.

    told_role, told_state  what the branch itself says; ``role`` and ``state`` go before it
    orders                 those that count, at most one about the role and one about the log-in
    """

    office: str
    username: str
    full_name: str
    role: str
    state: str
    told_role: str
    told_state: str
    orders: tuple[Ordered, ...]

    @property
    def by_headquarters(self) -> bool:
        """Whether an order counts, also one that says what the branch says by itself."""
        return bool(self.orders)


_USERS: Final = """
SELECT o.code, u.id, u.username, u.full_name, u.role, u.state,
       r.id, r.kind, r.role, r.reason, r.approved_by
  FROM user_account AS u
  JOIN office AS o ON o.id = u.origin_office_id
  LEFT JOIN user_order AS r ON r.office_id = u.origin_office_id AND lower(r.username) = lower(u.username)
 WHERE u.origin_office_id <> ? ORDER BY o.code, u.username, u.id, r.version, r.id
"""

_OF_OFFICE: Final = """
SELECT u.id, r.id, r.kind, r.role, r.reason, r.approved_by
  FROM user_account AS u
  JOIN user_order AS r ON r.office_id = u.origin_office_id AND lower(r.username) = lower(u.username)
 WHERE u.origin_office_id = ? ORDER BY u.id, r.version, r.id
"""


def order(
    session: Session,
    office_id: int,
    username: str,
    kind: str,
    *,
    reason: str,
    role: str = "",
    anyway: bool = False,
    second_id: int | None = None,
) -> UserOrder:
    """Order something about a user of a branch, in that branch's chain.

    kind       disable, enable, or role (then ``role`` says which)
    anyway     also where the branch is left without an administrator
    second_id  who reviewed it; needed wherever somebody else may review
    raises     NotFoundError, BadValueError (also for headquarters itself, whose users are changed there and
               keep their last administrator), MissingError without a reason, LastOfBranchError,
               ReviewNeededError, BadSecondPersonError: nothing is ordered then
    """
    current = act(session)
    if office_id == current.office_id:
        raise BadValueError(field="office", given=session.get_one(Office, office_id).code)
    user = _find(session, office_id, username)
    if kind == ROLE and role not in ROLES:
        raise BadValueError(field="role", given=role)
    if second_id is None and reviewers(session, current.actor_id):
        raise ReviewNeededError
    second = None if second_id is None else check_second_person(session, second_id)
    told = require(reason, "reason", LONGEST_NOTE)
    office = session.get_one(Office, office_id)
    leaves = kind == DISABLE or (kind == ROLE and role != ADMIN)
    if leaves and not anyway and _administrators(session, office_id) == [user.id]:
        raise LastOfBranchError(username=user.username, office=office.name)
    newest = session.scalar(
        select(func.max(UserOrder.version)).where(
            UserOrder.office_id == office_id, UserOrder.username == user.username
        )
    )
    row = UserOrder(
        office_id=office_id,
        username=user.username,
        kind=kind,
        role=role if kind == ROLE else "",
        version=(newest or 0) + 1,
        reason=told,
        approved_by=session.get_one(User, second).username if second is not None else "",
    )
    current.cut()
    insert(session, row)
    current.cut_into(office.number)
    return row


def list_users_of_branches(session: Session, own_office_id: int) -> list[UserOfBranch]:
    """List the users of all branches as their bundles told, by branch and log-in name."""
    listed = []
    for told, rows in groupby(fetch(session, _USERS, own_office_id), key=lambda row: tuple(row[:6])):
        office, _id, username, full_name, role, state = told
        counting = _counting(Ordered(*row[6:]) for row in rows if row[6] is not None)
        standing = standing_by(role, state, ((one.kind, one.role) for one in counting))
        listed.append(UserOfBranch(office, username, full_name, *standing, role, state, counting))
    return listed


def orders_at(session: Session, office_id: int) -> dict[int, tuple[Ordered, ...]]:
    """Give the orders that count about users of an office, by the user's id."""
    by_user = groupby(fetch(session, _OF_OFFICE, office_id), key=lambda row: int(row[0]))
    return {user_id: _counting(Ordered(*row[1:]) for row in rows) for user_id, rows in by_user}


def _counting(orders: Iterable[Ordered]) -> tuple[Ordered, ...]:
    """Give the newest about the role and the newest about the log-in, of orders in their order."""
    newest = {one.kind == ROLE: one for one in orders}
    return tuple(newest.values())


def _find(session: Session, office_id: int, username: str) -> User:
    wanted = select(User).where(
        User.origin_office_id == office_id, func.lower(User.username) == folded_username(username)
    )
    user = session.scalars(wanted.order_by(User.id).limit(1)).first()
    if user is None:
        raise NotFoundError(kind="user", key=username)
    return user


def _administrators(session: Session, office_id: int) -> list[int]:
    """List the administrators of an office who can log in there, with every order counted."""
    users = session.scalars(select(User).where(User.origin_office_id == office_id).order_by(User.id))
    return [user.id for user in users if standing_of(session, user) == (ADMIN, "active")]
