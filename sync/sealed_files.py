"""Several files as one sealed stream: what a backup is made of.

    8 bytes   SATCHBAK
    4 bytes   length of the head, then the head (canonical CBOR: version, key slots, salt)
    frames    4 bytes length, then at most 1 MiB sealed with ChaCha20-Poly1305

The key of a file is derived from the home's master key and the salt, so each file has its own. A frame's
nonce is its number and whether it is the last one: frames cannot be left out, moved, doubled or cut off.
Inside, each file is its name (2 bytes of length), its size (8 bytes) and its bytes; an empty name ends them.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ledger.errors import TrustError
from sync.canonical import encode
from sync.fields import Fields
from sync.reasons import refused

MAGIC: Final = b"SATCHBAK"
VERSION: Final = 1
FRAME_BYTES: Final = 1 << 20
_TAG_BYTES: Final = 16
_SALT_BYTES: Final = 16
_MAX_HEAD_BYTES: Final = 1 << 20
_MAX_NAME_BYTES: Final = 200
_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the sealed part. ``slots``: the key-slot file of the home."""

    slots: bytes
    salt: bytes

    @classmethod
    def new(cls, slots: bytes) -> "Head":
        """A head with a salt of its own."""
        return cls(slots, os.urandom(_SALT_BYTES))

    def to_bytes(self) -> bytes:
        """The head as it stands in the file."""
        return encode({"v": VERSION, "slots": self.slots, "salt": self.salt})

    @property
    def purpose(self) -> str:
        """What the key of this file is derived for (``keyslots.derive``)."""
        return f"backup {self.salt.hex()}"


def write_sealed(file: BinaryIO, head: Head, key: bytes, parts: list[tuple[str, Path | bytes]]) -> None:
    """Write files (by name: a path to read, or the bytes) as one sealed stream."""
    plain_head = head.to_bytes()
    file.write(MAGIC + len(plain_head).to_bytes(_LENGTH_BYTES, "big") + plain_head)
    cipher, bound = ChaCha20Poly1305(key), hashlib.sha256(plain_head).digest()
    waiting, number = bytearray(), 0
    for piece in _plain(parts):
        waiting += piece
        while len(waiting) > FRAME_BYTES:
            _write_frame(
                file, cipher.encrypt(_nonce(number, last=False), bytes(waiting[:FRAME_BYTES]), bound)
            )
            del waiting[:FRAME_BYTES]
            number += 1
    _write_frame(file, cipher.encrypt(_nonce(number, last=True), bytes(waiting), bound))


def read_head(file: BinaryIO) -> Head:
    """Read what stands before the sealed part; TrustError NOT_SATCHEL, BAD_BACKUP, UNKNOWN_VERSION."""
    if file.read(len(MAGIC)) != MAGIC:
        raise refused("NOT_SATCHEL", "This is not a backup.")
    size = int.from_bytes(file.read(_LENGTH_BYTES), "big")
    plain = file.read(min(size, _MAX_HEAD_BYTES))
    if len(plain) != size:
        raise refused("BAD_BACKUP", "Its head is cut.")
    fields = Fields.of_bytes(plain, "the head of the backup", limit_bytes=_MAX_HEAD_BYTES)
    fields.version(VERSION)
    head = Head(fields.raw("slots", limit=_MAX_HEAD_BYTES), fields.raw("salt", size=_SALT_BYTES))
    fields.finish()
    return head


def unpack_sealed(file: BinaryIO, head: Head, key: bytes, place_of: Callable[[str], Path]) -> None:
    """Write the files behind the head to where ``place_of`` says for each name.

    raises  TrustError BAD_BACKUP where anything was changed, cut or added
    """
    source = _Plain(_frames(file, head, key))
    while name := source.take(int.from_bytes(source.take(2), "big")).decode("ascii", "strict"):
        size = int.from_bytes(source.take(8), "big")
        with place_of(name).open("wb") as target:
            while size:
                piece = source.take(min(size, FRAME_BYTES))
                target.write(piece)
                size -= len(piece)
            target.flush()
            os.fsync(target.fileno())
    source.finish()


class _Plain:
    """What the frames hold, taken in pieces of any length."""

    def __init__(self, frames: Iterator[bytes]) -> None:
        self._frames = frames
        self._waiting = bytearray()

    def take(self, count: int) -> bytes:
        while len(self._waiting) < count:
            piece = next(self._frames, None)
            if piece is None:
                raise refused("BAD_BACKUP", "A file inside is cut.")
            self._waiting += piece
        taken = bytes(self._waiting[:count])
        del self._waiting[:count]
        return taken

    def finish(self) -> None:
        if self._waiting or next(self._frames, None) is not None:
            raise refused("BAD_BACKUP", "Something follows the last file.")


def _frames(file: BinaryIO, head: Head, key: bytes) -> Iterator[bytes]:
    cipher, bound = ChaCha20Poly1305(key), hashlib.sha256(head.to_bytes()).digest()
    number, sealed = 0, _read_frame(file)
    while sealed is not None:
        following = _read_frame(file)
        try:
            yield cipher.decrypt(_nonce(number, last=following is None), sealed, bound)
        except InvalidTag as fault:
            raise refused("BAD_BACKUP", f"Part {number + 1} was changed, or the end is missing.") from fault
        number, sealed = number + 1, following


def _read_frame(file: BinaryIO) -> bytes | None:
    start = file.read(_LENGTH_BYTES)
    if not start:
        return None
    size = int.from_bytes(start, "big")
    sealed = file.read(min(size, FRAME_BYTES + _TAG_BYTES))
    if len(start) != _LENGTH_BYTES or len(sealed) != size:
        raise refused("BAD_BACKUP", "A part is cut.")
    return sealed


def _write_frame(file: BinaryIO, sealed: bytes) -> None:
    file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes([last]) + number.to_bytes(11, "big")


def _plain(parts: list[tuple[str, Path | bytes]]) -> Iterator[bytes]:
    for name, content in parts:
        assert 0 < len(name) <= _MAX_NAME_BYTES, name
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        yield len(name).to_bytes(2, "big") + name.encode("ascii") + size.to_bytes(8, "big")
        if isinstance(content, bytes):
            yield content
            continue
        left = size
        with content.open("rb") as file:
            while left:
                piece = file.read(min(FRAME_BYTES, left))
                if not piece:
                    raise TrustError("IO_ERROR", "A file became shorter while it was backed up.")
                left -= len(piece)
                yield piece
    yield bytes(2)
