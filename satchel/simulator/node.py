"""One virtual computer: a home, its own clock, and the program that runs on it until the power goes."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from ledger.errors import TrustError
from satchel.simulator.disk import Disk
from satchel.simulator.template import Opener
from schema.reading import fetch
from sync.home import Home
from sync.installation import Installation


@dataclass(slots=True)
class WorldClock:
    """The true time of one life; computers are wrong by their own ``skew``."""

    now: datetime

    def pass_time(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@dataclass(slots=True)
class Computer:
    """A home and what runs on it.

    name     unique in a life: the branch's code, or ``KIT-2`` for a copy
    skew     what its clock is wrong by
    stopped  the code because of which its people work on it no more; empty while all is well
    """

    name: str
    code: str
    root: Path
    opener: Opener
    world_clock: WorldClock
    disk: Disk
    skew: timedelta = timedelta()
    stopped: str = ""
    looked: int = 0
    told: list[str] = field(default_factory=list)
    _running: Installation | None = None

    def clock(self) -> datetime:
        """Give the instant that this computer believes."""
        self.looked += 1
        return self.world_clock.now + self.skew + timedelta(milliseconds=self.looked)

    @property
    def installation(self) -> Installation:
        """The running program; started where it is not."""
        return self._running or self.start()

    def start(self) -> Installation:
        """Start the program on the home.

        raises  TrustError as ``Installation.start``; ``stopped`` says it from then on
        """
        opener = self.opener
        made = Installation(
            Home.at(self.root),
            opener.facts,
            opener.master,
            opener.secrets,
            clock=self.clock,
            reached=self.disk.reached,
        )
        try:
            made.start()
        except BaseException as refusal:
            made.close()
            if isinstance(refusal, TrustError):
                self.stopped = refusal.code
            raise
        self.told += made.healed
        self._running = made
        return made

    def end(self) -> None:
        """Stop the program in an orderly way, or after the power went: nothing of it is left."""
        if self._running is not None:
            running, self._running = self._running, None
            with suppress(OSError):
                running.close()

    @property
    def running(self) -> Installation | None:
        """The program, where it runs."""
        return self._running

    @property
    def device(self) -> int:
        """The device number that it works under."""
        return self.opener.facts.device

    @property
    def works(self) -> bool:
        """Whether its people may work on it."""
        return not self.stopped

    def own_hashes(self, after: int = 0) -> list[tuple[int, bytes]]:
        """Give (sequence, hash) of what this device has signed in chain 0 after a sequence."""
        with self.installation.database.reading() as session:
            rows = fetch(
                session,
                "SELECT seq, hash FROM changeset WHERE device = ? AND chain = 0 AND seq > ? ORDER BY seq",
                self.device,
                after,
            )
            return [(int(seq), bytes(sha256)) for seq, sha256 in rows]

    def head(self) -> int:
        """Give the last sequence of its chain 0."""
        with self.installation.database.reading() as session:
            rows = fetch(
                session, "SELECT max(seq) FROM changeset WHERE device = ? AND chain = 0", self.device
            )
        return int(rows[0][0] or 0)
