"""Sending and fetching by itself, while the pages are served and where the settings say so.

A plain thread: one run after the other, never two at once; a run is a command's work and takes the home's
lock like any other unit of work. Nothing depends on it: what it could not do, the next run or a person does.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Final, Self

from ledger.errors import RuleError, TrustError
from schema.replication import Setting
from sync.carriers.fetching import fetch_bundles
from sync.carriers.settings import Carriers, keep
from sync.installation import Installation

_LOOK_SECONDS: Final = 20
"""So often it is asked whether something is due, and whether the settings have changed."""
_STATE: Final = "carrier-state."
_log = logging.getLogger("satchel.carriers")

SENT, FETCHED = "send", "fetch"


@dataclass(frozen=True, slots=True)
class LastRun:
    """What came of the last run of one kind. ``at`` is in UTC; ``code`` is empty where all went well."""

    kind: str
    via: str
    at: datetime
    code: str
    told: str

    @property
    def ok(self) -> bool:
        """Whether all went well."""
        return not self.code


@dataclass(frozen=True, slots=True)
class Planned:
    """One kind of run: how it goes, the last one, and when the next is due."""

    kind: str
    via: str
    last: LastRun | None
    next_at: datetime | None


Send = Callable[[Installation, str], str]
"""Sends what is to send, by the way that is named; gives a line about it."""


def planned(installation: Installation) -> list[Planned]:
    """Give what the settings say is to be done by itself; empty where nothing is."""
    carriers = Carriers.read(installation)
    every = timedelta(minutes=carriers.number("schedule.minutes"))
    plans = []
    for kind in (SENT, FETCHED):
        via, last = carriers.text(f"schedule.{kind}"), last_run(installation, kind)
        if via:
            plans.append(Planned(kind, via, last, last.at + every if last else None))
    return plans


def last_run(installation: Installation, kind: str) -> LastRun | None:
    """Give the last run of a kind."""
    with installation.database.reading() as session:
        row = session.get(Setting, _STATE + kind)
    if row is None:
        return None
    found = json.loads(row.value)
    return LastRun(kind, found["via"], datetime.fromisoformat(found["at"]), found["code"], found["told"])


def run_due(installation: Installation, send: Send) -> list[LastRun]:
    """Do what is due now, and write down what came of it."""
    runs = []
    for plan in planned(installation):
        now = installation.clock()
        if plan.next_at is None or plan.next_at <= now:
            run = _run(installation, send, plan, now)
            _remember(installation, run)
            runs.append(run)
    return runs


def _run(installation: Installation, send: Send, plan: Planned, now: datetime) -> LastRun:
    at = now.astimezone(UTC)
    try:
        if plan.kind == SENT:
            return LastRun(plan.kind, plan.via, at, "", send(installation, plan.via))
        results = fetch_bundles(installation, plan.via)
        worst = next((result.code for result in results if result.code and result.verdict == "REJECT"), "")
        new = sum(result.counts.admitted for result in results)
        return LastRun(plan.kind, plan.via, at, worst, f"{len(results)} bundle(s), {new} new")
    except TrustError as refusal:
        return LastRun(plan.kind, plan.via, at, refusal.code, refusal.message)
    except RuleError as refusal:
        return LastRun(plan.kind, plan.via, at, refusal.code, str(refusal))


def _remember(installation: Installation, run: LastRun) -> None:
    kept = asdict(run) | {"at": run.at.isoformat()}
    with installation.exclusive() as session:
        keep(session, _STATE + run.kind, json.dumps(kept))
    _log.info("%s %s %s", run.kind, run.via, run.code or "done")


class Scheduler:
    """The thread of one served installation."""

    def __init__(self, installation: Installation, send: Send) -> None:
        self._installation, self._send = installation, send
        self._end = Event()
        self._thread = Thread(target=self._go_on, name="carriers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the run that goes on come to its end, for a while."""
        self._end.set()
        self._thread.join(timeout=_LOOK_SECONDS)

    def _go_on(self) -> None:
        while not self._end.wait(_LOOK_SECONDS):
            try:
                run_due(self._installation, self._send)
            except Exception:  # noqa: BLE001 - one that nobody foresaw ends neither pages nor later runs
                _log.exception("a run by itself has failed")
