"""Where the entries are, counted from the chain."""

from datetime import timedelta
from pathlib import Path

import pytest

from banking.clients import register_client
from banking.days import close_day, open_day
from branch.standing import Standing, find_written, standing, written_bundles
from sync.export import write_branch_bundle
from sync.installation import Installation
from sync.lookup import find_origin
from tests.support.branch_home import TODAY, Clock, Known, copy_homes, make_homes, opened


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """A branch that each test gets a copy of."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_homes(folder)


def test_entries_are_to_send_until_a_bundle_holds_them(made: tuple[Path, Known], tmp_path: Path) -> None:
    """Each unit of work counts once, by business day; a bundle takes them over; HQ has none of them yet."""
    clock = Clock()
    known = made[1]
    with opened(copy_homes(made[0], tmp_path) / "branch", clock) as branch:
        before = _now(branch)
        assert (before.to_send, before.to_send_days, before.waiting) == (9, 2, 0)
        with branch.unit_of_work("day.close", known.admin) as session:
            close_day(session)
        clock.move(timedelta(days=1))
        with branch.unit_of_work("day.open", known.admin) as session:
            open_day(session, TODAY + timedelta(days=1))
        assert (_now(branch).to_send, _now(branch).to_send_days) == (11, 3)

        written = write_branch_bundle(branch, tmp_path)
        after = _now(branch)
        assert (after.to_send, after.to_send_days, after.waiting, after.acknowledged) == (0, 0, 11, 0)
        assert after.written is not None
        assert (after.written.name, after.written.last_seq) == (written.name, 11)
        assert after.days_waiting(TODAY) == 100

        write_branch_bundle(branch, tmp_path)
        with branch.database.reading() as session:
            names = [row.name for row in written_bundles(session, branch.facts.device)]
            assert names[1] == written.name
            assert len(names) == 2
            assert find_written(session, branch.facts.device, written.name.lower()) is not None
            assert find_written(session, branch.facts.device, "00000000") is None


def test_a_row_leads_to_its_changeset(made: tuple[Path, Known], tmp_path: Path) -> None:
    """Also in a burst within one instant, where logical times run ahead; never to another row's."""
    clock = Clock()
    with opened(copy_homes(made[0], tmp_path) / "branch", clock) as branch:
        instant = clock.instant + timedelta(hours=1)
        branch.clock = lambda: instant
        ids = []
        for number in range(40):
            with branch.unit_of_work("client.register", made[1].admin) as session:
                ids.append(register_client(session, name=f"Client {number}").id)
        with branch.database.reading() as session:
            found = [find_origin(session, "client", client_id, instant) for client_id in ids]
            assert [origin.seq for origin in found if origin is not None] == list(range(10, 50))
            assert {origin.printed for origin in found if origin is not None} == {
                origin.hash.hex()[:8].upper() for origin in found if origin is not None
            }
            assert find_origin(session, "loan_account", ids[0], instant) is None
            assert find_origin(session, "client", ids[0], instant + timedelta(days=1)) is None


def _now(branch: Installation) -> Standing:
    with branch.database.reading() as session:
        return standing(session, branch.facts.device)
