"""A changeset: one user action as bytes, chained to the one before, in the one form that is signed.

The keys, in the words of the bundle format; all of them are always there:

    v device chain seq prev hlc date actor kind note approvals schema rules reference seen ops

Limits: 1 MiB, 5,000 ops, 16 levels, whole numbers within 64 bits.  Values of columns are whole numbers,
text, bytes or null; money is in minor units, dates are ISO text, flags are 0 and 1.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as calendar_date
from functools import lru_cache
from typing import Final, NamedTuple, Self, cast

from sync.canonical import (
    DIFFERENT_BYTES,
    INT_MAX,
    LIST,
    Plain,
    decode_unwalked,
    encode_unwalked,
    head_bytes,
    number_bytes,
    value_bytes,
)
from sync.ops import DELETE, INSERT, MAX_OPS, UPDATE, Base, Op, Row, Value, read_op
from sync.reasons import refused

__all__ = [
    "DELETE",
    "DEVICE_MAX",
    "HASH_BYTES",
    "HLC_COUNTER_BITS",
    "INSERT",
    "MAX_BYTES",
    "MAX_OPS",
    "UPDATE",
    "Approval",
    "Base",
    "Changeset",
    "Op",
    "Place",
    "Row",
    "Value",
    "digest",
    "hlc_ms",
    "is_date",
    "next_hlc",
    "read_ops",
]

VERSION: Final = 1
MAX_BYTES: Final = 1 << 20
MAX_APPROVALS: Final = 16
MAX_NOTE_CHARACTERS: Final = 2_000
HASH_BYTES: Final = 32
HLC_COUNTER_BITS: Final = 16
"""An hlc is milliseconds since 1970 UTC (48 bits) and a counter (16 bits) in one whole number."""
DEVICE_MAX: Final = 2**23 - 1
"""Ids are ``device << 40 | counter``, 63 bits."""

_KEYS: Final = frozenset(
    [
        "v",
        "device",
        "chain",
        "seq",
        "prev",
        "hlc",
        "date",
        "actor",
        "kind",
        "note",
        "approvals",
        "schema",
        "rules",
        "reference",
        "seen",
        "ops",
    ]
)
_NO_SEEN: Final = b"\xa0"
_NO_APPROVALS: Final = b"\x80"
_KIND: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_MAX_KIND_CHARACTERS: Final = 64
_DATE_CHARACTERS: Final = 10


class Approval(NamedTuple):
    """A second person's signature (reserved: readers keep it, nothing asks for it yet)."""

    user: int
    key: bytes
    signature: bytes


