"""Clients side by side, for a person who says whether they are the same, or which value counts."""

from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy.orm import Session

from banking.client_glance import find_photo
from banking.counter import full_name
from hq.changesets import readable
from hq.profile_decisions import standing_values
from hq.waiting import WaitingItem, printed
from schema.people import Client, User
from schema.reference import Office
from sync.cases import items_of
from sync.profile_rows import WrittenValue
from sync.unique import same_person


@dataclass(frozen=True, slots=True)
class PersonSheet:
    """One client as another branch would recognise the person.

    ``same_as``  numbers of the clients that were decided to be the same person
    """

    client: Client
    name: str
    branch: str
    photo_id: int | None
    same_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueSheet:
    """One of several values, named by the changeset that wrote it; ``shown`` stands in the row now.

    ``columns`` pairs each column with what it holds. ``who`` and ``on`` are empty for the first values.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    who: str
    on: date | None
    device: int
    shown: bool


@dataclass(frozen=True, slots=True)
class GroupSheet:
    """The values of one group of columns of one client that stand beside each other."""

    client: str
    branch: str
    group: str
    values: tuple[ValueSheet, ...]


def person_sheets(session: Session, item: WaitingItem) -> list[PersonSheet]:
    """Give the clients that carry one number, the oldest row first."""
    ids = {row_id for about in items_of(item.subject) for row_id in cast("list[int]", about["ids"])}
    found = (session.get(Client, row_id) for row_id in sorted(ids))
    return [_person(session, client) for client in found if client is not None]


def _person(session: Session, client: Client) -> PersonSheet:
    same = (session.get(Client, row_id) for row_id in same_person(session, client.id))
    return PersonSheet(
        client,
        full_name(client),
        _branch(session, client),
        find_photo(session, client.id),
        tuple(other.number for other in same if other is not None),
    )


def group_sheets(session: Session, item: WaitingItem) -> list[GroupSheet]:
    """Give what a case about profiles lets a person choose from."""
    sheets = []
    for (table, row_id, group), values in standing_values(session, item):
        client = session.get(Client, row_id) if table == Client.__tablename__ else None
        sheets.append(
            GroupSheet(
                f"{client.number} {full_name(client)}" if client else f"{table} {row_id}",
                _branch(session, client) if client else "",
                group,
                tuple(_value(session, value) for value in values if value.write.seq),
            )
        )
    return sheets


def _value(session: Session, value: WrittenValue) -> ValueSheet:
    user = session.get(User, value.actor_id) if value.actor_id else None
    return ValueSheet(
        printed(value.write.hash),
        tuple((name, readable(str(held or ""))) for name, held in value.values.items()),
        readable(user.full_name or user.username) if user else "",
        value.on,
        value.write.device,
        value.shown,
    )


def _branch(session: Session, client: Client) -> str:
    return session.get_one(Office, client.origin_office_id).code
