"""Reading by column gives what reading one by one gives: the same changesets, or the same refusal."""

from collections.abc import Sequence
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import TrustError
from sync.canonical import INT_MAX, INT_MIN, decode, encode
from sync.changeset import MAX_NOTE_CHARACTERS, Changeset, Op, digest
from sync.column_writer import pack_columns
from sync.columns import read_columns
from sync.frames import Frame, Unpacked, plain_frame
from sync.packing import pack, unpack
from sync.signing import SIGNATURE_BYTES
from sync.template import LEAST_ROWS
from tests.sync.making import changeset, changesets, ops

CAP = 64 << 20
Outcome = list[Changeset | str | None]


def outcome(frame: Frame) -> Outcome:
    """The changesets read from a frame, up to the first refusal, which stands last."""
    found: Outcome = []
    try:
        found.extend(frame.changesets())
    except TrustError as refusal:
        found.append(refusal.code)
    return found


def frame_of(bodies: Sequence[bytes]) -> Frame:
    """Bodies as one frame of columns, whatever they are; plain where they do not come back from columns."""
    run = [(body, bytes(SIGNATURE_BYTES)) for body in bodies]
    packed = pack_columns(run)
    try:
        frame = read_columns(packed or b"", len(bodies), CAP)
    except TrustError:
        return plain_frame(run)
    return frame if frame.run == run else plain_frame(run)


def fields_of(written: Changeset) -> dict[str, Any]:
    """A changeset as the map that its bytes are."""
    return cast("dict[str, Any]", decode(written.to_bytes(), limit_bytes=CAP))


def both_agree(frame: Frame) -> None:
    assert outcome(frame) == outcome(plain_frame(frame.run))
    try:
        counted = Unpacked([plain_frame(frame.run)]).counts()
    except (TrustError, TypeError, KeyError, IndexError):
        return
    assert Unpacked([frame]).counts() == counted


def chained(fields: Sequence[dict[str, Any]]) -> list[bytes]:
    """Maps to bytes, each with the hash of the one before; they need not be changesets."""
    bodies: list[bytes] = []
    for one in fields:
        bodies.append(encode(one | {"prev": digest(bodies[-1])} if bodies else one))
    return bodies


@settings(max_examples=30)
@given(st.lists(changesets, min_size=1, max_size=4), st.integers(0, 1 << 30))
def test_any_changesets_of_few_shapes_are_read_the_same(shapes: list[Changeset], seed: int) -> None:
    chance = Random(seed)
    shapes_as_maps = list(map(fields_of, shapes))
    drawn = [
        chance.choice(shapes_as_maps) | {"seq": number + 1, "hlc": chance.randrange(1 << 62)}
        for number in range(LEAST_ROWS * 5)
    ]
    both_agree(frame_of(chained(drawn)))


ODD: list[Any] = [None, True, -1, INT_MAX, INT_MIN, "", "x", b"", b"p" * 32, [], [1], {}, {"a": 1}]
ODD += ["2026-02-30", "2026-11-22", "Not a kind", "x" * (MAX_NOTE_CHARACTERS + 1)]


@pytest.mark.parametrize("name", sorted(set(fields_of(changeset())) - {"prev"}))
@pytest.mark.parametrize("every", [1, 3])
def test_a_field_that_cannot_hold_its_value_is_refused_the_same(name: str, every: int) -> None:
    """In one row or in all: alone in its group, or beside good ones of the same type."""
    good = [fields_of(changeset(seq=seq, hlc=seq)) for seq in range(1, 25)]
    for odd in ODD:
        both_agree(frame_of(chained([one | {name: odd} if one["seq"] % every == 0 else one for one in good])))


@settings(max_examples=10)
@given(st.lists(ops(), min_size=1, max_size=3), st.lists(st.sampled_from(ODD), min_size=8, max_size=8))
def test_odd_parts_of_ops_are_refused_the_same(drawn: list[Op], odd: list[Any]) -> None:
    for part in range(6):
        fields = [fields_of(changeset(ops=tuple(drawn), seq=seq)) for seq in range(1, len(odd) + 1)]
        for one, value in zip(fields, odd, strict=True):
            one["ops"][0][part] = value
        both_agree(frame_of(chained(fields)))


@settings(max_examples=20)
@given(st.lists(st.sampled_from(ODD), min_size=12, max_size=12))
def test_odd_values_in_columns_are_refused_the_same(odd: list[Any]) -> None:
    fields = [fields_of(changeset(seq=seq)) for seq in range(1, len(odd) + 1)]
    for one, value in zip(fields, odd, strict=True):
        one["ops"][0][3]["amount"] = value
    both_agree(frame_of(chained(fields)))


def groups_of(frame: Frame, **changed: object) -> Frame:
    """The frame as another writer could have cut it."""
    groups = [type(group)(**{**vars(group), **changed}) for group in frame.groups]
    return Frame(frame.run, frame.hashes, frame.prevs, groups)


def test_cuts_inside_a_value_or_over_several_are_read_one_by_one() -> None:
    """A hostile writer's columns: the whole changeset as one value, cut anywhere."""
    run = unpack(pack([(body, bytes(64)) for body in _bodies(30)]).block)
    (frame,) = run.frames
    assert all(template is not None for template in frame._templates)
    (group,) = frame.groups
    shifted = [group.chunks[0] + b"\x00", *group.chunks[1:]]
    for chunks, columns in (
        (shifted, group.columns),
        (group.chunks, [*group.columns[1:], group.columns[0]]),
        ([b"".join(group.chunks[:2]), *group.chunks[2:]], group.columns[1:]),
    ):
        other = groups_of(frame, chunks=chunks, columns=columns)
        assert other._templates == [None]
        both_agree(other)


def _bodies(count: int) -> list[bytes]:
    plain = fields_of(changeset(seen={}, approvals=()))
    return chained([plain | {"seq": seq, "hlc": seq * 7919 << 20} for seq in range(1, count + 1)])
