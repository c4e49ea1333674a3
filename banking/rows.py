"""A row that must exist."""

from typing import TypeVar

from sqlalchemy.orm import Session

from ledger.errors import NotFoundError
from schema.base import Base

R = TypeVar("R", bound=Base)


def get_row(session: Session, model: type[R], row_id: int, kind: str) -> R:
    """Give the row with this id; ``kind`` says in words what it is.

    raises   NotFoundError
    """
    row = session.get(model, row_id)
    if row is None:
        raise NotFoundError(kind=kind, key=row_id)
    return row
