"""Volumes: every byte is bound, and any PC can tell what is damaged, cut, foreign or missing."""

import hashlib
import io
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import TrustError
from sync.canonical import encode
from sync.signing import SigningKey, key_id
from sync.volume import (
    MAX_VOLUME_BYTES,
    PAD_BYTES,
    Index,
    Writer,
    check_volume,
    file_name,
    read_index,
    read_sealed,
    share_out,
    volume_parts,
)
from tests.sync.making import BUNDLE, INSTITUTION, KEY, OTHER_KEY, refusal_code

WRITER = Writer(INSTITUTION, 5, KEY)
SEGMENTS = [b"first segment", b"second" * 40, b"3"]
HEAD = 40
END = 12


def volume(
    segments: Sequence[bytes] = SEGMENTS, number: int = 2, count: int = 3, writer: Writer = WRITER
) -> bytes:
    return b"".join(volume_parts(writer, BUNDLE, number, count, 4, segments))


WHOLE = volume()


def check(data: bytes) -> Index:
    return check_volume(io.BytesIO(data), len(data))


def code_of(data: bytes) -> str | None:
    return refusal_code(lambda: check(data))


def test_a_volume_says_what_is_in_it() -> None:
    index = check(WHOLE)
    assert (index.institution, index.bundle, index.device, index.public) == (
        INSTITUTION,
        BUNDLE,
        5,
        KEY.public,
    )
    assert (index.volume, index.volumes, index.first_segment, index.enrol) == (2, 3, 4, False)
    assert index.key_id == key_id(KEY.public)
    assert [read_sealed(io.BytesIO(WHOLE), entry) for entry in index.segments] == SEGMENTS


def test_sizes_are_padded_to_64_kib() -> None:
    assert len(WHOLE) == PAD_BYTES
    assert len(volume([b"x" * PAD_BYTES])) == 2 * PAD_BYTES


def test_the_layout_is_that_of_the_format() -> None:
    """Taken apart by hand, as another program would."""
    assert WHOLE[:40] == b"SATCHEL1" + BUNDLE + struct.pack(">IIQ", 2, 3, PAD_BYTES)
    assert WHOLE[40 : 40 + 13] == b"first segment"
    (length,) = struct.unpack(">I", WHOLE[-12:-8])
    assert WHOLE[-8:] == b"SATCHELZ"
    index = WHOLE[-12 - 64 - length : -12 - 64]
    assert WHOLE[-12 - 64 : -12] == KEY.sign("volume", INSTITUTION, index)
    assert index == check(WHOLE).to_bytes()
    segments_end = 40 + sum(map(len, SEGMENTS))
    assert not any(WHOLE[segments_end : -12 - 64 - length])


