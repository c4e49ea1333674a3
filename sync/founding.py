"""Making a home: folder, keys, key slots, and a database, empty or from a backup."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyrage
from sqlalchemy.orm import Session

from ledger.errors import TrustError
from schema.database import open_database
from sync.backup import FACTS, JOURNAL, open_backup
from sync.home import DATABASE_FILE, Home, HomeFacts, sync_folder, write_durably
from sync.installation import Installation
from sync.keyslots import DeviceSecrets, KeySlots, SealedSigningKey, derive, new_master
from sync.signing import SigningKey

MIN_PASSPHRASE_CHARACTERS = 6


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new home is made of. ``recovery_recipient``: HQ's recovery key (``age1…``)."""

    facts: HomeFacts
    passphrase: str
    admin: str
    recovery_recipient: str


def new_secrets() -> DeviceSecrets:
    """Make a device's signing key and age identity; they never leave the machine."""
    return DeviceSecrets(SigningKey.generate(), str(pyrage.x25519.Identity.generate()))


@contextmanager
def _being_made(root: Path) -> Iterator[Path]:
    """Give a folder beside the home's place, and move it there at the end: there is never half a home.

    raises  TrustError HOME_EXISTS, HOME_NOT_EMPTY
    """
    _check_free(root)
    root.parent.mkdir(parents=True, exist_ok=True)
    building = root.with_name(f"{root.name}.being-made-{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    try:
        yield building
        if root.exists():
            root.rmdir()
        building.rename(root)
        sync_folder(root.parent)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


@contextmanager
def founded(
    root: Path, founding: Founding, secrets: DeviceSecrets, *, clock: Callable[[], datetime]
) -> Iterator[Installation]:
    """Make a home and open it for its first units of work; an error leaves no home behind.

    The home is built beside its place and moved there at the end, so that there is never half of one.

    raises  TrustError HOME_EXISTS, HOME_NOT_EMPTY, WEAK_PASSPHRASE
    """
    check_passphrase(founding.passphrase)
    with _being_made(root) as building:
        home = Home.at(building)
        home.create()
        master = new_master()
        slots = KeySlots.create(master, founding.passphrase, founding.recovery_recipient, name=founding.admin)
        write_durably(home.keyslots, slots.to_bytes())
        sealed = SealedSigningKey.create(secrets, founding.passphrase, name=founding.admin)
        write_durably(home.device_key, sealed.to_bytes())
        home.write_facts(founding.facts)
        with Installation(home, founding.facts, master, secrets, clock=clock) as installation:
            installation.start()
            yield installation


@dataclass(frozen=True, slots=True)
class Restoring:
    """What a home is made again from. ``recovery``: the recovery identity, where the passphrase is lost.

    ``passphrase`` opens the backup and then the home; with ``recovery`` it is a new one for the home.
    """

    file: Path
    passphrase: str
    recovery: str = ""


@contextmanager
def restored(
    root: Path,
    wanted: Restoring,
    secrets: DeviceSecrets,
    begin: Callable[[Session, HomeFacts], HomeFacts],
    *,
    clock: Callable[[], datetime],
) -> Iterator[Installation]:
    """Make a home from a backup, as a new device, and open it; an error leaves no home behind.

    begin  is given the restored books and the facts of the old home; it writes what the new device needs to
           begin (local rows), and gives the facts of the new home
    raises TrustError HOME_EXISTS, HOME_NOT_EMPTY, WEAK_PASSPHRASE, and what ``open_backup`` raises
    """
    check_passphrase(wanted.passphrase)
    with _being_made(root) as building:
        home = Home.at(building)
        home.create()
        master, old, slots = open_backup(
            wanted.file, building, passphrase=wanted.passphrase, recovery=wanted.recovery
        )
        (building / FACTS).unlink()
        for file in sorted(building.glob("root-*.bin")):
            kept = home.root_keys_of(int(file.stem.partition("-")[2]))
            kept.parent.mkdir(exist_ok=True)
            file.replace(kept)
        (building / JOURNAL).replace(home.journal.with_name(f"changesets-of-{old.device}.log"))
        name = slots.name_opened_by(wanted.passphrase)
        if name is None:
            name = "admin"
            slots = slots.with_passphrase(master, name, wanted.passphrase)
        write_durably(home.keyslots, slots.to_bytes())
        facts = _begun(home, master, old, begin)
        sealed = SealedSigningKey.create(secrets, wanted.passphrase, name=name)
        write_durably(home.device_key_of(facts), sealed.to_bytes())
        home.write_facts(facts)
        with Installation(home, facts, master, secrets, clock=clock) as installation:
            installation.start()
            yield installation


def _begun(
    home: Home, master: bytes, old: HomeFacts, begin: Callable[[Session, HomeFacts], HomeFacts]
) -> HomeFacts:
    database = open_database(home.root / DATABASE_FILE, derive(master, "database"))
    try:
        database.migrate()
        with database.writing() as session:
            return begin(session, old)
    finally:
        database.close()


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is too short for a home: TrustError WEAK_PASSPHRASE."""
    if len(passphrase) < MIN_PASSPHRASE_CHARACTERS:
        raise TrustError(
            "WEAK_PASSPHRASE",
            f"The passphrase has fewer than {MIN_PASSPHRASE_CHARACTERS} characters. Nothing was set up.",
            next_step="Choose a longer one: four words are easy to remember.",
        )


def _check_free(root: Path) -> None:
    if Home.at(root).exists():
        raise TrustError(
            "HOME_EXISTS",
            "There is an installation here already. It was left as it is.",
            where=str(root),
            next_step="Choose another folder.",
        )
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise TrustError(
            "HOME_NOT_EMPTY",
            "The folder is not empty. It was left as it is.",
            where=str(root),
            next_step="Choose an empty folder, or one that does not exist yet.",
        )
