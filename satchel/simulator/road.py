"""Between the computers: parcels with sticks in them, and what happens to sticks on the road."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sync.volume import MAGIC


@dataclass(slots=True)
class Parcel:
    """A folder with the volumes of one bundle on its way.

    number   counts the bundles from one computer to one reader; ``due`` is when it can be there
    damaged  what was done to it: it must be refused, or only a part of it taken
    """

    folder: Path
    sender: str
    reader: str
    number: int
    due: datetime
    damaged: str = ""

    @property
    def volumes(self) -> list[Path]:
        """The volumes in it, in order of their names; a slip for people is none."""
        return sorted(path for path in self.folder.iterdir() if path.is_file() and _is_volume(path))


def _is_volume(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


Damage = Callable[[Parcel, random.Random], bool]


def copy_parcel(parcel: Parcel, folder: Path) -> Parcel:
    """Make a second parcel with the same files."""
    shutil.copytree(parcel.folder, folder, symlinks=True, dirs_exist_ok=True)
    return Parcel(folder, parcel.sender, parcel.reader, parcel.number, parcel.due, parcel.damaged)


def truncate(parcel: Parcel, chance: random.Random) -> bool:
    """Cut a volume somewhere, also to nothing."""
    path = chance.choice(parcel.volumes)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(chance.choice((0, 1, 8, size // 2, size - 1, chance.randrange(size))))
    return True


def flip(parcel: Parcel, chance: random.Random) -> bool:
    """Turn one bit over."""
    path = chance.choice(parcel.volumes)
    at = chance.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes((byte ^ 1 << chance.randrange(8),)))
    return True


def lose_volume(parcel: Parcel, chance: random.Random) -> bool:
    """Lose one volume of several."""
    several = len(parcel.volumes) > 1
    if several:
        chance.choice(parcel.volumes).unlink()
    return several


def rename(parcel: Parcel, chance: random.Random) -> bool:
    """Give the files names as mail programs and people do: nothing in them changes."""
    for number, path in enumerate(parcel.volumes):
        path.rename(path.with_name(chance.choice((f"{path.name.lower()} (1)", f"attachment{number}.bin"))))
    return True


def copy_file(parcel: Parcel, chance: random.Random) -> bool:
    """Let a file lie there twice, as "(1)"."""
    path = chance.choice(parcel.volumes)
    shutil.copy(path, path.with_name(f"{path.stem} (1){path.suffix}"))
    return True


def strew_junk(parcel: Parcel, chance: random.Random) -> bool:
    """Put other people's files beside it: photographs, empty files, links, folders."""
    (parcel.folder / "photo.jpg").write_bytes(chance.randbytes(4_000))
    (parcel.folder / "empty.txt").write_bytes(b"")
    (parcel.folder / "deep" / "deeper").mkdir(parents=True)
    (parcel.folder / "deep" / "12345678.S01").write_bytes(chance.randbytes(100))
    (parcel.folder / "link.S01").symlink_to("../elsewhere")
    return True


HARMLESS: Final[tuple[tuple[str, Damage], ...]] = (
    ("renamed", rename),
    ("file_twice", copy_file),
    ("junk", strew_junk),
)
"""What a bundle survives."""
HARMFUL: Final[tuple[tuple[str, Damage], ...]] = (
    ("truncated", truncate),
    ("bit_flipped", flip),
    ("volume_lost", lose_volume),
)
"""What makes a bundle, or a part of it, useless; another copy must come."""
