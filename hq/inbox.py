"""Files that a browser sent to headquarters: kept under names of ours, until they are in the books."""

import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from ledger.errors import N_, NotFoundError, RuleError
from sync.home import Home

MAX_FILES: Final = 200
_TOKEN_BYTES: Final = 8
_TOKEN: Final = re.compile(r"[0-9a-f]{16}")
_NAME_CHARACTERS: Final = 60
_FOLDER: Final = "sent"


class NoFileError(RuleError):
    """The form came without a file. No facts."""

    code = "NO_FILE"
    message = N_("No file was chosen, and nothing was imported. Choose the files, or give the folder's name.")


class TooManyFilesError(RuleError):
    """Facts: limit."""

    code = "TOO_MANY_FILES"
    message = N_(
        "More than {limit} files at once; none was kept. Put them into a folder and give the folder's name."
    )


class NoRoomError(RuleError):
    """Facts: reason (from the system)."""

    code = "NO_ROOM"
    message = N_("The files could not be kept here ({reason}). Nothing was imported; what came was removed.")


@dataclass(frozen=True, slots=True)
class Upload:
    """Files of one form, not yet in the books."""

    token: str
    at: datetime
    files: tuple[Path, ...]
    size_bytes: int


def keep_upload(home: Home, files: Iterable[tuple[str, IO[bytes]]]) -> Upload:
    """Keep the files of one form below the inbox; nothing of what they are called names a path.

    raises  NoFileError, TooManyFilesError, NoRoomError: nothing is kept then
    """
    folder = home.inbox / _FOLDER / secrets.token_hex(_TOKEN_BYTES)
    try:
        folder.mkdir(parents=True)
        kept = 0
        for name, content in files:
            if not name:
                continue  # an empty field of the form
            kept += 1
            if kept > MAX_FILES:
                raise TooManyFilesError(limit=MAX_FILES)
            with (folder / f"{kept:03}-{tidy_name(name)}").open("xb") as file:
                shutil.copyfileobj(content, file)
        if not kept:
            raise NoFileError
    except RuleError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except OSError as fault:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoRoomError(reason=fault.strerror or fault) from fault
    return _upload(folder)


def tidy_name(name: str) -> str:
    """Keep of a file's name what any file system takes and nothing that it gives a meaning."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^A-Za-z0-9.-]+", "_", last).strip("._-")[-_NAME_CHARACTERS:] or "file"


def get_upload(home: Home, token: str) -> Upload:
    """Give the files of one form; NotFoundError when they are gone (imported, or thrown away)."""
    folder = home.inbox / _FOLDER / token
    if not _TOKEN.fullmatch(token) or not folder.is_dir():
        raise NotFoundError(kind="upload", key=token[:20])
    return _upload(folder)


def list_uploads(home: Home) -> list[Upload]:
    """List what was sent and is not in the books yet, newest first."""
    folder = home.inbox / _FOLDER
    found = [_upload(path) for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(found, key=lambda upload: upload.at, reverse=True)


def drop_upload(home: Home, token: str) -> None:
    """Throw the files of one form away."""
    upload = get_upload(home, token)
    shutil.rmtree(home.inbox / _FOLDER / upload.token)


def _upload(folder: Path) -> Upload:
    files = tuple(sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink()))
    at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    return Upload(folder.name, at, files, sum(path.stat().st_size for path in files))
