"""Backups: everything of a home in one encrypted file, except the keys that sign.

A backup holds the database at one moment (taken while others work), the key slots, the second copy, the root
and what the home says of itself. The device's own keys are in none: whoever restores is a new device, so a
stolen backup signs nothing (protocol, sections 1 and 5). It opens with the passphrase of the home, or with
the institution's recovery key.

After writing the file is opened again and compared with what it was made from: heads and digest.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from schema.copying import copy_pages, copy_rows, is_whole
from schema.database import open_database
from sync import chain as chains
from sync.backed_up import remember_backup
from sync.chain import HEAD
from sync.changeset import Place
from sync.digest import digest_of
from sync.home import DATABASE_FILE, HomeFacts, sync_folder
from sync.installation import Installation
from sync.keyslots import KeySlots, derive
from sync.reasons import refused
from sync.roster import Roster
from sync.sealed_files import Head, read_head, unpack_sealed, write_sealed

SUFFIX: Final = ".satchelbackup"
FACTS: Final = "facts.json"
ROOT: Final = "root.bin"
JOURNAL: Final = "changesets.log"
_A_ROOT: Final = re.compile(r"root-[0-9]{1,9}\.bin")
_NAMES: Final = frozenset({FACTS, ROOT, JOURNAL, DATABASE_FILE})


@dataclass(frozen=True, slots=True)
class WrittenBackup:
    """A backup that lies on the medium, opened again and compared. ``last_seq`` is of this device's chain."""

    file: Path
    last_seq: int
    digest: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class _State:
    heads: dict[tuple[int, int], Place]
    digest: bytes


def write_backup(installation: Installation, folder: Path) -> WrittenBackup:
    """Write a backup of this home into ``folder`` and prove it; nothing half-written is left there.

    Afterwards the heads that it holds are what this home may confirm as durable.

    raises  TrustError IO_ERROR where the medium is full or gone, BAD_BACKUP where it does not read back
    """
    moment = installation.clock()
    file = folder / f"{installation.place.office_code}-{moment:%Y%m%d-%H%M%S}{SUFFIX}"
    part = file.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _scratch(installation, "backup") as scratch:
            copy, state = _snapshot(installation, scratch)
            head = Head.new(installation.home.keyslots.read_bytes())
            parts: list[tuple[str, Path | bytes]] = [
                (FACTS, json.dumps(asdict(installation.facts)).encode()),
                (ROOT, installation.home.root_keys.read_bytes()),
                *((f"root-{file.stem}.bin", file.read_bytes()) for file in installation.home.older_roots()),
                (DATABASE_FILE, copy),
                (JOURNAL, installation.home.journal_of(installation.facts)),
            ]
            with part.open("wb") as out:
                write_sealed(out, head, installation.derived_key(head.purpose), parts)
                out.flush()
                os.fsync(out.fileno())
            copy.unlink()
            _prove(installation, part, scratch, state)
        part.replace(file)
        sync_folder(folder)
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=str(folder)) from fault
    finally:
        part.unlink(missing_ok=True)
    with installation.exclusive() as session:
        remember_backup(session, state.heads)
    own = state.heads.get((installation.facts.device, 0))
    return WrittenBackup(file, own.seq if own else 0, state.digest, file.stat().st_size)


def open_backup(
    file: Path, into: Path, *, passphrase: str = "", recovery: str = ""
) -> tuple[bytes, HomeFacts, KeySlots]:
    """Unpack a backup into the empty folder ``into``; gives the master key, the facts and the key slots.

    passphrase  that of the home that was backed up; or ``recovery``: the institution's recovery identity
    raises      TrustError NOT_SATCHEL, WRONG_PASSPHRASE, NOT_FOR_US, BAD_BACKUP, IO_ERROR
    """
    try:
        with file.open("rb") as source:
            head = read_head(source)
            slots = KeySlots.from_bytes(head.slots)
            master = (
                slots.open_with_identity(recovery) if recovery else slots.open_with_passphrase(passphrase)
            )
            unpack_sealed(source, head, derive(master, head.purpose), lambda name: into / _known(name))
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=str(file)) from fault
    facts = HomeFacts(**json.loads((into / FACTS).read_bytes()))
    if not is_whole(into / DATABASE_FILE, derive(master, "database")):
        raise refused("BAD_BACKUP", "The database inside is damaged.")
    return master, facts, slots


def _snapshot(installation: Installation, scratch: Path) -> tuple[Path, _State]:
    """Copy the database as it is at one moment; others go on writing."""
    copy, key = scratch / DATABASE_FILE, installation.derived_key("database")
    with installation.database.reading() as session:
        state = _state(session, installation.roster(session))
        if installation.database.is_sqlite:
            copy_pages(session, copy, key)
        else:
            target = open_database(copy, key)
            try:
                copy_rows(session, target)
                with (
                    target.reading() as copied
                ):  # SQLite folds its log into the file when the last one closes
                    assert chains.watermarks(copied, HEAD) == state.heads, "every row was copied"
            finally:
                target.close()
    return copy, state


def _prove(installation: Installation, part: Path, scratch: Path, expected: _State) -> None:
    again = scratch / "again"
    again.mkdir()
    with part.open("rb") as source:
        head = read_head(source)
        key = installation.derived_key(head.purpose)
        unpack_sealed(source, head, key, lambda name: again / _known(name))
    database_key = installation.derived_key("database")
    if not is_whole(again / DATABASE_FILE, database_key):
        raise refused("BAD_BACKUP", "What was written does not read back.")
    database = open_database(again / DATABASE_FILE, database_key)
    try:
        with database.reading() as session:
            found = _state(session, installation.roster(session))
    finally:
        database.close()
    if found != expected:
        raise refused("BAD_BACKUP", "The books in it are not the books that were copied.")


def _state(session: Session, roster: Roster) -> _State:
    return _State(chains.watermarks(session, HEAD), digest_of(session, roster).sha256)


def _known(name: str) -> str:
    if name not in _NAMES and _A_ROOT.fullmatch(name) is None:
        raise refused("BAD_BACKUP", "It holds a file that is not part of a home.")
    return name


@contextmanager
def _scratch(installation: Installation, name: str) -> Iterator[Path]:
    """A folder inside the home for one piece of work; what is in it stays encrypted."""
    folder = installation.home.root / f"{name}-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
