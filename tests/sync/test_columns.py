"""Packing 1: exact for every chain, small for repayments, and harmless whatever a frame claims."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.canonical import INT_MAX, INT_MIN, Plain, decode, encode
from sync.changeset import Changeset, Op, digest
from sync.column_writer import pack_columns
from sync.columns import MAX_BODY_BYTES, unpack_columns
from sync.compression import compress
from sync.packing import COLUMNS, PLAIN, Signed, pack, unpack, unpacked_size
from tests.sync.making import chain_of, changeset, changesets, ops, refusal_code, signed
from tests.sync.test_canonical import peak_mb_of

CAP = 64 << 20
CHAIN = chain_of(40)


def chained(drawn: Sequence[Changeset]) -> list[Signed]:
    """The changesets with each one's ``prev`` put right."""
    chain: list[Signed] = []
    for written in drawn:
        prev = digest(chain[-1][0]) if chain else written.prev
        chain.append(signed(replace(written, prev=prev)))
    return chain


def body_of(run: Sequence[Signed]) -> bytes:
    body = pack_columns(run)
    assert body is not None, "this run can be packed by columns"
    return body


@settings(max_examples=20)
@given(st.lists(changesets, min_size=1, max_size=12))
def test_any_chain_comes_back_byte_for_byte(drawn: list[Changeset]) -> None:
    run = chained(drawn)
    assert unpack_columns(body_of(run), len(run), unpacked_size(run)) == run


@settings(max_examples=20)
@given(st.lists(st.lists(ops(), max_size=3), min_size=2, max_size=4), st.integers(0, 1 << 30))
def test_shapes_that_repeat_come_back_byte_for_byte(shapes: list[list[Op]], seed: int) -> None:
    """Few shapes, many changesets, extreme numbers: what columns are made for."""
    chance = Random(seed)
    pool: list[int] = [0, 1, -1, INT_MAX, INT_MIN, 5 << 40, 2**32, 255, 256]

    def other(row: dict[str, Plain] | None) -> dict[str, Plain] | None:
        return row and {
            name: chance.choice(pool) if type(value) is int else value for name, value in row.items()
        }

    drawn = []
    for seq in range(1, 60):
        rows = [
            op._replace(id=chance.choice(pool[:2] + pool[3:4]), new=other(op.new), old=other(op.old))  # type: ignore[arg-type]  # the test knows its type
            for op in chance.choice(shapes)
        ]
        drawn.append(changeset(seq=seq, ops=tuple(rows), hlc=seq * 65_536 + chance.choice([0, 1 << 40])))
    run = chained(drawn)
    assert unpack_columns(body_of(run), len(run), unpacked_size(run)) == run


@pytest.mark.parametrize(
    "texts",
    [
        [f"KIT-1-{number:06d}" for number in range(30)],
        [str(number) for number in range(95, 125)],
        [f"{'9' * 18}{number}" for number in range(30)],
        [f"\u0967\u0968{number}" for number in range(30)],
        [f"{'x' * 300}{number}" for number in range(30)],
        ["", "0", "00", "000", "a", "a0", "0a"] * 5,
        [f"{number}\n" for number in range(30)],
    ],
)
def test_texts_with_numbers_come_back_as_typed(texts: list[str]) -> None:
    rows = [Op("t", "+", seq, {"name": text}, None) for seq, text in enumerate(texts, 1)]
    run = chained([changeset(seq=row.id, ops=(row,)) for row in rows])
    assert unpack_columns(body_of(run), len(run), unpacked_size(run)) == run


def test_a_repayment_takes_less_than_a_hundred_bytes_with_its_signature() -> None:
    chain = chain_of(2_000)
    packed = pack(chain)
    assert packed.packing == COLUMNS
    assert len(compress(packed.block)) / len(chain) < 100
    assert unpack(packed.block) == chain


def test_what_is_no_chain_goes_plain() -> None:
    broken = [*CHAIN[:20], *CHAIN[21:]]
    assert pack_columns(broken) is None
    assert pack(broken).packing == PLAIN
    assert unpack(pack(broken).block) == broken


