"""Who is told how an import goes on: nobody, a terminal, or a row that a page shows."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from sync.installation import Installation
from sync.receiving import BundleResult


class ImportWatch:
    """Told of each step of an import; this one listens to none, others override what they care for."""

    def found(self, count: int) -> None:
        """Hear how many bundles, and damaged files of none, an import is about."""

    def reads(self, name: str) -> None:
        """Hear which bundle is being read now (eight hex digits). What is raised here ends the import."""

    def through(self, session: Session, result: BundleResult, /) -> None:
        """Hear what came of one bundle, in the transaction that takes it: both are kept, or neither.

        A bundle that was refused has undone its transaction; then the session is another one.
        """

    def in_worker(self) -> Callable[[Installation], "ImportWatch"] | None:
        """Give what makes, in a process that imports, the watch that hears there what came of each bundle.

        None: this one hears it here, when a bundle is through, with a session that can only read.
        """
        return None


QUIET = ImportWatch()
"""Tells nobody."""
