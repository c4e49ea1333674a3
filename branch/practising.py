"""The practice server as a child of this one: started by a page, ended by a page or with this program.

The child is ``satchel branch practice`` of the same installation. It gets a pipe as its input and ends when
that is closed, so that it outlives nobody. No home and no passphrase of ours is handed to it.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Final

COMMAND: Final = (sys.executable, "-m", "satchel", "branch", "practice", "--json", "--with-input")
SECONDS_TO_END: Final = 20

OFF, STARTING, READY, FAILED = "off", "starting", "ready", "failed"


@dataclass(frozen=True, slots=True)
class Ready:
    """A practice server that answers: its address, and who logs in there with which password."""

    address: str
    users: tuple[str, ...]
    password: str


class PracticeServer:
    """At most one practice server; safe to ask from several threads."""

    def __init__(self) -> None:
        """Begin without one."""
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._ready: Ready | None = None

    def start(self) -> None:
        """Start it, unless it runs already."""
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                return
            self._ready = None
            own = {name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")}
            self._child = subprocess.Popen(  # noqa: S603 - our own command, without a word from outside
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env=own,
            )
            threading.Thread(target=self._listen, args=(self._child,), daemon=True).start()
            atexit.register(self.stop)

    def _listen(self, child: subprocess.Popen[str]) -> None:
        """Wait for the line in which the child says where it answers."""
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line:
            return  # it ended before: the state says failed
        said = json.loads(line)
        with self._lock:
            if self._child is child:
                self._ready = Ready(said["address"], tuple(said["users"]), said["password"])

    def state(self) -> str:
        """Tell how it stands: off, starting, ready or failed."""
        with self._lock:
            if self._child is None:
                return OFF
            if self._child.poll() is not None:
                return FAILED
            return STARTING if self._ready is None else READY

    def ready(self) -> Ready | None:
        """Give where it answers, or None."""
        with self._lock:
            return self._ready if self._child is not None and self._child.poll() is None else None

    def stop(self) -> None:
        """End it, and wait until its folder is deleted; does nothing when there is none."""
        with self._lock:
            child, self._child, self._ready = self._child, None, None
        atexit.unregister(self.stop)
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.close()
        try:
            child.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
