"""The change feed as documents: rows by table, id and sign, values as far as the token's scopes reach."""

from collections.abc import Mapping
from datetime import UTC
from functools import cache
from typing import Any, Final, cast

from sqlalchemy import Column, Table

from hq.api import scopes
from hq.api.errors import NOT_FOUND, ApiError
from hq.api.feed import At, Change, Line, Undone, cursor_of_plain, cursor_to_plain, life_of, read_feed
from hq.api.kinds import CURSOR
from hq.api.operations import Answer, Call, Operation, Parameter
from hq.api.paging import PAGING, limit_of, opaque, read_opaque, unknown_cursor
from hq.api.shapes import Field, Form, list_of, object_of
from hq.api.visible import is_column_open, is_open
from ledger.money import Money, format_major
from schema.base import InstantType, MoneyType, RowId, from_milliseconds, recorded_models
from schema.reading import fetch
from sync.changeset import Op, hlc_ms
from sync.roster import Roster

_PARTS: Final = 2
"""Of a cursor: the life of headquarters, and the places."""
_CHANGE: Final = (
    Field("office", Form.TEXT, "Code of the office of its device.", is_null=True),
    Field("device", Form.COUNT, "Number that it counts under; of an adopted arm the arm's own."),
    Field("chain", Form.COUNT, "Chain of the device: 0, or headquarters' for an office."),
    Field("seq", Form.COUNT, "Place in the chain."),
    Field("hash", Form.TEXT, "SHA-256 of the changeset, 64 digits."),
    Field("kind", Form.TEXT, "What was done, such as loan.repay."),
    Field("at", Form.INSTANT, "The instant by the clock of its device."),
    Field("business_date", Form.DAY, "Its business day."),
    Field("code", Form.TEXT, "Why it has no effect (it waits for a person); empty when it has."),
)
_ROW: Final = (
    Field("table", Form.TEXT, "Name of the table."),
    Field("id", Form.ID, "Id of the row."),
    Field("sign", Form.TEXT, "+ made, ~ changed, - taken away."),
)
_UNDONE: Final = (
    Field("device", Form.COUNT, "As it was given out."),
    Field("chain", Form.COUNT, "As it was given out."),
    Field("seq", Form.COUNT, "As it was given out."),
    Field("hash", Form.TEXT, "As it was given out."),
)


def _list(call: Call) -> Answer:
    """Give what follows the cursor."""
    with call.installation.database.reading() as session:
        life = life_of(session)
        cursor = _read_cursor(call.text("after"), life)
        roster = call.installation.roster(session)
        codes: dict[int, str] = {row[0]: str(row[1]) for row in fetch(session, "SELECT id, code FROM office")}
        found = read_feed(session, roster, cursor, limit_of(call), call.caller.office_id)
    return 200, {
        "changes": [_document(call, roster, codes, one) for one in found.changes],
        "undone": [_undone(one) for one in found.undone],
        "cursor": opaque([life, cursor_to_plain(found.cursor)]),
        "more": found.has_more,
    }


def _read_cursor(text: str | None, life: bytes) -> dict[Line, At]:
    """Read where the consumer is.

    raises   ApiError 404 for a cursor that was not given out, or before headquarters came back from a backup
    """
    if text is None:
        return {}
    plain = read_opaque(text)
    parts = plain if type(plain) is list and len(plain) == _PARTS else (None, None)
    found = cursor_of_plain(parts[1]) if type(parts[0]) is bytes else None
    if found is None:
        raise unknown_cursor()
    if parts[0] != life:
        raise ApiError(
            NOT_FOUND,
            "BEGIN_ANEW",
            "Headquarters came back from a backup after it gave out this cursor.",
            where="after",
            next_step="Forget what you read of this feed, and begin without a cursor.",
        )
    return found


def _document(call: Call, roster: Roster, codes: Mapping[int, str], one: Change) -> dict[str, object]:
    at = from_milliseconds(hlc_ms(one.changeset.hlc)).astimezone(UTC)
    return {
        "office": codes.get(roster.office_of(one.number) or 0),
        "device": one.number,
        "chain": one.chain,
        "seq": one.seq,
        "hash": one.hash.hex(),
        "kind": one.changeset.kind,
        "at": at.isoformat().replace("+00:00", "Z"),
        "business_date": one.changeset.date,
        "code": one.code,
        "rows": [_row(call, op) for op in one.ops],
    }


def _row(call: Call, op: Op) -> dict[str, object]:
    held = call.caller.scopes
    values = None
    if op.new is not None and is_open(op.table, held):
        columns = _columns(op.table)
        values = {
            name: _written(columns.get(name), value, call.digits)
            for name, value in op.new.items()
            if is_column_open(name, held)
        }
    return {"table": op.table, "id": str(op.id), "sign": op.sign, "values": values}


@cache
def _columns(table: str) -> Mapping[str, Column[Any]]:
    model = recorded_models().get(table)
    return {} if model is None else {column.name: column for column in cast("Table", model.__table__).columns}


def _written(column: Column[Any] | None, value: object, digits: int) -> object:
    """Write a value of a column in the forms of the interface."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, int) and column is not None:
        if isinstance(column.type, MoneyType):
            return format_major(Money(value), digits)
        if isinstance(column.type, InstantType):
            return from_milliseconds(value).astimezone(UTC).isoformat().replace("+00:00", "Z")
        if isinstance(column.type, RowId):
            return str(value)
    return value


def _undone(one: Undone) -> dict[str, object]:
    return {"device": one.number, "chain": one.chain, "seq": one.seq, "hash": one.hash.hex()}


OPERATIONS: Final = (
    Operation(
        "listChanges",
        "GET",
        "/changes",
        "Follow accepted changesets, each once, in the one order as far as they are known.",
        _list,
        {
            "type": "object",
            "properties": {
                "changes": list_of(
                    object_of(
                        _CHANGE,
                        rows=list_of(
                            object_of(
                                _ROW,
                                values={
                                    "type": ["object", "null"],
                                    "description": "Columns after it; null where the token may not see them.",
                                    "additionalProperties": {"type": ["string", "integer", "null"]},
                                },
                            )
                        ),
                    )
                ),
                "undone": list_of(object_of(_UNDONE)),
                "cursor": {"type": "string", "description": "What to ask after next time."},
                "more": {"type": "boolean", "description": "Whether there is more at once."},
            },
            "required": ["changes", "undone", "cursor", "more"],
            "additionalProperties": False,
        },
        scope=scopes.CHANGES,
        parameters=(
            Parameter("after", CURSOR, "The cursor of the answer before; without it from the beginning."),
            PAGING[0],
        ),
        refusals=(NOT_FOUND,),
        group="Work",
    ),
)
