"""Values to bytes and back: canonical CBOR (RFC 8949, section 4.2), the one form in which anything is signed.

What stands in the bytes, and nothing else: whole numbers within 64 bits signed, text without NUL, byte
strings, true, false, null, lists, and maps whose keys are all text or all whole numbers from 0 up.  The
rules, each of which refuses:

1. the bytes are at most as long as the caller allows (``LIMIT_SIZE``) and nest no deeper (``LIMIT_NESTING``);
2. no tag, float, undefined or other simple value; no indefinite length; no key twice (``NON_CANONICAL``);
3. whole numbers fit 64 bits (``LIMIT_NUMBER``);
4. encoding what was decoded gives the same bytes again, so keys are sorted, numbers are in their shortest
   form and nothing follows the value (``NON_CANONICAL``).

Mixed keys are refused because the two published sorting orders differ only there.
"""

import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Final, NoReturn, TypeAlias, cast

import cbor2

from sync.reasons import refused

Plain: TypeAlias = "bool | int | str | bytes | list[Plain] | dict[str, Plain] | dict[int, Plain] | None"

MAX_DEPTH: Final = 16
"""Containers inside containers, for everything that we sign."""
INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1

NUMBER: Final = 0x00
NEGATIVE: Final = 0x20
BYTES: Final = 0x40
TEXT: Final = 0x60
LIST: Final = 0x80
MAP: Final = 0xA0
NULL: Final = b"\xf6"
"""Major types of RFC 8949, section 3, in their place in the first byte; and null."""

_SHORT_TEXT: Final = 32
"""Characters of a text that is worth remembering: dates, kinds, states."""
_ONE_BYTE: Final = [bytes((first,)) for first in range(256)]
_HEAD_16: Final = struct.Struct(">BH").pack
_HEAD_32: Final = struct.Struct(">BI").pack
_HEAD_64: Final = struct.Struct(">BQ").pack

DIFFERENT_BYTES: Final = "Keys out of order, a long form of a number, or something after the end."

_BUILT_IN_TAGS: Final = (
    *(0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54),
    *(100, 256, 258, 260, 261, 1004, 43000, 55799),
)


def encode(value: object) -> bytes:
    """The canonical bytes of ``value``; tuples are written as lists.

    raises  TrustError NON_CANONICAL for a float, a subclass, a mixed or negative key, NUL or a lone
            surrogate in text; LIMIT_NUMBER beyond 64 bits; LIMIT_NESTING beyond 16 levels
    """
    _walk(value, tuple_allowed=True)
    return encode_unwalked(value)


def encode_unwalked(value: object) -> bytes:
    """As ``encode``, for a caller that reads the bytes back through full checks before it uses them."""
    try:
        return cbor2.dumps(value, canonical=True)
    except UnicodeEncodeError as fault:
        raise refused("NON_CANONICAL", "A text holds half a character (a lone surrogate).") from fault


def decode(data: bytes, *, limit_bytes: int, max_depth: int = MAX_DEPTH) -> Plain:
    """The value that ``data`` is the canonical encoding of; memory stays within a few times ``data``.

    limit_bytes  longer input is refused unread (``LIMIT_SIZE``)
    raises       TrustError, see the rules at the top
    """
    value = decode_unwalked(data, limit_bytes=limit_bytes, max_depth=max_depth)
    _walk(value, tuple_allowed=False)
    require_same_bytes(value, data)
    return value


def decode_unwalked(data: bytes, *, limit_bytes: int, max_depth: int = MAX_DEPTH) -> Plain:
    """Rules 1 and 2 without floats; for a caller that checks every value's type itself, then rule 4."""
    if len(data) > limit_bytes:
        raise refused("LIMIT_SIZE", f"{len(data)} bytes; at most {limit_bytes} are allowed here.")
    try:
        value = cbor2.loads(
            data,
            max_depth=max_depth,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            semantic_decoders=_NO_TAGS,
            tag_hook=_refuse_tag,
        )
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as fault:
        if "nesting depth" in str(fault):
            raise refused("LIMIT_NESTING", f"More than {max_depth} levels.") from fault
        raise refused("NON_CANONICAL", f"{fault}.") from fault
    return cast("Plain", value)


def require_same_bytes(value: object, data: bytes) -> None:
    """Rule 4.  ``value`` must have passed the walk, or an equal check of types."""
    if cbor2.dumps(value, canonical=True) != data:
        raise refused(
            "NON_CANONICAL", "Keys out of order, a long form of a number, or something after the end."
        )


