"""What a user is here by what headquarters ordered: its newest orders go before the branch's own row."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from schema.people import User
from schema.reading import fetch

DISABLE, ENABLE, ROLE = "disable", "enable", "role"
_STATES: Final = {DISABLE: "disabled", ENABLE: "active"}

_ORDERS: Final = """
SELECT kind, role FROM user_order WHERE office_id = ? AND lower(username) = ? ORDER BY version, id
"""


def standing_of(session: Session, user: User) -> tuple[str, str]:
    """Give role and state of a user, as they count here.

    Orders about the log-in and orders about the role stand side by side: the newest of each counts, and where
    there is none the user's own row.
    """
    orders = fetch(session, _ORDERS, user.origin_office_id, user.username.lower())
    return standing_by(user.role, user.state, ((kind, ordered) for kind, ordered in orders))


def standing_by(role: str, state: str, orders: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Give role and state that count, by kind and role of each order about a user, the oldest first."""
    for kind, ordered in orders:
        if kind == ROLE:
            role = ordered
        else:
            state = _STATES.get(kind, state)
    return role, state


def show_under_orders(session: Session, user: User) -> User:
    """Let a user that was read to be shown have role and state as they count here; the row stays as it is."""
    role, state = standing_of(session, user)
    set_committed_value(user, "role", role)
    set_committed_value(user, "state", state)
    return user


def put_under_orders(session: Session, user: User) -> str:
    """Let a user that was read show the role that counts here, and give the state; the row stays as it is."""
    role, state = standing_of(session, user)
    set_committed_value(user, "role", role)
    return state
