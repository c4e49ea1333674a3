"""The process is killed more than two hundred times in the middle of its work (tests/sync/drill_kills.py)."""

import json
import subprocess
import sys
from pathlib import Path

from sync.installation import STEPS
from sync.verify import verify_books
from tests.support.institution import TestInstitution, register_savers, till_of

KILLS = 220
ROOT = Path(__file__).resolve().parents[2]


def test_no_kill_loses_an_answered_post_or_leaves_half_of_one(tmp_path: Path) -> None:
    """SIGKILL at each named step and at drawn moments: nothing answered is lost, nothing is half there."""
    bank = TestInstitution.create(tmp_path / "bank")
    with bank.open("KIT") as branch:
        accounts = [*register_savers(branch, ["Amina", "Baraka"]), till_of(branch)]
    task = {"home": str(bank.root / "KIT"), "accounts": accounts, "kills": KILLS, "seed": 7}
    drill = subprocess.run(
        [sys.executable, "-m", "tests.sync.drill_kills", json.dumps(task)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert drill.returncode == 0, drill.stderr[-4000:]
    told = json.loads(drill.stdout)
    print(told)  # noqa: T201 - the counts are what a reader of the run wants
    assert told["kills"] == KILLS
    assert {step: told["hits"].get(step, 0) >= 10 for step in STEPS} == dict.fromkeys(STEPS, True), told
    with bank.open("KIT") as branch:
        assert [check for check in verify_books(branch) if not check.ok] == []
