"""Structured mutation of bytes that come from outside: of the bytes as such, and of what they say."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import cbor2
from hypothesis import strategies as st

_ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**23,
    2**63 - 1,
    2**63,
    2**64,
    -(2**63) - 1,
    1.5,
    "",
    "\0",
    "x" * 5_000,
    "२०२६",
    b"",
    b"\0" * 33,
    b"\xff" * 5_000,
    [],
    {},
    [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]],
    {"v": 2},
    {1: "a", 2: "b"},
    [None] * 3_000,
)
_HEADS = (
    b"\x9f",  # a list without an end
    b"\xbf",  # a map without an end
    b"\x9b" + b"\xff" * 8,  # a list of 2^64 entries
    b"\x7b" + b"\x7f" + b"\xff" * 7,  # a text of 2^63 bytes
    b"\xc2\x49\x01" + b"\0" * 8,  # a number beyond 64 bits
    b"\xfb" + b"\0" * 8,
    b"\x18\x01",  # one, longer than it need be
    b"\xd8\x1c\x80\xd8\x1d\x00",  # a list that holds itself
)


@st.composite
def mutated_bytes(draw: st.DrawFn, example: bytes) -> bytes:
    """Flip, cut, drop, repeat, overwrite and insert, up to four times."""
    data = bytearray(example)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        to = draw(st.integers(at, min(len(data), at + 64)))
        kind = draw(st.integers(0, 5))
        if kind == 0 and at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            del data[at:to]
        elif kind == 3:
            data[at:at] = data[at:to] * draw(st.integers(1, 3))
        elif kind == 4:
            data[at:at] = draw(st.sampled_from(_HEADS))
        else:
            data[at:to] = draw(st.binary(max_size=to - at))
    return bytes(data)


@st.composite
def mutated_tree(draw: st.DrawFn, example: bytes) -> bytes:
    """What canonical CBOR says, with one to three places changed, written as canonical CBOR again."""
    tree = [cbor2.loads(example)]
    for _ in range(draw(st.integers(1, 3))):
        holder, key = _place(draw, tree)
        kind = draw(st.integers(0, 3))
        if kind == 0 and isinstance(holder, dict):
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            holder["zz"] = deepcopy(draw(st.sampled_from(_ODD)))
        elif kind == 2 and isinstance(holder, list) and holder is not tree:
            holder.append(deepcopy(holder[key]))
        else:
            holder[key] = deepcopy(draw(st.sampled_from(_ODD)))
    return cbor2.dumps(tree[0], canonical=True)


def _place(draw: st.DrawFn, tree: list[Any]) -> tuple[Any, Any]:
    """Walk down to a place: the list or map that holds it, and where in it."""
    holder: Any = tree
    key: Any = 0
    while True:
        below = holder[key]
        places = (
            list(below) if isinstance(below, dict) else list(range(len(below))) if _is_list(below) else []
        )
        if not places or draw(st.integers(0, 3)) == 0:
            return holder, key
        holder, key = below, draw(st.sampled_from(places))


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def within(wrap: Callable[[bytes], bytes], inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Mutated contents in a good cover: what somebody who holds a key can send."""
    return inner.map(wrap)
