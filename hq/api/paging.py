"""Pages of a list: by the key of the last row, never by counting, so that rows may be added meanwhile."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Final

from hq.api.errors import NOT_FOUND, ApiError
from hq.api.kinds import CURSOR, Whole
from hq.api.operations import Call, Parameter
from ledger.errors import TrustError
from sync.canonical import decode, encode

MOST: Final = 200
USUAL: Final = 50
_CURSOR_BYTES: Final = 150_000

PAGING: Final = (
    Parameter("limit", Whole(1, MOST), f"How many at most; {USUAL} without it."),
    Parameter("cursor", CURSOR, "Where to go on, from the answer before; its form may change."),
)


def opaque(value: object) -> str:
    """Write a place to go on from as a cursor."""
    return base64.urlsafe_b64encode(encode(value)).decode().rstrip("=")


def read_opaque(text: str) -> object:
    """Read a cursor.

    raises   ApiError 404 for one that was not given out
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return decode(raw, limit_bytes=_CURSOR_BYTES)
    except (binascii.Error, ValueError, TrustError):
        raise unknown_cursor() from None


def unknown_cursor() -> ApiError:
    """Give the refusal of a cursor that was not given out here."""
    return ApiError(
        NOT_FOUND,
        "UNKNOWN_CURSOR",
        "This cursor was not given out by this list.",
        where="cursor",
        next_step="Begin without a cursor.",
    )


def limit_of(call: Call) -> int:
    """Give how many rows are asked for."""
    return int(call.values.get("limit", USUAL))


def after_of(call: Call) -> int:
    """Give the id after which the page begins."""
    text = call.text("cursor")
    if text is None:
        return -1
    found = read_opaque(text)
    if type(found) is not int or found < 0:
        raise unknown_cursor()
    return found


def page(
    call: Call, rows: Sequence[Sequence[Any]], write: Callable[[Sequence[Any]], object]
) -> dict[str, object]:
    """Give a page of ``rows``, of which one more than the limit was read; the id stands first in each."""
    limit = limit_of(call)
    cursor = opaque(int(rows[limit - 1][0])) if len(rows) > limit else None
    return {
        "items": [write(row) for row in rows[:limit]],
        "cursor": cursor,
        "next": None if cursor is None else call.link(cursor),
    }
