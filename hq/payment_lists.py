"""Lists of payments that a browser sent, kept until they are taken; their name is what they hold."""

import hashlib
import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from banking.bank_files import MOST_BYTES
from banking.incoming_payments import Preview
from hq.inbox import NoFileError, NoRoomError
from ledger.errors import NotFoundError
from sync.home import Home

KEPT_FOR: Final = timedelta(hours=24)
"""So long after it was looked at a list that nobody took is kept: it names clients and their payments."""
_FOLDER: Final = "lists"
_TOKEN: Final = re.compile(r"[0-9a-f]{64}")


def keep_list(home: Home, content: bytes, now: datetime) -> str:
    """Keep a list; gives the name by which it is found again. One that is too large is cut: it is refused.

    now     from then on it is kept for ``KEPT_FOR``
    raises   NoFileError, NoRoomError
    """
    if not content:
        raise NoFileError
    kept = content[: MOST_BYTES + 1]
    token = hashlib.sha256(kept).hexdigest()
    folder = home.spool / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / token).write_bytes(kept)
        os.utime(folder / token, (now.timestamp(), now.timestamp()))
    except OSError as fault:
        raise NoRoomError(reason=fault.strerror or fault) from fault
    return token


def clear_lists(home: Home, now: datetime) -> int:
    """Remove the lists that were kept for longer than ``KEPT_FOR``; gives how many there were."""
    folder, oldest = home.spool / _FOLDER, (now - KEPT_FOR).timestamp()
    old = [path for path in folder.iterdir() if path.stat().st_mtime < oldest] if folder.is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def count_found(seen: Preview) -> int:
    """Count the new payments of a list whose account is found."""
    return sum(one.verdict.account is not None for one in seen.new)


def kept_list(home: Home, token: str) -> bytes:
    """Give a list that is kept.

    raises   NotFoundError when it is gone
    """
    try:
        return _place(home, token).read_bytes()
    except OSError:
        raise NotFoundError(kind="list", key=token[:12]) from None


def drop_list(home: Home, token: str) -> None:
    """Throw a list away; what is gone stays gone."""
    _place(home, token).unlink(missing_ok=True)


def _place(home: Home, token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise NotFoundError(kind="list", key=token[:12])
    return home.spool / _FOLDER / token