class Place(NamedTuple):
    """A point in a chain: sequence number and SHA-256 of the changeset there."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Changeset:
    """What one user action changed.  ``seen`` maps chains of the other side to how far they were applied."""

    device: int
    chain: int
    seq: int
    prev: bytes
    hlc: int
    date: str
    actor: int
    kind: str
    note: str
    schema: int
    rules: int
    reference: int
    ops: tuple[Op, ...]
    seen: Mapping[int, Place]
    approvals: tuple[Approval, ...] = ()
    v: int = VERSION

    def to_bytes(self) -> bytes:
        """The bytes to hash, sign and keep.  The reader's own checks run first: see ``from_bytes``."""
        data = encode_unwalked(
            {
                "v": self.v,
                "device": self.device,
                "chain": self.chain,
                "seq": self.seq,
                "prev": self.prev,
                "hlc": self.hlc,
                "date": self.date,
                "actor": self.actor,
                "kind": self.kind,
                "note": self.note,
                "approvals": [entry._asdict() for entry in self.approvals],
                "schema": self.schema,
                "rules": self.rules,
                "reference": self.reference,
                "seen": {chain: tuple(place) for chain, place in self.seen.items()},
                "ops": [_op_as_plain(op) for op in self.ops],
            }
        )
        read_back = Changeset.from_bytes(data)
        assert read_back == self, "a changeset reads back as it was written"
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read and check the form of one changeset; its meaning, place and signature are others' business.

        raises  TrustError NON_CANONICAL, UNKNOWN_VERSION, LIMIT_SIZE, LIMIT_NESTING, LIMIT_OPS, LIMIT_NUMBER
        """
        fields = decode_unwalked(data, limit_bytes=MAX_BYTES)
        if type(fields) is not dict or "v" not in fields:
            raise refused("NON_CANONICAL", "A changeset is a map with its version.")
        fields = cast("dict[str, Plain]", fields)
        if fields["v"] != VERSION or type(fields["v"]) is not int:
            raise refused("UNKNOWN_VERSION", f"Changeset version {fields['v']!r:.20}.")
        if fields.keys() != _KEYS:
            odd = sorted(str(key) for key in fields.keys() ^ _KEYS)
            raise refused("NON_CANONICAL", f"Keys missing or unknown: {', '.join(odd)[:80]}.")
        ops = _ops(fields["ops"])
        changeset = cls(
            device=_whole(fields, "device", 0, DEVICE_MAX),
            chain=_whole(fields, "chain", 0, INT_MAX),
            seq=_whole(fields, "seq", 1, INT_MAX),
            prev=_raw(fields["prev"], HASH_BYTES, "prev"),
            hlc=_whole(fields, "hlc", 0, INT_MAX),
            date=_date(fields["date"]),
            actor=_whole(fields, "actor", 0, INT_MAX),
            kind=_kind(fields["kind"]),
            note=_note(fields["note"]),
            approvals=_approvals(fields["approvals"]),
            schema=_whole(fields, "schema", 0, INT_MAX),
            rules=_whole(fields, "rules", 0, INT_MAX),
            reference=_whole(fields, "reference", 0, INT_MAX),
            seen=_seen(fields["seen"]),
            ops=tuple(op for op, _ in ops),
        )
        if _bytes_again(changeset, fields, [written for _, written in ops]) != data:
            raise refused("NON_CANONICAL", DIFFERENT_BYTES)
        return changeset


def digest(data: bytes) -> bytes:
    """SHA-256 of a changeset's bytes: its name in the chain, and the next one's ``prev``."""
    return hashlib.sha256(data).digest()


def next_hlc(previous: int, now_ms: int) -> int:
    """The instant for a new changeset: now, or just above ``previous`` where the clock fell back.

    now_ms  milliseconds since 1970 UTC
    """
    return max(previous + 1, now_ms << HLC_COUNTER_BITS)


def hlc_ms(hlc: int) -> int:
    """Milliseconds since 1970 UTC of an instant."""
    return hlc >> HLC_COUNTER_BITS


def read_ops(data: bytes) -> list[Op]:
    """The ops of bytes that were accepted before: nothing is checked again, so it is several times faster."""
    fields = cast("dict[str, list[list[object]]]", decode_unwalked(data, limit_bytes=MAX_BYTES))
    return [Op._make(op) for op in fields["ops"]]


def _bytes_again(changeset: Changeset, fields: dict[str, Plain], ops: list[bytes]) -> bytes:
    """The canonical bytes of what was read: the keys in their order, the values written anew."""
    return b"".join(
        (
            b"\xb0\x61v\x01\x63hlc",
            number_bytes(changeset.hlc),
            b"\x63ops" + head_bytes(LIST, len(ops)),
            *ops,
            b"\x63seq" + number_bytes(changeset.seq),
            b"\x64date" + value_bytes(changeset.date),
            b"\x64kind" + value_bytes(changeset.kind),
            b"\x64note" + value_bytes(changeset.note),
            b"\x64prev\x58\x20" + changeset.prev,
            b"\x64seen" + (encode_unwalked(fields["seen"]) if changeset.seen else _NO_SEEN),
            b"\x65actor" + number_bytes(changeset.actor),
            b"\x65chain" + number_bytes(changeset.chain),
            b"\x65rules" + number_bytes(changeset.rules),
            b"\x66device" + number_bytes(changeset.device),
            b"\x66schema" + number_bytes(changeset.schema),
            b"\x69approvals"
            + (encode_unwalked(fields["approvals"]) if changeset.approvals else _NO_APPROVALS),
            b"\x69reference" + number_bytes(changeset.reference),
        )
    )


def _op_as_plain(op: Op) -> tuple[object, ...]:
    new, old = (None if row is None else dict(row) for row in (op.new, op.old))
    return (op.table, op.sign, op.id, new, old, None if op.base is None else list(map(tuple, op.base)))


def _whole(fields: dict[str, Plain], name: str, low: int, high: int) -> int:
    number = fields[name]
    if type(number) is not int:
        raise refused("NON_CANONICAL", f"{name} is not a whole number.")
    if not low <= number <= high:
        raise refused("LIMIT_NUMBER", f"{name} is not from {low} to {high}.")
    return number


def _raw(value: object, size: int, name: str) -> bytes:
    if type(value) is not bytes or len(value) != size:
        raise refused("NON_CANONICAL", f"{name} is not {size} bytes.")
    return value


def _date(value: object) -> str:
    if type(value) is not str or not is_date(value):
        raise refused("NON_CANONICAL", "date is not a day as YYYY-MM-DD.")
    return value


def is_date(text: str) -> bool:
    """Whether ``text`` is a day as YYYY-MM-DD, in that one spelling."""
    return len(text) == _DATE_CHARACTERS and _is_day(text)  # what is remembered is never long


@lru_cache(maxsize=1024)
def _is_day(text: str) -> bool:
    try:
        return calendar_date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_kind(text: str) -> bool:
    """Whether ``text`` may name what was done, such as loan.repay."""
    return len(text) <= _MAX_KIND_CHARACTERS and _KIND.fullmatch(text) is not None


def is_note(text: str) -> bool:
    """Whether ``text`` may be the reason of a changeset."""
    return len(text) <= MAX_NOTE_CHARACTERS and "\0" not in text


def _kind(value: object) -> str:
    if type(value) is not str or not is_kind(value):
        raise refused("NON_CANONICAL", "kind is not a name such as loan.repay.")
    return value


def _note(value: object) -> str:
    if type(value) is not str or "\0" in value:
        raise refused("NON_CANONICAL", "note is not text.")
    if len(value) > MAX_NOTE_CHARACTERS:
        raise refused("LIMIT_SIZE", f"note is longer than {MAX_NOTE_CHARACTERS} characters.")
    return value


def _approvals(value: object) -> tuple[Approval, ...]:
    if type(value) is not list:
        raise refused("NON_CANONICAL", "approvals is not a list.")
    if len(value) > MAX_APPROVALS:
        raise refused("LIMIT_SIZE", f"More than {MAX_APPROVALS} approvals.")
    return tuple(map(_approval, value))


def _approval(entry: object) -> Approval:
    if type(entry) is not dict or entry.keys() != set(Approval._fields):
        raise refused("NON_CANONICAL", "An approval has user, key and signature.")
    return Approval(
        _whole(entry, "user", 0, INT_MAX),
        _raw(entry["key"], 32, "the key of an approval"),
        _raw(entry["signature"], 64, "the signature of an approval"),
    )


def _seen(value: object) -> dict[int, Place]:
    if type(value) is not dict:
        raise refused("NON_CANONICAL", "seen is not a map.")
    return {_chain_number(chain): _place(place) for chain, place in value.items()}


def _chain_number(chain: object) -> int:
    if type(chain) is not int or not 0 <= chain <= INT_MAX:
        raise refused("NON_CANONICAL", "A chain is a whole number from 0 up.")
    return chain


def _place(value: object) -> Place:
    if type(value) is not list or len(value) != len(Place._fields):
        raise refused("NON_CANONICAL", "A place in a chain is a sequence number and a hash.")
    seq, raw = value
    if type(seq) is not int or not 0 <= seq <= INT_MAX:
        raise refused("NON_CANONICAL", "A sequence number is a whole number from 0 up.")
    return Place(seq, _raw(raw, HASH_BYTES, "a hash"))


def _ops(value: object) -> list[tuple[Op, bytes]]:
    if type(value) is not list:
        raise refused("NON_CANONICAL", "ops is not a list.")
    if len(value) > MAX_OPS:
        raise refused("LIMIT_OPS", f"{len(value)} ops; at most {MAX_OPS}.")
    return list(map(read_op, value))
