"""Volumes on a carrier: writing a bundle into a folder whole or not at all, and finding what lies there.

Names of files are hints for people; what a file is stands inside it.  Links, devices and everything that is
not a plain file are passed over, and nothing that is read names a path.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ledger.errors import TrustError
from sync.home import sync_folder
from sync.reasons import refused
from sync.volume import (
    END_MAGIC,
    MAGIC,
    PAD_BYTES,
    Index,
    Writer,
    check_volume,
    claimed_place,
    file_name,
    share_out,
    volume_parts,
)

MAX_FOLDER_DEPTH: Final = 4
"""Folders inside folders that are looked into."""

_TEMPORARY: Final = ".TMP"
_OUR_NAME: Final = re.compile(r"[0-9a-f]{8}\b.*\.s\d\d", re.IGNORECASE)
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundVolume:
    """A volume that is whole to the last bit."""

    path: Path
    index: Index


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is, or claims to be, a volume and cannot be used.

    place  bundle id and volume number that its head claims, where it can be read
    """

    path: Path
    refusal: TrustError
    place: tuple[bytes, int] | None = None


@dataclass(frozen=True, slots=True)
class FoundBundle:
    """What was found of one bundle.

    volumes  whole volumes in order of their numbers, one file each; further copies are left out
    twins    files that say they are one of ``volumes`` and have other contents
    damaged  files that claim to be volumes of this bundle of which no whole copy is here: with one of these
             the bundle is refused whole
    missing  numbers of the volumes that are neither here nor damaged
    """

    volumes: tuple[FoundVolume, ...]
    twins: tuple[Path, ...]
    damaged: tuple[Fault, ...]
    missing: tuple[int, ...]

    @property
    def index(self) -> Index:
        """Of the first volume that is here: what is common to all."""
        return self.volumes[0].index

    @property
    def code(self) -> str | None:
        """What is wrong first: of a damaged file, VOLUME_TWIN, VOLUME_MISSING; None where it is complete."""
        if self.damaged:
            return self.damaged[0].refusal.code
        if self.twins:
            return "VOLUME_TWIN"
        return "VOLUME_MISSING" if self.missing else None


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that lies in the given places: bundles, and damaged files that belong to none of these."""

    bundles: tuple[FoundBundle, ...]
    faults: tuple[Fault, ...]


def write_volumes(
    folder: Path, bundle: bytes, segments: Sequence[bytes], writer: Writer, volume_bytes: int
) -> list[Path]:
    """Write a bundle into ``folder`` as volumes of at most ``volume_bytes`` each, and read them back.

    returns  the files, in order
    raises   TrustError IO_ERROR where the medium is full, gone or lies; then nothing of this bundle is left
             there if it can be removed, and the message says what could not
    """
    shares = share_out([len(segment) for segment in segments], volume_bytes)
    written: list[Path] = []
    try:
        for volume, share in enumerate(shares, 1):
            parts = volume_parts(
                writer, bundle, volume, len(shares), share.start + 1, segments[share.start : share.stop]
            )
            path = folder / file_name(bundle, volume)
            _write_one(path, parts, written)
        sync_folder(folder)
    except OSError as fault:
        left = _remove(written)
        told = f"{fault.strerror or fault}. {left} The books are unchanged, and so are all other files."
        raise refused("IO_ERROR", told, where=str(folder)) from fault
    return written


def find_volumes(paths: Iterable[Path]) -> Found:
    """Look through files and folders; every volume found is checked to the last bit.

    A file that is named outright is always judged; one that merely lies in a folder is passed over unless
    its beginning, its end or its name is that of a volume.
    """
    whole: list[FoundVolume] = []
    faults: list[Fault] = []
    for path in _candidates(paths):
        try:
            whole.append(FoundVolume(path, _check(path)))
        except TrustError as refusal:
            faults.append(Fault(path, refusal, _claimed_place(path)))
    bundles = tuple(_bundles(whole, faults))
    told = {fault.path for bundle in bundles for fault in bundle.damaged}
    return Found(bundles, tuple(fault for fault in faults if fault.path not in told))


def _write_one(path: Path, parts: Iterable[bytes], written: list[Path]) -> None:
    """Temporary name, flush, rename, read back; ``written`` always names what lies on the medium."""
    temporary = path.with_suffix(_TEMPORARY)
    if path.exists():
        raise FileExistsError(0, f"{path.name} is there already")
    digest = hashlib.sha256()
    with temporary.open("xb") as file:
        written.append(temporary)
        for part in parts:
            file.write(part)
            digest.update(part)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    written[-1] = path
    if _read_back(path) != digest.digest():
        raise OSError(0, f"{path.name} reads back otherwise than it was written")


def _read_back(path: Path) -> bytes:
    """SHA-256 of what the medium gives, past the cache where the system lets us."""
    with path.open("rb", buffering=0) as file:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        digest = hashlib.sha256()
        while piece := file.read(_CHUNK_BYTES):
            digest.update(piece)
    return digest.digest()


def _remove(written: Iterable[Path]) -> str:
    """Take away what was written, and say in a sentence what is left."""
    left = []
    for path in written:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            left.append(path.name)
    if left:
        return f"These incomplete files may still lie there, and can be deleted: {', '.join(left)}."
    return "Nothing of this bundle was left there."


def _candidates(paths: Iterable[Path]) -> Iterator[Path]:
    """Files to judge, each once, in an order that does not depend on the file system."""
    seen: set[Path] = set()
    for path in paths:
        for found in sorted(_in_folder(path, 0)) if path.is_dir() else [path]:
            if found not in seen:
                seen.add(found)
                yield found


def _in_folder(folder: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    if _looks_like_ours(Path(entry.path)):
                        yield Path(entry.path)
                elif entry.is_dir(follow_symlinks=False) and depth < MAX_FOLDER_DEPTH:
                    yield from _in_folder(Path(entry.path), depth + 1)
    except OSError as fault:
        raise refused("IO_ERROR", f"{fault.strerror}.", where=str(folder)) from fault


def _looks_like_ours(path: Path) -> bool:
    """By beginning, end or name, so that one damaged place does not make a volume invisible."""
    if _OUR_NAME.fullmatch(path.name):
        return True
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) == MAGIC:
                return True
            size = file.seek(0, os.SEEK_END)
            if not size or size % PAD_BYTES:
                return False
            file.seek(size - len(END_MAGIC))
            return file.read() == END_MAGIC
    except OSError:
        return False


def _check(path: Path) -> Index:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise refused("NOT_SATCHEL", "It is a link, a device or a folder.", where=str(path))
        with path.open("rb") as file:
            return _check_open(file, path)
    except OSError as fault:
        raise refused("IO_ERROR", f"{fault.strerror}.", where=str(path)) from fault


def _check_open(file: BinaryIO, path: Path) -> Index:
    try:
        return check_volume(file, file.seek(0, os.SEEK_END))
    except TrustError as refusal:
        raise TrustError(
            refusal.code, refusal.message, where=str(path), next_step=refusal.next_step
        ) from refusal


def _claimed_place(path: Path) -> tuple[bytes, int] | None:
    try:
        if stat.S_ISREG(path.lstat().st_mode):
            with path.open("rb") as file:
                return claimed_place(file)
    except OSError:
        pass
    return None


def _bundles(whole: Iterable[FoundVolume], faults: Sequence[Fault]) -> Iterator[FoundBundle]:
    """Put volumes of one writing together.

    Only those of one key, device and institution belong together: a stranger's volume that borrows a bundle
    id is a bundle of its own and spoils nobody's.
    """
    groups: dict[tuple[bytes, bytes, int, bytes, int, bool], dict[int, list[FoundVolume]]] = {}
    for volume in whole:
        index = volume.index
        writing = (index.bundle, index.institution, index.device, index.public, index.volumes, index.enrol)
        groups.setdefault(writing, {}).setdefault(index.volume, []).append(volume)
    for _, numbered in sorted(groups.items(), key=lambda group: group[0]):
        chosen = [copies[0] for _, copies in sorted(numbered.items())]
        twins = [
            other.path for copies in numbered.values() for other in copies if other.index != copies[0].index
        ]
        damaged = {
            fault.place[1]: fault
            for fault in faults
            if fault.place and fault.place[0] == chosen[0].index.bundle and fault.place[1] not in numbered
        }
        missing = sorted(set(range(1, chosen[0].index.volumes + 1)) - numbered.keys() - damaged.keys())
        yield FoundBundle(tuple(chosen), tuple(sorted(twins)), tuple(damaged.values()), tuple(missing))
