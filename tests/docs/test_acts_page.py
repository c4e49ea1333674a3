"""The page of acts says what the registry holds."""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_acts_is_that_of_the_registry() -> None:
    """When this fails, run ``python docs/make_acts.py`` and read what has changed."""
    command = [sys.executable, "make_acts.py", "--print"]
    made = subprocess.run(command, cwd=DOCS, capture_output=True, check=True).stdout
    assert made.decode() == (DOCS / "acts.md").read_text(encoding="utf-8")
