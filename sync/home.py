"""The folder of one installation: where each file lies, and what the home says about itself.

A home holds no absolute path and may be moved or copied while nothing runs.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from ledger.errors import TrustError

_VERSION = 1
DATABASE_FILE = "satchel.db"


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """What stands in ``home.json``: which installation this is. No secret, no name of a person.

    database  file name inside the home, or a server's URL (HQ only)
    suffix    in the names of the files that belong to the device and not to the home (its keys, its second
              copy): empty for the first device that lived here
    """

    edition: str
    institution: str
    device: int
    database: str = DATABASE_FILE
    suffix: str = ""

    @property
    def institution_id(self) -> bytes:
        """The 16 bytes that stand in every signature."""
        return bytes.fromhex(self.institution)


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside one home."""

    root: Path

    @classmethod
    def at(cls, root: Path | str) -> Self:
        """Name a home without looking at it."""
        return cls(Path(root))

    @property
    def facts_file(self) -> Path:
        """Which installation this is."""
        return self.root / "home.json"

    @property
    def keyslots(self) -> Path:
        """The master key, wrapped once for each way in."""
        return self.root / "keyslots.bin"

    @property
    def device_key(self) -> Path:
        """The signing key and age identity, sealed by users' passphrases only."""
        return self.root / "device.key"

    @property
    def journal(self) -> Path:
        """The second copy of every changeset of this device."""
        return self.root / "journal" / "changesets.log"

    @property
    def anchor(self) -> Path:
        """How far the second copy is known to be safe."""
        return self.root / "journal" / "anchor"

    def device_key_of(self, facts: HomeFacts) -> Path:
        """The sealed keys of the device that lives here now; those of earlier ones lie beside them."""
        return self.root / f"device{facts.suffix}.key"

    def device_keys(self) -> list[Path]:
        """The sealed keys of every device that ever lived here."""
        return sorted(self.root.glob("device*.key"))

    def journal_of(self, facts: HomeFacts) -> Path:
        """The second copy of the device that lives here now."""
        return self.journal.with_name(f"changesets{facts.suffix}.log")

    def anchor_of(self, facts: HomeFacts) -> Path:
        """How far that second copy is known to be safe."""
        return self.anchor.with_name(f"anchor{facts.suffix}")

    @property
    def lock(self) -> Path:
        """Held from the start of a unit of work until its anchor has moved."""
        return self.root / "recording.lock"

    @property
    def inbox(self) -> Path:
        """What came in, as it came."""
        return self.root / "inbox"

    @property
    def outbox(self) -> Path:
        """What was written for others."""
        return self.root / "outbox"

    @property
    def updates(self) -> Path:
        """Newer programs: what headquarters signed, and what arrived at a branch."""
        return self.root / "updates"

    @property
    def spool(self) -> Path:
        """What was unpacked from discs and mails, while it is looked at."""
        return self.root / "spool"

    @property
    def logs(self) -> Path:
        """One line a unit of work; never names or amounts."""
        return self.root / "logs"

    @property
    def root_keys(self) -> Path:
        """The institution's signed statement of its keys."""
        return self.root / "root.bin"

    def root_keys_of(self, version: int) -> Path:
        """One version of that statement: all are kept."""
        return self.root / "roots" / f"{version}.bin"

    def older_roots(self) -> list[Path]:
        """Every kept version of that statement, in no order; none as long as there is only the first."""
        return sorted((self.root / "roots").glob("*.bin"))

    def exists(self) -> bool:
        """Whether an installation lives here."""
        return self.facts_file.exists()

    def create(self) -> None:
        """Make the folders; refuses a folder that holds an installation already."""
        if self.exists():
            raise TrustError(
                "HOME_EXISTS",
                "There is an installation here already. It was left as it is.",
                where=str(self.root),
                next_step="Choose an empty folder.",
            )
        for folder in (self.root, self.journal.parent, self.inbox, self.outbox, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.root, 0o700)  # noqa: PTH101 - one call for every system

    def write_facts(self, facts: HomeFacts) -> None:
        """Say which installation this is: the last step of setting up."""
        write_durably(self.facts_file, json.dumps({"v": _VERSION, **asdict(facts)}, indent=1).encode())

    def facts(self) -> HomeFacts:
        """Read which installation this is; TrustError NO_HOME where there is none."""
        try:
            found = json.loads(self.facts_file.read_bytes())
        except FileNotFoundError as error:
            raise TrustError(
                "NO_HOME",
                "There is no installation here.",
                where=str(self.root),
                next_step="Check --home, or set one up with 'hq init' or 'branch init'.",
            ) from error
        except ValueError as error:
            raise self._damaged() from error
        if not isinstance(found, dict):
            raise self._damaged()
        if found.pop("v", None) != _VERSION:
            raise TrustError(
                "UNKNOWN_VERSION",
                "This home was made by another version of the program.",
                where=str(self.root),
                next_step="Use the version that made it, or a newer one.",
            )
        try:
            facts = HomeFacts(**found)
            bytes.fromhex(facts.institution)
        except (TypeError, ValueError) as error:
            raise self._damaged() from error
        return facts

    def _damaged(self) -> TrustError:
        return TrustError(
            "NO_HOME",
            "The file that says which installation this is, is damaged. It was left as it is.",
            where=str(self.facts_file),
            next_step="Put the copy from the last backup in its place.",
        )

    def database_location(self, facts: HomeFacts) -> Path | str:
        """Where the database is: a file of this home, or the server's URL."""
        return facts.database if "://" in facts.database else self.root / facts.database


def write_durably(path: Path, data: bytes) -> None:
    """Write a small file so that after a power cut either the old or the whole new one is there.

    Nobody but its owner may read it: such files are keys, or statements about them.
    """
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)  # noqa: PTH105 - atomic on every system
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename durable where the system can (Windows does it by itself)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
