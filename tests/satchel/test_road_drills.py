"""Commands that are killed, halted and started twice in the middle of the road: the books stay the same.

Every command is a process of its own on real homes (tests/support/commands.py).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from banking.days import open_day
from banking.savings import deposit
from ledger.money import Money
from sync.digest import digest_of
from sync.installation import IMPORT_STEPS
from tests.support.commands import KILLED, Commands, Done
from tests.support.institution import (
    CLERK,
    FIRST_DAY,
    HQ,
    TestInstitution,
    lend,
    passphrase_of,
    register_savers,
    till_of,
)

KIT_STICK, GUL_STICK, KIT_LATER, ANSWER = "kit", "gul", "kit later", "answer"
STICKS = (KIT_STICK, GUL_STICK)


class Bank:
    """Homes and sticks in a folder, and the commands that work on them."""

    def __init__(self, homes: TestInstitution, commands: Commands) -> None:
        """Keep both."""
        self.homes, self.commands = homes, commands

    def copy(self, root: Path) -> "Bank":
        """Copy homes and sticks while nothing runs."""
        return Bank(self.homes.copy_to(root), self.commands)

    def words(self, name: str, *arguments: str) -> tuple[Path, str, str, str, *tuple[str, ...]]:
        """Give what starts a command on one of the homes."""
        group = "hq" if name == HQ else "branch"
        verb, *rest = arguments
        return self.homes.root / name, passphrase_of(name), group, verb, *rest

    def run(self, name: str, *arguments: str, **where: Any) -> Done:  # noqa: ANN401 - as the words of `start` tell
        """Run a command to its end."""
        return self.commands.run(*self.words(name, *arguments), **where)

    def tell(self, name: str, *arguments: str) -> dict[str, Any]:
        """Run a command that must succeed; gives its document."""
        done = self.run(name, *arguments)
        assert done.status == 0, done.said + str(done.document)
        return done.document

    def digest(self, name: str) -> tuple[bytes, bool]:
        """Give the digest of a home, and whether it is certified."""
        with self.homes.open(name) as home, home.database.reading() as session:
            found = digest_of(session, home.roster(session))
        return found.sha256, found.certified

    def agree(self, code: str) -> bool:
        """Whether a branch and headquarters have the same books of it."""
        here, there = self.homes.digests(code)
        return here.sha256 == there.sha256 and there.certified

    def stick(self, name: str) -> str:
        """Give the path of a stick."""
        return str(self.homes.root / name)

    def is_whole(self, *names: str) -> bool:
        """Whether the books of these homes are proved whole."""
        return all(self.tell(name, "verify")["ok"] for name in names)


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """The program, loaded once."""
    clock = TestInstitution(Path()).clock
    with Commands(tmp_path_factory.mktemp("said"), clock.now.replace(hour=12)) as started:
        yield started


def _make(root: Path, database: str | None = None) -> TestInstitution:
    """Branches whose sticks lie there; what comes after KIT's waits at headquarters already."""
    codes = ("KIT",) if database else ("KIT", "GUL")
    made = TestInstitution.create(root, codes, database)
    for code in codes:
        with made.open(code) as branch:
            lend(branch, f"Borrower of {code}", Money(500_000))
            accounts = register_savers(branch, [f"Saver of {code}"])
            till = till_of(branch)
        made.receive(made.send(code)[0])
        made.confirm(code)
        made.answer(code)
        _save(made, code, accounts[0], till)
        folder, _ = made.send(code)
        folder.rename(made.root / code.lower())
    with made.open("KIT") as branch:
        (account,) = register_savers(branch, ["Late saver"])
        till = till_of(branch)
    _save(made, "KIT", account, till)
    folder, _ = made.send("KIT", since_last=True)
    folder.rename(made.root / KIT_LATER)
    assert [result.verdict for result in made.receive(made.root / KIT_LATER)] == ["HOLD"]
    return made


