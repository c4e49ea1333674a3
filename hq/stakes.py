"""How much money changesets move: what their journal entries debit, and by which account."""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hq.decision_rows import FORK
from hq.waiting import EXCEPTION, QUARANTINE, WaitingItem
from ledger.money import Money, total
from schema.replication import StoredChangeset
from sync.changeset import INSERT, Op, read_ops

_LINE = "journal_line"
_COUNTED = 500
"""Changesets of one tail that are added up for a list: more than that is told on the tail's own page."""


def money_moved(ops: Iterable[Op]) -> Money:
    """Add up what the entries of a changeset debit, in minor units; nothing where it moves no money."""
    return total(Money(debit) for _, debit, _ in lines_of(ops))


def lines_of(ops: Iterable[Op]) -> list[tuple[int, int, int]]:
    """Give (GL account id, debit, credit) of the journal lines that a changeset makes, as it says them."""
    found = []
    for op in ops:
        if op.table == _LINE and op.sign == INSERT:
            new = cast("dict[str, object]", op.new)
            parts = [new.get(name) for name in ("gl_account_id", "debit", "credit")]
            if all(type(part) is int for part in parts):
                found.append(cast("tuple[int, int, int]", tuple(parts)))
    return found


def _disputed(device: int) -> Select[bytes]:
    return select(StoredChangeset.body).where(
        StoredChangeset.device == device,
        StoredChangeset.code == "FORK",
        StoredChangeset.state.in_(("held", "quarantined")),
    )


def disputed_money(session: Session, devices: Iterable[int]) -> Money:
    """Add up what histories of these devices move that no decision has taken into the books."""
    return total(
        money_moved(read_ops(body)) for device in devices for body in session.scalars(_disputed(device))
    )


def at_stake(session: Session, item: WaitingItem) -> Money | None:
    """Give what one thing that waits moves; None where it moves nothing, or nobody can tell."""
    if item.family == EXCEPTION:
        wanted = select(StoredChangeset.body).where(
            StoredChangeset.hash.in_([member.hash for member in item.members])
        )
    elif item.family == QUARANTINE:
        wanted = select(StoredChangeset.body).where(
            StoredChangeset.device == item.device,
            StoredChangeset.state == "quarantined",
            StoredChangeset.code == item.code,
        )
    elif item.family == FORK:
        wanted = _disputed(item.device)
    else:
        return None
    found = total(money_moved(read_ops(body)) for body in session.scalars(wanted.limit(_COUNTED)))
    return found or None
