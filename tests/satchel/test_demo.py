"""The demonstration shows what it says: the month, the books of all three, the lost bundle, the pages."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from banking.cash import till_reports
from banking.days import current_day, last_closed_day
from banking.reports import REPORTS, to_json
from hq.status import hq_status
from ledger.errors import TrustError
from satchel.demo_month import PASSWORD
from satchel.demo_serving import FIRST_CLIENTS, open_today, take_port
from satchel.demo_towns import GULU, KITALE, TOWNS, Town
from satchel.demonstration import (
    BUSINESS_DAYS,
    CARRIED,
    HQ_FOLDER,
    LOST,
    MARK,
    Facts,
    branch_folder,
    build,
    find_finished,
)
from schema.accounts import LoanTransaction, SavingsTransaction
from sync.inbox import import_paths
from sync.installation import Installation

UNTIL = date(2026, 11, 23)
DAYS = 14


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Facts]:
    """A demonstration with fewer days, and its facts."""
    folder = tmp_path_factory.mktemp("demo") / "home"
    return folder, build(folder, UNTIL, lambda _line: None, days=DAYS)


@contextmanager
def _opened(home: Path) -> Iterator[Installation]:
    with Installation.open(str(home), PASSWORD, clock=lambda: datetime(2026, 11, 23, 7, tzinfo=UTC)) as found:
        yield found


def test_the_facts_are_those_of_the_three_homes(built: tuple[Path, Facts]) -> None:
    """Consolidated equals the branches together, digests are equal, checks passed, one run is missing."""
    folder, facts = built
    assert facts.debit == facts.credit == facts.branches_debit
    assert float(facts.debit) > 0
    assert (facts.digests_equal, facts.verified) == (True, True)
    with _opened(folder / HQ_FOLDER) as hq, hq.database.reading() as session:
        assert to_json(REPORTS["trial-balance"](session, as_of=date.max), 2)["debit"] == facts.debit
        by_code = {branch.branch: branch for branch in hq_status(hq, session)}
    assert set(by_code) == {town.code for town in TOWNS}
    assert {branch.state for branch in by_code.values()} == {"active"}
    [(first, last)] = by_code["GUL"].gaps
    assert facts.missing == f"GUL {first}-{last}"
    assert by_code["KIT"].gaps == ()


def test_the_last_week_has_not_been_carried(built: tuple[Path, Facts]) -> None:
    """Headquarters sees both branches late, and each branch has work to send."""
    folder, _ = built
    with _opened(folder / HQ_FOLDER) as hq, hq.database.reading() as session:
        late = {branch.branch: branch.days_behind for branch in hq_status(hq, session)}
    assert all(days is not None and days >= 7 for days in late.values())


def test_the_lost_bundle_closes_the_gap(built: tuple[Path, Facts], tmp_path: Path) -> None:
    """Bringing it makes everything that waited behind it count."""
    shutil.copytree(built[0], tmp_path / "copy")
    with _opened(tmp_path / "copy" / HQ_FOLDER) as hq:
        [result] = import_paths(hq, [tmp_path / "copy" / CARRIED / LOST])
        with hq.database.reading() as session:
            [gulu] = [branch for branch in hq_status(hq, session) if branch.branch == GULU.code]
    assert (result.verdict, gulu.gaps, gulu.held) == ("ADMIT", (), 0)


@pytest.mark.parametrize("town", TOWNS, ids=lambda town: town.code)
def test_a_month_at_a_branch_has_what_happens_there(built: tuple[Path, Facts], town: Town) -> None:
    """Disbursements, repayments, fees, savings both ways, a reversal, arrears, and a closed last day."""
    home = built[0] / branch_folder(town)
    with _opened(home) as branch, branch.database.reading() as session:
        loans = set(session.scalars(select(LoanTransaction.kind)))
        saved = set(session.scalars(select(SavingsTransaction.kind)))
        report = REPORTS["portfolio-at-risk"](session, as_of=UNTIL, office_id=branch.place.office_id)
        closed = last_closed_day(session)
        assert current_day(session) is None
    assert {"disbursement", "repayment", "fee"} <= loans
    assert {"deposit", "withdrawal", "reversal"} <= saved
    assert closed is not None
    assert closed.on == UNTIL - timedelta(days=2)  # the day between is a Sunday
    late = {row["over_days"]: row["loans"] for row in to_json(report, 2)["at_risk"]}
    assert 0 < late[30] < late[0]


def test_a_month_has_about_twenty_six_business_days() -> None:
    """Six days a week over a month."""
    assert BUSINESS_DAYS == 26


def test_an_interrupted_build_is_begun_again_and_gives_the_same(
    built: tuple[Path, Facts], tmp_path: Path
) -> None:
    """What is half built is no demonstration; and the same days are lived through in the same way."""
    home = tmp_path / "home"
    (home / HQ_FOLDER).mkdir(parents=True)
    (home / HQ_FOLDER / "half").write_text("written")
    (home / MARK).write_text('{"state": "being built", "facts": null}')
    assert find_finished(home) is None
    assert build(home, UNTIL, lambda _line: None, days=DAYS) == built[1]


def test_a_finished_one_is_used_again(built: tuple[Path, Facts]) -> None:
    """The second start builds nothing."""
    assert find_finished(built[0]) == built[1]


@pytest.mark.parametrize("name", ["letter.txt", MARK])
def test_a_foreign_folder_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    """Somebody's files are not built over, whatever they are called."""
    (tmp_path / name).write_text("[1]")
    with pytest.raises(TrustError) as refusal:
        find_finished(tmp_path)
    assert refusal.value.code == "FOLDER_NOT_EMPTY"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "[1]"


def test_the_day_is_open_when_pages_are_served(built: tuple[Path, Facts], tmp_path: Path) -> None:
    """A visitor can post at once and sees a day at work, also when it is started again another day."""
    home = shutil.copytree(built[0] / branch_folder(KITALE), tmp_path / "branch")
    with _opened(home) as branch:
        for today in (UNTIL, UNTIL, UNTIL + timedelta(days=3)):
            open_today(branch, today)
            with branch.database.reading() as session:
                day = current_day(session)
                [till] = till_reports(session, branch.place.office_id, today)
            assert day is not None
            assert day.on == today
            assert len(till.lines) == 2 * FIRST_CLIENTS


def test_a_taken_port_is_passed_by() -> None:
    """Another program keeps its port."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        if taken > 65_000:  # so near the end that there may be no next one
            return
        with take_port(taken) as found:
            assert found.getsockname()[1] > taken


def _log_in(address: str, username: str) -> int:
    place = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=300)
    form = urllib.parse.urlencode({"username": username, "password": PASSWORD})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": address}
    connection.request("POST", "/login", form, headers)
    answer = connection.getresponse()
    connection.close()
    return answer.status


def test_served_pages_let_the_printed_users_in_and_ctrl_c_stops(
    built: tuple[Path, Facts], tmp_path: Path
) -> None:
    """Both editions answer when the addresses are printed; nothing is left running afterwards."""
    home = shutil.copytree(built[0], tmp_path / "home")
    command = [sys.executable, "-m", "satchel", "demo", "--home", str(home), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            told = json.loads(running.stdout.readline())
            assert told["built"] is False
            for served in told["served"]:
                for username in served["users"]:
                    assert _log_in(served["address"], username) == 303
        finally:
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=300)
    assert running.returncode == 0
    assert said.endswith("Stopped.\n")
