"""Bringing bytes to a printer: a file, a device, a share, or a network printer of the own network.

Nothing waits for ever: a printer without paper or cable is given up after some seconds. What was posted stays
posted whatever happens here.
"""

import ipaddress
import os
import re
import select
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from branch.printing.errors import PrinterError, PrinterFileError, PrinterTargetError

FILES: Final = (".bin", ".prn", ".txt")
"""Ends of the names of files that papers may be written into: none that a computer would start."""

PATIENCE_SECONDS: Final = 5
"""So long may a printer take no byte before it is given up."""

_WINDOWS_PORT: Final = re.compile(r"(?:\\\\\.\\)?(?:COM|LPT)[0-9]{1,3}", re.IGNORECASE | re.ASCII)
_SHARE: Final = re.compile(r"\\\\[^\\/]+\\[^\\/]+", re.ASCII)
_PORTS: Final = range(1, 65_536)


def check_target(target: str) -> None:
    """Refuse what can be no printer: no printer is asked for this, it may be switched off.

    raises   PrinterTargetError
    """
    if target.startswith("tcp://"):
        _address(target)
    elif not target or not target.isprintable() or not (_is_device(target) or _has_folder(target)):
        raise PrinterTargetError(target=target)


def check_new_file(target: str, home: Path | None) -> None:
    """Refuse a file that papers must not be written into: one of somebody else, or one in our own home.

    Asked when a printer is set up with another target than before; a file that was made by printing grows.

    home     the folder of the books; None where there is none to keep free
    raises   PrinterFileError
    """
    if target.startswith("tcp://") or _is_device(target):
        return
    path = Path(target)
    is_ours = home is not None and path.resolve().is_relative_to(home.resolve())
    if is_ours or path.is_file() or path.is_symlink():
        raise PrinterFileError(target=target, kinds=", ".join(FILES))
    if not path.exists() and path.suffix.lower() not in FILES:
        raise PrinterFileError(target=target, kinds=", ".join(FILES))


def deliver(content: bytes, target: str) -> None:
    """Send ``content`` to ``target``; a file is appended to.

    raises   PrinterError when it was not taken whole; PrinterTargetError
    """
    check_target(target)
    try:
        if target.startswith("tcp://"):
            _to_network(content, target)
        else:
            _to_file(content, target)
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise PrinterError(target=target, reason=reason) from error


def _is_device(target: str) -> bool:
    if _WINDOWS_PORT.fullmatch(target) or _SHARE.fullmatch(target):
        return True
    return target.startswith("/dev/") and _is_printer_port(Path(target))


def _is_printer_port(path: Path) -> bool:
    """Whether a path below /dev may be a printer: inside of that folder, and neither a disk nor a file."""
    if ".." in path.parts:
        return False
    return not path.exists() or path.is_char_device() or path.is_fifo()


def _has_folder(target: str) -> bool:
    path = Path(target)
    if target.startswith("/dev/") or path.is_block_device():
        return False
    return path.is_absolute() and path.parent.is_dir() and not path.is_dir()


def _address(target: str) -> tuple[str, int]:
    """Give host and port of a network printer.

    raises   PrinterTargetError, also for a machine outside of the own network
    """
    try:
        parts = urlsplit(target)
        host, port = parts.hostname or "", parts.port or 0
        number = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise PrinterTargetError(target=target) from error
    near = number.is_loopback or number.is_private or number.is_link_local
    if port not in _PORTS or parts.path or not near or number.is_unspecified:
        raise PrinterTargetError(target=target)
    return str(number), port


def _to_network(content: bytes, target: str) -> None:
    with socket.create_connection(_address(target), timeout=PATIENCE_SECONDS) as line:
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)


def _to_file(content: bytes, target: str) -> None:
    """Write to a file or device; a device that is not there is not made as a file."""
    path = f"\\\\.\\{target}" if re.fullmatch(r"(?i)(?:COM|LPT)[0-9]+", target) else target
    how = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    how |= getattr(os, "O_NOCTTY", 0) | (0 if _is_device(target) else getattr(os, "O_NOFOLLOW", 0))
    handle = os.open(path, how if _is_device(target) else how | os.O_CREAT, 0o600)
    try:
        for piece in _pieces(handle, content):
            _write(handle, piece)
        if stat.S_ISREG(os.fstat(handle).st_mode):
            os.fsync(handle)
    finally:
        os.close(handle)


def _pieces(_handle: int, content: bytes) -> Iterator[bytes]:
    """Cut into pieces as small as the memory of a printer's port."""
    size = 4096
    return (content[first : first + size] for first in range(0, len(content), size))


def _write(handle: int, piece: bytes) -> None:
    """Write a piece whole, waiting for a port that is busy; raises TimeoutError when it stays so."""
    left = piece
    until = time.monotonic() + PATIENCE_SECONDS
    while left:
        try:
            written = os.write(handle, left)
        except BlockingIOError:
            written = 0
        left = left[written:]
        if written:
            until = time.monotonic() + PATIENCE_SECONDS
        elif time.monotonic() > until:
            raise TimeoutError("it does not answer")
        else:
            select.select([], [handle], [], 1)
