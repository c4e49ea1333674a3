"""Images of discs: ISO 9660 with Joliet names, written to be burnt, read without being mounted.

The reader follows the plain ISO 9660 directories only, within limits, and takes nothing from an image but
bytes: a name is a hint, never a path.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sync.carriers.spool import sha256_of
from sync.reasons import refused

SUFFIX: Final = ".iso"
DISC_BYTES: Final = 650 << 20
"""What every CD holds."""
ROOM_FOR_VOLUMES: Final = DISC_BYTES - (1 << 20)
"""Of a disc, beside its directories and the slip."""
MAX_DEPTH: Final = 8
MAX_ENTRIES: Final = 120_000
MAX_DIRECTORY_BYTES: Final = 32 << 20
"""Of all directories of an image together."""

_SECTOR: Final = 2048
_FIRST_DESCRIPTOR: Final = 16
_MAX_DESCRIPTORS: Final = 32
_MAGIC: Final = b"CD001"
_PRIMARY, _END = 1, 255
_ROOT_RECORD: Final = slice(156, 190)
_RECORD_HEAD: Final = 33
_IS_FOLDER, _GOES_ON = 0x02, 0x80
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class DiscFile:
    """A file inside an image: what it is called, and where its bytes lie."""

    name: str
    start: int
    size_bytes: int

    def pieces(self, image: BinaryIO) -> Iterator[bytes]:
        """Its bytes; fewer than stated where the image is cut."""
        left, at = self.size_bytes, self.start
        while left:
            image.seek(at)
            piece = image.read(min(_CHUNK_BYTES, left))
            if not piece:
                return
            yield piece
            at, left = at + len(piece), left - len(piece)


def write_disc(image: Path, label: str, files: Sequence[tuple[str, Path]]) -> None:
    """Write an image with ``files`` (8.3 names, and where they lie), flush it, read it back and compare.

    label   name of the disc: at most 32 of ``A-Z``, ``0-9`` and ``_``
    raises  OSError
    """
    import pycdlib  # noqa: PLC0415 - slow to load, and discs are rarely written

    disc = pycdlib.PyCdlib()
    disc.new(interchange_level=1, vol_ident=label, joliet=3, sys_ident="", app_ident_str="SATCHEL")
    for name, path in files:
        disc.add_file(str(path), iso_path=f"/{name};1", joliet_path=f"/{name}")
    with image.open("xb") as file:
        disc.write_fp(file)
        file.flush()
        os.fsync(file.fileno())
    disc.close()
    _compare(image, files)


def is_disc(file: BinaryIO) -> bool:
    """Whether a file is an image of a disc, by what stands in it."""
    file.seek(_FIRST_DESCRIPTOR * _SECTOR + 1)
    return file.read(len(_MAGIC)) == _MAGIC


def disc_files(image: BinaryIO) -> Iterator[DiscFile]:
    """Every file of an image, in the order of its directories.

    raises  TrustError BAD_HASH where its directories make no sense, LIMIT_SIZE where they are too many or
            its files together are larger than the image
    """
    size = image.seek(0, os.SEEK_END)
    entries = directory_bytes = file_bytes = 0
    seen: set[int] = set()
    folders = [(*_root(image), 0)]
    while folders:
        start, length, depth = folders.pop(0)
        if start in seen:
            continue
        seen.add(start)
        directory_bytes += length
        if directory_bytes > MAX_DIRECTORY_BYTES:
            raise refused("LIMIT_SIZE", "The directories of the disc image.")
        for name, at, long, flags in _records(image, start, length):
            entries += 1
            if entries > MAX_ENTRIES:
                raise refused("LIMIT_SIZE", f"The disc image has more than {MAX_ENTRIES} files.")
            if flags & _IS_FOLDER:
                if depth < MAX_DEPTH:
                    folders.append((at, long, depth + 1))
            elif not flags & _GOES_ON:
                file_bytes += long
                if file_bytes > size + DISC_BYTES:
                    raise refused("LIMIT_SIZE", "The files of the disc image claim more than its size.")
                yield DiscFile(name, at, long)


def _root(image: BinaryIO) -> tuple[int, int]:
    for number in range(_FIRST_DESCRIPTOR, _FIRST_DESCRIPTOR + _MAX_DESCRIPTORS):
        image.seek(number * _SECTOR)
        sector = image.read(_SECTOR)
        if len(sector) < _SECTOR or sector[1:6] != _MAGIC or sector[0] == _END:
            break
        if sector[0] == _PRIMARY:
            if int.from_bytes(sector[128:130], "little") != _SECTOR:
                break
            record = sector[_ROOT_RECORD]
            return _place(record)
    raise refused("BAD_HASH", "The disc image has no directory.")


def _records(image: BinaryIO, start: int, length: int) -> Iterator[tuple[str, int, int, int]]:
    """Name, place, size and flags of the entries of one directory; none crosses a sector."""
    for at in range(start, start + length, _SECTOR):
        image.seek(at)
        sector = image.read(_SECTOR)
        if len(sector) < _SECTOR:
            raise refused("TRUNCATED", "The disc image ends within a directory.")
        offset = 0
        while offset < _SECTOR and (long := sector[offset]):
            record = sector[offset : offset + long]
            offset += long
            if len(record) < long or long < _RECORD_HEAD + 1 or _RECORD_HEAD + record[32] > long:
                raise refused("BAD_HASH", "A directory of the disc image is damaged.")
            name = record[_RECORD_HEAD : _RECORD_HEAD + record[32]]
            if name in {b"\0", b"\1"}:  # the directory itself, and the one above
                continue
            yield name.decode("ascii", "replace").partition(";")[0], *_place(record), record[25]


def _place(record: bytes) -> tuple[int, int]:
    return int.from_bytes(record[2:6], "little") * _SECTOR, int.from_bytes(record[10:14], "little")


def _compare(image: Path, files: Sequence[tuple[str, Path]]) -> None:
    with image.open("rb") as file:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        found = {}
        for one in disc_files(file):
            digest = hashlib.sha256()
            for piece in one.pieces(file):
                digest.update(piece)
            found[one.name] = digest.digest()
    if found != {name: sha256_of(path) for name, path in files}:
        raise OSError(0, f"{image.name} reads back otherwise than it was written")
