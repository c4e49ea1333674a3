"""The process is killed in the middle of posting a sheet of forty rows (drill_sheet.py)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from sync.installation import Installation
from tests.banking.sheets.drill_sheet import HOME_NAME, MEETING_MORNING
from tests.support.books import Books
from tests.support.institution import CLERK, Clock, TestInstitution, till_of
from tests.support.meetings import borrowers

KILLS = 12
MEMBERS = 40
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class HomeBooks(Books):
    """The books of a real home: every unit of work is sealed, copied and anchored."""

    home: Installation | None = None

    @contextmanager
    def work(self, kind: str = "test") -> Iterator[Session]:
        """Open a unit of work of the home."""
        assert self.home is not None
        with self.home.unit_of_work(kind, CLERK) as session:
            yield session


def test_a_kill_while_a_sheet_is_posted_leaves_all_of_it_or_the_draft(tmp_path: Path) -> None:
    """SIGKILL at named steps and at drawn moments of a forty-row post: all rows, or none and the draft."""
    bank = TestInstitution.create(tmp_path / "bank")
    bank.clock = Clock(MEETING_MORNING)
    with bank.open(HOME_NAME) as branch:
        books = HomeBooks(branch.database, now=MEETING_MORNING, till_id=till_of(branch), home=branch)
        met = borrowers(books, MEMBERS)
        met.print()
        cells = met.accept()
        counted = met.keyed().total.minor
    sheet = {
        "id": met.sheet_id,
        "till": books.till_id,
        "counted": counted,
        "entries": 2 * MEMBERS,
        "members": MEMBERS,
        "cells": cells,
    }
    task = {"home": str(bank.root / HOME_NAME), "sheet": sheet, "kills": KILLS, "seed": 7}
    drill = subprocess.run(
        [sys.executable, "-m", "tests.banking.sheets.drill_sheet", json.dumps(task)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert drill.returncode == 0, drill.stderr[-4000:]
    told = json.loads(drill.stdout)
    print(told)  # noqa: T201 - the counts are what a reader of the run wants
    assert told["left"].keys() == {"posted", "printed"}, told
    assert sum(told["left"].values()) == KILLS
