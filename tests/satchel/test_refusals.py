"""One document and one exit status whatever happens, and nobody's name in a message."""

import json
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from satchel import cli
from schema.database import open_database
from schema.reading import execute
from sync.home import write_durably


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run one command with ``--json``; gives its exit status and the code of its one document."""
    status = cli.main([*arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)["error"]["code"]


@pytest.mark.parametrize(
    "facts",
    [
        "",
        '{"v": 1',
        "[]",
        '{"v": 1}',
        '{"v": 1, "edition": "hq", "institution": "zz", "device": 1}',
        "\udcff",
    ],
)
def test_a_damaged_home_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], facts: str
) -> None:
    """The file that names the installation is cut or nonsense: NO_HOME, and it stays as it is."""
    (tmp_path / "home.json").write_bytes(os.fsencode(facts))
    (tmp_path / "code").write_text("four words are enough", encoding="utf-8")
    home, words = str(tmp_path), str(tmp_path / "code")
    assert _said(capsys, "hq", "status", "--home", home, "--passphrase-file", words) == (1, "NO_HOME")
    assert (tmp_path / "home.json").read_bytes() == os.fsencode(facts)


@pytest.mark.parametrize("url", ["nonsense://x", "postgresql+psycopg://nobody@127.0.0.1:1/x"])
def test_a_database_that_is_not_there_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    """A server that does not answer, and no server at all: one document, and no home is left."""
    (tmp_path / "code").write_text("four words are enough", encoding="utf-8")
    home, words = str(tmp_path / "hq"), str(tmp_path / "code")
    made = ("hq", "init", "--home", home, "--name", "Bank", "--currency", "KES", "--passphrase-file", words)
    assert _said(capsys, *made, "--database", url) == (1, "IO_ERROR")
    assert not (tmp_path / "hq").exists()


def test_a_device_that_no_number_can_be_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """A number of 23 digits is not asked of any database."""
    asked = ("hq", "confirm", "--home", "x", "--device", "9" * 23, "--fingerprint", "1")
    assert _said(capsys, *asked) == (2, "USAGE")


def test_a_fault_of_the_program_is_one_document_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scripts of headquarters read a document, never a traceback."""

    def fail(*_: object, **__: object) -> None:
        raise KeyError("Njeri")

    monkeypatch.setattr(cli.satchel, "main", fail)
    assert _said(capsys, "hq", "status") == (1, "INTERNAL")


def test_no_value_stands_in_the_message_of_the_database(tmp_path: Path) -> None:
    """What was being written is names and amounts; the message goes to logs."""
    database = open_database(tmp_path / "plain.db")
    with pytest.raises(DBAPIError) as fault, database.writing() as session:
        execute(session, "INSERT INTO nowhere VALUES (?)", [("Njeri Wanjiku",)])
    assert "Njeri" not in str(fault.value)
    with pytest.raises(DBAPIError) as fault, database.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (?)", ("Njeri Wanjiku",))
    assert "Njeri" not in str(fault.value)
    database.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits: the folder's rights are inherited")
def test_keys_are_written_for_their_owner_alone(tmp_path: Path) -> None:
    """The recovery key may be written outside the home: nobody else on the machine reads it."""
    for _ in range(2):
        write_durably(tmp_path / "recovery.age", b"AGE-SECRET-KEY-")
        assert stat.S_IMODE((tmp_path / "recovery.age").stat().st_mode) == 0o600
