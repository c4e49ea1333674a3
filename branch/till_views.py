"""What a page shows of a drawer: what it holds, who answers for it, what was counted and moved on a day."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from banking.cash_counts import counts_of
from banking.day_blocks import is_counted
from banking.till_cash import Holding, drawers_of, holding
from banking.tills import cashiers_on
from ledger.errors import NotFoundError
from schema.accounting import JournalEntry, Till
from schema.cash import CashCount, CashMovement
from schema.people import User


@dataclass(frozen=True, slots=True)
class TillView:
    """A drawer as it stands. ``closed`` says that it was counted to close and holds that still.

    ``movements`` are those of the day, each with whether it was taken back or takes one back.
    """

    till: Till
    holding: Holding
    cashiers: tuple[str, ...]
    counts: tuple[CashCount, ...]
    movements: tuple[tuple[CashMovement, bool], ...]
    closed: bool


def list_drawers(session: Session, office_id: int, on: date) -> list[TillView]:
    """List the drawers of an office by number."""
    return [_view(session, till, on) for till in drawers_of(session, office_id)]


def find_drawer(session: Session, office_id: int, till_id: int, on: date) -> TillView:
    """Give one drawer of an office.

    raises   NotFoundError
    """
    own = (till for till in drawers_of(session, office_id) if till.id == till_id)
    till = next(own, None)
    if till is None:
        raise NotFoundError(kind="till", key=till_id)
    return _view(session, till, on)


def _view(session: Session, till: Till, on: date) -> TillView:
    moved = session.scalars(
        select(CashMovement)
        .where(
            or_(CashMovement.from_till_id == till.id, CashMovement.to_till_id == till.id),
            CashMovement.on == on,
        )
        .order_by(CashMovement.id)
    ).all()
    return TillView(
        till,
        holding(session, till),
        tuple(_name(session, user_id) for user_id in cashiers_on(session, till.id, on)),
        tuple(counts_of(session, till.id, on)),
        tuple((row, _is_settled(session, row)) for row in moved),
        is_counted(session, till, on),
    )


def _is_settled(session: Session, moved: CashMovement) -> bool:
    entry = session.get_one(JournalEntry, moved.journal_entry_id)
    later = select(JournalEntry.id).where(JournalEntry.reverses_id == entry.id)
    return entry.reverses_id is not None or session.scalars(later).first() is not None


def _name(session: Session, user_id: int) -> str:
    user = session.get(User, user_id)
    return user.full_name if user is not None else str(user_id)
