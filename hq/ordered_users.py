"""Users of branches beside what headquarters ordered about them, and whether each branch has it already."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.user_orders import Ordered, UserOfBranch, list_users_of_branches
from console.ordered_users import Written, written_orders
from schema.reference import Device, Office
from sync import chain as chains
from sync.roster import ACTIVE, HQ_SCOPE, SUSPENDED, UNCONFIRMED
from sync.runs import acked_by


@dataclass(frozen=True, slots=True)
class OrderAt:
    """One order, where it is written, and whether the branch's laptop said that it has it."""

    order: Ordered
    written: Written | None
    arrived: bool


@dataclass(frozen=True, slots=True)
class BranchUserRow:
    """A user of a branch with the orders that count."""

    user: UserOfBranch
    orders: tuple[OrderAt, ...]


def branch_user_rows(session: Session, own_office_id: int) -> list[BranchUserRow]:
    """List the users of all branches by branch and log-in name; ``own_office_id`` is headquarters."""
    listed = list_users_of_branches(session, own_office_id)
    ordered = any(user.orders for user in listed)
    written = written_orders(session) if ordered else {}
    laptops = _laptops(session) if ordered else {}
    return [
        BranchUserRow(
            user,
            tuple(
                OrderAt(one, where, _has(session, laptops.get(user.office, ()), where))
                for one in user.orders
                for where in (written.get(one.id),)
            ),
        )
        for user in listed
    ]


def _laptops(session: Session) -> Mapping[str, list[int]]:
    """Give the laptops of each branch that go on, by its code."""
    wanted = (
        select(Office.code, Device.number)
        .join(Device, Device.office_id == Office.id)
        .where(Device.scope != HQ_SCOPE, Device.state.in_((ACTIVE, UNCONFIRMED, SUSPENDED)))
    )
    found: dict[str, list[int]] = {}
    for code, number in session.execute(wanted):
        found.setdefault(code, []).append(number)
    return found


def _has(session: Session, laptops: list[int] | tuple[()], where: Written | None) -> bool:
    """Tell whether one of the laptops confirmed a place of a chain in a bundle that came here."""
    if where is None:
        return False
    device, chain, seq = where.place
    marks = (chains.watermark(session, device, chain, acked_by(laptop)) for laptop in laptops)
    return any(mark is not None and mark.seq >= seq for mark in marks)
