"""Canonical CBOR: one value, one form; everything else is refused, and refusing costs no memory."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import TrustError
from sync.canonical import INT_MAX, INT_MIN, decode, encode
from tests.sync.making import text

LIMIT = 1 << 20

plain = st.recursive(
    st.none() | st.booleans() | st.integers(INT_MIN, INT_MAX) | text | st.binary(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(text, inner, max_size=5)
        | st.dictionaries(st.integers(0, INT_MAX), inner, max_size=5)
    ),
    max_leaves=30,
)


@given(plain)
def test_what_is_encoded_is_decoded_and_encoded_to_the_same_bytes(value: object) -> None:
    data = encode(value)
    assert decode(data, limit_bytes=LIMIT) == value
    assert encode(decode(data, limit_bytes=LIMIT)) == data


@given(st.binary(max_size=60))
def test_any_bytes_are_either_canonical_or_refused_by_code(data: bytes) -> None:
    try:
        value = decode(data, limit_bytes=LIMIT)
    except TrustError as refusal:
        seen = refusal.code
    else:
        seen = "CANONICAL" if encode(value) == data else "ANOTHER FORM TAKEN"
    assert seen in {"CANONICAL", "NON_CANONICAL", "LIMIT_NESTING", "LIMIT_NUMBER"}


@given(plain, st.data())
def test_no_flipped_bit_decodes_to_the_same_value(value: object, data: st.DataObject) -> None:
    raw = bytearray(encode(value))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    try:
        decoded = decode(bytes(raw), limit_bytes=LIMIT)
    except TrustError:
        return
    assert encode(decoded) != encode(value)


REFUSED = {
    "nothing at all": ("", "NON_CANONICAL"),
    "something after the end": ("0101", "NON_CANONICAL"),
    "a number in a long form": ("1801", "NON_CANONICAL"),
    "a length in a long form": ("580161", "NON_CANONICAL"),
    "keys out of order": ("a2616201616102", "NON_CANONICAL"),
    "a key twice": ("a2616101616102", "NON_CANONICAL"),
    "a list of indefinite length": ("9f01ff", "NON_CANONICAL"),
    "a text of indefinite length": ("7f6161ff", "NON_CANONICAL"),
    "a half float": ("f93c00", "NON_CANONICAL"),
    "a double": ("fb3ff199999999999a", "NON_CANONICAL"),
    "not a number": ("f97e00", "NON_CANONICAL"),
    "a float as key": ("a1f93c0001", "NON_CANONICAL"),
    "a number below zero as key": ("a12001", "NON_CANONICAL"),
    "bytes as key": ("a1416101", "NON_CANONICAL"),
    "a list as key": ("a1810102", "NON_CANONICAL"),
    "true as key": ("a1f501", "NON_CANONICAL"),
    "keys of two kinds": ("a20102616103", "NON_CANONICAL"),
    "undefined": ("f7", "NON_CANONICAL"),
    "a simple value": ("f8ff", "NON_CANONICAL"),
    "a break": ("ff", "NON_CANONICAL"),
    "a date tag": ("c074323031332d30332d32315432303a30343a30305a", "NON_CANONICAL"),
    "a big number": ("c24101", "NON_CANONICAL"),
    "a set": ("d901028101", "NON_CANONICAL"),
    "a cycle of shared references": ("d81c81d81d00", "NON_CANONICAL"),
    "a string reference": ("d9010083616161616161", "NON_CANONICAL"),
    "an unknown tag": ("d90abc01", "NON_CANONICAL"),
    "text that is not UTF-8": ("61ff", "NON_CANONICAL"),
    "text with a surrogate": ("63eda080", "NON_CANONICAL"),
    "text with NUL": ("6100", "NON_CANONICAL"),
    "a number of 2^63": ("1b8000000000000000", "LIMIT_NUMBER"),
    "a number of -2^63-1": ("3b8000000000000000", "LIMIT_NUMBER"),
    "a list that says it has 2^63 entries": ("9b8000000000000000", "NON_CANONICAL"),
    "a list that says it has 2^40 entries": ("9b0000010000000000", "NON_CANONICAL"),
    "a map that says it has 2^63 entries": ("bb8000000000000000", "NON_CANONICAL"),
    "a text that says it has 2^63 bytes": ("7b8000000000000000", "NON_CANONICAL"),
    "bytes that say they are 4 GiB": ("5affffffff", "NON_CANONICAL"),
    "17 levels": ("81" * 17 + "01", "LIMIT_NESTING"),
    "200,000 levels": ("81" * 200_000 + "01", "LIMIT_NESTING"),
    "200,000 maps": ("a100" * 200_000 + "01", "LIMIT_NESTING"),
    "200,000 tags": ("c6" * 200_000 + "01", "LIMIT_NESTING"),
    "more bytes than allowed": ("5a00100001" + "00" * 0x100001, "LIMIT_SIZE"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_canonical_is_refused(name: str) -> None:
    data, code = REFUSED[name]
    with pytest.raises(TrustError) as refusal:
        decode(bytes.fromhex(data), limit_bytes=LIMIT)
    assert refusal.value.code == code
    assert refusal.value.next_step


def test_sixteen_levels_are_allowed() -> None:
    deep: object = 1
    for _ in range(16):
        deep = [deep]
    assert decode(encode(deep), limit_bytes=LIMIT) == deep


class _Number(int):
    pass


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "NON_CANONICAL"),
        (_Number(1), "NON_CANONICAL"),
        ({1, 2}, "NON_CANONICAL"),
        ({1: 1, "a": 1}, "NON_CANONICAL"),
        ({-1: 1}, "NON_CANONICAL"),
        ({True: 1}, "NON_CANONICAL"),
        ({b"a": 1}, "NON_CANONICAL"),
        ("\ud800", "NON_CANONICAL"),
        ("a\0", "NON_CANONICAL"),
        (2**63, "LIMIT_NUMBER"),
        ([[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]], "LIMIT_NESTING"),
    ],
)
def test_what_cannot_be_read_is_never_written(value: object, code: str) -> None:
    with pytest.raises(TrustError) as refusal:
        encode(value)
    assert refusal.value.code == code


def peak_mb_of(body: str) -> int:
    """Peak memory, in MiB, of a process of its own that runs ``body``.

    The kernel's VmHWM, since ``ru_maxrss`` also counts what the parent held when it forked.
    """
    ask = "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    program = f"{body}\n{ask}"
    answer = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return int(answer.stdout) // 1024


def test_bombs_cost_less_than_200_mb() -> None:
    """Forms that promise much or hold nothing many times over, at the largest size that is read anywhere."""
    peak = peak_mb_of(
        "from ledger.errors import TrustError\n"
        "from sync.canonical import decode\n"
        "size = 2 << 20\n"
        "heads = ['81', '9a001ffffba0', 'ba000fffff', '5affffffff']\n"
        "for head in map(bytes.fromhex, heads):\n"
        "    try: decode((head + head[-1:] * size)[:size], limit_bytes=size)\n"
        "    except TrustError: pass\n"
    )
    assert peak < 200


def test_memory_figure_sees_what_is_allocated() -> None:
    """The measure itself: a process that takes 300 MB shows it."""
    assert peak_mb_of("hoard = bytearray(300 << 20)\nhoard[::4096] = bytes(len(hoard[::4096]))") > 290


@pytest.mark.parametrize("build", [dict, lambda pairs: dict(reversed(pairs))])
def test_order_of_insertion_leaves_no_trace(build: Callable[[list[tuple[str, int]]], object]) -> None:
    assert encode(build([("b", 1), ("a", 2), ("aa", 3)])) == bytes.fromhex("a361610261620162616103")
