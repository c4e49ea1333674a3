"""A frame of changesets that was unpacked: the signed bytes, and the changesets read from them.

Where the frame came by columns, changesets are read by column too (``sync/template.py``), and what a manifest
says about them is counted by group: the result is always what reading each one by itself would give.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from typing import Any, TypeAlias, cast

from sync.canonical import decode_unwalked
from sync.changeset import MAX_BYTES, Changeset, digest
from sync.template import LEAST_ROWS, Column, Template

Signed: TypeAlias = tuple[bytes, bytes]
"""A changeset's bytes and its signature."""


@dataclass(slots=True)
class Counts:
    """What the changesets of a segment are about, as its manifest must say it."""

    kinds: Counter[str] = field(default_factory=Counter)
    tables: Counter[str] = field(default_factory=Counter)
    dates: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Group:
    """Changesets of one shape: their places in the frame, and how their bytes are made.

    chunks   the bytes that they have in common
    cut      which gap between the chunks takes ``prev``
    columns  for every other gap, the values that stand there
    """

    places: Sequence[int]
    chunks: Sequence[bytes]
    cut: int
    columns: Sequence[Column]


@dataclass(frozen=True)
class Frame:
    """Changesets in the order of their chain.  ``groups`` is empty for a plain frame."""

    run: list[Signed]
    hashes: list[bytes]
    prevs: Sequence[bytes] = ()
    groups: Sequence[Group] = ()

    def changesets(self) -> Iterator[Changeset]:
        """Read each in order; nothing of signatures is asked here.

        raises  TrustError of ``Changeset.from_bytes``, at the first one that is none
        """
        if not self.groups:
            return (Changeset.from_bytes(body) for body, _ in self.run)
        each: list[Iterator[Changeset]] = [repeat(cast("Changeset", None))] * len(self.run)
        for group, template in zip(self.groups, self._templates, strict=True):
            if template is None:
                made: Iterator[Changeset] = (
                    Changeset.from_bytes(self.run[place][0]) for place in group.places
                )
            else:
                made = template.changesets([self.prevs[place] for place in group.places])
            for place in group.places:
                each[place] = made
        return map(next, each)

    def count(self, counts: Counts) -> None:
        """Add what the changesets here are about.

        raises  TrustError NON_CANONICAL, TypeError, KeyError, IndexError where one is no changeset
        """
        for group, template in zip(self.groups, self._templates, strict=True):
            if template is None:
                _count(counts, (self.run[place][0] for place in group.places))
                continue
            kinds = cast("Sequence[str]", template.values("kind"))
            counts.kinds.update(kinds if len(kinds) > 1 else {kinds[0]: template.rows})
            for op in template.first.ops:
                counts.tables[op.table] += template.rows
            counts.dates.update(cast("Sequence[str]", template.values("date")))
        if not self.groups:
            _count(counts, (body for body, _ in self.run))

    @cached_property
    def _templates(self) -> list[Template | None]:
        return [
            Template.of(
                self.run[group.places[0]][0], group.chunks, group.cut, group.columns, len(group.places)
            )
            if len(group.places) >= LEAST_ROWS
            else None
            for group in self.groups
        ]


def plain_frame(run: Sequence[Signed]) -> Frame:
    """Give a frame of changesets that did not come by columns."""
    return Frame(list(run), [digest(body) for body, _ in run])


class Unpacked(list[Signed]):
    """Changesets with their signatures, which also know the frames that they came in."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        """Put the frames of a block behind each other."""
        self.frames = list(frames)
        super().__init__(one for frame in self.frames for one in frame.run)

    def counts(self) -> Counts:
        """Give what all of them are about; raises as ``Frame.count`` does."""
        counts = Counts()
        for frame in self.frames:
            frame.count(counts)
        return counts


def _count(counts: Counts, bodies: Iterable[bytes]) -> None:
    for body in bodies:
        fields = cast("dict[str, Any]", decode_unwalked(body, limit_bytes=MAX_BYTES))
        counts.kinds[fields["kind"]] += 1
        counts.tables.update(op[0] for op in fields["ops"])
        counts.dates.add(fields["date"])
