"""Where volumes lie: files named outright, files in folders, and what is inside disc images and mails.

Links, devices and everything that is not a plain file are passed over in folders, and nothing that is read
names a path.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.errors import TrustError
from sync import parity
from sync.carriers import slip
from sync.carriers.disc import disc_files, is_disc
from sync.carriers.letter import looks_like_mail, unpack_mail
from sync.carriers.spool import Spool
from sync.home import DATABASE_FILE
from sync.reasons import refused
from sync.volume import END_MAGIC, MAGIC, PAD_BYTES

FOLDER: Final = "folder"
SLIP: Final = "slip"
DISC: Final = "iso"
MAIL: Final = "eml"
MAX_FOLDER_DEPTH: Final = 4
"""Folders inside folders that are looked into."""

_OUR_NAME: Final = re.compile(r"[0-9a-f]{8}\b.*\.(?:s\d\d|par)", re.IGNORECASE)
_CARRIER_NAME: Final = re.compile(r"[0-9a-f]{8}\b.*\.(?:iso|eml)", re.IGNORECASE)
_MAGICS: Final = (MAGIC, parity.MAGIC)
_START_BYTES: Final = 64
_OPEN_BOOKS: Final = re.compile(re.escape(DATABASE_FILE) + r"(?:-wal|-shm|-journal)?")
"""Files of a home's database, which are never opened here: where this program has it open, closing one of
them again lets go of all locks that guard it (POSIX)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to judge.

    path     where its bytes are
    origin   what a person knows it by: its path, or the image's or mail's and its name in there
    carrier  folder, iso or eml
    spool    holds ``path`` while somebody refers to it; None for a file that is not ours
    refusal  why what carries it cannot be looked into: then ``path`` is that of the carrier itself
    """

    path: Path
    origin: str
    carrier: str = FOLDER
    spool: Spool | None = None
    refusal: TrustError | None = None


def candidates(paths: Iterable[Path], below: Path | None = None) -> Iterator[Candidate]:
    """Files to judge, each once, in an order that does not depend on the file system.

    A file that is named outright is always judged; one that merely lies in a folder is passed over unless
    its beginning, its end or its name is that of a volume, or it is an image or a mail that holds one.

    below   where images and mails are unpacked; None for the system's folder
    raises  TrustError IO_ERROR where a folder cannot be read
    """
    seen: set[Path] = set()
    for path in paths:
        in_folder = path.is_dir()
        for found in sorted(_in_folder(path, 0)) if in_folder else [path]:
            if found in seen:
                continue
            seen.add(found)
            if _OPEN_BOOKS.fullmatch(found.name):
                yield Candidate(found, str(found), refusal=refused("NOT_SATCHEL", where=str(found)))
            else:
                yield from _judged(found, Spool(below), outright=not in_folder)


def _judged(path: Path, spool: Spool, *, outright: bool) -> Iterator[Candidate]:
    carrier = None if path.is_symlink() else _form_of(path)
    if carrier == SLIP:
        return
    if carrier in {None, FOLDER}:  # judged as a volume, which says what is wrong
        yield Candidate(path, str(path))
        return
    assert carrier is not None, "an image or a mail"
    ours = outright or _CARRIER_NAME.fullmatch(path.name) is not None
    count = 0
    try:
        for name, file in _unpacked(path, carrier, spool):
            count += 1
            yield Candidate(file, f"{path} ({_plain(name)})", carrier, spool)
        if outright and not count:
            raise refused("NOT_SATCHEL", "No volume is inside.", where=str(path))
    except (TrustError, OSError) as fault:
        if ours or count:
            refusal = fault if isinstance(fault, TrustError) else _medium(fault, path)
            yield Candidate(path, str(path), carrier, refusal=refusal)


def _form_of(path: Path) -> str | None:
    """By what stands in it: folder for a volume, iso, eml, slip; None for what is no concern of ours.

    A volume is known by its beginning or its end, so that one damaged place does not make it invisible.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_START_BYTES)
            if start.startswith(_MAGICS):
                return FOLDER
            if start.startswith(slip.START):
                return SLIP
            size = file.seek(0, os.SEEK_END)
            if size and size % PAD_BYTES == 0:
                file.seek(size - len(END_MAGIC))
                if file.read() == END_MAGIC:
                    return FOLDER
            if is_disc(file):
                return DISC
            return MAIL if looks_like_mail(start) else None
    except OSError:
        return None


def _unpacked(path: Path, carrier: str, spool: Spool) -> Iterator[tuple[str, Path]]:
    with path.open("rb") as file:
        if carrier == MAIL:
            yield from unpack_mail(file, _is_wanted, spool)
            return
        for one in disc_files(file):
            first = next(one.pieces(file), b"")
            if _is_wanted(one.name, first[: len(MAGIC)]):
                yield one.name, spool.keep(one.pieces(file))


def _is_wanted(name: str, start: bytes) -> bool:
    return start.startswith(_MAGICS) or _OUR_NAME.fullmatch(name) is not None


def _in_folder(folder: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    path = Path(entry.path)
                    if _OPEN_BOOKS.fullmatch(path.name):
                        continue
                    if _OUR_NAME.fullmatch(path.name) or _form_of(path):
                        yield path
                elif entry.is_dir(follow_symlinks=False) and depth < MAX_FOLDER_DEPTH:
                    yield from _in_folder(Path(entry.path), depth + 1)
    except OSError as fault:
        raise _medium(fault, folder) from fault


def _medium(fault: OSError, path: Path) -> TrustError:
    return refused("IO_ERROR", f"{fault.strerror or fault}.", where=str(path))


def _plain(name: str) -> str:
    """A name from outside, as it may stand in a line."""
    return "".join(sign if sign.isprintable() else "?" for sign in name[:80]) or "without a name"
