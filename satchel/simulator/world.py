"""One life: headquarters, its branches' computers, the mail between them, and what was answered on paper."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from console.home import operator
from hq.founding import confirm
from hq.sending import export_to_branch
from ledger.errors import RuleError, TrustError
from satchel.simulator.auditor import Auditor, Stored, check_slips
from satchel.simulator.disk import Crashed, Disk
from satchel.simulator.node import Computer, WorldClock
from satchel.simulator.road import Parcel
from satchel.simulator.template import FIRST_INSTANT, HQ, Template, copy_home
from satchel.simulator.watch import Watch
from satchel.simulator.work import LifeError, Slip, refused_for, work
from schema.reading import fetch
from sync import chain as chains
from sync.chain import ACKED
from sync.export import write_branch_bundle
from sync.inbox import import_paths
from sync.reasons import REASONS
from sync.receiving import FINE, REJECT, BundleResult
from sync.signing import fingerprint20

VOLUME_BYTES = 7 << 20


@dataclass(slots=True)
class World:
    """Everything of one life.

    paper      what was answered, by the hash of its changeset: branch and slip
    excused    hashes of what may be lost: it was on a disk that was given up
    backups    the last sequence in the copy of a home that somebody keeps
    disputed   branches whose chain may need a person; ``uncertain`` have signed what breaks a rule
    decided    branch, family and word of each decision
    is_dark    whether laptops are copied and keys stolen in this life, and not only sticks spoiled
    revoked    branches whose device was revoked: what comes later counts no more
    """

    seed: int
    template: Template
    folder: Path
    disk: Disk
    watch: Watch
    chance: random.Random
    clock: WorldClock = field(default_factory=lambda: WorldClock(FIRST_INSTANT))
    computers: dict[str, Computer] = field(default_factory=dict)
    laptops: dict[str, str] = field(default_factory=dict)
    mail: list[Parcel] = field(default_factory=list)
    paper: dict[bytes, tuple[str, Slip]] = field(default_factory=dict)
    excused: set[bytes] = field(default_factory=set)
    backups: dict[str, int] = field(default_factory=dict)
    uncertain: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    decided: list[tuple[str, str, str]] = field(default_factory=list)
    disputed: set[str] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    store: list[Stored] = field(default_factory=list)
    written: int = 0
    volume_bytes: int = VOLUME_BYTES
    is_dark: bool = False
    keys: dict[int, set[bytes]] = field(default_factory=dict)

    def begin(self, codes: list[str]) -> None:
        """Copy the homes of headquarters and of these branches, and start them."""
        for code in (HQ, *codes):
            self.add_computer(code, code, self.template.folder / code)
            if code != HQ:
                self.laptops[code] = code
        self.auditor = Auditor(self.hq.opener.facts.institution_id, self.keys)

    auditor: Auditor = field(init=False)

    def add_computer(self, name: str, code: str, home: Path) -> Computer:
        """Set up a computer with a copy of a home."""
        root = self.folder / name
        copy_home(home, root)
        made = Computer(name, code, root, self.template.openers[code], self.clock, self.disk)
        self.computers[name] = made
        self.keys.setdefault(made.device, set()).add(made.opener.secrets.signing_key.public)
        return made

    def add_computer_for_now(self, of: Computer) -> Computer:
        """Copy a home for somebody who has no business with it."""
        of.end()
        made = self.add_computer("thief", of.code, of.root)
        made.opener = of.opener
        of.start()
        return made

    def drop_computer(self, computer: Computer) -> None:
        """Take such a copy away again."""
        computer.end()
        del self.computers[computer.name]
        shutil.rmtree(computer.root)

    @property
    def chief(self) -> int:
        """The user who decides at headquarters."""
        return operator(self.hq.installation)

    @property
    def hq(self) -> Computer:
        """Headquarters' computer."""
        return self.computers[HQ]

    def laptop(self, code: str) -> Computer:
        """Give the computer that a branch works on."""
        return self.computers[self.laptops[code]]

    def draw_laptop(self) -> Computer | None:
        """Draw a branch's computer that may be worked on."""
        found = [self.laptop(code) for code in sorted(self.laptops) if self.laptop(code).works]
        return self.chance.choice(found) if found else None

    def tell(self, sentence: str) -> None:
        """Write into the story of this life."""
        self.story.append(sentence)

    def end(self) -> None:
        """Stop every computer."""
        for computer in self.computers.values():
            computer.end()

    # ------------------------------------------------------------------------------------------- work

    def work(self, computer: Computer) -> None:
        """Let a clerk do one thing; what was answered is written on paper."""
        try:
            slips = work(computer, self.chance)
        except TrustError as refusal:
            if not refused_for(refusal):
                raise
            self.tell(f"{computer.name}: not booked, {refusal.code}")
            return
        check_slips(computer, slips)
        for sha256, slip in slips.items():
            self.paper[sha256] = (computer.code, slip)
            self.tell(f"{computer.name}: {slip.kind}")

    def survive(self, computer: Computer, act: Callable[[], None]) -> bool:
        """Do ``act`` and let the computer start again if the power went meanwhile; gives whether it did."""
        try:
            act()
        except Crashed as crash:
            computer.end()
            self.disk.calm()
            computer.start()
            self.tell(f"{computer.name}: power cut at {crash}")
            return True
        return False

    # ------------------------------------------------------------------------------------------- roads

    def new_folder(self) -> Path:
        """Make an empty stick."""
        self.written += 1
        folder = self.folder / f"stick-{self.written}"
        folder.mkdir()
        return folder

    def send(self, computer: Computer, reader: str, *, since_last: bool = False) -> Parcel | None:
        """Write a bundle and put it into the mail; None where nothing can be written."""
        folder = self.new_folder()
        try:
            if computer.code == HQ:
                export_to_branch(computer.installation, reader, folder, volume_bytes=self.volume_bytes)
            else:
                write_branch_bundle(
                    computer.installation, folder, volume_bytes=self.volume_bytes, since_last=since_last
                )
        except (TrustError, RuleError) as refusal:
            if refusal.code not in {"NOT_CLAIMED", "IO_ERROR", "KIT_REUSED", "READ_ONLY"}:
                raise
            if any(folder.iterdir()):
                raise LifeError(
                    f"kept: an export that failed ({refusal.code}) left files behind"
                ) from refusal
            self.tell(f"{computer.name}: nothing written, {refusal.code}")
            return None
        parcel = Parcel(folder, computer.name, reader, self.written, self.clock.now)
        self.mail.append(parcel)
        self.tell(f"{computer.name}: wrote {parcel.number} for {reader}")
        return parcel

    def reader_of(self, parcel: Parcel) -> Computer:
        """Give the computer that a parcel is carried to."""
        return self.hq if parcel.reader == HQ else self.laptop(parcel.reader)

    def deliver(self, parcel: Parcel, to: Computer | None = None) -> list[BundleResult]:
        """Import a parcel where it is addressed to (or at ``to``), and look at what came of it."""
        computer = to or self.reader_of(parcel)
        if not computer.works:
            return []
        before = self.count_stored(computer)
        with self.watch.importing():
            results = import_paths(computer.installation, [parcel.folder])
        told = ", ".join(f"{result.verdict} {result.code or ''}".strip() for result in results)
        self.tell(f"{computer.name}: imported {parcel.number} of {parcel.sender}: {told}")
        for result in results:
            self._judge(result, computer)
        if all(result.verdict == REJECT for result in results) and before != self.count_stored(computer):
            raise LifeError("chain: a bundle was refused and left something behind")
        if to is None and not parcel.damaged and computer.code not in self.disputed:
            self._expect_taken(parcel, results)
        self.look_at(computer)
        return results

    def _judge(self, result: BundleResult, computer: Computer) -> None:
        if result.code is not None and result.code not in REASONS:
            raise LifeError(
                f"explained: a bundle came to {result.verdict} for no known reason: {result.code}"
            )
        if result.code in {"FORK", "CHAIN_RESTORED", "KIT_REUSED"}:
            self.disputed.add(computer.code if computer.code != HQ else result.sender or HQ)
        if computer.code != HQ and result.code == "CHAIN_RESTORED":
            computer.stopped = result.code
        if "TOTALS" in result.counts.codes and result.sender not in self.disputed | self.uncertain:
            raise LifeError(f"conserved: control totals of an honest bundle differ: {result.detail}")

    def _expect_taken(self, parcel: Parcel, results: list[BundleResult]) -> None:
        sender = self.computers[parcel.sender]
        if sender.code in self.disputed or parcel.reader in self.disputed:
            return
        bundles = [result for result in results if result.bundle is not None]
        if not bundles or any(result.verdict not in FINE for result in bundles):
            told = [(result.verdict, result.code, result.detail) for result in results]
            raise LifeError(f"kept: an honest, whole bundle of {parcel.sender} was not taken: {told}")

    def count_stored(self, computer: Computer) -> int:
        """Count what a computer has stored of all chains."""
        with computer.installation.database.reading() as session:
            return int(fetch(session, "SELECT count(*) FROM changeset")[0][0])

    def look_at(self, computer: Computer) -> None:
        """Let the auditor in, and hold every acknowledgement against headquarters' store."""
        store = self.auditor.check(computer)
        if computer is self.hq:
            self.store = store
        self._check_acknowledged(computer)

    def _check_acknowledged(self, computer: Computer) -> None:
        if computer is self.hq:
            return
        with computer.installation.database.reading() as session:
            place = chains.watermark(session, computer.device, 0, ACKED)
        if place is None or place.seq == 0 or not self.store:
            return
        if not any(row.hash == place.hash for row in self.store):
            raise LifeError(f"kept: {computer.name} was told that {place.seq} has arrived; it has not")

    # --------------------------------------------------------------------------------- headquarters

    def confirm(self, code: str) -> None:
        """Let headquarters' people compare the digits of a branch's device by telephone."""
        signer = self.laptop(code).installation.signer
        digits = fingerprint20(signer.key.public, self.laptop(code).installation.recipient.encode())
        with suppress(TrustError, RuleError):
            state = confirm(self.hq.installation, signer.device, digits, self.chief)
            self.tell(f"hq: {code} is {state}")

    def pass_time(self, hours: int) -> None:
        """Let time pass."""
        self.clock.pass_time(timedelta(hours=hours))

    def throw_away(self, parcel: Parcel) -> None:
        """Take a parcel out of the mail for ever."""
        if parcel in self.mail:
            self.mail.remove(parcel)
        shutil.rmtree(parcel.folder, ignore_errors=True)
