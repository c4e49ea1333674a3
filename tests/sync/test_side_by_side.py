"""Bundles of several branches taken into a server side by side: the books of one after another."""

import multiprocessing
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import psycopg
import pytest
from sqlalchemy import select

from banking.clients import register_client, update_client
from banking.days import open_day
from banking.savings import deposit
from console.home import operator
from hq.devices import SUSPEND, change_device
from hq.jobs import FOLDER, ask_import, find_job, run_job
from ledger.money import Money
from schema.database import TURN_LOCK
from schema.people import Client
from sync import inbox, side_by_side
from sync.bundle_files import find_volumes
from sync.import_watch import QUIET, ImportWatch
from sync.inbox import import_paths
from sync.installation import Installation
from sync.receiving import FINE
from sync.taking import import_beside
from tests.support.institution import (
    CLERK,
    FIRST_DAY,
    HQ,
    TestInstitution,
    passphrase_of,
    register_savers,
    till_of,
)
from tests.support.orders import all_rows
from tests.support.postgres import Cluster

BRANCHES = ("KIT", "GUL", "NAK")
CLIENTS, DEPOSITS = 0, 3
"""Where the sticks with the clients of each branch begin, and those with deposits alone."""
LOCAL_TABLES = {"import_job"}


@dataclass
class Brought:
    """Headquarters on a server that knows three branches, and the sticks with what each has done since."""

    bank: TestInstitution
    sticks: list[Path] = field(default_factory=list)


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory, postgres_cluster: Cluster) -> Brought:
    """Each branch sends clients, one number of a person stands at all; then each sends deposits alone."""
    root = tmp_path_factory.mktemp("side") / "bank"
    bank = TestInstitution.create(root, BRANCHES, database=postgres_cluster.new_database())
    for code in BRANCHES:
        with bank.open(code) as branch:
            till_of(branch)
            with branch.unit_of_work("day.open", CLERK) as session:
                open_day(session, FIRST_DAY)
        bank.receive(bank.send(code)[0])
        bank.confirm(code)
        bank.answer(code)
    brought = Brought(bank)
    accounts: dict[str, list[int]] = {}
    for code in BRANCHES:
        with bank.open(code) as branch:
            accounts[code] = _register(branch, code)
        brought.sticks.append(bank.send(code, since_last=True)[0])
    for code in BRANCHES:
        with bank.open(code) as branch:
            for account in accounts[code]:
                with branch.unit_of_work("savings.deposit", CLERK) as session:
                    deposit(session, account, Money(5_000), FIRST_DAY, till_id=till_of(branch))
        brought.sticks.append(bank.send(code, since_last=True)[0])
    return brought


def _register(branch: Installation, name: str) -> list[int]:
    accounts = register_savers(branch, [f"{name} a", f"{name} b"])
    with branch.unit_of_work("client.register", CLERK) as session:
        client = register_client(session, name=f"Wanjiru {name}", national_id="12345678", joined_on=FIRST_DAY)
        client_id = client.id
    with branch.unit_of_work("client.update", CLERK) as session:
        update_client(session, client_id, phone="+254 700 000 001")
    return accounts


@pytest.fixture
def copy(brought: Brought, tmp_path: Path) -> Callable[[str], TestInstitution]:
    """Give headquarters as it stood before the sticks, under a name."""
    return lambda name: brought.bank.copy_to(tmp_path / name)


@pytest.fixture
def one_after_another(brought: Brought, copy: Callable[[str], TestInstitution]) -> dict[str, list[str]]:
    """What headquarters comes to when it takes the sticks alone."""
    with copy("alone").open(HQ) as hq:
        assert {result.verdict for result in import_paths(hq, brought.sticks)} <= FINE
        return _rows(hq)


def _rows(hq: Installation) -> dict[str, list[str]]:
    with hq.database.reading() as session:
        return {table: rows for table, rows in all_rows(session).items() if table not in LOCAL_TABLES}


