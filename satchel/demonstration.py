"""Building the demonstration: headquarters and two branches, a month of work, bundles carried both ways."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final, Self

from sqlalchemy import func, select

from banking.periods import make_year
from banking.reports import trial_balance
from banking.users import create_user
from branch.founding import create_branch
from console.home import operator
from console.proof import prove
from hq.founding import NewInstitution, confirm, create_institution, enrol
from hq.sending import export_to_branch
from hq.status import hq_status
from ledger.errors import TrustError
from ledger.money import Money, format_major
from satchel.demo_month import PASSWORD, Clock, Month
from satchel.demo_towns import GULU, KITALE, TOWNS, Town, meeting_on
from schema.replication import StoredChangeset
from sync.chain import HEAD_OFFICE_CHAIN
from sync.digest import digest_of
from sync.export import DEFAULT_VOLUME_BYTES, write_branch_bundle
from sync.home import write_durably
from sync.inbox import import_paths
from sync.installation import Installation
from sync.kit import Kit
from sync.receiving import FINE
from sync.signing import fingerprint20

INSTITUTION: Final = "Demonstration"
BUSINESS_DAYS: Final = 26
SUNDAY: Final = 7
MARK: Final = "demonstration.json"
HQ_FOLDER, CARRIED, LOST = "headquarters", "carried", "lost"
KIT_CODE: Final = "demonstration kit"
STAFF: Final = (("amina", "Amina Hassan", "accountant"), ("musa", "Musa Okello", "auditor"))
"""Who works at headquarters beside the administrator: log-in, name, role."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Facts:
    """What was built and proved. Amounts in major units; ``checks``: how many passed in the three homes."""

    built_until: str
    changesets: int
    bundles: int
    debit: str
    credit: str
    branches_debit: str
    digests_equal: bool
    verified: bool
    checks: int
    missing: str


def branch_folder(town: Town) -> str:
    """Name the folder of a branch's home."""
    return f"branch-{town.code.lower()}"


def find_finished(folder: Path) -> Facts | None:
    """Give the facts of a demonstration that was built here; None where one can be built.

    raises  TrustError FOLDER_NOT_EMPTY for a folder with something else in it
    """
    mark = folder / MARK
    if mark.is_file():
        try:
            written = json.loads(mark.read_text(encoding="utf-8"))
            return Facts(**written["facts"]) if written["state"] == "finished" else None
        except (ValueError, KeyError, TypeError):
            pass  # not ours, or damaged: left alone as any other folder
    elif not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    raise TrustError(
        "FOLDER_NOT_EMPTY",
        "The folder for the demonstration holds something else. It was left as it is.",
        where=str(folder),
        next_step="Name another folder with --home.",
    )


def build(folder: Path, until: date, tell: Tell, *, days: int = BUSINESS_DAYS) -> Facts:
    """Build the demonstration in ``folder``, with the last business days before ``until``.

    days  how many of them, at least 14: a week to begin, one with a lost bundle, one not carried yet
    """
    _begin(folder)
    with _Country.founded(folder, until, _business_days(until, days), tell) as country:
        country.live()
        facts = country.prove()
    _mark(folder, "finished", facts)
    return facts


