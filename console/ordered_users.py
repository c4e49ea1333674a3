"""What headquarters ordered about users, with when and by whom: read at headquarters and at the branch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.user_orders import Ordered, orders_at
from schema.base import from_milliseconds
from schema.people import User
from schema.publishing import UserOrder
from schema.replication import StoredChangeset
from sync import chain as chains
from sync.changeset import INSERT, Changeset, hlc_ms


@dataclass(frozen=True, slots=True)
class Written:
    """Where an order stands: when it was written, by whom (empty: not known here), in which changeset."""

    at: datetime
    who: str
    place: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order with where it stands; ``written`` is None where its changeset is not here."""

    order: Ordered
    written: Written | None


def written_orders(session: Session) -> dict[int, Written]:
    """Find the changesets of all orders about users, by the id of the order's row."""
    wanted = select(StoredChangeset).where(
        StoredChangeset.device.in_(chains.hq_devices(session)),
        StoredChangeset.kind.like("user_order%"),
        StoredChangeset.state == "accepted",
    )
    found = {}
    for row in session.scalars(wanted):
        changeset = Changeset.from_bytes(row.body)
        for op in changeset.ops:
            if op.table == UserOrder.__tablename__ and op.sign == INSERT:
                actor = session.get(User, changeset.actor)
                who = (actor.full_name or actor.username) if actor is not None else ""
                at = from_milliseconds(hlc_ms(row.hlc))
                found[op.id] = Written(at, who, (row.device, row.chain, row.seq))
    return found


def orders_here(session: Session, office_id: int) -> Mapping[int, Sequence[OrderLine]]:
    """Give what headquarters ordered about the users of an office, by the user's id."""
    orders = orders_at(session, office_id)
    where = written_orders(session) if orders else {}
    return {
        user_id: [OrderLine(one, where.get(one.id)) for one in listed] for user_id, listed in orders.items()
    }