def test_processes_give_what_one_gives(
    brought: Brought,
    copy: Callable[[str], TestInstitution],
    one_after_another: dict[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three processes, all rows the same; the page's import hears of each bundle once."""
    monkeypatch.setattr(inbox, "WORTH_BYTES_BESIDE", 0)
    for module in (inbox, side_by_side):
        monkeypatch.setattr(module, "import_one", _never)
    monkeypatch.setattr("hq.jobs.usual_workers", lambda _hq: 3)
    with copy("processes").open(HQ) as hq:
        folder = hq.home.root / "sticks"
        folder.mkdir()
        for number, stick in enumerate(brought.sticks):
            shutil.copytree(stick, folder / str(number))
        number = ask_import(hq, FOLDER, str(folder), None)
        run_job(hq, number)
        with hq.database.reading() as session:
            job = find_job(session, number)
        assert (job.state, job.found, job.done, job.fault) == ("done", 6, 6, "")
        assert sorted(line.sender or "" for line in job.results) == sorted(2 * BRANCHES)
        assert {line.verdict for line in job.results} <= FINE
        assert _rows(hq) == one_after_another


def _never(*_: object) -> None:
    raise AssertionError("a bundle was taken in by this process")


@pytest.mark.parametrize(
    ("start", "step", "overtakes"),
    [
        (CLIENTS, "authentic", True),
        (CLIENTS, "received", False),  # shared rows were folded: it has its turn
        (DEPOSITS, "received", True),
        (DEPOSITS, "folded", False),
    ],
)
@pytest.mark.parametrize(("first", "second"), list(permutations(range(2))))
def test_whichever_overtakes_the_other(
    brought: Brought,
    copy: Callable[[str], TestInstitution],
    one_after_another: dict[str, list[str]],
    start: int,
    step: str,
    overtakes: bool,
    first: int,
    second: int,
) -> None:
    """One stands still at a step until the other is through, or can go on no further."""
    bank = copy("overtaken")
    sticks = brought.sticks[start:]
    with bank.open(HQ) as hq, ThreadPoolExecutor(2) as threads:
        import_paths(hq, brought.sticks[:start])
        standing = _Standing(step)
        with Installation.open(
            str(bank.root / HQ), passphrase_of(HQ), clock=bank.clock, reached=standing.reached
        ) as other:
            held = threads.submit(_take_beside, other, sticks[first])
            assert standing.stands.wait(60)
            overtaking = threads.submit(_take_beside, hq, sticks[second])
            _until(lambda: overtaking.done() or _waiting(hq))
            assert overtaking.done() == overtakes
            standing.goes_on.set()
            assert (held.result(), overtaking.result()) == ("ADMIT", "ADMIT")
        assert {result.verdict for result in import_paths(hq, sticks[2:])} <= FINE
        assert _rows(hq) == one_after_another


class _Standing:
    """An import that stands still at a step until it is told to go on."""

    def __init__(self, step: str) -> None:
        self._step = step
        self.stands, self.goes_on = Event(), Event()

    def reached(self, step: str) -> None:
        """Stand still at the step."""
        if step == self._step:
            self.stands.set()
            assert self.goes_on.wait(60)


def _until(true: Callable[[], object]) -> None:
    """Wait for what must come; a minute is the end of all patience, and nothing is measured by it."""
    end = monotonic() + 60
    while not true():
        assert monotonic() < end, "it never came"
        sleep(0.01)


def _waiting(hq: Installation) -> int:
    """How many wait for a lock of ours on the server."""
    with hq.database.reading() as session:
        query = (
            "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database"
            " WHERE locktype = 'advisory' AND NOT granted AND d.datname = current_database()"
        )
        return int(session.connection().exec_driver_sql(query).scalar_one())


def _take_beside(hq: Installation, stick: Path) -> str:
    (bundle,) = find_volumes([stick], hq.home.spool).bundles
    result = import_beside(hq, bundle, QUIET)
    return result.verdict if result else ""


def test_who_books_waits_for_imports_and_is_waited_for(
    brought: Brought, copy: Callable[[str], TestInstitution]
) -> None:
    """A unit of work begins when the imports before it are through; an import after it waits for it."""
    bank = copy("booking")
    with bank.open(HQ) as hq, ThreadPoolExecutor(3) as threads:
        standing = _Standing("authentic")
        with (
            Installation.open(
                str(bank.root / HQ), passphrase_of(HQ), clock=bank.clock, reached=standing.reached
            ) as other,
            bank.open(HQ) as third,
        ):
            seen = _known_clients(hq)
            held = threads.submit(_take_beside, other, brought.sticks[0])
            assert standing.stands.wait(60)
            booking = threads.submit(_clients_at_booking, hq)
            _until(lambda: _waiting(hq) == 1)
            after = threads.submit(_take_beside, third, brought.sticks[1])
            _until(lambda: _waiting(hq) == 2)
            standing.goes_on.set()
            assert (held.result(), after.result()) == ("ADMIT", "ADMIT")
            assert booking.result() == seen + 3


def _known_clients(hq: Installation) -> int:
    with hq.database.reading() as session:
        return len(session.scalars(select(Client.id)).all())


def _clients_at_booking(hq: Installation) -> int:
    with hq.unit_of_work("tax.create", operator(hq)) as session:
        return len(session.scalars(select(Client.id)).all())


def test_one_of_two_that_wait_for_each_other_is_undone(
    brought: Brought,
    copy: Callable[[str], TestInstitution],
    one_after_another: dict[str, list[str]],
    postgres_cluster: Cluster,
) -> None:
    """The server ends one of two that wait for each other; that import is undone, to be done alone."""
    bank = copy("deadlock")
    with bank.open(HQ) as hq, ThreadPoolExecutor(1) as threads:
        (bundle,) = find_volumes([brought.sticks[0]], hq.home.spool).bundles
        url = str(hq.database.writer.url.render_as_string(hide_password=False))
        with hq.database.reading() as session:
            office = hq.roster(session).office_of(bundle.index.device)
        with psycopg.connect(url.replace("+psycopg", "")) as stranger:
            stranger.execute("SET deadlock_timeout = '10min'")
            stranger.execute("SELECT pg_advisory_xact_lock(%s)", (TURN_LOCK,))
            taken = threads.submit(_take_beside, hq, brought.sticks[0])
            _until(lambda: _waiting(hq) == 1)
            stranger.execute("SELECT pg_advisory_xact_lock(%s)", (office,))
        assert taken.result() == ""
        assert {result.verdict for result in import_paths(hq, brought.sticks)} <= FINE
        assert _rows(hq) == one_after_another


def test_a_process_that_ends_loses_nothing(
    brought: Brought,
    copy: Callable[[str], TestInstitution],
    one_after_another: dict[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a worker is killed, this process takes in what is left, and what had come is known."""
    monkeypatch.setattr(inbox, "WORTH_BYTES_BESIDE", 0)
    with copy("killed").open(HQ) as hq:
        killing = _Killing()
        results = import_paths(hq, brought.sticks, watch=killing, workers=2)
        assert killing.killed
        assert {result.verdict for result in results} <= FINE
        assert _rows(hq) == one_after_another


class _Killing(ImportWatch):
    """Kills the workers with the third bundle."""

    def __init__(self) -> None:
        self._read = 0
        self.killed = 0

    def reads(self, name: str) -> None:
        """Count, then kill."""
        self._read += 1
        if self._read == 3:
            for worker in multiprocessing.active_children():
                worker.kill()
                self.killed += 1


def test_what_is_refused_beside_others_is_named_and_leaves_nothing(
    brought: Brought, copy: Callable[[str], TestInstitution], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspended laptop's bundle is refused in a worker in the words of an import alone."""
    monkeypatch.setattr(inbox, "WORTH_BYTES_BESIDE", 0)
    refusals = []
    for name, workers in (("one", 1), ("two", 2)):
        with copy(name).open(HQ) as hq:
            with hq.unit_of_work("device.suspend", operator(hq)) as session:
                change_device(session, 5, SUSPEND, reason="it was seen at the market")
            before = _known_clients(hq)
            results = import_paths(hq, brought.sticks[:3], workers=workers)
            refusals.append([(one.sender, one.verdict, one.code, one.detail) for one in results])
            assert _known_clients(hq) == before + 6
    assert refusals[0] == refusals[1]
    assert [verdict for _, verdict, _, _ in refusals[0]].count("ADMIT") == 2
