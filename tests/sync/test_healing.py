"""Start-up: database and second copy heal each other, and a home that knows too little stops."""

import shutil
from pathlib import Path

import pytest

from ledger.errors import TrustError
from sync.chain import head
from sync.installation import Installation
from sync.second_copy import RESERVE_BYTES
from sync.verify import verify_books
from tests.support.institution import TestInstitution, register_savers


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """A branch with a little work in its chain."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("healing") / "bank")
    with bank.open("KIT") as branch:
        register_savers(branch, ["Amina"])
    return bank


@pytest.fixture
def bank(made_once: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return made_once.copy_to(tmp_path / "bank")


def _last_seq(branch: Installation) -> int:
    with branch.database.reading() as session:
        found = head(session, branch.facts.device, 0)
    assert found is not None
    return found.seq


def _work(bank: TestInstitution, *names: str) -> int:
    """Register some more; gives the last sequence."""
    with bank.open("KIT") as branch:
        for name in names:
            register_savers(branch, [name])
        return _last_seq(branch)


def _expect_whole(bank: TestInstitution, seq: int, *told: str) -> None:
    """The home opens, says what it healed, is at ``seq``, proves itself and goes on."""
    with bank.open("KIT") as branch:
        assert len(branch.healed) == len(told), branch.healed
        for line, words in zip(branch.healed, told, strict=True):
            assert words in line
        assert _last_seq(branch) == seq
        assert [check for check in verify_books(branch) if not check.ok] == []
    assert _work(bank, "Afterwards") == seq + 1
    with bank.open("KIT") as branch:
        assert branch.healed == []


def _database_files(home: Path) -> list[Path]:
    return [path for path in home.iterdir() if path.name.startswith("satchel.db")]


def test_yesterdays_database_is_brought_forward_from_todays_second_copy(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """Somebody put an older database back: the copy is replayed, and what was replayed is listed."""
    home, kept = bank.root / "KIT", tmp_path / "yesterday"
    kept.mkdir()
    for path in _database_files(home):
        shutil.copy(path, kept)
    seq = _work(bank, "Baraka", "Chausiku")
    for path in _database_files(home):
        path.unlink()
    for path in kept.iterdir():
        shutil.copy(path, home)
    _expect_whole(bank, seq, "Replayed 2 changeset(s)")


def test_a_lost_second_copy_is_written_anew(bank: TestInstitution) -> None:
    """The folder of the copy is gone: everything is appended again from the database."""
    seq = _work(bank, "Baraka")
    shutil.rmtree(bank.root / "KIT" / "journal")
    (bank.root / "KIT" / "journal").mkdir()
    _expect_whole(bank, seq, f"Appended {seq} changeset(s)")


def test_a_copy_cut_in_the_middle_is_filled_up_again(bank: TestInstitution) -> None:
    """The end of the copy is lost (a bad sector): what is missing comes from the database."""
    seq = _work(bank, "Baraka", "Chausiku")
    with bank.open("KIT") as branch:
        records = list(branch.second_copy.records())
    journal = bank.root / "KIT" / "journal" / "changesets.log"
    with journal.open("r+b") as file:
        file.truncate(records[-2][0] + 20)
    _expect_whole(bank, seq, "Appended 2 changeset(s)")


def test_a_torn_last_record_is_wiped_and_appended_again(bank: TestInstitution) -> None:
    """Half a record at the end, as a power cut leaves it."""
    seq = _work(bank, "Baraka")
    with bank.open("KIT") as branch:
        start, end, _ = list(branch.second_copy.records())[-1]
    journal = bank.root / "KIT" / "journal" / "changesets.log"
    with journal.open("r+b") as file:
        file.seek(start + (end - start) // 2)
        file.write(b"\xff" * 40)
    _expect_whole(bank, seq, "Appended 1 changeset(s)")


def test_a_home_put_back_to_yesterday_as_a_whole_books_nothing_more(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """Database and copy from yesterday, the anchor from today: neither knows the last changeset: stop."""
    home, kept = bank.root / "KIT", tmp_path / "yesterday"
    shutil.copytree(home, kept)
    _work(bank, "Baraka")
    anchor = (home / "journal" / "anchor").read_bytes()
    shutil.rmtree(home)
    shutil.copytree(kept, home)
    (home / "journal" / "anchor").write_bytes(anchor)
    for _start in range(2):
        with bank.open("KIT") as branch:
            assert branch.read_only_because is not None
            with pytest.raises(TrustError) as refusal:
                register_savers(branch, ["Chege"])
            assert refusal.value.code == "CHAIN_RESTORED"


def test_a_lost_anchor_is_set_again(bank: TestInstitution) -> None:
    """The anchor only shortens the look: without it the whole copy is read."""
    seq = _work(bank, "Baraka")
    (bank.root / "KIT" / "journal" / "anchor").unlink()
    _expect_whole(bank, seq)


def test_a_copy_of_another_home_is_not_taken(bank: TestInstitution, tmp_path: Path) -> None:
    """A second copy written with other keys is named, and nothing is changed."""
    other = TestInstitution.create(tmp_path / "other")
    shutil.copy(
        other.root / "KIT" / "journal" / "changesets.log", bank.root / "KIT" / "journal" / "changesets.log"
    )
    (bank.root / "KIT" / "journal" / "anchor").unlink()
    with pytest.raises(TrustError) as refusal:
        Installation.open(str(bank.root / "KIT"), "passphrase of KIT", clock=bank.clock)
    assert refusal.value.code == "SECOND_COPY_FOREIGN"


def test_without_room_for_the_second_copy_nothing_more_is_booked(
    bank: TestInstitution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes no more: reading goes on, booking is refused by name, what was booked stays."""
    from sync.second_copy import SecondCopy  # noqa: PLC0415 - replaced for this test

    seq = _work(bank, "Baraka")

    def full(_self: SecondCopy, _wanted: int = RESERVE_BYTES) -> None:
        raise OSError(28, "No space left on device")

    with bank.open("KIT") as branch:
        monkeypatch.setattr(SecondCopy, "reserve", full)
        with pytest.raises(TrustError) as refusal:
            register_savers(branch, ["Chausiku"])
        assert refusal.value.code == "READ_ONLY"
        assert _last_seq(branch) == seq
        monkeypatch.undo()
    _expect_whole(bank, seq)
