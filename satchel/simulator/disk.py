"""The virtual disk: every flush of the program passes here, and may be the last one, or find no room."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from satchel.simulator.chance import replaced
from schema import reading


class Crashed(BaseException):
    """The power went: whatever was being done stops here, and the process with it."""


@dataclass(slots=True)
class Disk:
    """Counts flushes and named steps; one of the coming ones may be armed.

    flushes  flushes so far, of the life
    """

    flushes: int = 0
    _left: int = -1
    _act: Callable[[], None] | None = None
    _step: str = ""
    _statements: int = -1

    def crash_at_flush(self, coming: int) -> None:
        """Let the power go at the ``coming``-th flush from here (0: the next)."""
        self._left, self._act = coming, _crash

    def full_at_flush(self, coming: int) -> None:
        """Let the ``coming``-th flush find the disk full."""
        self._left, self._act = coming, _full

    def crash_at_step(self, step: str) -> None:
        """Let the power go as soon as a unit of work reaches ``step``."""
        self._step = step

    def crash_at_statement(self, coming: int) -> None:
        """Let the power go at the ``coming``-th statement that writes rows (0: the next)."""
        self._statements = coming

    def calm(self) -> bool:
        """Nothing happens any more; gives whether what was armed has happened."""
        happened = self._left < 0 and not self._step and self._statements < 0
        self._left, self._act, self._step, self._statements = -1, None, "", -1
        return happened

    def statement(self, honest: Callable[..., Any]) -> Callable[..., Any]:
        """Stand for the function that every written row passes."""

        def execute(*given: object, **named: object) -> object:
            if self._statements >= 0:
                self._statements -= 1
                if self._statements < 0:
                    raise Crashed("statement")
            return honest(*given, **named)

        return execute

    def reached(self, step: str) -> None:
        """Be told of a step of recording."""
        if step == self._step:
            self._step = ""
            raise Crashed(step)

    def flush(self, _descriptor: int) -> None:
        """Stand for ``fsync``: on a virtual disk everything that was written is there."""
        self.flushes += 1
        if self._left < 0:
            return
        self._left -= 1
        if self._left < 0 and self._act is not None:
            self._act()


def _crash() -> None:
    raise Crashed("flush")


def _full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def virtual_disk() -> Iterator[Disk]:
    """Let all flushes of this process go to a virtual disk."""
    disk = Disk()
    names = [name for name in ("fsync", "fdatasync") if hasattr(os, name)]
    honest = {name: getattr(os, name) for name in names}
    for name in names:
        setattr(os, name, disk.flush)
    try:
        with replaced(reading.execute, disk.statement(reading.execute)):
            yield disk
    finally:
        for name, function in honest.items():
            setattr(os, name, function)
