"""How writes of one group of shared columns become what is shown (protocol, section 7, rules 3 and 5).

Pure functions of a set of writes: the order in which they came plays no part.

Shared columns: a write replaces exactly its bases. Of what no other write replaces, the greatest key (time,
device, sequence, hash) is shown; all of it stays readable, and where it differs a person may have to judge.
One-way columns: a value is 2 * epoch + state, and the greatest one wins. A branch raises an even value by
one; only headquarters raises an odd one, which opens an epoch.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, NamedTuple, cast

from sync.changeset import Base, Row, Value

INITIAL: Final = Base(0, 0, 0)
"""The place of the values that a row was made with: no changeset of its own changed them yet."""


class Write(NamedTuple):
    """What one changeset wrote of one group; ``device`` is the number under which it is folded.

    ``bases`` None: the writer named none, and it replaces what its own chain wrote before.
    """

    device: int
    chain: int
    seq: int
    hash: bytes
    key_time: int
    new: Row
    bases: tuple[Base, ...] | None

    @property
    def place(self) -> Base:
        """Where it stands, as bases name it."""
        return Base(self.device, self.chain, self.seq)

    @property
    def key(self) -> tuple[int, int, int, bytes]:
        """Its place in the one order; the values from the beginning come before all others."""
        return (self.key_time, self.device, self.seq, self.hash)


class Folded(NamedTuple):
    """A group as it is shown: its values, the write that they are from, and all that nothing replaces.

    ``standing`` is in the one order, the shown one last; ``differ``: they do not all hold the same values.
    """

    values: Row
    shown: Write
    standing: tuple[Write, ...]
    differ: bool


def fold_shared(writes: Collection[Write], columns: Sequence[str]) -> Folded:
    """Fold all writes of a group, the initial values among them."""
    ordered = sorted(writes, key=lambda write: write.key)
    replaced = {(other.place, other.hash) for write in ordered for other in replaced_by(write, ordered)}
    standing = tuple(write for write in ordered if (write.place, write.hash) not in replaced)
    found = [values_written(write, ordered, columns) for write in standing]
    return Folded(found[-1], standing[-1], standing, differ=any(one != found[-1] for one in found))


def replaced_by(write: Write, writes: Iterable[Write]) -> list[Write]:
    """Give the writes that ``write`` replaces; only what comes before it in the one order can be replaced."""
    if write.place == INITIAL:
        return []
    earlier = [other for other in writes if other.key < write.key]
    if write.bases is not None:
        return [other for other in earlier if other.place in write.bases]
    own = (write.device, write.chain)
    return [other for other in earlier if other.place == INITIAL or (other.device, other.chain) == own]


def values_written(write: Write, writes: Collection[Write], columns: Sequence[str]) -> Row:
    """Give all columns of the group as ``write`` left them: those that it does not name are as it found them.

    It found the greatest of what it replaces; where none of that is known, the initial values.
    """
    found: dict[str, Value] = {}
    at: Write | None = write
    while at is not None:
        for name in columns:
            if name in at.new:
                found.setdefault(name, at.new[name])
        if len(found) == len(columns) or at.place == INITIAL:
            return found
        before = replaced_by(at, writes) or [one for one in writes if one.place == INITIAL]
        at = max(before, key=lambda one: one.key, default=None)
    return found


def fold_one_way(writes: Collection[Write], column: str, is_hq: Callable[[int], bool]) -> Write:
    """Give the write whose value counts: the greatest that its writer might write; the initial one else."""
    opened = [write for write in writes if write.place != INITIAL and is_hq(write.device)]
    counted = [write for write in writes if write in opened or _may_raise(write, opened, column)]
    return max(counted, key=lambda write: (_number(write, column), *(-part for part in write.key[:3])))


def _may_raise(write: Write, opened: Iterable[Write], column: str) -> bool:
    """A branch sets a mark in the first epoch, or in one that headquarters had opened before."""
    value = _number(write, column)
    if write.place == INITIAL or value == 1:
        return True
    return bool(value & 1) and any(
        _number(other, column) == value - 1 and other.key < write.key for other in opened
    )


def _number(write: Write, column: str) -> int:
    return cast("int", write.new[column])