def test_bytes_that_would_not_come_back_go_plain() -> None:
    """A longer form of one number: decoded it is the same, so only comparing finds it."""
    run = [(data.replace(b"\x61v\x01", b"\x61v\x18\x01"), signature) for data, signature in CHAIN[:1]]
    for data, signature in CHAIN[1:10]:
        fixed = data.replace(data[data.index(b"dprevX ") + 7 :][:32], digest(run[-1][0]))
        run.append((fixed, signature))
    assert pack(run).packing == PLAIN
    assert unpack(pack(run).block) == run


def test_pictures_go_plain_because_a_reader_would_not_take_such_a_frame() -> None:
    chance = Random(5)
    photos = [Op("photo", "+", number, {"picture": chance.randbytes(900_000)}, None) for number in range(9)]
    run = chained([changeset(seq=seq, ops=(photo,)) for seq, photo in enumerate(photos, 1)])
    assert sum(len(data) for data, _ in run) > MAX_BODY_BYTES
    packed = pack(run)
    assert packed.packing == PLAIN
    assert unpack(packed.block) == run


# --- frames that lie --------------------------------------------------------------------------------

CHAIN_OF_TEN = CHAIN[:10]
BODY = body_of(CHAIN_OF_TEN)


def taken(body: bytes, count: int = 10, limit: int = CAP) -> str | None:
    return refusal_code(lambda: unpack_columns(body, count, limit))


def test_every_cut_is_refused() -> None:
    assert {taken(BODY[:end]) for end in range(len(BODY))} == {"BAD_STREAM"}