def test_one_flipped_bit_anywhere_is_found() -> None:
    """Every bit of every byte but the run of zeros, of which every byte is taken once."""
    end = HEAD + sum(map(len, SEGMENTS))
    trailer = len(WHOLE) - END - 64 - struct.unpack(">I", WHOLE[-12:-8])[0]
    bits = [*range(end * 8), *range(end * 8, trailer * 8, 511), *range(trailer * 8, len(WHOLE) * 8)]
    codes = set()
    damaged = bytearray(WHOLE)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
        code = code_of(bytes(damaged))
        assert code is not None, f"bit {bit} is bound by nothing"
        codes.add(code)
        damaged[bit // 8] ^= 1 << bit % 8
    family = {
        "NOT_SATCHEL",
        "UNKNOWN_VERSION",
        "BAD_HASH",
        "BAD_VOLUME_SIGNATURE",
        "TRUNCATED",
        "LIMIT_VOLUME",
    }
    assert codes <= family


@pytest.mark.parametrize(
    ("region", "code"),
    [
        (slice(0, 7), "NOT_SATCHEL"),
        (slice(7, 8), "UNKNOWN_VERSION"),
        (slice(8, 32), "BAD_HASH"),
        (slice(40, 40 + 13), "BAD_HASH"),
        (slice(2_000, 2_010), "BAD_HASH"),
        (slice(-300, -76), "BAD_VOLUME_SIGNATURE"),
        (slice(-76, -12), "BAD_VOLUME_SIGNATURE"),
        (slice(-8, None), "BAD_HASH"),
    ],
)
def test_a_flip_in_each_region_has_its_word(region: slice, code: str) -> None:
    for at in range(len(WHOLE))[region]:
        damaged = bytearray(WHOLE)
        damaged[at] ^= 1
        assert code_of(bytes(damaged)) == code, at


def test_a_file_cut_anywhere_is_truncated() -> None:
    ends = [*range(1, 700), *range(700, len(WHOLE), 509), *range(len(WHOLE) - 700, len(WHOLE))]
    assert {code_of(WHOLE[:end]) for end in ends} == {"TRUNCATED"}
    assert code_of(b"") == "EMPTY"


def test_a_file_still_being_copied_is_truncated_also_where_its_length_was_set_first() -> None:
    for end in (HEAD, 100, 1_000, len(WHOLE) - 600, len(WHOLE) - END):
        assert code_of(WHOLE[:end] + bytes(len(WHOLE) - end)) == "TRUNCATED", end


@pytest.mark.parametrize("tail", [b"\0", b"x", WHOLE, bytes(PAD_BYTES), b"\r\n"])
def test_nothing_may_follow_the_trailer(tail: bytes) -> None:
    assert code_of(WHOLE + tail) == "BAD_HASH"


FOREIGN = {
    "a text": b"Dear headquarters, find enclosed the books of Kitale." * 10,
    "random bytes": hashlib.sha512(b"seed").digest() * 2_000,
    "a line end translated": b"\r\n" + WHOLE,
    "zeros": bytes(PAD_BYTES),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_another_programs_file_is_foreign(name: str) -> None:
    assert code_of(FOREIGN[name]) == "NOT_SATCHEL"


def test_a_volume_of_a_later_version_asks_for_the_newer_program() -> None:
    assert code_of(b"SATCHEL2" + WHOLE[8:]) == "UNKNOWN_VERSION"


# --- rightly signed, and wrong ----------------------------------------------------------------------


def signed_as(change: Callable[[Index], Index], key: SigningKey = KEY) -> bytes:
    """The volume with another index, rightly signed."""
    data = change(check(WHOLE)).to_bytes()
    return with_index(data, key)


def with_index(data: bytes, key: SigningKey = KEY) -> bytes:
    """The segments, any bytes as their index, a right signature over these, and a head that fits."""
    trailer = data + key.sign("volume", INSTITUTION, data) + struct.pack(">I8s", len(data), b"SATCHELZ")
    end = HEAD + sum(map(len, SEGMENTS))
    size = -(-(end + len(trailer)) // PAD_BYTES) * PAD_BYTES
    head = WHOLE[:32] + struct.pack(">Q", size)
    return head + WHOLE[HEAD:end] + bytes(size - end - len(trailer)) + trailer


def moved(index: Index, number: int, **changed: object) -> Index:
    entries = list(index.segments)
    entries[number] = replace(entries[number], **changed)  # type: ignore[arg-type]  # fields by their names
    return replace(index, segments=tuple(entries))


LIARS: dict[str, tuple[Callable[[Index], Index], str]] = {
    "another bundle": (lambda index: replace(index, bundle=b"b" * 16), "BAD_HASH"),
    "another number": (lambda index: replace(index, volume=1), "BAD_HASH"),
    "another count": (lambda index: replace(index, volumes=4), "BAD_HASH"),
    "another size": (lambda index: replace(index, size_bytes=1), "BAD_HASH"),
    "another key": (
        lambda index: replace(index, public=OTHER_KEY.public),
        "BAD_VOLUME_SIGNATURE",
    ),
    "another institution": (lambda index: replace(index, institution=b"o" * 16), "BAD_VOLUME_SIGNATURE"),
    "no segment": (lambda index: replace(index, segments=()), "BAD_HASH"),
    "a gap between segments": (lambda index: moved(index, 1, offset=54), "BAD_HASH"),
    "segments on top of each other": (lambda index: moved(index, 1, offset=40), "BAD_HASH"),
    "a segment of another length": (lambda index: moved(index, 2, length=2), "BAD_HASH"),
    "a segment longer than any may be": (
        lambda index: moved(index, 2, length=(4 << 20) + 1),
        "BAD_HASH",
    ),
    "a segment beyond the file": (lambda index: moved(index, 2, length=PAD_BYTES), "BAD_HASH"),
    "a segment of length zero": (lambda index: moved(index, 2, length=0), "BAD_VOLUME_SIGNATURE"),
    "a segment of negative length": (lambda index: moved(index, 1, length=-1), "BAD_VOLUME_SIGNATURE"),
    "another hash": (lambda index: moved(index, 0, sha256=b"x" * 32), "BAD_HASH"),
    "volume four of three": (lambda index: replace(index, volume=4), "BAD_HASH"),
}


@pytest.mark.parametrize("name", LIARS)
def test_an_index_that_lies_is_refused_though_rightly_signed(name: str) -> None:
    change, code = LIARS[name]
    assert code_of(signed_as(change)) == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "BAD_VOLUME_SIGNATURE"),
        (encode([1]), "BAD_VOLUME_SIGNATURE"),
        (b"\x81" * 200_000, "BAD_VOLUME_SIGNATURE"),
        (encode({"v": 2}), "UNKNOWN_VERSION"),
    ],
)
def test_an_index_of_another_form_is_refused(data: bytes, code: str) -> None:
    assert code_of(with_index(data)) == code


def test_a_volume_that_says_it_is_larger_than_2_gib_is_refused_unread() -> None:
    head = WHOLE[:32] + struct.pack(">Q", MAX_VOLUME_BYTES + PAD_BYTES)
    assert code_of(head + WHOLE[40:]) == "LIMIT_VOLUME"
    assert refusal_code(lambda: read_index(io.BytesIO(WHOLE), MAX_VOLUME_BYTES + 1)) == "LIMIT_VOLUME"


# --- sharing out ------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 300_000), min_size=1, max_size=12), st.integers(6, 40))
def test_segments_are_shared_out_in_order_and_no_volume_is_too_large(sizes: list[int], kib64: int) -> None:
    limit = kib64 * PAD_BYTES
    shares = share_out(sizes, limit)
    assert [number for share in shares for number in share] == list(range(len(sizes)))
    assert all(shares)
    for share in shares:
        data = volume([bytes(sizes[number]) for number in share])
        assert len(data) <= limit
        assert check(data).size_bytes == len(data)


def test_a_segment_that_fits_no_volume_is_refused_before_anything_is_written() -> None:
    with pytest.raises(TrustError) as refusal:
        share_out([PAD_BYTES], PAD_BYTES)
    assert (refusal.value.code, refusal.value.next_step) == (
        "LIMIT_VOLUME",
        "Choose a larger size, such as 7M.",
    )


def test_file_names_fit_the_oldest_file_system() -> None:
    assert file_name(BUNDLE, 1) == "1A2B3C4D.S01"
    assert file_name(BUNDLE, 99) == "1A2B3C4D.S99"
    assert file_name(BUNDLE, 100) == "1A2B3C4D.100"
    assert file_name(BUNDLE, 1000) == "1A2B3C4D.A00"
    names = {file_name(BUNDLE, number) for number in range(1, 10_000)}
    assert len(names) == 9_999
    assert {len(name) for name in names} == {12}
