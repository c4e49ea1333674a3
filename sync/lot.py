"""Many changesets at once, by column: what they name, and whether not one of them breaks a rule.

Judging ten thousand rows one by one takes longer than inserting them. Here all rows of one table and form
stand as columns, and a column is judged as a whole. The answer is only ever "nothing is wrong with any of
them" or "I do not know": then each is judged by itself (``sync/meaning.py``, which says what the rules are;
whoever adds a rule there adds it here, and a test compares the two).

In the order of the chain each changeset may name what it makes itself and what an earlier one made; so each
row that is made here is kept with the number of its changeset.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias, cast

from schema.base import Kind, device_of, first_id
from schema.writing import images_by_table
from sync.changeset import INSERT, UPDATE, Op
from sync.roster import Member, Roster
from sync.row_forms import Shape, shapes

MAX_TURNOVER: Final = 2**60
"""Minor units that one office may ever debit: eight such offices still add up within 64 bits."""
ENTRY: Final = "journal_entry"
LINE: Final = "journal_line"
REVERSES: Final = "reverses_id"

_NEVER: Final = 1 << 62
_Made: TypeAlias = Mapping[str, Mapping[int, int]]
"""Of each table, the ids made and in which changeset."""


@dataclass(slots=True)
class Known:
    """What is known of the books while changesets are judged: it grows with each that is effective.

    present   ids of each table, of those that were asked for
    reversed  ids of each table that a row names as reversed
    currency  of the institution, where it has one already
    turnover  everything that was ever debited in the office, in minor units
    newest    id of the last entry of each device that was asked for; 0 before its first
    """

    currency: str | None
    turnover: int
    present: dict[str, set[int]] = field(default_factory=dict)
    reversed: dict[str, set[int]] = field(default_factory=dict)
    newest: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """The ops of one table, sign and form, in order. ``at``: the number of the changeset of each."""

    table: str
    sign: str
    names: tuple[str, ...] | None
    at: list[int] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)

    @cached_property
    def ids(self) -> list[int]:
        """Id of each row."""
        return [op.id for op in self.ops]

    @cached_property
    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Each column's values, row by row."""
        rows = (cast("Mapping[str, object]", op.new).values() for op in self.ops)
        return dict(zip(self.names or (), zip(*rows, strict=True), strict=True))


class Lot:
    """Changesets in the order of their chain, by column."""

    def __init__(self, changesets: Sequence[Sequence[Op]]) -> None:
        """Sort the ops of all by table, sign and names of columns; ``later`` are those that insert none."""
        self.later: list[Op] = []
        parts: dict[tuple[str, str, tuple[str, ...] | None], Part] = {}
        for number, ops in enumerate(changesets):
            for op in ops:
                form = (op.table, op.sign, None if op.new is None else tuple(op.new))
                part = parts.get(form)
                if part is None:
                    part = parts[form] = Part(*form)
                part.at.append(number)
                part.ops.append(op)
                if op.sign != INSERT:
                    self.later.append(op)
        self.parts = list(parts.values())

    def named(self) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
        """Of each table, the ids of rows that are made, changed or named; and those that are reversed."""
        wanted: dict[str, set[int]] = {}
        reversals: dict[str, set[int]] = {}
        for part in self.parts:
            shape = shapes().get(part.table)
            if shape is None:
                continue
            wanted.setdefault(part.table, set()).update(part.ids)
            for column, target in shape.references:
                if column not in (part.names or ()):
                    continue
                ids = {value for value in set(part.columns[column]) if type(value) is int}
                wanted.setdefault(target, set()).update(ids)
                if column == REVERSES and part.sign == INSERT and ids:
                    reversals.setdefault(part.table, set()).update(ids)
        return wanted, reversals

    def is_good(self, known: Known, roster: Roster, writer: Member) -> bool:
        """Whether surely no changeset breaks a rule; then ``known`` knows what they make."""
        made = self._made()
        if made is None or writer.is_hq:
            return False
        if not all(_is_good(part, known, roster, writer, made) for part in self.parts):
            return False
        debits = self._debits(known.currency, made)
        if debits is None or known.turnover + debits > MAX_TURNOVER:
            return False
        reversals = self._reversals(known)
        if reversals is None or not self._entries_rise(known.newest.get(writer.device, 0)):
            return False
        known.turnover += debits
        if ENTRY in made:
            known.newest[writer.device] = max(made[ENTRY])
        for table, ids in made.items():
            known.present.setdefault(table, set()).update(ids)
        for table, reversed_ids in reversals.items():
            known.reversed.setdefault(table, set()).update(reversed_ids)
        return True

    def _made(self) -> _Made | None:
        """What is made, and where; None where an id is made twice."""
        made: dict[str, dict[int, int]] = {}
        rows = 0
        for part in self.parts:
            if part.sign == INSERT:
                made.setdefault(part.table, {}).update(zip(part.ids, part.at, strict=True))
                rows += len(part.ids)
        return made if sum(map(len, made.values())) == rows else None

    def _debits(self, currency: str | None, made: _Made) -> int | None:
        """All that is debited; None where an entry does not balance by lines of its own changeset."""
        sums: Counter[tuple[int, str]] = Counter()
        entries = made.get(ENTRY, {})
        total = 0
        for part in self.parts:
            if part.table != LINE or part.sign != INSERT:
                continue
            columns = part.columns
            if min(columns["debit"]) < 0 or min(columns["credit"]) < 0:
                return None
            if currency is not None and set(columns["currency"]) != {currency}:
                return None
            given = (columns[name] for name in ("journal_entry_id", "currency", "debit", "credit"))
            for entry, money, debit, credit, at in zip(*given, part.at, strict=True):
                if (debit == 0) == (credit == 0) or entries.get(entry) != at:
                    return None
                sums[entry, money] += debit - credit
            total += sum(columns["debit"])
        with_lines = {entry for entry, _ in sums}
        return None if any(sums.values()) or with_lines != entries.keys() else total

    def _entries_rise(self, newest: int) -> bool:
        """Whether each entry has a larger id than all that were made before its changeset."""
        of_one = newest
        at = -1
        for part in self.parts:
            if part.table != ENTRY or part.sign != INSERT:
                continue
            if at > part.at[0]:
                return False  # entries in two forms: each changeset is judged by itself
            for row_id, number in zip(part.ids, part.at, strict=True):
                if number != at:
                    newest, at = of_one, number
                if row_id <= newest:
                    return False
                of_one = max(of_one, row_id)
        return True

    def _reversals(self, known: Known) -> dict[str, set[int]] | None:
        """What is reversed here; None where something is reversed a second time."""
        reversals: dict[str, set[int]] = {}
        for part in self.parts:
            if part.sign != INSERT or REVERSES not in (part.names or ()):
                continue
            ids = [value for value in part.columns[REVERSES] if value]
            if not ids:
                continue
            seen = reversals.setdefault(part.table, set())
            both = len(seen) + len(ids)
            seen.update(ids)
            if len(seen) != both or not seen.isdisjoint(known.reversed.get(part.table, ())):
                return None
        return reversals


