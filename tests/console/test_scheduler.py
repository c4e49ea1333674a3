"""What goes by itself: when it is due, one after the other, with its outcome written down."""

from datetime import timedelta
from pathlib import Path

import pytest

from branch.sending import send_by_itself
from console.scheduler import Scheduler, last_run, planned, run_due
from hq.sending import send_by_itself as answer_by_itself
from sync.carriers.settings import change
from tests.support.institution import HQ, TestInstitution, register_savers


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    return TestInstitution.create(tmp_path_factory.mktemp("schedule"))


def test_bundles_go_both_ways_by_a_shared_folder_without_anybody(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """The branch sends what is new, headquarters imports and answers, the branch imports the answer."""
    shared = str(tmp_path)
    by_folder = {"folder.path": shared, "schedule.send": "folder", "schedule.fetch": "folder"}
    with bank.open("KIT") as branch, bank.open(HQ) as hq:
        assert run_due(branch, send_by_itself) == []
        change(branch, by_folder | {"schedule.fetch": ""})
        change(hq, by_folder)
        register_savers(branch, ["Amina"])
        (sent,) = run_due(branch, send_by_itself)
        assert (sent.ok, sent.via) == (True, "folder")
        assert run_due(branch, send_by_itself) == [], "not due again yet"
        bank.clock.now += timedelta(hours=1)
        (idle,) = run_due(branch, send_by_itself)
        assert idle.told == "nothing new"
        nothing, fetched = run_due(hq, answer_by_itself)
        assert (nothing.told, fetched.ok) == ("nothing new", True)
        bank.clock.now += timedelta(hours=1)
        answered, _ = run_due(hq, answer_by_itself)
        assert answered.told.startswith("KIT ")
        change(branch, {"schedule.fetch": "folder", "schedule.send": ""})
        (came,) = run_due(branch, send_by_itself)
        assert came.ok
        (plan,) = planned(branch)
        assert plan.next_at is not None
        assert plan.next_at - came.at == timedelta(hours=1)


def test_a_run_that_fails_is_written_down_and_ends_nothing(bank: TestInstitution, tmp_path: Path) -> None:
    with bank.open("KIT") as branch:
        gone = {"folder.path": str(tmp_path / "gone"), "schedule.send": "", "schedule.fetch": "https"}
        change(branch, gone)
        bank.clock.now += timedelta(hours=2)
        (failed,) = run_due(branch, send_by_itself)
        assert (failed.ok, failed.code) == (False, "NO_SETTING")
        assert last_run(branch, "fetch") == failed
        with Scheduler(branch, send_by_itself):
            pass
