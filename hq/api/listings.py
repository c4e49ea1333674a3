"""Lists out of the tables: a query made from declared fields and filters, read in pages by id."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from hq.api.errors import FORBIDDEN, NOT_FOUND, ApiError
from hq.api.kinds import CODE
from hq.api.operations import Call, Parameter
from hq.api.paging import after_of, limit_of
from hq.api.shapes import Field, document_of
from schema.reading import Given, fetch, fetch_one

OFFICE: Final = Parameter("office", CODE, "Code of an office; without it every office of the token.")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its fields (the id first), where they come from, and what can be asked for.

    tables    after FROM
    office    column of the office whose rows they are
    filters   condition with one ``?`` for each parameter that may be given
    """

    fields: tuple[Field, ...]
    tables: str
    office: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The column by which pages go on."""
        return self.fields[0].sql

    def read(self, session: Session, call: Call, after: int, limit: int) -> Sequence[tuple[Any, ...]]:
        """Read up to ``limit`` rows after an id."""
        conditions, given = [f"{self.key} > ?"], [after]
        more, values = self._asked(session, call)
        where = " AND ".join([*conditions, *more])
        statement = f"{self._select} WHERE {where} ORDER BY {self.key} LIMIT {limit}"
        return fetch(session, statement, *given, *values)

    def one(self, session: Session, call: Call, row_id: int, kind: str) -> tuple[Any, ...]:
        """Read one row.

        raises   ApiError 404 where there is none, or it is another office's
        """
        bound = call.caller.office_id
        where, given = f"{self.key} = ?", [row_id]
        if self.office and bound is not None:
            where, given = f"{where} AND {self.office} = ?", [row_id, bound]
        row = fetch_one(session, f"{self._select} WHERE {where}", *given)
        if row is None:
            raise ApiError(NOT_FOUND, "NOT_FOUND", f"There is no {kind} with this id.")
        return row

    def document(self, call: Call, row: Sequence[Any]) -> dict[str, object]:
        """Write one row."""
        return document_of(self.fields, row, call.digits, call.caller.scopes)

    @property
    def _select(self) -> str:
        columns = ", ".join(one.sql for one in self.fields)
        return f"SELECT {columns} FROM {self.tables}"  # noqa: S608 - declared by ourselves

    def _asked(self, session: Session, call: Call) -> tuple[list[str], list[Given]]:
        conditions: list[str] = []
        given: list[Given] = []
        office_id = office_of(session, call)
        if self.office and office_id is not None:
            conditions.append(f"{self.office} = ?")
            given.append(office_id)
        for name, condition in self.filters.items():
            value = call.values.get(name)
            if value is not None:
                conditions.append(condition)
                given += [_stored(value)] * condition.count("?")
        return conditions, given


def _stored(value: object) -> Given:
    if isinstance(value, date):
        return value.isoformat()
    assert isinstance(value, int | str)
    return int(value) if isinstance(value, bool) else value


def office_of(session: Session, call: Call) -> int | None:
    """Give the office that a question means: the one asked for, else that of the token; None: all.

    raises   ApiError 404 for an unknown code, 403 for another office than the token's
    """
    asked = call.text("office")
    bound = call.caller.office_id
    if asked is None:
        return bound
    row = fetch_one(session, "SELECT id FROM office WHERE code = ?", asked.upper())
    if bound is not None and (row is None or row[0] != bound):
        raise ApiError(FORBIDDEN, "OTHER_OFFICE", "This token is bound to another office.", where="office")
    if row is None:
        raise ApiError(NOT_FOUND, "NOT_FOUND", "There is no office with this code.", where="office")
    return int(row[0])


def rows_of_page(session: Session, call: Call, listing: Listing) -> Sequence[tuple[Any, ...]]:
    """Read a page, and one row more to see whether there is another."""
    return listing.read(session, call, after_of(call), limit_of(call) + 1)


def walk(session: Session, call: Call, listing: Listing, at_once: int) -> Iterator[tuple[Any, ...]]:
    """Read on from the cursor for as long as somebody wants more."""
    after = after_of(call)
    while rows := listing.read(session, call, after, at_once):
        yield from rows
        after = int(rows[-1][0])
