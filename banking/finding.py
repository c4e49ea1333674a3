"""Finding anything by what people have in hand: a number on paper leads straight to its page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.counter import full_name
from banking.receipts import find_receipt
from banking.text import folded
from schema.accounts import LoanAccount, SavingsAccount
from schema.meetings import CollectionSheet
from schema.people import Center, Client, Group
from schema.profiles import Relative
from schema.reading import fetch

LOAN, SAVINGS, SHEET, GROUP, CENTER, CLIENT = "loan", "savings", "sheet", "group", "center", "client"
LOAN_RECEIPT, SAVINGS_RECEIPT = "loan receipt", "savings receipt"
FATHER: Final = "father"
"""The relation by which namesakes are told apart in many places."""

_NUMBERED: Final[tuple[tuple[str, type[Any]], ...]] = (
    (LOAN, LoanAccount),
    (SAVINGS, SavingsAccount),
    (SHEET, CollectionSheet),
    (CLIENT, Client),
    (GROUP, Group),
    (CENTER, Center),
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a number stands for: its kind and the row's id."""

    kind: str
    id: int


def find_by_number(session: Session, text: str) -> Target | None:
    """Find what carries exactly this number: a receipt, an account, a sheet, a client, a group, a center."""
    wanted = text.strip()
    if not wanted:
        return None
    receipt = find_receipt(session, wanted)
    if receipt is not None:
        kind, found = receipt
        return Target(LOAN_RECEIPT if kind == LOAN else SAVINGS_RECEIPT, found)
    for kind, model in _NUMBERED:
        rows = select(model.id).where(model.number.in_({wanted, wanted.upper()})).order_by(model.id)
        row_id = session.scalar(rows.limit(1))
        if row_id is not None:
            return Target(kind, int(row_id))
    return None


@dataclass(frozen=True, slots=True)
class GroupHit:
    """A group that was found by name."""

    id: int
    number: str
    name: str


def find_groups(session: Session, text: str, limit: int = 5) -> list[GroupHit]:
    """Find groups by the beginnings of the words of their names, in any order; by name."""
    asked = folded(text).split()
    if not asked:
        return []
    found = []
    for row in fetch(session, "SELECT id, number, name FROM lending_group WHERE state = 'active'"):
        words = folded(row[2]).split()
        if all(any(own.startswith(word) for own in words) for word in asked):
            found.append(GroupHit(*row))
    return sorted(found, key=lambda group: (folded(group.name), group.number))[:limit]


@dataclass(frozen=True, slots=True)
class ClientHit:
    """A client in a list of results, with what tells namesakes apart.

    ``born_year`` is None where the day of birth is not known; ``father`` is empty where nobody wrote it down.
    """

    id: int
    number: str
    name: str
    group_id: int | None
    group: str
    village: str
    phone: str
    father: str
    born_year: int | None
    is_deceased: bool
    is_blacklisted: bool


def describe(session: Session, found: Sequence[Client]) -> list[ClientHit]:
    """Describe clients for a list of results, in the same order."""
    groups = _names(
        session.execute(
            select(Group.id, Group.name).where(Group.id.in_({client.group_id for client in found} - {None}))
        )
    )
    fathers = _names(
        session.execute(
            select(Relative.client_id, Relative.name).where(
                Relative.client_id.in_({client.id for client in found}),
                Relative.relation == FATHER,
                Relative.state == "active",
            )
        )
    )
    return [
        ClientHit(
            id=client.id,
            number=client.number,
            name=full_name(client),
            group_id=client.group_id,
            group=groups.get(client.group_id or 0, ""),
            village=client.village,
            phone=client.phone,
            father=fathers.get(client.id, ""),
            born_year=client.born_on.year if client.born_on is not None else None,
            is_deceased=client.is_deceased,
            is_blacklisted=client.is_blacklisted,
        )
        for client in found
    ]


def _names(rows: Iterable[Any]) -> dict[int, str]:
    return {int(row[0]): str(row[1]) for row in rows}


def list_groups(session: Session) -> list[Group]:
    """List the groups that take members, by name."""
    wanted = select(Group).where(Group.state == "active")
    return sorted(session.scalars(wanted), key=lambda group: (folded(group.name), group.number))
