"""Practice: a branch of made-up people in a temporary folder, served until somebody stops it, then deleted.

It never touches a real home. The name of its institution says PRACTICE, so that every page and every paper,
raw receipts too, carries the word.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from banking.days import open_day
from branch.application import create_branch_application
from branch.founding import create_branch
from console.home import operator, utc_now
from hq.founding import NewInstitution, create_institution, enrol
from satchel.demo_month import PASSWORD, Clock, Month, shillings
from satchel.demo_serving import HOST, serve_from_thread
from satchel.demo_towns import KITALE, Colleague, Town
from sync.installation import Installation
from sync.kit import Kit
from web.server import serve

PORT: Final = 8640
"""Where practice is served, or at the next free port after it."""

NAME: Final = "PRACTICE: nothing here is real"
CODE: Final = "PRACTICE"
KIT_CODE: Final = "practice kit code"
CASH: Final = 120_000


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice branch that answers: where, and who logs in with which password."""

    address: str
    users: tuple[str, ...]
    password: str = PASSWORD


@contextmanager
def practising(today: date) -> Iterator[Practice]:
    """Build a practice branch with an open day, serve it, and delete it at the end.

    raises   TrustError NO_PORT, NOT_READY
    """
    town = town_of(today)
    with tempfile.TemporaryDirectory(prefix="satchel-practice-", ignore_cleanup_errors=True) as folder:
        home = build(Path(folder), town, today)
        with Installation.open(str(home), PASSWORD, clock=utc_now) as branch:
            with branch.unit_of_work("day.open", operator(branch)) as session:
                open_day(session, today, shillings(CASH))
            app = create_branch_application(branch, practice=True)
            port = serve_from_thread(partial(serve, app), PORT)
            yield Practice(f"http://{HOST}:{port}", (town.clerk.username, town.manager.username))


def town_of(today: date) -> Town:
    """Give the town to practise in: two groups meet today, the third one tomorrow."""
    weekday = today.isoweekday()
    names = [name for name, _weekday in KITALE.groups]
    days = (weekday, weekday, weekday % 7 + 1)
    return replace(
        KITALE,
        code=CODE,
        name="Practice",
        clerk=Colleague("clerk", "Practice Clerk", "clerk"),
        manager=Colleague("manager", "Practice Manager", "manager"),
        groups=tuple(zip(names, days, strict=True)),
    )


def build(folder: Path, town: Town, today: date) -> Path:
    """Make an institution with this one branch in ``folder``; gives the home of the branch."""
    clock = Clock(today)
    clock.set(today, 0)
    wanted = NewInstitution(NAME, "KES", 2, "admin", PASSWORD)
    create_institution(folder / "hq", wanted, recovery_out=None, clock=clock)
    with Installation.open(str(folder / "hq"), PASSWORD, clock=clock) as hq:
        _, file = enrol(hq, town.code, town.name, KIT_CODE, operator(hq))
    home = folder / "branch"
    create_branch(home, Kit.from_file(file, KIT_CODE), admin="admin", passphrase=PASSWORD, clock=clock)
    with Installation.open(str(home), PASSWORD, clock=clock) as branch:
        Month(branch, town, clock).prepare(today)
    return home
