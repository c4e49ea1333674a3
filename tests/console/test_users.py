"""People of an installation from the command line: added, listed, disabled, with a new password."""

import json
from pathlib import Path

import pytest

from satchel import cli
from tests.support.branch_home import PASSPHRASE, Known, copy_homes, make_homes

SECRET = "a word of her own"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """Homes that each test gets a copy of."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_homes(folder)


class People:
    """Runs ``satchel … user`` on both homes."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str], new_password: Path) -> None:
        self.root, self.capsys, self.new_password = root, capsys, new_password

    def run(self, edition: str, *words: str) -> tuple[int, dict[str, object]]:
        """Run one command; gives its exit status and its document."""
        self.capsys.readouterr()
        secret = self.root / f"{edition}.passphrase"
        secret.write_text(PASSPHRASE, encoding="utf-8")
        home = ("--home", str(self.root / edition), "--passphrase-file", str(secret), "--json")
        status = cli.main([edition, "user", *words, *home])
        return status, json.loads(self.capsys.readouterr().out)

    def states(self, edition: str) -> dict[str, tuple[str, str]]:
        """Give role and state of everybody by name."""
        users = self.run(edition, "list")[1]["users"]
        assert isinstance(users, list)
        return {one["username"]: (one["role"], one["state"]) for one in users}


@pytest.fixture
def people(made: tuple[Path, Known], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> People:
    word = tmp_path / "word"
    word.write_text(f"{SECRET}\n", encoding="utf-8")
    return People(copy_homes(made[0], tmp_path / "homes"), capsys, word)


@pytest.mark.parametrize("edition", ["branch", "hq"])
def test_somebody_is_added_acts_and_leaves(
    people: People, edition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She acts with her own password, not after she was disabled, and again with a new one."""
    status, document = people.run(
        edition, "add", "jane", "--role", "manager", "--password-file", str(people.new_password)
    )
    assert status == 0, document
    assert people.states(edition)["jane"] == ("manager", "active")
    monkeypatch.setenv("SATCHEL_AS_PASSWORD", SECRET)
    act = ("act", "product.list", "--as", "jane", "--json", "--home", str(people.root / edition))
    secret = ("--passphrase-file", str(people.root / f"{edition}.passphrase"))
    assert cli.main([edition, *act, *secret]) == 0
    assert people.run(edition, "disable", "jane")[0] == 0
    assert people.states(edition)["jane"] == ("manager", "disabled")
    assert cli.main([edition, *act, *secret]) == 1
    assert people.run(edition, "reset", "jane", "--password-file", str(people.new_password))[0] == 0
    assert cli.main([edition, *act, *secret]) == 0


def test_the_last_administrator_cannot_leave(people: People) -> None:
    """Somebody must be able to let others in; the name says who it is."""
    admin = next(name for name, (role, _) in people.states("hq").items() if role == "admin")
    status, document = people.run("hq", "disable", admin)
    assert status == 1
    assert isinstance(document["error"], dict)
    assert document["error"]["code"] == "LAST_ADMINISTRATOR"
    assert people.states("hq")[admin] == ("admin", "active")


def test_a_role_or_a_name_that_is_not_there_is_refused(people: People) -> None:
    words = ("--password-file", str(people.new_password))
    assert people.run("branch", "add", "joe", "--role", "king", *words)[0] == 1
    assert people.run("branch", "disable", "nobody")[0] == 1
    assert "joe" not in people.states("branch")