def _begin(folder: Path) -> None:
    """Take the folder; what an interrupted build left in it is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (HQ_FOLDER, CARRIED, *map(branch_folder, TOWNS)):
        shutil.rmtree(folder / name, ignore_errors=True)
    _mark(folder, "being built", None)


def _mark(folder: Path, state: str, facts: Facts | None) -> None:
    text = json.dumps({"state": state, "facts": facts and asdict(facts)}, indent=1)
    write_durably(folder / MARK, text.encode())


def _business_days(until: date, wanted: int) -> list[date]:
    """List the last business days before ``until``: all but Sundays."""
    days: list[date] = []
    day = until
    while len(days) < wanted:
        day -= timedelta(days=1)
        if day.isoweekday() != SUNDAY:
            days.append(day)
    return days[::-1]


def _staff(hq: Installation, days: Sequence[date]) -> None:
    """Give headquarters an accountant, an auditor, and the years of the days with their months."""
    for username, name, role in STAFF:
        with hq.unit_of_work("user.create", operator(hq), chain=HEAD_OFFICE_CHAIN) as session:
            create_user(session, username, name, role, PASSWORD)
    for year in sorted({day.year for day in days}):
        with hq.unit_of_work("period.make", operator(hq)) as session:
            make_year(session, "gregorian", year)


@dataclass(slots=True)
class _Country:
    """Headquarters, the months of both branches, and the road between them."""

    folder: Path
    hq: Installation
    months: Sequence[Month]
    days: Sequence[date]
    clock: Clock
    tell: Tell
    bundles: int = 0
    digests_equal: bool = True
    branch_debits: dict[str, Money] | None = None

    @classmethod
    def founded(cls, folder: Path, until: date, days: Sequence[date], tell: Tell) -> Self:
        """Set up headquarters and both branches on the eve of the first day; a group meets on ``until``."""
        clock = Clock(days[0] - timedelta(days=1))
        tell("Setting up headquarters and two branches ...")
        wanted = NewInstitution(INSTITUTION, "KES", 2, "admin", PASSWORD)
        create_institution(folder / HQ_FOLDER, wanted, recovery_out=None, clock=clock)
        hq = Installation.open(str(folder / HQ_FOLDER), PASSWORD, clock=clock)
        _staff(hq, days)
        months = []
        for town in TOWNS:
            _, file = enrol(hq, town.code, town.name, KIT_CODE, operator(hq))
            home = folder / branch_folder(town)
            kit = Kit.from_file(file, KIT_CODE)
            create_branch(home, kit, admin="admin", passphrase=PASSWORD, clock=clock)
            branch = Installation.open(str(home), PASSWORD, clock=clock)
            served = meeting_on(town, until) if town is KITALE else town  # there is a sheet to key
            months.append(Month(branch, served, clock))
        return cls(folder, hq, months, days, clock, tell)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hq.close()
        for month in self.months:
            month.branch.close()

    def live(self) -> None:
        """Live through the month: work every day, carry bundles at the end of each week but the last."""
        for month in self.months:
            month.prepare(self.days[0])
        weeks = [list(days) for _, days in groupby(self.days, key=lambda day: day.isocalendar()[:2])]
        for number, week in enumerate(weeks, start=1):
            self.tell(f"Week {number} of {len(weeks)}: {week[0]} to {week[-1]} ...")
            loses = number == len(weeks) - 1
            for month in self.months:
                for day in week:
                    month.work(day)
                    if loses and month.town is GULU and day == week[len(week) // 2]:
                        self._write(month, self.folder / CARRIED / LOST)
            if number < len(weeks):
                self.clock.set(week[-1], 16)
                for month in self.months:
                    self._carry(month, number, lost=loses and month.town is GULU)

    def _write(self, month: Month, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        write_branch_bundle(month.branch, folder, since_last=folder.name == LOST)
        self.bundles += 1

    def _carry(self, month: Month, week: int, *, lost: bool) -> None:
        """Carry a bundle to headquarters and its answer back, through folders as through a stick.

        lost  what was written in the middle of the week never came, and this bundle starts after it
        """
        town = month.town
        going, coming = (self.folder / CARRIED / f"week-{week}" / way for way in _ways(town))
        going.mkdir(parents=True)
        coming.mkdir(parents=True)
        write_branch_bundle(month.branch, going, since_last=lost)
        self._import(self.hq, going)
        if week == 1:
            branch = month.branch
            read_out = fingerprint20(branch.signer.key.public, branch.recipient.encode())
            confirm(self.hq, branch.facts.device, read_out, operator(self.hq))
        export_to_branch(self.hq, town.code, coming, volume_bytes=DEFAULT_VOLUME_BYTES)
        self._import(month.branch, coming)
        self.bundles += 2
        if not lost:
            self._compare(month)

    def _import(self, installation: Installation, folder: Path) -> None:
        for result in import_paths(installation, [folder]):
            if result.verdict not in FINE:
                raise TrustError(result.code or result.verdict, result.detail, where=str(folder))

    def _compare(self, month: Month) -> None:
        """Keep what both sides have right after an exchange: the same digest, the same total."""
        office = month.branch.place.office_id
        digests = []
        for installation in (self.hq, month.branch):
            with installation.database.reading() as session:
                digests.append(digest_of(session, installation.roster(session), office_id=office).sha256)
        self.digests_equal = self.digests_equal and digests[0] == digests[1]
        with month.branch.database.reading() as session:
            balance = trial_balance(session, office_id=office)
        self.branch_debits = {**(self.branch_debits or {}), month.town.code: balance.debit}

    def prove(self) -> Facts:
        """Compare headquarters with the branches, and run every check on all three homes."""
        self.tell("Proving the books of all three ...")
        with self.hq.database.reading() as session:
            balance = trial_balance(session)
            missing = [
                f"{branch.branch} {first}-{last}"
                for branch in hq_status(self.hq, session)
                for first, last in branch.gaps
            ]
        checks = [check for home in (self.hq, *(m.branch for m in self.months)) for check in prove(home)]
        for check in checks:
            if not check.ok:
                self.tell(f"FAILED {check.name}: {check.detail}")
        digits = self.hq.place.digits
        sum_of_branches = Money(sum(debit.minor for debit in (self.branch_debits or {}).values()))
        return Facts(
            built_until=self.days[-1].isoformat(),
            changesets=sum(_changesets(home) for home in (self.hq, *(m.branch for m in self.months))),
            bundles=self.bundles,
            debit=format_major(balance.debit, digits),
            credit=format_major(balance.credit, digits),
            branches_debit=format_major(sum_of_branches, digits),
            digests_equal=self.digests_equal,
            verified=all(check.ok for check in checks),
            checks=len(checks),
            missing=", ".join(missing),
        )


def _ways(town: Town) -> tuple[str, str]:
    return f"{town.name}-to-HQ", f"HQ-to-{town.name}"


def _changesets(home: Installation) -> int:
    with home.database.reading() as session:
        own = select(func.count()).where(StoredChangeset.device == home.facts.device)
        return session.scalars(own).one()
