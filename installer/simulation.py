"""The part of the tests that lets the fault simulator live a hundred seeds and more."""

import json
import subprocess
from collections.abc import Sequence
from typing import Final

from installer.environment import Environment
from installer.terminal import say

SEEDS: Final = 120


def live_seeds(environment: Environment) -> tuple[int, int]:
    """Run ``satchel simulate`` on all cores; gives how many seeds passed and failed.

    A failing seed has told itself on standard error, with the words that let it live again.
    """
    command: Sequence[str] = [
        str(environment.program("satchel")),
        "simulate",
        "--seeds",
        str(SEEDS),
        "--json",
    ]
    say(" ".join(command))
    done = subprocess.run(command, cwd=environment.root, stdout=subprocess.PIPE, text=True, check=False)
    try:
        told = json.loads(done.stdout)
        failed, lived = list(told["failed"]), int(told["seeds"])
    except (ValueError, KeyError, TypeError):
        say("The simulator gave no answer.")
        return 0, 1
    met = ", ".join(f"{name} {count}" for name, count in told["faults"].items())
    say(f"{lived} seeds in {told['seconds']} seconds; faults met: {met}")
    if failed:
        say(f"failed: {', '.join(map(str, failed))}")
    return lived - len(failed), max(len(failed), int(done.returncode != 0))
