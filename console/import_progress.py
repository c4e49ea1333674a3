"""How far an import is, on a terminal; programs that read what a command prints never see it."""

import sys
from typing import IO

from sqlalchemy.orm import Session

from sync.import_watch import QUIET, ImportWatch
from sync.receiving import BundleResult


class TerminalProgress(ImportWatch):
    """One line that is written over: how many bundles are through, and which one is read."""

    def __init__(self, terminal: IO[str]) -> None:
        """Write to a terminal."""
        self._terminal = terminal
        self._found = self._done = 0

    def found(self, count: int) -> None:
        """Keep how many there are."""
        self._found = count

    def reads(self, name: str) -> None:
        """Show which one is read now."""
        self._show(name)

    def through(self, _session: Session, result: BundleResult) -> None:
        """Count it; after the last one the line goes away."""
        self._done += 1
        self._show(result.bundle or "")
        if self._done == self._found:
            self._terminal.write("\r\033[K")
            self._terminal.flush()

    def _show(self, name: str) -> None:
        self._terminal.write(f"\r\033[K{self._done} of {self._found} bundles {name}")
        self._terminal.flush()


def progress() -> ImportWatch:
    """Give what tells a person at a terminal how far an import is; else what tells nobody."""
    return TerminalProgress(sys.stderr) if sys.stderr.isatty() else QUIET
