"""Files of ours that stand in for what lies inside a disc image or a mail, while they are looked at."""

import hashlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sync.reasons import refused

_PREFIX: Final = "unpacked-"


class Spool:
    """A folder that is made when the first file needs it, and gone when nobody holds the spool any more.

    below  where it is made; None for the system's folder for such files. All that it ever holds is sealed.
    """

    def __init__(self, below: Path | None = None) -> None:
        self._below = below
        self._folder: Path | None = None
        self._count = 0

    def new(self) -> Path:
        """Name a file that is not there yet."""
        if self._folder is None:
            if self._below is not None:
                self._below.mkdir(exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._below))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._count += 1
        return self._folder / f"{self._count:06}"

    def keep(self, pieces: Iterable[bytes]) -> Path:
        """Write one file; what was begun is removed where it cannot be finished.

        raises  TrustError IO_ERROR where there is no room, and whatever ``pieces`` raises
        """
        try:
            path = self.new()
            try:
                with path.open("xb") as file:
                    for piece in pieces:
                        file.write(piece)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        except OSError as fault:
            raise refused(
                "IO_ERROR",
                f"There is no room to unpack it ({fault.strerror or fault}).",
                where=str(self._below or tempfile.gettempdir()),
            ) from fault
        return path


def sha256_of(path: Path) -> bytes:
    """SHA-256 of a file, past the cache where the system lets us: what the medium gives."""
    with path.open("rb", buffering=0) as file:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(file, "sha256").digest()
