"""Versions of what is on offer: a row never changes, a change makes the next one, the newest is offered."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError
from schema.writing import insert, update


def newest_version(session: Session, model: Any, code: str) -> Any:  # noqa: ANN401 - any table with codes and versions
    """Give the newest version of a product or charge, or None."""
    wanted = select(model).where(model.code == code).order_by(model.version.desc(), model.id.desc())
    return session.scalars(wanted.limit(1)).first()


def new_version(
    model: Any,  # noqa: ANN401 - any table with codes and versions
    earlier: Any,  # noqa: ANN401 - a row of it, or None
    code: str,
    changes: Mapping[str, object],
) -> Any:  # noqa: ANN401 - a row of it
    """Make the next version of ``earlier`` (or a first one), unwritten: what is not changed stays."""
    columns = {column.name for column in model.__table__.columns} - {"id", "version", "active", "code"}
    unknown = set(changes) - columns
    assert not unknown, f"{model.__tablename__} has no {', '.join(sorted(unknown))}"
    defaults = {
        column.name: column.default.arg if column.default is not None else None
        for column in model.__table__.columns
        if column.name in columns
    }
    kept = {name: getattr(earlier, name) for name in columns} if earlier is not None else defaults
    row = model(code=code, version=earlier.version + 1 if earlier is not None else 1, active=1)
    for name, value in {**kept, **changes}.items():
        setattr(row, name, value)
    return row


def put_on_offer(session: Session, row: Any, earlier: Any) -> None:  # noqa: ANN401 - rows of one table, or None
    """Write a new version; from now on it is offered and the one before it is not."""
    if earlier is not None and earlier.active:
        update(session, earlier, active=0)
    insert(session, row)


def retire(session: Session, model: Any, code: str, kind: str) -> Any:  # noqa: ANN401 - any table with codes and versions
    """Offer something no more; what was made under it goes on.

    kind     in words, for the refusal
    raises   NotFoundError where nothing with this code is on offer
    """
    row = newest_version(session, model, code)
    if row is None or not row.active:
        raise NotFoundError(kind=kind, key=code)
    update(session, row, active=0)
    return row


def list_versions(session: Session, model: Any, *, retired: bool) -> list[Any]:  # noqa: ANN401 - as above
    """List what is on offer by code; ``retired``: every version of all."""
    wanted = select(model).order_by(model.code, model.version)
    return list(session.scalars(wanted if retired else wanted.where(model.active == 1)))