def test_flipped_bits_are_refused_or_give_other_bytes() -> None:
    """Whatever comes out is checked by its signatures; nothing else than a refusal may be raised."""
    for bit in range(0, len(BODY) * 8, 11):
        damaged = bytearray(BODY)
        damaged[bit // 8] ^= 1 << bit % 8
        assert taken(bytes(damaged)) in {None, "BAD_STREAM", "LIMIT_SIZE"}


def test_no_more_comes_out_than_was_said() -> None:
    assert taken(BODY, limit=unpacked_size(CHAIN_OF_TEN) - 1) == "LIMIT_SIZE"
    assert taken(BODY, limit=unpacked_size(CHAIN_OF_TEN)) is None


NUMBER: Any = [2, None, 0, 0, b""]
SIGNATURES = bytes(64 * 2)
PREV = bytes(32)


def lie(
    specs: Sequence[object] = (),
    chunks: Sequence[object] = (b"", b""),
    place: object = 0,
    order: object = NUMBER,
    shared: Sequence[object] = (),
) -> bytes:
    """A frame of two changesets in one group, with parts that our writer would not write."""
    return encode([PREV, list(shared), order, [[list(chunks), place, list(specs)]], SIGNATURES])


def column(spec: object) -> bytes:
    return lie([spec], (b"", b"", b""))


LIES = {
    "no list": encode({}),
    "too few parts": encode([PREV, [], NUMBER, []]),
    "no group": encode([PREV, [], NUMBER, [], SIGNATURES]),
    "more groups than changesets": encode([PREV, [], NUMBER, [[[b"", b""], 0, []]] * 3, SIGNATURES]),
    "a group that is not there": lie(order=[2, None, 1, 0, b""]),
    "a group before the first": lie(order=[2, None, -1, 0, b""]),
    "an order of texts": lie(order=[0, ["a", "b"]]),
    "a short prev": encode([b"", [], NUMBER, [[[b"", b""], 0, []]], SIGNATURES]),
    "a short signature": encode([PREV, [], NUMBER, [[[b"", b""], 0, []]], bytes(127)]),
    "a chunk too few": lie(chunks=(b"",)),
    "a chunk too many": lie(chunks=(b"", b"", b"")),
    "a chunk that is text": lie(chunks=("", b"")),
    "prev before the first": lie(place=-1),
    "prev after the last": lie(place=1),
    "prev nowhere": lie(place=None),
    "nine shared columns": lie(shared=[NUMBER] * 9),
    "a column of no form": column([4]),
    "a column that is a number": column(1),
    "a column with a part too many": column([2, None, 0, 0, b"", 1]),
    "raw values that are no list": column([0, "ab"]),
    "a raw value too few": column([0, ["a"]]),
    "a raw value too many": column([0, ["a", "b", "c"]]),
    "a pointer beyond its values": column([1, ["a"], [2, None, 1, 0, b""]]),
    "a pointer before its values": column([1, ["a"], [2, None, -1, 0, b""]]),
    "planes too short": column([2, None, 0, 2, bytes(3)]),
    "planes too long": column([2, None, 0, 1, bytes(3)]),
    "nine planes": column([2, None, 0, 9, bytes(18)]),
    "planes of negative width": column([2, None, 0, -1, b""]),
    "a number beyond 64 bits": column([2, None, INT_MAX, 8, b"\xff" * 16]),
    "a reference to itself": column([2, 1, 0, 0, b""]),
    "a reference to nothing": column([2, 9, 0, 0, b""]),
    "a reference before the first": column([2, -2, 0, 0, b""]),
    "a reference that is text": column([2, "0", 0, 0, b""]),
    "a reference to texts": lie([[0, ["a", "b"]], [2, 1, 0, 0, b""]], (b"",) * 4),
    "a text with nineteen digits": column([3, [["a"], NUMBER], [2, None, 19, 0, b""], NUMBER]),
    "a text with a number below zero": column(
        [3, [["a"], NUMBER], [2, None, 3, 0, b""], [2, None, -1, 0, b""]]
    ),
    "a stem that is a number": column([3, [[1], NUMBER], NUMBER, NUMBER]),
    "columns in columns in columns": column([1, ["a"], [1, [0], [1, [0], [1, [0], NUMBER]]]]),
}


@pytest.mark.parametrize("name", LIES)
def test_a_frame_that_contradicts_itself_is_refused(name: str) -> None:
    assert taken(LIES[name], count=2) == "BAD_STREAM"


def bombs() -> list[tuple[bytes, int]]:
    """Small frames that ask for much: body and count."""

    def group(*parts: object) -> bytes:
        return encode([PREV, [], NUMBER, [list(parts)], bytes(64 * 2_000)])

    big = "x" * 800_000
    return [
        (group([b""] * 20_002, 0, [NUMBER] * 20_000), 2_000),
        (group([b"", b"", b""], 0, [[1, [big], NUMBER]]), 2_000),
        (group([b""] * 402, 0, [[1, [big], NUMBER]] + [NUMBER] * 399), 2_000),
        (group([b"", b"", b""], 0, [[3, [[big], NUMBER], NUMBER, NUMBER]]), 2_000),
        (group([big.encode(), b""], 0, []), 2_000),
        (b"\x9a\x00\x0f\x42\x40" + b"\xa0" * 1_000_000, 2),
        (bytes(MAX_BODY_BYTES + 1), 2),
    ]


def test_bombs_are_refused_and_cost_less_than_200_mb(tmp_path: Path) -> None:
    for number, (body, count) in enumerate(bombs()):
        (tmp_path / f"{number}.{count}").write_bytes(body)
    peak = peak_mb_of(
        "from pathlib import Path\n"
        "from ledger.errors import TrustError\n"
        "from sync.columns import unpack_columns\n"
        f"for path in Path({str(tmp_path)!r}).iterdir():\n"
        "    try: unpack_columns(path.read_bytes(), int(path.suffix[1:]), 64 << 20)\n"
        "    except TrustError: continue\n"
        "    raise SystemExit('taken')\n"
    )
    assert peak < 200


def test_the_layout_is_that_of_the_format() -> None:
    """Ten changesets that differ in seq, hlc and one amount: one group, taken apart by hand."""
    drawn = [
        changeset(seq=seq, hlc=seq << 16, ops=(Op("t", "+", 77, {"amount": seq * seq}, None),), seen={})
        for seq in range(1, 11)
    ]
    run = chained(drawn)
    prev, shared, order, groups, signatures = cast("Any", decode(body_of(run), limit_bytes=CAP))
    assert prev == drawn[0].prev
    assert shared[0] == [2, -1, 65_536, 0, b""]
    assert order == [2, None, 0, 0, b""]
    ((chunks, place, columns),) = groups
    assert len(chunks) == len(columns) + 2
    assert chunks[place].endswith(b"dprev\x58\x20")
    assert signatures == b"".join(signature for _, signature in run)