def _is_good(part: Part, known: Known, roster: Roster, writer: Member, made: _Made) -> bool:
    shape = shapes().get(part.table)
    if shape is None or shape.images.kind is not Kind.BRANCH or part.names is None:
        return False
    if not _is_well_formed(part, shape):
        return False
    present = known.present.get(part.table, set())
    if part.sign == INSERT:
        first, beyond = first_id(writer.device), first_id(writer.device + 1)
        offices = part.columns.get("origin_office_id", (writer.office_id,))
        good = first < min(part.ids) and max(part.ids) < beyond and set(offices) == {writer.office_id}
        good = good and present.isdisjoint(part.ids)
    elif part.sign == UPDATE:
        good = not shape.images.is_fact and _are_of_office(part.ids, roster, writer)
        good = good and _are_there(part.ids, part.at, present, made.get(part.table, {}))
    else:
        return False
    return good and all(
        _is_good_reference(part, column, target, known, roster, writer, made)
        for column, target in shape.references
        if column in part.names
    )


def _is_well_formed(part: Part, shape: Shape) -> bool:
    names = set(part.names or ())
    if part.sign == INSERT and names != shape.columns:
        return False
    if part.sign != INSERT and (not names <= shape.columns or "origin_office_id" in names):
        return False
    for name, values in part.columns.items():
        if not set(map(type, values)) <= shape.types[name]:
            return False
        fits = shape.fits[name]
        if not all(value is None or fits(value) for value in set(values)):
            return False
    return True


def _is_good_reference(
    part: Part, column: str, target: str, known: Known, roster: Roster, writer: Member, made: _Made
) -> bool:
    values = part.columns[column]
    named = [value for value in set(values) if value is not None]
    if images_by_table()[target].kind is not Kind.REFERENCE and not _are_of_office(named, roster, writer):
        return False
    present = known.present.get(target, set())
    if present.issuperset(named):
        return True
    pairs = [(value, at) for value, at in zip(values, part.at, strict=True) if value is not None]
    return _are_there([value for value, _ in pairs], [at for _, at in pairs], present, made.get(target, {}))


def _are_of_office(ids: Collection[int], roster: Roster, writer: Member) -> bool:
    return all(roster.office_of(device) == writer.office_id for device in set(map(device_of, ids)))


def _are_there(ids: Sequence[int], at: Sequence[int], present: set[int], made: Mapping[int, int]) -> bool:
    """Whether each row is there before or is made in the same or an earlier changeset."""
    return all(
        row_id in present or made.get(row_id, _NEVER) <= number
        for row_id, number in zip(ids, at, strict=True)
    )
