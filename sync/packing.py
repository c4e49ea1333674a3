"""Signed changesets to one block of bytes and back, exactly.

A block is a run of frames, each of at most 2,000 changesets:

    1 byte   packing of this frame: 0 plain, 1 by columns
    4 bytes  how many changesets
    4 bytes  length of the frame's body, then the body

Packing 0 is, for each changeset, its length (4 bytes), its bytes, and its signature (64 bytes).
Packing 1 is a transposition (``sync/columns.py``).  Whole numbers are big-endian.

``pack`` unpacks what it made and compares before it returns; a frame that does not come back byte for byte
is sent plain.  Readers keep every unpacker for ever.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.errors import TrustError
from sync.changeset import MAX_BYTES
from sync.column_writer import pack_columns
from sync.columns import read_columns
from sync.frames import Frame, Signed, Unpacked, plain_frame
from sync.reasons import refused
from sync.signing import SIGNATURE_BYTES

__all__ = [
    "COLUMNS",
    "FRAME_BYTES",
    "FRAME_CHANGESETS",
    "LEAST_COLUMNS",
    "MAX_UNPACKED_BYTES",
    "PLAIN",
    "Packed",
    "Signed",
    "pack",
    "unpack",
    "unpacked_size",
]

PLAIN: Final = 0
COLUMNS: Final = 1
FRAME_CHANGESETS: Final = 2_000
FRAME_BYTES: Final = 4 << 20
"""After so many bytes of changesets a new frame begins."""
LEAST_COLUMNS: Final = 8
"""Fewer changesets have nothing to gain from columns."""
MAX_UNPACKED_BYTES: Final = 64 << 20
"""Changesets and signatures of one block."""

_FRAME_HEAD: Final = struct.Struct(">BII")
_LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Packed:
    """A block.  ``packing`` is the highest that any of its frames uses: what a reader must know.

    ``changesets`` are those packed, as a reader will have them.
    """

    block: bytes
    packing: int
    unpacked_bytes: int
    changesets: Unpacked


def unpacked_size(changesets: Sequence[Signed]) -> int:
    """What the changesets and their signatures measure, in bytes."""
    return sum(len(data) + len(signature) for data, signature in changesets)


def pack(changesets: Sequence[Signed]) -> Packed:
    """The block for ``changesets``, proved by unpacking it again."""
    written: list[bytes] = []
    frames: list[Frame] = []
    packing = PLAIN
    for run in _runs(changesets):
        used, body, frame = _frame(run)
        written += (_FRAME_HEAD.pack(used, len(run), len(body)), body)
        frames.append(frame)
        packing = max(packing, used)
    return Packed(b"".join(written), packing, unpacked_size(changesets), Unpacked(frames))


def unpack(block: bytes, *, limit_bytes: int = MAX_UNPACKED_BYTES) -> Unpacked:
    """The changesets and signatures of ``block``, byte for byte as they were signed.

    limit_bytes  more than this unpacked is refused (``LIMIT_SIZE``) before it is built
    raises       TrustError BAD_STREAM, LIMIT_SIZE, UNKNOWN_VERSION
    """
    return Unpacked(_unpacked(block, limit_bytes))


def _unpacked(block: bytes, limit_bytes: int) -> Iterator[Frame]:
    left = limit_bytes
    for packing, count, body in _frames(block):
        if packing not in _UNPACKERS:
            raise refused("UNKNOWN_VERSION", f"Packing {packing}.")
        frame = _UNPACKERS[packing](body, count, left)
        left -= unpacked_size(frame.run)
        yield frame


def _runs(changesets: Sequence[Signed]) -> Iterator[Sequence[Signed]]:
    """Cut into frames, so that a few large changesets do not keep the small ones out of the columns."""
    start = 0
    while start < len(changesets):
        end, size = start, 0
        while end < min(start + FRAME_CHANGESETS, len(changesets)) and (end == start or size <= FRAME_BYTES):
            size += len(changesets[end][0])
            end += 1
        yield changesets[start:end]
        start = end


def _frame(run: Sequence[Signed]) -> tuple[int, bytes, Frame]:
    """Packing and body of a frame, and what comes out of it: by columns where that is exact, else plain."""
    size = unpacked_size(run)
    body = pack_columns(run) if len(run) >= LEAST_COLUMNS else None
    if body is not None:
        frame = _comes_back(body, run, size)
        if frame is not None:
            return COLUMNS, body, frame
    body = _pack_plain(run)
    frame = _read_plain(body, len(run), size)
    assert frame.run == list(run), "a plain frame comes back as it was packed"
    return PLAIN, body, frame


def _comes_back(body: bytes, run: Sequence[Signed], size: int) -> Frame | None:
    try:
        frame = read_columns(body, len(run), size)
    except TrustError:
        return None
    return frame if frame.run == list(run) else None


def _frames(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Packing, count and body of each frame."""
    at = 0
    while at < len(block):
        if at + _FRAME_HEAD.size > len(block):
            raise refused("BAD_STREAM", "A frame of changesets is cut.")
        packing, count, size = _FRAME_HEAD.unpack_from(block, at)
        at += _FRAME_HEAD.size
        if not 1 <= count <= FRAME_CHANGESETS or at + size > len(block):
            raise refused("BAD_STREAM", "A frame of changesets is cut, empty or too long.")
        yield packing, count, block[at : at + size]
        at += size


def _pack_plain(run: Sequence[Signed]) -> bytes:
    parts: list[bytes] = []
    for data, signature in run:
        assert len(signature) == SIGNATURE_BYTES, "a signature has 64 bytes"
        parts += (_LENGTH.pack(len(data)), data, signature)
    return b"".join(parts)


def _unpack_plain(body: bytes, count: int, limit_bytes: int) -> list[Signed]:
    if len(body) - count * _LENGTH.size > limit_bytes:
        raise refused("LIMIT_SIZE", "The changesets are longer than they were said to be.")
    run: list[Signed] = []
    at = 0
    for _ in range(count):
        if at + _LENGTH.size > len(body):
            raise refused("BAD_STREAM", "A changeset is cut.")
        (size,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size
        if size > MAX_BYTES or at + size + SIGNATURE_BYTES > len(body):
            raise refused("BAD_STREAM", "A changeset is cut or too long.")
        run.append((body[at : at + size], body[at + size : at + size + SIGNATURE_BYTES]))
        at += size + SIGNATURE_BYTES
    if at != len(body):
        raise refused("BAD_STREAM", "Something follows the last changeset.")
    return run


def _read_plain(body: bytes, count: int, limit_bytes: int) -> Frame:
    return plain_frame(_unpack_plain(body, count, limit_bytes))


_UNPACKERS: Final = {PLAIN: _read_plain, COLUMNS: read_columns}
"""None is ever taken out: old sticks stay readable."""
