"""``satchel bundle``: volumes judged on any PC, by their contents alone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from satchel.bundle_cli import bundle
from satchel.cli import main
from sync.bundle_files import write_volumes
from sync.volume import PAD_BYTES, Writer
from tests.support.institution import TestInstitution, passphrase_of
from tests.sync.making import BUNDLE, INSTITUTION, KEY


def write(folder: Path) -> list[Path]:
    segments = [bytes([number]) * 50_000 for number in range(6)]
    return write_volumes(folder, BUNDLE, segments, Writer(INSTITUTION, 5, KEY), 2 * PAD_BYTES)


def asked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict]:  # type: ignore[type-arg]  # whatever it holds
    status = main(["bundle", *map(str, arguments), "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("command", ["inspect", "check"])
def test_a_complete_bundle_is_described(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = write(tmp_path)
    status, answer = asked(capsys, command, tmp_path)
    assert status == 0
    assert (answer["complete"], answer["missing"]) == (True, [])
    assert [volume["path"] for volume in answer["volumes"]] == list(map(str, files))
    assert [volume["volume"] for volume in answer["volumes"]] == [1, 2, 3]
    assert answer["bundles"][0]["bundle"] == "1A2B3C4D"
    assert answer["bundles"][0]["device"] == 5


def test_a_missing_volume_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To inspect an incomplete bundle is no failure, to check it is."""
    write(tmp_path)[1].unlink()
    for command, expected in (("inspect", 0), ("check", 1)):
        status, answer = asked(capsys, command, tmp_path)
        assert status == expected
        assert (answer["complete"], answer["missing"]) == (False, [2])
        assert answer["bundles"][0]["code"] == "VOLUME_MISSING"


@pytest.mark.parametrize("command", ["inspect", "check"])
def test_a_flipped_bit_is_refused(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = write(tmp_path)[1]
    bytes_of_it = bytearray(damaged.read_bytes())
    bytes_of_it[5_000] ^= 1
    damaged.write_bytes(bytes_of_it)
    status, answer = asked(capsys, command, tmp_path)
    assert status == 1
    assert (answer["complete"], answer["missing"]) == (False, [2])
    (fault,) = [volume for volume in answer["volumes"] if volume["code"]]
    assert (fault["path"], fault["code"], fault["volume"]) == (str(damaged), "BAD_HASH", 2)


def test_a_folder_without_volumes_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("Dear headquarters")
    status, answer = asked(capsys, "check", tmp_path)
    assert status == 1
    assert (answer["complete"], answer["volumes"], answer["error"]["code"]) == (False, [], "NOT_SATCHEL")


@pytest.mark.parametrize("name", ["letter.txt", "nowhere"])
def test_a_file_that_is_no_volume_is_refused_with_a_next_step(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("Dear headquarters")
    status, answer = asked(capsys, "inspect", tmp_path / name)
    assert status == 1
    assert answer["volumes"][0]["code"] in {"NOT_SATCHEL", "IO_ERROR"}
    assert answer["volumes"][0]["next"]


def test_without_a_path_it_is_wrong_usage() -> None:
    assert CliRunner().invoke(bundle, ["check"]).exit_code == 2


def test_people_get_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write(tmp_path)
    assert main(["bundle", "check", str(tmp_path)]) == 0
    assert "Bundle 1A2B3C4D from device 5" in capsys.readouterr().out
    files[2].unlink()
    assert main(["bundle", "check", str(tmp_path)]) == 1
    assert "volume 3 has to be brought" in capsys.readouterr().err


def test_nothing_is_written_beside_the_volumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write(tmp_path)
    before = [path.read_bytes() for path in files]
    asked(capsys, "check", tmp_path)
    assert sorted(tmp_path.iterdir()) == files
    assert [path.read_bytes() for path in files] == before


# --- with a home ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[TestInstitution, Path]:
    """A branch's first bundle, before headquarters has seen it."""
    made = TestInstitution.create(tmp_path_factory.mktemp("bank"), ("KIT", "ELD"))
    folder, _ = made.send("KIT")
    return made, folder


def opened_by(
    sent: tuple[TestInstitution, Path], name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> list[dict]:  # type: ignore[type-arg]  # whatever it holds
    made, folder = sent
    (tmp_path / "passphrase").write_text(passphrase_of(name))
    given = ("--home", made.root / name, "--passphrase-file", tmp_path / "passphrase")
    status, answer = asked(capsys, "inspect", folder, *given)
    assert status == 0
    contents: list[dict] = answer["contents"]  # type: ignore[type-arg]  # whatever it holds
    return contents


@pytest.mark.parametrize("name", ["hq", "KIT"])
def test_with_a_reader_home_the_contents_are_told(
    name: str, sent: tuple[TestInstitution, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Headquarters and the branch itself are readers of what the branch writes."""
    (segment,) = opened_by(sent, name, capsys, tmp_path)
    assert (segment["code"], segment["purpose"], segment["first_seq"]) == (None, "branch", 1)
    assert segment["changesets"] == segment["last_seq"] == sum(segment["kinds"].values())


def test_another_branch_cannot_open_it(
    sent: tuple[TestInstitution, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (segment,) = opened_by(sent, "ELD", capsys, tmp_path)
    assert segment["code"] == "NOT_FOR_US"
    assert "changesets" not in segment


def test_without_a_home_nothing_of_the_contents_is_known(
    sent: tuple[TestInstitution, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, answer = asked(capsys, "inspect", sent[1])
    assert "contents" not in answer
