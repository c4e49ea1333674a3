"""The page of conflict rules says what the code runs."""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_conflict_rules_are_those_of_the_schema() -> None:
    """When this fails, run ``python docs/make_conflict_rules.py`` and read what has changed."""
    command = [sys.executable, "make_conflict_rules.py", "--print"]
    made = subprocess.run(command, cwd=DOCS, capture_output=True, check=True).stdout
    assert made.decode() == (DOCS / "conflict-rules.md").read_text(encoding="utf-8")
