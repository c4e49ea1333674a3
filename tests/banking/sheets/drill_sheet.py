"""Kills a process again and again in the middle of posting a sheet of forty rows, and looks at what is left.

Run as a program of its own: it loads everything once, then forks one child for each kill, so that each child
is a real process that dies of SIGKILL in the middle of real work on a copy of a real home.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from banking.sheets.posting import post_sheet
from ledger.money import Money
from sync.installation import STEPS, Installation
from sync.verify import verify_books
from tests.support.institution import CLERK, Clock, passphrase_of

HOME_NAME = "KIT"
MEETING_MORNING = datetime(2026, 1, 12, 6, 0, tzinfo=UTC)


def main(home: Path, sheet: dict[str, int], kills: int, seed: int) -> dict[str, object]:
    """Kill ``kills`` times: every second time at a named step, else at a drawn moment of the posting."""
    chance = random.Random(seed)
    life = _measure_life(home, sheet)
    left: Counter[str] = Counter()
    for number in range(kills):
        step = STEPS[number // 2 % len(STEPS)] if number % 2 == 0 else None
        copy = _copy_of(home)
        answered = _one_kill(copy, sheet, step, chance.random() * life)
        left[_check(copy, sheet, answered=answered, whole=number % 5 == 0)] += 1
    return {"kills": kills, "left": dict(left), "life_ms": round(life * 1000, 1)}


def _measure_life(home: Path, sheet: dict[str, int]) -> float:
    """Seconds that posting the sheet takes."""
    with _open(_copy_of(home)) as installation:
        began = time.perf_counter()
        _post(installation, sheet)
        return time.perf_counter() - began


def _copy_of(home: Path) -> Path:
    copy = home.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy)
    return copy


def _one_kill(home: Path, sheet: dict[str, int], step: str | None, delay: float) -> bool:
    """Let a child post until it dies; gives whether it had answered before."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        try:
            _work(home, sheet, step, tell)
        finally:
            os._exit(9)
    os.close(tell)
    answered = False
    with os.fdopen(told, "r", encoding="utf-8") as lines:
        for line in lines:
            if line == "ready\n" and step is None:
                time.sleep(delay)
                os.kill(child, signal.SIGKILL)
            answered = answered or line == "answered\n"
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the child ended by itself: {status}"
    return answered


def _work(home: Path, sheet: dict[str, int], step: str | None, tell: int) -> None:
    def reached(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    with _open(home, reached) as installation:
        os.write(tell, b"ready\n")
        _post(installation, sheet)
        os.write(tell, b"answered\n")
        os.kill(os.getpid(), signal.SIGKILL)


def _post(installation: Installation, sheet: dict[str, int]) -> None:
    with installation.unit_of_work("sheet.post", CLERK) as session:
        post_sheet(session, sheet["id"], Money(sheet["counted"]), sheet["till"])


def _open(home: Path, reached: object = None) -> Installation:
    clock = Clock(MEETING_MORNING)
    if reached is None:
        return Installation.open(str(home), passphrase_of(HOME_NAME), clock=clock)
    return Installation.open(str(home), passphrase_of(HOME_NAME), clock=clock, reached=reached)  # type: ignore[arg-type]  # the tests' clock


def _check(home: Path, sheet: dict[str, int], *, answered: bool, whole: bool) -> str:
    """Either all rows are there and the draft is not, or the draft is there and nothing else."""
    with _open(home) as installation:
        with installation.database.reading() as session:
            connection = session.connection()

            def count(statement: str) -> int:
                return int(connection.execute(text(statement), {"id": sheet["id"]}).scalar_one())

            state = str(
                connection.execute(
                    text("SELECT state FROM collection_sheet WHERE id = :id"), {"id": sheet["id"]}
                ).scalar_one()
            )
            entries = count("SELECT count(*) FROM journal_entry WHERE sheet_id = :id")
            marks = count("SELECT count(*) FROM attendance WHERE :id = :id")
            draft = count("SELECT count(*) FROM sheet_cell WHERE sheet_id = :id")
        if state == "posted":
            assert (entries, marks, draft) == (sheet["entries"], sheet["members"], 0), "half a sheet"
        else:
            assert (state, entries, marks, draft) == ("printed", 0, 0, sheet["cells"]), "half a sheet"
            assert not answered, "answered, and lost"
            _post(installation, sheet)  # whoever was interrupted posts it again
        if whole:
            assert [check for check in verify_books(installation) if not check.ok] == []
    return state


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(main(Path(given["home"]), given["sheet"], given["kills"], given["seed"])))  # noqa: T201 - its answer
