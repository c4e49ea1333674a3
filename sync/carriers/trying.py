"""Trying the carriers that have settings, before a bundle depends on them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import TrustError
from sync.carriers.line import Line
from sync.carriers.mailing import try_imap, try_smtp
from sync.carriers.settings import Carriers
from sync.installation import Installation


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one: its name, whether it works, and what the other side said."""

    name: str
    ok: bool
    detail: str


def try_carriers(installation: Installation) -> list[Tried]:
    """Try each carrier that has settings; nothing is sent, fetched or changed."""
    carriers = Carriers.read(installation)

    def hello() -> None:
        with Line.of(installation) as line:
            line.hello()

    tries: list[tuple[str, str, Callable[[], None]]] = [
        ("smtp", "smtp.server", lambda: try_smtp(carriers)),
        ("imap", "imap.server", lambda: try_imap(carriers)),
        ("https", "line.url", hello),
        ("folder", "folder.path", lambda: _try_folder(Path(carriers.needed("folder.path")))),
    ]
    return [_tried(name, attempt) for name, setting, attempt in tries if carriers.has(setting)]


def _tried(name: str, attempt: Callable[[], None]) -> Tried:
    try:
        attempt()
    except (TrustError, OSError) as fault:
        return Tried(name, ok=False, detail=str(fault))
    return Tried(name, ok=True, detail="it answers")


def _try_folder(folder: Path) -> None:
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise OSError(0, f"{folder} is no folder that can be written")
