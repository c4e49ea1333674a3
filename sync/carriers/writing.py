"""A bundle written for its carrier: as files, as the image of a disc, or as mails."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from io import BytesIO
from pathlib import Path
from typing import Final

from sync.bundle_files import medium, write_file, write_volumes
from sync.carriers import disc, letter
from sync.carriers.letter import Address
from sync.carriers.places import DISC, FOLDER, MAIL
from sync.carriers.slip import Slip
from sync.home import sync_folder
from sync.volume import MAX_VOLUME_BYTES, Writer

FORMS: Final = {"files": FOLDER, "iso": DISC, "eml": MAIL}
"""How a bundle may be written, and what the list of bundles calls that."""
STICK_BYTES: Final = 1 << 30
VOLUME_BYTES: Final = {"files": letter.MAIL_BYTES, "iso": disc.ROOM_FOR_VOLUMES, "eml": letter.MAIL_BYTES}
"""Largest file of each form where nobody says otherwise: volumes in files go by mail too."""
PAGE_BYTES: Final = {"files": STICK_BYTES, "iso": disc.ROOM_FOR_VOLUMES, "eml": letter.MAIL_BYTES}
"""Largest file of each form on the pages, where a person says what it is for: a stick, a CD, a mail."""
MOST_BYTES: Final = {"files": MAX_VOLUME_BYTES, "iso": disc.ROOM_FOR_VOLUMES, "eml": 32 << 20}
"""Largest volume that a form takes, whatever is asked for: a disc's room, a mail's."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a bundle is written.

    form     files, iso or eml
    parity   with one more volume that repairs a lost or damaged one
    carrier  what the list of bundles says of it; empty for what follows from the form
    address  of mails
    """

    form: str = "files"
    parity: bool = False
    carrier: str = ""
    address: Address = field(default_factory=Address)

    @property
    def carried_as(self) -> str:
        """How the list of bundles names it."""
        return self.carrier or FORMS[self.form]


def write_bundle(
    folder: Path,
    bundle: bytes,
    segments: Sequence[bytes],
    writer: Writer,
    volume_bytes: int,
    *,
    way: Way,
    slip: Slip,
    workshop: Path,
) -> list[Path]:
    """Write a bundle into ``folder`` with its slip, all of it or nothing.

    workshop  where volumes lie while they are put into an image or into mails
    returns   the files that carry volumes, in order
    raises    TrustError IO_ERROR, LIMIT_VOLUME
    """
    volume_bytes = min(volume_bytes, MOST_BYTES[way.form])
    if way.form == "files":
        volumes = write_volumes(folder, bundle, segments, writer, volume_bytes, parity=way.parity)
        written = volumes.copy()
        with medium(folder, written):
            names = [path.name for path in volumes]
            write_file(folder / slip.file_name, [slip.text(names).encode()], written)
            sync_folder(folder)
        return volumes
    with tempfile.TemporaryDirectory(prefix="writing-", dir=workshop) as inside:
        volumes = write_volumes(Path(inside), bundle, segments, writer, volume_bytes, parity=way.parity)
        written = []
        with medium(folder, written):
            if way.form == "iso":
                _write_discs(folder, volumes, slip, written, Path(inside))
            else:
                _write_mails(folder, volumes, slip, written, way.address)
            sync_folder(folder)
    return written


def _write_discs(folder: Path, volumes: list[Path], slip: Slip, written: list[Path], inside: Path) -> None:
    names = [path.name for path in volumes]
    discs = list(_on_discs(volumes))
    for number, on_it in enumerate(discs, 1):
        note = inside / f"slip-{number}"
        note.write_bytes(slip.text(names, [path.name for path in on_it]).encode())
        files = [(path.name, path) for path in on_it] + [(slip.file_name, note)]
        label = slip.disc_label if len(discs) == 1 else f"{slip.disc_label[:28]}_{number}"
        image = folder / f"{slip.name}{f'-{number}' if number > 1 else ''}{disc.SUFFIX}"
        _refuse_to_overwrite(image)
        temporary = image.with_suffix(".TMP")
        written.append(temporary)
        disc.write_disc(temporary, label, files)
        temporary.replace(image)
        written[-1] = image


def _on_discs(volumes: Sequence[Path]) -> Iterator[list[Path]]:
    """Which volumes go onto which disc, in order."""
    here: list[Path] = []
    room = disc.ROOM_FOR_VOLUMES
    for path in volumes:
        size = path.stat().st_size
        if here and size > room:
            yield here
            here, room = [], disc.ROOM_FOR_VOLUMES
        here.append(path)
        room -= size
    yield here


def _write_mails(
    folder: Path, volumes: Sequence[Path], slip: Slip, written: list[Path], address: Address
) -> None:
    names = [path.name for path in volumes]
    for number, path in enumerate(volumes, 1):
        mail = letter.compose(slip, names, path.name, path.read_bytes(), address)
        content = BytesIO()
        BytesGenerator(content, policy=mail.policy).flatten(mail)
        file = folder / f"{slip.name}{f'-{number}' if number > 1 else ''}{letter.SUFFIX}"
        write_file(file, [content.getvalue()], written)


def _refuse_to_overwrite(path: Path) -> None:
    if path.exists():
        raise FileExistsError(0, f"{path.name} is there already")
