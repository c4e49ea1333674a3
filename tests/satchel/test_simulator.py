"""The simulator as a command, and the lives that once failed."""

import json
from typing import Final

import pytest

from satchel import cli
from satchel.simulator.runner import simulate
from sync.installation import STEPS

FAILED_ONCE: Final[dict[int, str]] = {
    17: "a client's name could not be edited: the name of a table in an op was no plain text",
    44: "two adopted arms gave one number, and neither carried a letter",
}
"""Seeds that found a fault of the program, and which."""


def test_ten_seeds_pass_and_meet_many_kinds_of_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """The command answers with one document: nothing failed, at least twelve kinds of fault were met."""
    assert cli.main(["simulate", "--seeds", "10", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told.keys() == {"seeds", "failed", "faults", "seconds"}
    assert (told["seeds"], told["failed"]) == (10, [])
    assert len(told["faults"]) >= 12
    assert {f"crash_{step}" for step in STEPS} & told["faults"].keys()


def test_lives_that_failed_once_pass_now() -> None:
    """What a seed has found stays found."""
    assert simulate(sorted(FAILED_ONCE), jobs=1).failed == []
