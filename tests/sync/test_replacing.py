"""Laptops that are lost, restored, replaced and moved to another number: the books go on, nothing is lost."""

import shutil
from pathlib import Path

import pytest

from branch.founding import create_branch
from branch.replacing import renumber, renumbered, restore_branch
from hq.replacements import branch_reserves, reseed, seal_reseeding
from ledger.errors import TrustError
from schema.reference import Device
from sync.backup import write_backup
from sync.export import write_branch_bundle
from sync.founding import Restoring
from sync.home import Home
from sync.inbox import import_paths
from sync.installation import Installation
from sync.kit import Kit
from sync.reserve import ReserveCode, new_code
from sync.succession import RESTORED, ROTATED
from sync.verify import verify_books
from tests.support.institution import CLERK, HQ, TestInstitution, passphrase_of, register_savers


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """A confirmed branch with some work that headquarters has."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("replacing") / "bank")
    with bank.open("KIT") as branch:
        register_savers(branch, ["Amina"])
    bank.receive(bank.send("KIT")[0])
    bank.confirm("KIT")
    bank.answer("KIT")
    return bank


@pytest.fixture
def bank(made_once: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return made_once.copy_to(tmp_path / "bank")


def _code(bank: TestInstitution, number: int = 0) -> ReserveCode:
    """What stands on the sheet in the branch's safe."""
    with bank.open(HQ) as headquarters:
        _, reserves = branch_reserves(headquarters, "KIT", CLERK)
    return ReserveCode(None, reserves[number].secret)


def _work(bank: TestInstitution, *names: str) -> None:
    with bank.open("KIT") as branch:
        register_savers(branch, list(names))


def _meet(bank: TestInstitution) -> None:
    """The new device's bundle comes in, it is confirmed, and the answer goes back."""
    (result,) = bank.receive(bank.send("KIT")[0])
    assert result.verdict == "ADMIT", result
    assert bank.confirm("KIT") == "active"
    (result,) = bank.answer("KIT")
    assert result.verdict in {"ADMIT", "NOOP"}, result


def _expect_agreement(bank: TestInstitution) -> None:
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256
    for name in ("KIT", HQ):
        with bank.open(name) as home:
            assert [check for check in verify_books(home) if not check.ok] == []


def _devices(bank: TestInstitution) -> dict[int, str]:
    with bank.open(HQ) as headquarters, headquarters.database.reading() as session:
        return {row.number: row.state for row in session.query(Device) if row.state != "reserve"}


