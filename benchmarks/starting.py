"""The branch's server: time from its start to its first answer, and memory while it idles.

Beside it, in the same run: the bare imports of what it is made of.

Run: python -m benchmarks.starting [ROUNDS]
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.books import PASSPHRASE, open_branch

ROUNDS = 5
_IMPORTS = (
    "import flask, flask_wtf, flask_babel, waitress, sqlalchemy.orm, sqlcipher3, cryptography, pyrage, cbor2"
)


def main() -> None:
    """Print medians in seconds, and resident memory in MB."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    imports: list[float] = []
    starts: list[float] = []
    memory: list[float] = []
    with tempfile.TemporaryDirectory(dir=".") as folder:
        with open_branch(Path(folder)):
            pass
        for _ in range(rounds):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", _IMPORTS], check=True)
            imports.append(time.perf_counter() - began)
            seconds, megabytes = _start(Path(folder) / "KIT")
            starts.append(seconds)
            memory.append(megabytes)
    print(f"bare imports           {statistics.median(imports):6.2f} s")
    start = statistics.median(starts)
    print(f"start to first answer  {start:6.2f} s  x imports {start / statistics.median(imports):.1f}")
    print(f"resident, idle         {statistics.median(memory):6.0f} MB")


def _start(home: Path) -> tuple[float, float]:
    with serving(home) as server:
        time.sleep(1)
        return server.seconds_to_start, server.memory_mb("VmRSS")


@dataclass(frozen=True, slots=True)
class Server:
    """A branch's server, started for a measurement."""

    address: str
    pid: int
    seconds_to_start: float

    def memory_mb(self, line: str) -> float:
        """Give a line of the process's status in MB: VmRSS now, VmHWM at most."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return next(int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith(line))


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """Serve the branch of a folder as ``satchel branch serve`` does, until it is left."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "satchel", "branch", "serve", "--home", str(home), "--port", str(port)],
        env={**os.environ, "SATCHEL_PASSPHRASE": PASSPHRASE},
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answers(port):
            time.sleep(0.02)
        yield Server(f"http://127.0.0.1:{port}", process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait()


def answers(port: int) -> bool:
    """Whether a server answers there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
