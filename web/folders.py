"""Folders of this computer that people name on a page: where a stick is, where a bundle goes."""

import os
import sys
from pathlib import Path

from flask_babel import gettext as _

from web.forms import Typed

LONGEST_PATH = 1000
_MOUNTED = ("media/*", "media/*/*", "run/media/*/*", "mnt/*", "Volumes/*")
_DRIVES = "DEFGHIJKLMNOPQRSTUVWXYZ"


def read_folder(typed: Typed, name: str = "folder", *, writable: bool = False) -> Path:
    """Read the name of a folder (or of one file, where nothing is written); complaints say what is wrong."""
    text = typed.text(name, longest=LONGEST_PATH)
    folder = Path(text)
    if not text:
        return folder
    try:
        folder = folder.expanduser()
        if not folder.is_absolute():
            typed.errors[name] = _("Type the whole name, from the drive on.")
        elif not folder.exists() or (writable and not folder.is_dir()):
            typed.errors[name] = _("There is no such folder. Is the stick plugged in?")
        elif writable and not os.access(folder, os.W_OK):
            typed.errors[name] = _("Nothing can be written there. Is the stick locked?")
    except (
        OSError,
        ValueError,
        RuntimeError,
    ):  # no rights to look, a name that no system takes, no such user
        typed.errors[name] = _("This folder cannot be looked at. Type another one.")
    return folder


def list_sticks() -> list[Path]:
    """List the sticks and discs that are plugged in, as far as the system shows them as folders or drives."""
    if sys.platform == "win32":
        return [drive for letter in _DRIVES if _is_there(drive := Path(f"{letter}:\\"))]
    found = [place for pattern in _MOUNTED for place in sorted(Path("/").glob(pattern))]
    return [place for place in found if _is_there(place)]


def _is_there(place: Path) -> bool:
    try:
        return place.is_mount() and place.is_dir()
    except OSError:
        return False
