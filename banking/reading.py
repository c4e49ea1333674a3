"""Short questions to the database, where an object mapper would take longer than the answer."""

from functools import cache
from typing import Any

from sqlalchemy.orm import Session


@cache
def _server_form(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


def fetch(session: Session, statement: str, *given: int | str | bytes | None) -> list[tuple[Any, ...]]:
    """Run a SELECT with a ``?`` for each of ``given``; rows come in stored form (whole numbers, text)."""
    connection = session.connection()
    text = statement if connection.dialect.name == "sqlite" else _server_form(statement)
    return [tuple(row) for row in connection.exec_driver_sql(text, given)]


def fetch_one(session: Session, statement: str, *given: int | str | bytes | None) -> tuple[Any, ...] | None:
    """Give the first row of ``fetch``, or None."""
    connection = session.connection()
    text = statement if connection.dialect.name == "sqlite" else _server_form(statement)
    row = connection.exec_driver_sql(text, given).first()
    return None if row is None else tuple(row)
