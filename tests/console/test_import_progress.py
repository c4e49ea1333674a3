"""Progress of an import stands on a terminal only."""

import io
import sys
from typing import cast

import pytest
from sqlalchemy.orm import Session

from console.import_progress import TerminalProgress, progress
from sync.admission import Admission
from sync.import_watch import QUIET
from sync.receiving import BundleResult

NO_SESSION = cast("Session", None)


def test_a_line_is_written_over_and_goes_away() -> None:
    """It counts what is through, names what is read, and leaves an empty line."""
    terminal = io.StringIO()
    told = TerminalProgress(terminal)
    told.found(1)
    told.reads("0A1B2C3D")
    assert terminal.getvalue().endswith("0 of 1 bundles 0A1B2C3D")
    told.through(NO_SESSION, BundleResult("0A1B2C3D", "KIT", "ADMIT", None, Admission()))
    assert terminal.getvalue().endswith("\r\033[K")


def test_a_pipe_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where standard error is no terminal nothing is told."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert progress() is QUIET