def _save(made: TestInstitution, code: str, account: int, till: int) -> None:
    with made.open(code) as branch:
        for _ in range(3):
            with branch.unit_of_work("savings.deposit", CLERK) as session:
                deposit(session, account, Money(12_300), FIRST_DAY, till_id=till)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Homes and sticks, made once."""
    return _make(tmp_path_factory.mktemp("drills") / "bank")


@pytest.fixture
def bank(made_once: TestInstitution, commands: Commands, tmp_path: Path) -> Bank:
    """A copy for one test."""
    return Bank(made_once.copy_to(tmp_path / "bank"), commands)


@pytest.fixture(scope="module")
def merged(made_once: TestInstitution, commands: Commands, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """Both sticks imported without a fault; the answer for KIT lies there."""
    bank = Bank(made_once.copy_to(tmp_path_factory.mktemp("merged") / "bank"), commands)
    bank.tell(HQ, "import", *map(bank.stick, STICKS))
    Path(bank.stick(ANSWER)).mkdir()
    bank.tell(HQ, "export", "--branch", "KIT", "--to", bank.stick(ANSWER))
    return bank


# --- killed -----------------------------------------------------------------------------------------


KILLS: list[dict[str, Any]] = [
    *({"kill": [step, 1]} for step in IMPORT_STEPS),
    *({"kill": [step, 2]} for step in ("folded", "taken")),
    *({"after": seconds / 10} for seconds in (2, 4)),
]


def test_an_import_that_is_killed_anywhere_is_taken_up_again(
    bank: Bank, merged: Bank, tmp_path: Path
) -> None:
    """At each step of the first bundle, in the second, and at moments between: run again, same digest."""
    expected = merged.digest(HQ)
    for number, kill in enumerate(KILLS):
        copy = bank.copy(tmp_path / f"kill {number}" / "bank")
        done = copy.run(HQ, "import", *map(copy.stick, STICKS), **kill)
        assert done.status == KILLED or "after" in kill, kill
        again = copy.tell(HQ, "import", *map(copy.stick, STICKS))["bundles"]
        assert {row["verdict"] for row in again} <= {"ADMIT", "NOOP"}, kill
        assert copy.digest(HQ) == expected, kill
        shutil.rmtree(tmp_path / f"kill {number}")


def test_headquarters_on_a_server_that_is_killed_at_every_step_in_turn_stays_whole(
    commands: Commands, tmp_path: Path, postgres_url: str
) -> None:
    """Nothing of what was killed is there before its commit; headquarters and branch agree at the end."""
    bank = Bank(_make(tmp_path / "bank", postgres_url), commands)
    before = bank.digest(HQ)
    for step in IMPORT_STEPS[:-1]:
        assert bank.run(HQ, "import", bank.stick(KIT_STICK), kill=[step, 1]).status == KILLED
        assert bank.digest(HQ) == before
    assert bank.run(HQ, "import", bank.stick(KIT_STICK), kill=["taken", 1]).status == KILLED
    (row,) = bank.tell(HQ, "import", bank.stick(KIT_STICK))["bundles"]
    assert row["verdict"] == "NOOP"
    assert bank.agree("KIT")
    assert bank.is_whole(HQ)


def test_a_branch_that_is_killed_while_it_takes_an_answer_takes_it_again(
    merged: Bank, tmp_path: Path
) -> None:
    """The return bundle at each step."""
    bank = merged.copy(tmp_path / "bank")
    before = bank.tell("KIT", "status")
    for step in IMPORT_STEPS[:-1]:
        assert bank.run("KIT", "import", bank.stick(ANSWER), kill=[step, 1]).status == KILLED
    assert bank.tell("KIT", "status") == before
    assert bank.run("KIT", "import", bank.stick(ANSWER), kill=["taken", 1]).status == KILLED
    (row,) = bank.tell("KIT", "import", bank.stick(ANSWER))["bundles"]
    assert row["verdict"] == "NOOP"
    status = bank.tell("KIT", "status")
    assert status["merged"] == status["last_seq"]
    assert bank.is_whole("KIT")


def test_an_export_that_is_killed_at_every_flush_and_rename_spoils_nothing(
    bank: Bank, tmp_path: Path
) -> None:
    """What is left of it on the stick hides nothing: the next export is taken, the books agree."""
    stick = tmp_path / "stick"
    stick.mkdir()
    killed = 0
    for step in ("fsync", "rename"):
        for times in range(1, 20):
            if bank.run("KIT", "export", "--to", str(stick), kill=[step, times]).status != KILLED:
                break
            killed += 1
    assert killed >= 3
    rows = bank.tell(HQ, "import", str(stick))["bundles"]
    assert "ADMIT" in {row["verdict"] for row in rows}
    assert bank.agree("KIT")
    assert bank.is_whole("KIT")


# --- two at once ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sticks", [(KIT_STICK, KIT_STICK), STICKS])
def test_of_two_imports_at_once_one_waits(bank: Bank, merged: Bank, sticks: tuple[str, str]) -> None:
    """The same stick is taken once; of two sticks both are taken."""
    first = bank.commands.start(*bank.words(HQ, "import", bank.stick(sticks[0])), halt="folded")
    first.wait_until_halted()
    second = bank.commands.start(*bank.words(HQ, "import", bank.stick(sticks[1])))
    assert not bank.commands.has_ended(second)
    first.go_on()
    verdicts = []
    for running in (first, second):
        done = bank.commands.wait(running)
        assert done.status == 0, done.said
        verdicts += [row["verdict"] for row in done.document["bundles"]]
    assert verdicts == (["ADMIT", "NOOP"] if sticks[0] == sticks[1] else ["ADMIT", "ADMIT"])
    bank.tell(HQ, "import", *map(bank.stick, STICKS))
    assert bank.digest(HQ) == merged.digest(HQ)


@pytest.mark.parametrize(("begun", "step"), [("close", "journal"), ("import", "folded")])
def test_an_import_during_a_day_close_waits_for_it_and_the_close_for_the_import(
    merged: Bank, tmp_path: Path, begun: str, step: str
) -> None:
    """Whichever holds the books first: both end well, and headquarters agrees."""
    bank = merged.copy(tmp_path / "bank")
    with bank.homes.open("KIT") as branch, branch.unit_of_work("day.open", CLERK) as session:
        open_day(session, FIRST_DAY)
    words = {
        "close": bank.words("KIT", "day", "close"),
        "import": bank.words("KIT", "import", bank.stick(ANSWER)),
    }
    first = bank.commands.start(*words.pop(begun), halt=step)
    first.wait_until_halted()
    second = bank.commands.start(*next(iter(words.values())))
    assert not bank.commands.has_ended(second)
    first.go_on()
    for running in (first, second):
        done = bank.commands.wait(running)
        assert done.status == 0, done.said + str(done.document)
    stick = tmp_path / "after"
    stick.mkdir()
    bank.tell("KIT", "export", "--to", str(stick))
    bank.tell(HQ, "import", str(stick))
    assert bank.agree("KIT")
    assert bank.is_whole("KIT", HQ)


# --- without room -----------------------------------------------------------------------------------


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_a_backup_without_room_leaves_nothing_half_there(bank: Bank, tmp_path: Path) -> None:
    """Refused by name, on the medium and in the home nothing is left; with room again it is whole."""
    safe = tmp_path / "safe"
    safe.mkdir()
    before = _files(bank.homes.root / HQ)
    largest = (bank.homes.root / HQ / "satchel.db").stat().st_size
    done = bank.run(HQ, "backup", "--to", str(safe), room=largest // 2)
    assert (done.status, done.document["error"]["code"]) == (1, "IO_ERROR"), done.said
    assert _files(safe) == []
    assert _files(bank.homes.root / HQ) == before
    assert Path(bank.tell(HQ, "backup", "--to", str(safe))["file"]).exists()


def test_a_restore_without_room_leaves_no_half_home(bank: Bank, tmp_path: Path) -> None:
    """The new home is not there; with room again it is, with every entry of the backup."""
    backup = bank.tell("KIT", "backup", "--to", str(tmp_path / "safe"))
    reserves = bank.tell(HQ, "reserves", "--branch", "KIT")["reserves"]
    code = tmp_path / "code"
    code.write_text(f"Reserve {reserves[0]['device']}: {reserves[0]['code']}\n")
    (bank.homes.root / "KIT").rename(tmp_path / "lost")
    words = ("restore", "--from", backup["file"], "--code-file", str(code))
    room = (tmp_path / "lost" / "satchel.db").stat().st_size // 2
    done = bank.run("KIT", *words, room=room)
    assert (done.status, done.document["error"]["code"]) == (1, "IO_ERROR"), done.said
    assert bank.tell("KIT", *words)["last_seq"] == backup["last_seq"]
    assert bank.is_whole("KIT")


def test_a_fetch_without_room_takes_nothing_and_loses_nothing(bank: Bank, merged: Bank) -> None:
    """What lies in the shared folder stays there, is refused by name, and is taken with room again."""
    bank.tell(HQ, "carrier", "set", f"folder.path={bank.stick(GUL_STICK)}")
    before = bank.digest(HQ)
    room = 100_000
    done = bank.run(HQ, "fetch", "--via", "folder", room=room)
    assert done.status == 1, done.document
    assert "Traceback" not in done.said
    assert bank.digest(HQ) == before
    bank.tell(HQ, "fetch", "--via", "folder")
    bank.tell(HQ, "import", bank.stick(KIT_STICK))
    assert bank.digest(HQ) == merged.digest(HQ)
