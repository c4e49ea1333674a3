"""From a decision's row to the books: what it is about is settled in the same transaction."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from schema.replication import Case, ExceptionItem
from sync.installation import Installation


def settle(installation: Installation, session: Session, device: int) -> None:
    """Admit and fold the device's office anew as far as a decision on it asks for."""


def mark_decided(session: Session, key: bytes, outcome: str) -> None:
    """Take what was decided off the list of what waits; it keeps its name, and can be decided again."""
    for model in (Case, ExceptionItem):
        table = cast("Table", model.__table__)
        session.connection().execute(
            table.update().where(table.c.key == key).values(state="decided", outcome=outcome)
        )