def _walk(value: object, *, tuple_allowed: bool) -> None:
    """Refuse everything that is not plain, without recursion."""
    level: list[object] = [value]
    depth = 0
    while level:
        if depth > MAX_DEPTH:
            raise refused("LIMIT_NESTING", f"More than {MAX_DEPTH} levels.")
        depth += 1
        inside: list[object] = []
        for item in level:
            kind = type(item)
            if kind is str:
                require_text(cast("str", item))
            elif kind is int:
                require_int64(cast("int", item))
            elif kind is dict:
                inside.extend(_members(cast("dict[object, object]", item)))
            elif kind is list or (tuple_allowed and kind is tuple):
                inside.extend(cast("list[object]", item))
            elif kind is not bytes and kind is not bool and item is not None:
                raise refused("NON_CANONICAL", f"A value of type {kind.__name__}.")
        level = inside


def _members(mapping: dict[object, object]) -> list[object]:
    """Keys and values of a map whose keys are of one kind."""
    kinds = set(map(type, mapping))
    if kinds not in (set(), {str}, {int}):
        raise refused("NON_CANONICAL", "The keys of a map are neither all text nor all whole numbers.")
    if kinds == {int} and min(cast("dict[int, object]", mapping)) < 0:
        raise refused("NON_CANONICAL", "A key below zero.")
    return [*mapping, *mapping.values()]


def require_text(text: str) -> None:
    """No NUL: PostgreSQL cannot keep it, and capture refuses it."""
    if "\0" in text:
        raise refused("NON_CANONICAL", "A text holds the character NUL.")


def require_int64(number: int) -> None:
    """Within 64 bits, signed: what both databases keep."""
    if not INT_MIN <= number <= INT_MAX:
        raise refused("LIMIT_NUMBER", "A number does not fit 64 bits.")


def value_bytes(value: object) -> bytes:
    """The canonical bytes of one column's value, which must be a whole number, text, bytes or null."""
    kind = type(value)
    if kind is int:
        return number_bytes(cast("int", value))
    if kind is str:
        text = cast("str", value)
        return _short_text_bytes(text) if len(text) <= _SHORT_TEXT else _text_bytes(text)
    if value is None:
        return NULL
    if kind is bytes:
        return head_bytes(BYTES, len(cast("bytes", value))) + cast("bytes", value)
    raise refused("NON_CANONICAL", f"A column holds a value of type {kind.__name__}.")


def _text_bytes(text: str) -> bytes:
    require_text(text)
    raw = text.encode()
    return head_bytes(TEXT, len(raw)) + raw


_short_text_bytes = lru_cache(maxsize=8192)(_text_bytes)


def number_bytes(number: int) -> bytes:
    """The canonical bytes of a whole number within 64 bits."""
    if number >= 0:
        return head_bytes(NUMBER, number) if number <= INT_MAX else _out_of_range(number)
    return head_bytes(NEGATIVE, -1 - number) if number >= INT_MIN else _out_of_range(number)


def numbers_bytes(numbers: Sequence[int]) -> list[bytes]:
    """``number_bytes`` of each: ids and instants, which are all of one length, at once."""
    if numbers and min(numbers) >= 1 << 32 and max(numbers) <= INT_MAX:
        return list(map(_HEAD_64, repeat(NUMBER | 27), numbers))
    each = {number: number_bytes(number) for number in set(numbers)}
    return list(map(each.__getitem__, numbers))


def head_bytes(major: int, size: int) -> bytes:
    """The head of a CBOR value in its shortest form; ``size`` is a length, or the number itself."""
    if size < 24:  # noqa: PLR2004 - the lengths of RFC 8949, section 3
        return _ONE_BYTE[major | size]
    if size < 1 << 8:
        return bytes((major | 24, size))
    if size < 1 << 16:
        return _HEAD_16(major | 25, size)
    if size < 1 << 32:
        return _HEAD_32(major | 26, size)
    return _HEAD_64(major | 27, size)


def _out_of_range(number: int) -> bytes:
    require_int64(number)
    return b""


def _refuse_tag(*_: object) -> NoReturn:
    """A tag could name cycles, big numbers, dates: none belongs here."""
    message = "a tag is not allowed"
    raise ValueError(message)


_NO_TAGS: Final[dict[int, Callable[..., NoReturn]]] = dict.fromkeys(_BUILT_IN_TAGS, _refuse_tag)
