"""Real commands in real processes that can be killed, halted or left without room at a chosen place.

A program of its own loads everything once and forks one process for each command, so that a hundred of them
cost what they do and not what loading costs.
"""

import gc
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parents[2]
KILLED = -signal.SIGKILL
POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Done:
    """How a process ended: its exit status (below zero: the signal), its document, what else it said."""

    status: int
    document: dict[str, Any]
    said: str


@dataclass(frozen=True)
class Running:
    """A process on its way. ``halted`` appears when it has come to where it was to halt."""

    pid: int
    stem: Path

    @property
    def halted(self) -> Path:
        """There as soon as it has halted."""
        return self.stem.with_suffix(".halted")

    def go_on(self) -> None:
        """Let it go on."""
        self.stem.with_suffix(".go").touch()

    def wait_until_halted(self) -> None:
        """Come back when it has come there."""
        while not self.halted.exists():
            time.sleep(POLL_SECONDS)


class Commands:
    """Starts commands; every answer is one JSON document."""

    def __init__(self, folder: Path, now: datetime) -> None:
        """Load the program. ``folder`` takes what the processes say; ``now`` is their clock."""
        self._folder = folder
        self._numbers = count()
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.support.commands", now.isoformat()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._mother.__exit__(None, None, None)

    def run(self, home: Path, passphrase: str, *arguments: str, **where: Any) -> Done:  # noqa: ANN401 - as the words of `start` tell
        """Run one command to its end; see ``start``."""
        return self.wait(self.start(home, passphrase, *arguments, **where))

    def start(self, home: Path, passphrase: str, *arguments: str, **where: Any) -> Running:  # noqa: ANN401 - as the words of `start` tell
        """Start one command.

        kill   [step, n]: SIGKILL when the step is reached for the n-th time
        halt   step at which it waits for ``go_on``
        after  seconds after which it is killed wherever it is
        room   bytes that any one file may have
        """
        stem = self._folder / f"command-{next(self._numbers)}"
        words = [*arguments, "--home", str(home), "--json"]
        asked = {"stem": str(stem), "arguments": words, "passphrase": passphrase, **where}
        return Running(self._ask(asked), stem)

    def wait(self, running: Running) -> Done:
        """Wait for its end."""
        status = self._ask({"wait": running.pid})
        out = running.stem.with_suffix(".out").read_text(encoding="utf-8")
        said = running.stem.with_suffix(".err").read_text(encoding="utf-8")
        return Done(status, json.loads(out) if out else {}, said)

    def has_ended(self, running: Running) -> bool:
        """Whether it has ended."""
        return bool(self._ask({"look": running.pid}))

    def _ask(self, asked: dict[str, object]) -> int:
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.write(json.dumps(asked) + "\n")
        self._mother.stdin.flush()
        return int(self._mother.stdout.readline())


def main(lines: IO[str], now: datetime) -> None:
    """Fork as each line asks."""
    _load()
    ended: dict[int, int] = {}
    for line in lines:
        asked = json.loads(line)
        if "wait" in asked or "look" in asked:
            pid = asked.get("wait") or asked["look"]
            if pid not in ended:
                found, status = os.waitpid(pid, 0 if "wait" in asked else os.WNOHANG)
                if found:
                    ended[pid] = os.waitstatus_to_exitcode(status)
            answer = ended[pid] if "wait" in asked else int(pid in ended)
        else:
            answer = os.fork()
            if not answer:
                try:
                    _become(asked, now)
                finally:
                    os._exit(9)
        print(answer, flush=True)  # noqa: T201 - its answer


def _load() -> None:
    """Do once what each command would do for itself."""
    from sqlalchemy.orm import configure_mappers

    import satchel.cli  # noqa: F401
    import sync.digest
    import sync.export
    import sync.inbox
    import sync.verify  # noqa: F401
    from schema.writing import images_by_table

    images_by_table()
    configure_mappers()
    gc.freeze()


def _become(asked: dict[str, Any], now: datetime) -> None:
    """Be the command: in its own files, with its own seams."""
    import console.home
    from satchel.cli import main as run
    from sync.installation import Installation
    from tests.support.institution import Clock

    stem = Path(asked["stem"])
    for number, suffix in ((1, ".out"), (2, ".err")):
        file = os.open(stem.with_suffix(suffix), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    os.environ["SATCHEL_PASSPHRASE"] = asked["passphrase"]
    reached = _seams(asked, stem)
    console.home.utc_now = Clock(now)
    Installation.open = partial(Installation.open, reached=reached)  # type: ignore[method-assign]  # with its seams
    if "room" in asked:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["room"], asked["room"]))
    if "after" in asked:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, asked["after"])
    status = run(asked["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _seams(asked: dict[str, Any], stem: Path) -> Callable[[str], None]:
    """What happens at steps: told on the way (``commit``), or at flushes (``fsync``) and renames."""
    kill, times = asked.get("kill", ["", 0])
    met = count(1)

    def reached(step: str) -> None:
        if step == kill and next(met) == times:
            os.kill(os.getpid(), signal.SIGKILL)
        if step == asked.get("halt"):
            stem.with_suffix(".halted").touch()
            while not stem.with_suffix(".go").exists():
                time.sleep(POLL_SECONDS)

    def before(step: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the call that it stands for
            reached(step)
            return act(*arguments, **named)

        return acted

    os.fsync = before("fsync", os.fsync)
    os.replace = before("rename", os.replace)
    os.rename = before("rename", os.rename)
    return reached


if __name__ == "__main__":
    main(sys.stdin, datetime.fromisoformat(sys.argv[1]))
