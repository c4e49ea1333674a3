"""Adopted arms: how the changesets of one side of a fork are folded under a device number of their own.

Both sides gave the same ids and numbers, and both are real cash. Signed bytes stay; in the fold every row
that an arm made carries the arm's number instead of the device's, wherever it is named. A number or receipt
that the main line gave as well is shown with the arm's letter (protocol, section 5).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from schema.base import COUNTER_BITS, device_of
from schema.reading import fetch, fetch_one
from sync.changeset import INSERT, Op, Place, Row, Value, read_ops
from sync.meaning import references_of

_RECEIPT: Final = "receipt"
_PRINTED: Final = ("number", _RECEIPT)
_COUNTER: Final = (1 << COUNTER_BITS) - 1
_STARTS: Final = """
SELECT as_device, seq, hash FROM changeset AS this
 WHERE device = ? AND as_device IS NOT NULL AND state = 'accepted'
   AND NOT EXISTS (SELECT 1 FROM changeset AS earlier WHERE earlier.device = this.device
                    AND earlier.as_device = this.as_device AND earlier.state = 'accepted'
                    AND earlier.seq < this.seq)
"""

Text = tuple[str, str, str]
"""Series, column and text of something that is printed: receipts of a till are one series over all tables."""


class ArmIds:
    """Maps the ids and the printed numbers of one arm; it is shown the arm's changesets in their order."""

    def __init__(self, old: int, new: int, letter: str, taken: frozenset[Text]) -> None:
        self._old, self._new = old, new
        self._letter, self._taken = letter, taken
        self._made: set[int] = set()

    def mapped(self, ops: Sequence[Op]) -> list[Op]:
        """Give the ops of the arm's next changeset as they are folded."""
        self._made.update(op.id for op in ops if op.sign == INSERT and device_of(op.id) == self._old)
        return [self._mapped(op) for op in ops]

    def _mapped(self, op: Op) -> Op:
        return op._replace(
            id=self._id(op.id), new=self._row(op, op.new), old=self._row(op, op.old) if op.old else op.old
        )

    def _id(self, row_id: int) -> int:
        return (self._new << COUNTER_BITS) | (row_id & _COUNTER) if row_id in self._made else row_id

    def _row(self, op: Op, row: Row | None) -> Row | None:
        if row is None:
            return None
        changed: dict[str, Value] = {}
        for column, _ in references_of(op.table):
            value = row.get(column)
            if type(value) is int and value in self._made:
                changed[column] = self._id(value)
        if op.sign == INSERT:
            for column in _PRINTED:
                text = row.get(column)
                if isinstance(text, str) and (_series(op.table, column), column, text) in self._taken:
                    changed[column] = f"{text}/{self._letter}"
        return {**row, **changed} if changed else row


def arms_of(session: Session, device: int) -> dict[int, ArmIds]:
    """Give the adopted arms of a device by number, ready to be shown their changesets."""
    starts = sorted(
        fetch(session, _STARTS, device),
        key=lambda row: bytes(row[2]),
    )
    if not starts:
        return {}
    first = min(seq for _, seq, _ in starts)
    taken = frozenset(printed_by(ops_from(session, device, first)))
    arms: dict[int, ArmIds] = {}
    for place, (number, _, _) in enumerate(starts):
        arms[number] = ArmIds(device, number, _letter(place), taken)
        if place + 1 < len(starts):  # a number that two arms gave carries the letter of the later one
            taken |= frozenset(printed_by(ops_from(session, device, first, number)))
    return arms


def first_of_arm(session: Session, number: int) -> tuple[int, Place]:
    """Give the device that wrote the arm of a number, and the arm's first own changeset."""
    row = fetch_one(
        session,
        "SELECT device, seq, hash FROM changeset WHERE as_device = ? AND state = 'accepted' ORDER BY seq",
        number,
    )
    assert row is not None, "an arm has a first changeset"
    return row[0], Place(row[1], bytes(row[2]))


def _series(table: str, column: str) -> str:
    return "" if column == _RECEIPT else table


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < ord("Z") - ord("A") else f"Z{place}"


def ops_from(session: Session, device: int, first: int, as_device: int | None = None) -> Iterator[list[Op]]:
    """Give the ops of each accepted changeset of one line of a device, from a sequence on."""
    at = first - 1
    line = "as_device IS NULL" if as_device is None else f"as_device = {int(as_device)}"
    while rows := fetch(
        session,
        "SELECT seq, body FROM changeset WHERE device = ? AND chain = 0 AND state = 'accepted'"  # noqa: S608 - a number
        f" AND seq > ? AND {line} ORDER BY seq LIMIT 500",
        device,
        at,
    ):
        at = rows[-1][0]
        for _, body in rows:
            yield read_ops(bytes(body))


def printed_by(changesets: Iterable[Sequence[Op]]) -> Iterator[Text]:
    """Give the numbers and receipts that some changesets gave."""
    for ops in changesets:
        for op in ops:
            row: Mapping[str, Value] = op.new if op.sign == INSERT and op.new else {}
            for column in _PRINTED:
                text = row.get(column)
                if isinstance(text, str) and text:
                    yield _series(op.table, column), column, text
