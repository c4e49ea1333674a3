"""Imports in the background: done once, in words, and gone on with after any stop."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hq.import_desk import ImportDesk
from hq.jobs import (
    CARRIER,
    DONE,
    FAILED,
    FOLDER,
    RUNNING,
    STOPPED,
    JobWatch,
    StoppedError,
    ask_import,
    find_job,
    run_job,
)
from hq.results import ResultLine
from schema.desk import ImportJob
from sync.digest import digest_of
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.headquarters import FIRST, copy_headquarters
from tests.support.hq_fixtures import hq, institution, made, on_both, steady_clock, sticks
from tests.support.institution import HQ, TestInstitution, passphrase_of

__all__ = ["hq", "institution", "made", "steady_clock", "sticks"]


def _digest(installation: Installation) -> str:
    with installation.database.reading() as session:
        return digest_of(session, installation.roster(session)).sha256.hex()


def _undisturbed(made: TestInstitution, root: Path, source: Path) -> str:
    """The digest of headquarters that imports the same at one go."""
    with copy_headquarters(made, root).open(HQ) as other:
        import_paths(other, [source])
        return _digest(other)


@on_both
def test_a_job_tells_how_far_it_is_and_what_came(hq: Installation, sticks: Path) -> None:
    """Found and done are counted, every bundle has its line with label and check letters."""
    number = ask_import(hq, FOLDER, str(sticks / FIRST), 1)
    run_job(hq, number)
    with hq.database.reading() as session:
        job = find_job(session, number)
    assert (job.state, job.found, job.done, job.fault, job.now) == (DONE, 2, 2, "", "")
    assert {(line.sender, line.number, line.verdict, line.admitted) for line in job.results} == {
        ("KIT", 1, "ADMIT", 6),
        ("ELW", 1, "ADMIT", 6),
    }
    assert all(len(line.check) == 4 for line in job.results)


def test_a_job_that_was_stopped_goes_on_with_what_is_left(
    hq: Installation, sticks: Path, made: TestInstitution, tmp_path: Path
) -> None:
    """Stopped before the second bundle, it ends with the lines and the books of one that was not."""
    number = ask_import(hq, FOLDER, str(sticks), 1)

    class Stopping(JobWatch):
        def reads(self, name: str) -> None:
            with hq.database.reading() as session:
                if find_job(session, number).done == 2:
                    raise StoppedError
            super().reads(name)

    with pytest.raises(StoppedError):
        run_job(hq, number, Stopping(hq, number))
    with hq.database.reading() as session:
        assert (find_job(session, number).state, len(find_job(session, number).results)) == (STOPPED, 2)
    with ImportDesk(hq, wait_seconds=300) as desk:
        later = desk.ask(FOLDER, str(sticks / FIRST), 1)  # its turn comes after the one that was stopped
    with hq.database.reading() as session:
        job, after = find_job(session, number), find_job(session, later)
    assert (job.state, job.done, after.state) == (DONE, 5, DONE)
    assert sum(line.admitted for line in job.results) == 16
    assert {line.verdict for line in after.results} == {"NOOP"}
    assert _digest(hq) == _undisturbed(made, tmp_path / "other", sticks)


def test_what_goes_wrong_is_kept_in_words(hq: Installation, sticks: Path) -> None:
    """A line that cannot be reached and a folder that has gone end their job and no other."""
    with ImportDesk(hq, wait_seconds=300) as desk:
        fetched = desk.ask(CARRIER, "imap", 1)
        gone = desk.ask(FOLDER, str(sticks / "gone"), 1)
        good = desk.ask(FOLDER, str(sticks / FIRST), 1)
    with hq.database.reading() as session:
        jobs = [find_job(session, number) for number in (fetched, gone, good)]
    assert [job.state for job in jobs] == [FAILED, DONE, DONE]
    assert "imap.server" in jobs[0].fault
    assert [line.code for line in jobs[1].results] == ["IO_ERROR"]


def test_a_refused_bundle_changes_nothing_and_has_its_line(
    hq: Installation, sticks: Path, tmp_path: Path
) -> None:
    """Bundles of another institution: both are named, no sender of ours, not a byte of the books moves."""
    stranger = TestInstitution.create(tmp_path / "stranger", ("KIT",))
    folder, _ = stranger.send("KIT")
    before = _digest(hq)
    (looked,) = import_paths(hq, [folder], dry_run=True)
    number = ask_import(hq, FOLDER, str(folder), 1)
    run_job(hq, number)
    with hq.database.reading() as session:
        (line,) = find_job(session, number).results
        counted = [session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
                   for table in ("bundle", "quarantine")]  # fmt: skip
        assert ResultLine.of(session, looked) == line
    assert (line.verdict, line.code, line.sender) == ("REJECT", "OTHER_INSTITUTION", None)
    with stranger.open(HQ) as theirs:
        assert theirs.facts.institution[:8].upper() in line.detail
    assert f"Test bank ({hq.facts.institution[:8].upper()})" in line.detail
    assert "Nothing was changed." in line.detail
    assert (_digest(hq), counted) == (before, [0, 0])


def test_a_server_that_was_killed_goes_on_when_it_starts_again(
    institution: TestInstitution, made: TestInstitution, tmp_path: Path
) -> None:
    """SIGKILL in the middle of several bundles; the next start ends with the digest of an undisturbed one."""
    with institution.open(HQ) as before:
        number = ask_import(before, FOLDER, str(institution.root), 1)
    first = _serve(institution)
    while _state(institution, number)[1] < 1:
        assert first.poll() is None
        time.sleep(0.005)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert _state(institution, number)[0] in {RUNNING, DONE}
    second = _serve(institution)
    while _state(institution, number)[0] != DONE:
        assert second.poll() is None
        time.sleep(0.1)
    second.terminate()
    second.wait()
    with institution.open(HQ) as after:
        with after.database.reading() as session:
            job = find_job(session, number)
        assert (job.found, job.done, len(job.results)) == (5, 5, 5)
        assert _digest(after) == _undisturbed(made, tmp_path / "other", institution.root)


def _serve(institution: TestInstitution) -> subprocess.Popen[bytes]:
    """Start the real server; the port is any that is free."""
    command = [sys.executable, "-m", "satchel", "hq", "serve", "--home", str(institution.root / HQ)]
    environment = {**os.environ, "SATCHEL_PASSPHRASE": passphrase_of(HQ)}
    return subprocess.Popen([*command, "--port", "0"], env=environment, stderr=subprocess.DEVNULL)


def _state(institution: TestInstitution, number: int) -> tuple[str, int]:
    with institution.open(HQ) as looked, looked.database.reading() as session:
        row = session.get_one(ImportJob, number)
        return row.state, row.done
