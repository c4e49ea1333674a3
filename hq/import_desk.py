"""The thread that does imports while the pages are served: one import at a time, oldest first."""

import logging
from threading import Event, Lock, Thread
from typing import Final, Self

from hq.jobs import FAILED, JobWatch, StoppedError, ask_import, next_job, run_job
from schema.desk import ImportJob
from sync.installation import Installation

WAIT_SECONDS: Final = 2.0
"""So long an answer waits for an import: a small one is done by then, and the page shows its results."""
_LEAVE_SECONDS: Final = 30
_log = logging.getLogger("satchel.imports")


class ImportDesk:
    """Takes what pages ask; its thread lives as long as there is something to import."""

    def __init__(self, installation: Installation, *, wait_seconds: float = WAIT_SECONDS) -> None:
        """Serve one installation; ``wait_seconds`` is how long ``ask`` waits for the end."""
        self.wait_seconds = wait_seconds
        self._installation = installation
        self._lock = Lock()
        self._thread: Thread | None = None
        self._end = Event()
        self._over: dict[int, Event] = {}

    def __enter__(self) -> Self:
        """Take up what a stop or a crash has left."""
        self._wake()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the bundle that is being read come to its end; the import goes on at the next start."""
        self._end.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=_LEAVE_SECONDS)

    def ask(self, kind: str, name: str, user_id: int | None) -> int:
        """Have something imported (see ``hq.jobs.Job``); gives its number, at its end or after a while."""
        number = ask_import(self._installation, kind, name, user_id)
        over = self._over[number] = Event()
        self._wake()
        over.wait(self.wait_seconds)
        self._over.pop(number, None)
        return number

    def _wake(self) -> None:
        with self._lock:
            if self._thread is None and not self._end.is_set() and self._next() is not None:
                self._thread = Thread(target=self._work, name="imports", daemon=True)
                self._thread.start()

    def _next(self) -> int | None:
        with self._installation.database.reading() as session:
            return next_job(session)

    def _work(self) -> None:
        number = self._next()
        while number is not None:
            number = self._do(number)

    def _do(self, number: int) -> int | None:
        """Do one import; gives the next one. Nobody waits for the end while the books are still in use."""
        try:
            run_job(self._installation, number, _Ending(self._installation, number, self._end))
        except StoppedError:
            return self._leave(number)
        except Exception:  # noqa: BLE001 - one that nobody foresaw ends neither pages nor later imports
            _log.exception("import %d has failed", number)
            if not self._give_up(number):
                return self._leave(number)
        with self._lock:
            following = None if self._end.is_set() else self._next()
            if following is None:
                self._thread = None
        self._tell(number)
        return following

    def _give_up(self, number: int) -> bool:
        """Mark as failed what would fail again at once; False where not even that can be written."""
        try:
            with self._installation.exclusive() as session:
                row = session.get_one(ImportJob, number)
                row.state = FAILED
                row.fault = row.fault or "The import was broken off by a fault of the program; see its log."
        except Exception:  # noqa: BLE001 - a disk that fails: the next start tries again
            _log.exception("import %d cannot be marked", number)
            return False
        return True

    def _leave(self, number: int) -> int | None:
        with self._lock:
            self._thread = None
        self._tell(number)
        return None

    def _tell(self, number: int) -> None:
        over = self._over.get(number)
        if over is not None:
            over.set()


class _Ending(JobWatch):
    """Ends the import between two bundles when the server ends."""

    def __init__(self, installation: Installation, number: int, end: Event) -> None:
        super().__init__(installation, number)
        self._end = end

    def reads(self, name: str) -> None:
        if self._end.is_set():
            raise StoppedError
        super().reads(name)
