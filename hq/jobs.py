"""Imports in the background: asked on a page, done bundle by bundle, taken up again after any stop.

A row of ``import_job`` says what is to be imported. Every bundle is a transaction of its own that also
writes its line into that row, and a bundle that is in the books is known when it comes again: so a job can
be begun anew at any time and ends with the same books.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.inbox import drop_upload, get_upload
from hq.results import ResultLine, from_json, to_json, with_line
from ledger.errors import NotFoundError, RuleError, TrustError
from schema.desk import ImportJob
from sync.carriers.fetching import fetch_bundles
from sync.import_watch import ImportWatch
from sync.inbox import import_paths, usual_workers
from sync.installation import Installation
from sync.receiving import FINE, BundleResult

WAITING, RUNNING, DONE = "waiting", "running", "done"
STOPPED, FAILED = "stopped", "failed"
UNFINISHED: Final = (WAITING, RUNNING, STOPPED)
"""What is taken up when the server starts: one that runs then was cut off by a crash."""
FOLDER, UPLOAD, CARRIER = "folder", "upload", "carrier"
_SHOWN: Final = 10
_log = logging.getLogger("satchel.imports")


class StoppedError(Exception):
    """The server ends: the import goes on when it starts again."""


@dataclass(frozen=True, slots=True)
class Job:
    """An import: what it is about, how far it is, what came of each bundle. See ``schema.desk.ImportJob``.

    kind, name  folder and its path, upload and its token, or carrier and its name
    """

    id: int
    kind: str
    name: str
    state: str
    asked_by_id: int | None
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    found: int
    done: int
    now: str
    results: tuple[ResultLine, ...]
    fault: str

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in UNFINISHED


def ask_import(installation: Installation, kind: str, name: str, user_id: int | None) -> int:
    """Write down an import that shall be done; gives its number."""
    with installation.exclusive() as session:
        row = ImportJob(source=json.dumps({kind: name}), asked_by_id=user_id, asked_at=installation.clock())
        session.add(row)
        session.flush()
        return row.id


def find_job(session: Session, number: int) -> Job:
    """Give one import; NotFoundError."""
    row = session.get(ImportJob, number)
    if row is None:
        raise NotFoundError(kind="import", key=number)
    return _job(row)


def list_jobs(session: Session) -> list[Job]:
    """List the last imports, newest first, and all that are not over."""
    rows = list(session.scalars(select(ImportJob).order_by(ImportJob.id.desc()).limit(_SHOWN)))
    older = select(ImportJob).where(ImportJob.state.in_(UNFINISHED)).order_by(ImportJob.id.desc())
    rows += [row for row in session.scalars(older) if row not in rows]
    return [_job(row) for row in rows]


def next_job(session: Session) -> int | None:
    """Give the oldest import that is not over."""
    return session.scalars(
        select(ImportJob.id).where(ImportJob.state.in_(UNFINISHED)).order_by(ImportJob.id)
    ).first()


def run_job(installation: Installation, number: int, watch: "JobWatch | None" = None) -> None:
    """Do one import to its end, or go on with it; what went wrong stands in its row, in words.

    raises  StoppedError when the watch says so; the row says stopped then
    """
    with installation.exclusive() as session:
        row = session.get_one(ImportJob, number)
        row.state, row.fault, row.found, row.done = RUNNING, "", 0, 0
        row.started_at = row.started_at or installation.clock()
        job = _job(row)
    state, fault = FAILED, ""
    try:
        _do(installation, job, watch or JobWatch(installation, number))
        state = DONE
    except TrustError as refusal:
        fault = " ".join(part for part in (str(refusal), refusal.next_step) if part)
    except RuleError as refusal:
        fault = str(refusal)
    except StoppedError:
        state = STOPPED
        raise
    finally:
        with installation.exclusive() as session:
            row = session.get_one(ImportJob, number)
            row.state, row.fault, row.now = state, fault, ""
            row.finished_at = None if state == STOPPED else installation.clock()
        _log.info("import %d %s", number, state)


def _do(installation: Installation, job: Job, watch: "JobWatch") -> None:
    workers = usual_workers(installation)
    if job.kind == CARRIER:
        fetch_bundles(installation, job.name, watch)
    elif job.kind == UPLOAD:
        files = get_upload(installation.home, job.name).files
        results = import_paths(installation, files, watch=watch, workers=workers)
        if all(result.verdict in FINE for result in results):
            drop_upload(installation.home, job.name)
    else:
        import_paths(installation, [Path(job.name)], watch=watch, workers=workers)


class JobWatch(ImportWatch):
    """Writes into an import's row how far it is."""

    def __init__(self, installation: Installation, number: int) -> None:
        """Write into the row of that number."""
        self._installation, self._number = installation, number

    def found(self, count: int) -> None:
        """Write how many bundles there are."""
        with self._installation.noting() as session:
            session.get_one(ImportJob, self._number).found = count

    def reads(self, name: str) -> None:
        """Write which one is read now."""
        with self._installation.noting() as session:
            session.get_one(ImportJob, self._number).now = name

    def in_worker(self) -> Callable[[Installation], ImportWatch]:
        """Give what makes one that writes into the same row, in the transactions of a worker."""
        return partial(JobWatch, number=self._number)

    def through(self, session: Session, result: BundleResult) -> None:
        """Write what came of it, in the transaction that takes it."""
        row = session.get_one(ImportJob, self._number)
        row.done += 1
        row.results = to_json(with_line(from_json(row.results), ResultLine.of(session, result)))


def _job(row: ImportJob) -> Job:
    ((kind, name),) = json.loads(row.source).items()
    return Job(
        id=row.id,
        kind=kind,
        name=name,
        state=row.state,
        asked_by_id=row.asked_by_id,
        asked_at=row.asked_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        found=row.found,
        done=row.done,
        now=row.now,
        results=tuple(from_json(row.results)),
        fault=row.fault,
    )
