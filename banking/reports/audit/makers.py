"""Who made a row: the actor of the changeset that brought it, found for many rows at once.

A changeset's bytes are one canonical map (bundle format, section 3) in which ``actor`` stands behind the
operations; so the end of the bytes is enough, and a changeset is found by its device and its logical time.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from sqlalchemy.orm import Session

from schema.base import device_of
from schema.reading import fetch

Made = tuple[int, int]
"""Id of a row and the instant at which it was recorded, milliseconds."""

_TAIL: Final = 200
_COUNTER_BITS: Final = 16
"""A logical time is milliseconds and a counter of so many bits (protocol, section 6)."""
_BURST: Final = 200
_KEY: Final = b"\x65actor"
_DIRECT, _WIDEST = 24, 27
_MAJOR_MASK: Final = 0x1F

_ENDS: Final = """
SELECT hlc, substr(body, CASE WHEN length(body) > ? THEN length(body) - ? ELSE 1 END) FROM changeset
 WHERE device = ? AND hlc >= ? AND hlc < ? AND state = 'accepted' ORDER BY hlc
"""
_NEAR: Final = """
SELECT body FROM changeset WHERE device = ? AND hlc >= ? AND state = 'accepted' ORDER BY hlc LIMIT ?
"""


def makers_of(session: Session, made: Iterable[Made]) -> dict[int, int]:
    """Give who made each row, by its id; rows whose changeset is not here are left out."""
    by_device: dict[int, list[Made]] = defaultdict(list)
    for row_id, at in made:
        by_device[device_of(row_id)].append((row_id, at))
    found: dict[int, int] = {}
    for device, rows in by_device.items():
        actors = _actors(session, device, min(at for _, at in rows), max(at for _, at in rows))
        for row_id, at in rows:
            known = actors.get(at, set())
            actor = next(iter(known)) if len(known) == 1 else _exactly(session, device, row_id, at)
            if actor is not None:
                found[row_id] = actor
    return found


def _actors(session: Session, device: int, first: int, last: int) -> dict[int, set[int]]:
    """Give who acted in each millisecond of a device."""
    asked = (_TAIL, _TAIL - 1, device, first << _COUNTER_BITS, (last + 1) << _COUNTER_BITS)
    found: dict[int, set[int]] = defaultdict(set)
    for hlc, end in fetch(session, _ENDS, *asked):
        actor = actor_in(bytes(end))
        if actor is not None:
            found[hlc >> _COUNTER_BITS].add(actor)
    return found


def _exactly(session: Session, device: int, row_id: int, at: int) -> int | None:
    """Look for the row itself: two people acted in its millisecond, or the clock ran behind."""
    mark = row_id.to_bytes(8, "big")
    for (body,) in fetch(session, _NEAR, device, at << _COUNTER_BITS, _BURST):
        if mark in bytes(body):
            return actor_in(bytes(body))
    return None


def actor_in(body: bytes) -> int | None:
    """Read the actor's id from the end of a changeset's bytes; None where it does not stand there."""
    place = body.rfind(_KEY)
    if place < 0:
        return None
    head = body[place + len(_KEY)] & _MAJOR_MASK
    if head < _DIRECT:
        return head
    if head > _WIDEST:
        return None
    begins = place + len(_KEY) + 1
    return int.from_bytes(body[begins : begins + (1 << (head - _DIRECT))], "big")
