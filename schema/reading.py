"""Short statements to the database, where an object mapper would take longer than the answer."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Given = int | str | bytes | None

_KEPT = "satchel.connection"


def keep_connection(session: Session) -> None:
    """Remember the connection of a session whose one transaction has begun: asking it each time is dear."""
    session.info[_KEPT] = session.connection()


def connection_of(session: Session) -> Connection:
    """Give the connection that the session's transaction runs on."""
    kept: Connection | None = session.info.get(_KEPT)
    return session.connection() if kept is None else kept


@cache
def _server_form(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


def fetch(session: Session, statement: str, *given: Given) -> Sequence[tuple[Any, ...]]:
    """Run a SELECT with a ``?`` for each of ``given``; rows come in stored form (whole numbers, text).

    It goes through the driver's own cursor, inside the session's transaction: for a row or two, describing
    the columns of a result costs several times what reading them does.
    """
    connection = connection_of(session)
    text = statement if connection.dialect.name == "sqlite" else _server_form(statement)
    cursor = connection.connection.cursor()
    try:
        cursor.execute(text, given)
        return cursor.fetchall()
    finally:
        cursor.close()


def execute(session: Session, statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Run one writing statement, already in the database's own form, for each of ``rows``.

    As ``fetch``, past everything that describes results, since there is none.

    raises   DBAPIError as SQLAlchemy raises it, so that callers need not know the driver
    """
    connection = connection_of(session)
    cursor = connection.connection.cursor()
    driver = connection.dialect.loaded_dbapi
    try:
        if len(rows) == 1:
            cursor.execute(statement, rows[0])
        else:
            cursor.executemany(statement, rows)
    except driver.Error as fault:
        # without the values: they are names and amounts, and messages reach logs
        raise DBAPIError.instance(statement, rows[0], fault, driver.Error, hide_parameters=True) from fault
    finally:
        cursor.close()


def fetch_one(session: Session, statement: str, *given: Given) -> tuple[Any, ...] | None:
    """Give the first row of ``fetch``, or None."""
    rows = fetch(session, statement, *given)
    return rows[0] if rows else None
