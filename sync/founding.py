"""Making a home: folder, keys, key slots, empty database. What is written into it comes after."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyrage

from ledger.errors import TrustError
from sync.home import Home, HomeFacts, sync_folder, write_durably
from sync.installation import Installation
from sync.keyslots import DeviceSecrets, KeySlots, SealedSigningKey, new_master
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
def founded(
    root: Path, founding: Founding, secrets: DeviceSecrets, *, clock: Callable[[], datetime]
) -> Iterator[Installation]:
    """Make a home and open it for its first units of work; an error leaves no home behind.

    The home is built beside its place and moved there at the end, so that there is never half of one.

    raises  TrustError HOME_EXISTS, HOME_NOT_EMPTY, WEAK_PASSPHRASE
    """
    _check_passphrase(founding.passphrase)
    _check_free(root)
    root.parent.mkdir(parents=True, exist_ok=True)
    building = root.with_name(f"{root.name}.being-made-{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    try:
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
        if root.exists():
            root.rmdir()
        building.rename(root)
        sync_folder(root.parent)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _check_passphrase(passphrase: str) -> None:
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
