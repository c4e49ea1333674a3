"""The second copy: every sealed changeset of this device, encrypted, appended outside the database.

File: records of length (4 bytes), CRC-32 (4 bytes) and sealed bytes, then zeros that are reserved ahead, so
that a full disk is noticed before a unit of work begins and never after its commit. Sealed = nonce and
ChaCha20-Poly1305 of the canonical ``[chain, hlc, body, signature]``.

The anchor says up to which record the copy is known to be on the disk: two slots, written in turn, so that
one of them is always whole.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ledger.errors import TrustError
from sync.canonical import decode, encode
from sync.home import sync_folder

RESERVE_BYTES: Final = 2 << 20
MAX_RECORD_BYTES: Final = 2 << 20
_HEADER: Final = struct.Struct(">II")
_ANCHOR: Final = struct.Struct(">QQQ32sI")
_SLOT_BYTES: Final = 512
_NONCE_BYTES: Final = 12
_PURPOSE: Final = b"satchel second copy v1"


@dataclass(frozen=True, slots=True)
class CopiedChangeset:
    """One record of the second copy."""

    chain: int
    hlc: int
    body: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last record known to be safe: where it begins and ends, and the SHA-256 of its changeset."""

    turn: int
    start: int
    end: int
    hash: bytes


class SecondCopy:
    """Appends to and reads the second copy of one home."""

    def __init__(self, path: Path, anchor_path: Path, key: bytes) -> None:
        self._path = path
        self._anchor_path = anchor_path
        self._cipher = ChaCha20Poly1305(key)
        self._file: BinaryIO | None = None
        self._anchor_file: BinaryIO | None = None
        self._end = 0
        self._reserved = 0
        self._turn = 0

    def open(self) -> Anchor | None:
        """Open (or begin) the copy; gives its anchor, None where there is none or both slots are torn."""
        self._file = _open_for_update(self._path)
        self._anchor_file = _open_for_update(self._anchor_path, buffering=0)  # others write it too
        self._reserved = self._file.seek(0, os.SEEK_END)
        anchor = self._read_anchor()
        self._turn = anchor.turn if anchor else 0
        return anchor

    def has_moved(self) -> bool:
        """Whether another process has appended since we did: then the copy must be opened anew."""
        anchor = self._read_anchor()
        return anchor is not None and anchor.turn != self._turn

    def close(self) -> None:
        """Let go of both files."""
        for file in (self._file, self._anchor_file):
            if file is not None:
                file.close()
        self._file = self._anchor_file = None

    @property
    def size(self) -> int:
        """Bytes of the file, reserved ones included."""
        return self._reserved

    def records(self, start: int = 0) -> Iterator[tuple[int, int, CopiedChangeset]]:
        """Give (begin, end, changeset) of each whole record from ``start`` on; ends at the first torn one.

        After the last one ``end_at`` must be told where to go on.
        """
        file = self._opened()
        position = start
        while True:
            file.seek(position)
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size:
                return
            length, crc = _HEADER.unpack(header)
            if not 0 < length <= MAX_RECORD_BYTES:
                return
            sealed = file.read(length)
            if len(sealed) < length or zlib.crc32(sealed) != crc:
                return
            end = position + _HEADER.size + length
            yield position, end, self._unseal(sealed, position)
            position = end

    def end_at(self, position: int) -> None:
        """Go on writing at ``position``; what stands behind it (a torn record) is wiped."""
        file = self._opened()
        self._end = position
        self._reserved = file.seek(0, os.SEEK_END)
        file.seek(position)
        behind = file.read(MAX_RECORD_BYTES + _HEADER.size)
        if behind.count(0) != len(behind):
            file.seek(position)
            file.write(bytes(len(behind)))
            self._flush(file)

    def reserve(self, wanted: int = RESERVE_BYTES) -> None:
        """Make sure that ``wanted`` bytes can be appended; OSError when the disk is full or read-only."""
        if self._reserved - self._end >= wanted:
            return
        file = self._opened()
        missing = max(wanted, RESERVE_BYTES)
        file.seek(self._reserved)
        file.write(bytes(missing))
        self._flush(file)
        self._reserved += missing

    def append(self, copied: CopiedChangeset) -> tuple[int, int]:
        """Append one record and put it on the disk; gives where it begins and ends."""
        sealed = self._seal(copied)
        record = _HEADER.pack(len(sealed), zlib.crc32(sealed)) + sealed
        self.reserve(len(record) + _HEADER.size)
        file = self._opened()
        start = self._end
        file.seek(start)
        file.write(record)
        self._flush(file)
        self._end = start + len(record)
        return start, self._end

    def move_anchor(self, start: int, end: int, digest: bytes) -> None:
        """Say on the disk that the copy is safe up to ``end``."""
        assert self._anchor_file is not None, "the second copy is open"
        self._turn += 1
        body = _ANCHOR.pack(self._turn, start, end, digest, 0)[:-4]
        slot = body + struct.pack(">I", zlib.crc32(body))
        self._anchor_file.seek((self._turn % 2) * _SLOT_BYTES)
        self._anchor_file.write(slot.ljust(_SLOT_BYTES, b"\0"))
        self._flush(self._anchor_file)

    def _read_anchor(self) -> Anchor | None:
        assert self._anchor_file is not None, "the second copy is open"
        found: list[Anchor] = []
        for number in range(2):
            self._anchor_file.seek(number * _SLOT_BYTES)
            slot = self._anchor_file.read(_ANCHOR.size)
            if len(slot) == _ANCHOR.size:
                turn, start, end, digest, crc = _ANCHOR.unpack(slot)
                if turn and zlib.crc32(slot[:-4]) == crc:
                    found.append(Anchor(turn, start, end, digest))
        return max(found, key=lambda anchor: anchor.turn, default=None)

    def _seal(self, copied: CopiedChangeset) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        plain = encode([copied.chain, copied.hlc, copied.body, copied.signature])
        return nonce + self._cipher.encrypt(nonce, plain, _PURPOSE)

    def _unseal(self, sealed: bytes, position: int) -> CopiedChangeset:
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _PURPOSE)
        except InvalidTag as error:
            raise TrustError(
                "SECOND_COPY_FOREIGN",
                "A record of the second copy was not written with this home's keys. It was left as it is.",
                where=f"{self._path.name} at byte {position}",
                next_step="Was a file of another home copied here? Put the right one back.",
            ) from error
        chain, hlc, body, signature = cast(
            "tuple[int, int, bytes, bytes]", decode(plain, limit_bytes=MAX_RECORD_BYTES)
        )
        return CopiedChangeset(chain, hlc, body, signature)

    def _opened(self) -> BinaryIO:
        assert self._file is not None, "the second copy is open"
        return self._file

    @staticmethod
    def _flush(file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno()) if os.name == "nt" else os.fdatasync(file.fileno())


def _open_for_update(path: Path, *, buffering: int = -1) -> BinaryIO:
    if not path.exists():
        path.touch(mode=0o600)
        sync_folder(path.parent)
    return path.open("r+b", buffering=buffering)
