"""Headquarters and a branch with real homes, worked with on the command line, and sticks between them."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from satchel import cli
from sync.signing import fingerprint20
from tests.support.acts import ActsRunner
from tests.support.branch_home import PASSPHRASE, Clock, opened


class Pair:
    """Headquarters and a branch, with sticks that go between them."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
        """Keep where things lie."""
        self.root, self.capsys, self.clock = root, capsys, clock
        self.hq = ActsRunner("hq", root / "hq", PASSPHRASE, capsys)
        self.branch = ActsRunner("branch", root / "branch", PASSPHRASE, capsys)
        self.trips = 0

    def run(self, edition: str, *words: str) -> dict[str, Any]:
        """Run a command that must succeed; gives its document."""
        self.capsys.readouterr()
        home = self.root / edition
        status = cli.main(
            [edition, *words, "--home", str(home), "--json", "--passphrase-file", f"{home}.passphrase"]
        )
        document = json.loads(self.capsys.readouterr().out)
        assert status == 0, document
        assert isinstance(document, dict)
        return document

    def carry(self, sender: str, receiver: str) -> None:
        """Carry everything new from one to the other."""
        self.trips += 1
        stick = self.root / f"stick-{self.trips}"
        stick.mkdir()
        to = ("--branch", "KIT") if sender == "hq" else ()
        self.run(sender, "export", "--to", str(stick), *to)
        self.run(receiver, "import", str(stick))

    def day(self, on: date) -> dict[str, Any]:
        """Open and close a day at the branch; gives what the close says."""
        self.clock.instant = datetime(on.year, on.month, on.day, 6, tzinfo=UTC)
        self.run("branch", "day", "open", "--date", on.isoformat())
        return self.run("branch", "day", "close", "--date", on.isoformat())

    def meet(self) -> None:
        """Bring the branch's first bundle, confirm its device, and carry the answer back."""
        self.carry("branch", "hq")
        with opened(self.root / "branch", self.clock) as branch:
            digits = fingerprint20(branch.signer.key.public, branch.recipient.encode())
            device = branch.facts.device
        self.run("hq", "confirm", "--device", str(device), "--fingerprint", digits)
        self.carry("hq", "branch")


def with_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the command line look at a clock of the test."""
    clock = Clock()
    for module in ("console.home", "branch.cli", "hq.cli", "console.commands_of_reports"):
        monkeypatch.setattr(f"{module}.utc_now", clock)
    return clock
