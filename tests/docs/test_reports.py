"""The page of reports says what the catalogue has."""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_documented_reports_are_those_of_the_catalogue() -> None:
    """When this fails, run ``python docs/make_reports.py`` and read what has changed."""
    command = [sys.executable, "make_reports.py", "--print"]
    made = subprocess.run(command, cwd=DOCS, capture_output=True, check=True).stdout
    assert made.decode() == (DOCS / "reports.md").read_text(encoding="utf-8")
