"""What set-up says to the person who started it, and how it starts other programs."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class SetupError(Exception):
    """Set-up cannot go on. The message says what happened, what was left as it was, and what to do next."""


def say(line: str) -> None:
    """Print one plain line at once; it may be read in a log or aloud."""
    print(line, flush=True)


def run(command: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str] | None = None) -> int:
    """Start a program, let it write to our terminal, and return its exit status; it cannot ask questions."""
    sys.stdout.flush()
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode


def become(command: Sequence[str | Path]) -> int:
    """Hand the terminal over to a program until it ends; returns its exit status, if we are still there."""
    words = [str(word) for word in command]
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(words[0], words)  # noqa: S606 - the program in our place gets the signals that are meant for it
    with subprocess.Popen(words) as program:
        while True:
            try:
                return program.wait()
            except KeyboardInterrupt:
                continue  # the program was told as well, and ends in its own time
