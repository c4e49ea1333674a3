"""Packing: byte for byte what was signed comes back, and a block that lies is refused."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.packing import COLUMNS, FRAME_CHANGESETS, MAX_UNPACKED_BYTES, pack, unpack, unpacked_size
from tests.sync.making import chain_of, changesets, refusal_code, signed

CHAIN = chain_of(20)
PLAIN_FRAME = struct.pack(">BII", 0, 1, 4 + 1 + 64) + struct.pack(">I", 1) + b"x" + b"s" * 64


@settings(max_examples=30)
@given(st.lists(changesets, max_size=6))
def test_any_changesets_come_back_byte_for_byte(drawn: list) -> None:  # type: ignore[type-arg]  # whatever it holds
    run = [signed(written) for written in drawn]
    packed = pack(run)
    assert unpack(packed.block) == run
    assert packed.unpacked_bytes == unpacked_size(run)


def test_a_chain_comes_back_over_several_frames() -> None:
    chain = [(b"%d" % number, b"s" * 64) for number in range(FRAME_CHANGESETS * 2 + 3)]
    assert unpack(pack(chain).block) == chain


def test_a_large_changeset_does_not_keep_small_ones_out_of_the_columns() -> None:
    large = [(bytes(1 << 20), b"s" * 64)] * 5
    chain = [*large, *CHAIN]
    packed = pack(chain)
    assert packed.packing == COLUMNS
    assert unpack(packed.block) == chain


def test_nothing_packs_to_nothing() -> None:
    assert pack([]).block == b""
    assert unpack(b"") == []


def test_bytes_that_are_no_changeset_come_back_too() -> None:
    """The packing proves itself on any bytes: what cannot be transposed goes plain."""
    odd = [(b"", b"s" * 64), (b"\xff\x00not cbor", b"t" * 64), CHAIN[0], (CHAIN[1][0][:-1], CHAIN[1][1])]
    assert unpack(pack(odd).block) == odd


@pytest.mark.parametrize("end", range(len(PLAIN_FRAME)))
def test_every_cut_is_refused(end: int) -> None:
    assert refusal_code(lambda: unpack(PLAIN_FRAME[:end])) == ("BAD_STREAM" if end else None)


REFUSED = {
    "an unknown packing": (b"\x02" + PLAIN_FRAME[1:], "UNKNOWN_VERSION"),
    "a frame of none": (struct.pack(">BII", 0, 0, 0), "BAD_STREAM"),
    "a frame of 2,001": (struct.pack(">BII", 0, 2001, 0), "BAD_STREAM"),
    "a frame that says it is 4 GiB": (struct.pack(">BII", 0, 1, 2**32 - 1), "BAD_STREAM"),
    "a changeset that says it is 4 GiB": (
        struct.pack(">BII", 0, 1, 69) + struct.pack(">I", 2**32 - 1) + b"x" * 65,
        "BAD_STREAM",
    ),
    "more than was said": (struct.pack(">BII", 0, 1, 70) + PLAIN_FRAME[9:] + b"x", "BAD_STREAM"),
    "fewer than were said": (struct.pack(">BII", 0, 2, 69) + PLAIN_FRAME[9:], "BAD_STREAM"),
    "something after the last frame": (PLAIN_FRAME + b"\0", "BAD_STREAM"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_block_of_another_form_is_refused(name: str) -> None:
    block, code = REFUSED[name]
    assert refusal_code(lambda: unpack(block)) == code


def test_no_more_is_unpacked_than_was_signed() -> None:
    packed = pack(CHAIN)
    assert refusal_code(lambda: unpack(packed.block, limit_bytes=packed.unpacked_bytes - 1)) == "LIMIT_SIZE"
    assert unpack(packed.block, limit_bytes=packed.unpacked_bytes) == CHAIN
    assert packed.unpacked_bytes < MAX_UNPACKED_BYTES
