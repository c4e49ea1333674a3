"""zstd, with every way in which a frame can lie closed.

Written: one frame, level 9, with its content size and checksum.  Read: exactly one such frame, complete,
nothing after it, no dictionary, a window of at most 8 MiB; its declared size is checked against the
caller's cap before a byte is unpacked, and unpacking gives exactly that size or nothing.
"""

from typing import Final

import zstandard

from sync.reasons import refused

LEVEL: Final = 9
MAX_WINDOW_BYTES: Final = 8 << 20

_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_UNUSED_BITS: Final = 0x18
"""Of the first byte after the magic: readers may ignore them, so they would be the only unbound ones."""
_CHECKSUM_BYTES: Final = 4
_BLOCK_HEAD_BYTES: Final = 3
_RLE_BLOCK: Final = 1
_RESERVED_BLOCK: Final = 3


def compress(plain: bytes) -> bytes:
    """One zstd frame."""
    return zstandard.ZstdCompressor(level=LEVEL, write_content_size=True, write_checksum=True).compress(plain)


def decompress(frame: bytes, *, limit_bytes: int) -> bytes:
    """The content of exactly one frame, of at most ``limit_bytes``.

    raises  TrustError LIMIT_SIZE, LIMIT_WINDOW, BAD_STREAM
    """
    try:
        head = zstandard.get_frame_parameters(frame)
    except zstandard.ZstdError as fault:
        raise refused("BAD_STREAM", "The compressed part has no head.") from fault
    unused = frame[len(_MAGIC)] & _UNUSED_BITS
    if not frame.startswith(_MAGIC) or head.dict_id or not head.has_checksum or unused:
        raise refused("BAD_STREAM", "The compressed part is not as this program writes it.")
    if head.content_size == zstandard.CONTENTSIZE_UNKNOWN:
        raise refused("BAD_STREAM", "The compressed part does not say how large it is.")
    if head.content_size > limit_bytes:
        raise refused("LIMIT_SIZE", f"It unpacks to {head.content_size} bytes; at most {limit_bytes}.")
    if head.window_size > MAX_WINDOW_BYTES:
        raise refused("LIMIT_WINDOW", f"A window of {head.window_size} bytes; at most {MAX_WINDOW_BYTES}.")
    if _frame_bytes(frame) != len(frame):
        raise refused("BAD_STREAM", "The compressed part is cut, or something follows it.")
    try:
        plain = zstandard.ZstdDecompressor().decompress(frame, max_output_size=limit_bytes)
    except zstandard.ZstdError as fault:
        raise refused("BAD_STREAM", "The compressed part does not unpack.") from fault
    if len(plain) != head.content_size:
        raise refused("BAD_STREAM", "The compressed part is not as long as it says.")
    return plain


def _frame_bytes(frame: bytes) -> int | None:
    """Length of the frame that ``frame`` begins with, by its block heads; None where it is cut."""
    at = zstandard.frame_header_size(frame)
    last = False
    while not last:
        if at + _BLOCK_HEAD_BYTES > len(frame):
            return None
        head = int.from_bytes(frame[at : at + _BLOCK_HEAD_BYTES], "little")
        last, kind, size = bool(head & 1), head >> 1 & 3, head >> 3
        if kind == _RESERVED_BLOCK:
            return None
        at += _BLOCK_HEAD_BYTES + (1 if kind == _RLE_BLOCK else size)
    return at + _CHECKSUM_BYTES
