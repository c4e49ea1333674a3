"""Who is told how an import goes on: nobody, a terminal, or a row that a page shows."""

from sqlalchemy.orm import Session

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


QUIET = ImportWatch()
"""Tells nobody."""