def test_a_branch_comes_back_from_its_backup_under_a_reserve_number(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """Work after the last bundle is in the backup: it travels as the tail of the old number."""
    _work(bank, "Baraka")
    with bank.open("KIT") as branch:
        backup = write_backup(branch, tmp_path / "stick")
        old = branch.facts.device
    (bank.root / "KIT").rename(tmp_path / "stolen")
    found = restore_branch(
        bank.root / "KIT", Restoring(backup.file, passphrase_of("KIT")), _code(bank), clock=bank.clock
    )
    assert (found.old_device, found.last_seq) == (old, backup.last_seq)
    _work(bank, "Chege")
    _meet(bank)
    _expect_agreement(bank)
    assert _devices(bank) == {1: "active", old: "retired", found.device: "active"}
    assert len(list(backup.file.parent.iterdir())) == 1


def test_a_replacement_laptop_takes_over_the_books_that_headquarters_has(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """The lost laptop is retired at the head that the kit holds; what it wrote after that is quarantined."""
    (bank.root / "KIT").rename(tmp_path / "lost")
    with bank.open(HQ) as headquarters:
        made = reseed(headquarters, "KIT", CLERK)
        with pytest.raises(TrustError) as weak:
            seal_reseeding(made, "a word")
        code = new_code()
        file = seal_reseeding(made, code)
    assert weak.value.code == "WEAK_CODE"
    assert made.last_seq == 2
    kit = Kit.from_file(file, code)
    create_branch(bank.root / "KIT", kit, admin="admin", passphrase=passphrase_of("KIT"), clock=bank.clock)
    _expect_agreement(bank)
    _work(bank, "Baraka")
    _meet(bank)
    _expect_agreement(bank)
    assert _devices(bank) == {1: "active", made.old_device: "retired", made.device: "active"}
    with Installation.open(str(tmp_path / "lost"), passphrase_of("KIT"), clock=bank.clock) as lost:
        register_savers(lost, ["Chege"])
    (tmp_path / "lost").rename(bank.root / "LOST")


def test_keys_are_changed_by_going_on_under_a_reserve_number(bank: TestInstitution) -> None:
    """Rotation is enrolment again: what was not sent yet travels as the old number's tail."""
    _work(bank, "Baraka")
    home = Home.at(bank.root / "KIT")
    renumber(home, passphrase_of("KIT"), _code(bank), ROTATED, bank.clock)
    found = renumbered(home, passphrase_of("KIT"), bank.clock)
    _work(bank, "Chege")
    _meet(bank)
    _expect_agreement(bank)
    assert _devices(bank)[found.old_device] == "retired"


def test_a_code_of_another_number_and_a_used_one_are_refused(bank: TestInstitution) -> None:
    """Nothing is changed by a wrong code."""
    home, code = Home.at(bank.root / "KIT"), _code(bank)
    with pytest.raises(TrustError) as wrong:
        renumber(home, passphrase_of("KIT"), ReserveCode(None, b"0123456789"), ROTATED, bank.clock)
    assert wrong.value.code == "NO_RESERVE"
    renumber(home, passphrase_of("KIT"), code, ROTATED, bank.clock)
    _meet(bank)
    with pytest.raises(TrustError) as used:
        renumber(home, passphrase_of("KIT"), code, ROTATED, bank.clock)
    assert used.value.code == "RESERVE_USED"


def test_a_reserve_number_that_was_used_twice_is_suspended(bank: TestInstitution, tmp_path: Path) -> None:
    """Two laptops restored with one code: headquarters believes neither."""
    with bank.open("KIT") as branch:
        backup = write_backup(branch, tmp_path / "stick")
    code = _code(bank)
    for name in ("KIT", "TWIN"):
        wanted = Restoring(backup.file, passphrase_of("KIT"))
        (bank.root / "KIT").rename(tmp_path / f"before {name}")
        restore_branch(bank.root / "KIT", wanted, code, clock=bank.clock)
        (result,) = bank.receive(bank.send("KIT")[0])
    assert (result.verdict, result.code) == ("QUARANTINE", "KIT_REUSED")
    with pytest.raises(TrustError) as refused:
        bank.confirm("KIT")
    assert refused.value.code == "KIT_REUSED"


def test_a_laptop_put_back_to_yesterday_is_healed_by_its_own_bundle(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """The whole home is a day older: headquarters confirms more, and an old stick brings it back."""
    yesterday = tmp_path / "yesterday"
    shutil.copytree(bank.root / "KIT", yesterday)
    _work(bank, "Baraka")
    stick, _ = bank.send("KIT")
    bank.receive(stick)
    shutil.rmtree(bank.root / "KIT")
    shutil.copytree(yesterday, bank.root / "KIT")
    (result,) = bank.answer("KIT")
    assert (result.verdict, result.code) == ("QUARANTINE", "CHAIN_RESTORED")
    with bank.open("KIT") as branch:
        with pytest.raises(TrustError) as stopped:
            register_savers(branch, ["Chege"])
        assert stopped.value.code == "CHAIN_RESTORED"
        (result,) = import_paths(branch, [stick])
        assert result.verdict in {"ADMIT", "NOOP"}, result
        register_savers(branch, ["Chege"])
    bank.receive(bank.send("KIT")[0])
    _expect_agreement(bank)


def test_a_laptop_put_back_to_yesterday_goes_on_under_a_reserve_number(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """No stick is left: what headquarters has of the old number comes back with the answer."""
    yesterday = tmp_path / "yesterday"
    shutil.copytree(bank.root / "KIT", yesterday)
    _work(bank, "Baraka")
    bank.receive(bank.send("KIT")[0])
    shutil.rmtree(bank.root / "KIT")
    shutil.copytree(yesterday, bank.root / "KIT")
    bank.answer("KIT")
    home = Home.at(bank.root / "KIT")
    renumber(home, passphrase_of("KIT"), _code(bank), RESTORED, bank.clock)
    _work(bank, "Chege")
    _meet(bank)
    _expect_agreement(bank)


def test_a_laptop_found_again_learns_that_it_is_retired(bank: TestInstitution, tmp_path: Path) -> None:
    """It reads its end in its successor's answer and books nothing more; its tail is quarantined."""
    with bank.open("KIT") as branch:
        backup = write_backup(branch, tmp_path / "stick")
    (bank.root / "KIT").rename(bank.root / "OLD")
    wanted = Restoring(backup.file, passphrase_of("KIT"))
    restore_branch(bank.root / "KIT", wanted, _code(bank), clock=bank.clock)
    _meet(bank)
    with Installation.open(str(bank.root / "OLD"), passphrase_of("KIT"), clock=bank.clock) as old:
        register_savers(old, ["Baraka"])
        answer = max(bank.root.glob("stick-*"), key=lambda folder: int(folder.name[6:]))
        import_paths(old, [answer])
        with pytest.raises(TrustError) as stopped:
            register_savers(old, ["Chege"])
        assert stopped.value.code == "RETIRED"
        folder = tmp_path / "tail"
        folder.mkdir()
        write_branch_bundle(old, folder)
    (result,) = bank.receive(folder)
    assert (result.verdict, result.code, result.counts.quarantined) == ("QUARANTINE", "REVOKED_AFTER", 1)
    _expect_agreement(bank)
