"""The commands that list what waits, decide it, and end devices."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from satchel.cli import main
from tests.support.doubts import NAK
from tests.support.headquarters import PASSWORD, copy_headquarters
from tests.support.institution import HQ, TestInstitution, passphrase_of

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def run(
    doubts: TestInstitution,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs ``satchel hq …`` on headquarters; gives exit status and document."""
    home = copy_headquarters(doubts, tmp_path / "bank").root / HQ
    monkeypatch.setenv("SATCHEL_PASSPHRASE", passphrase_of(HQ))

    def command(*words: str) -> tuple[int, dict[str, Any]]:
        status = main(["hq", *words, "--home", str(home), "--json"])
        return status, json.loads(capsys.readouterr().out)

    return command


def test_what_waits_is_listed_and_decided(run: Run, tmp_path: Path) -> None:
    """Each with an id, the words that can be decided, and the next step; the second person by password."""
    _, listed = run("exceptions")
    found = {item["family"]: item for item in listed["exceptions"]}
    assert found.keys() == {"fork", "gap", "exception"}
    for item in found.values():
        assert item.keys() >= {"id", "code", "branch", "what", "family", "decisions", "next"}
        assert item.keys() - {"id", "code", "branch", "what", "family", "decisions", "next"} == {
            "who",
            "since",
            "days",
        }
        assert bool(item["who"]) == (item["family"] != "exception")  # the forged one names nobody
        assert item["since"].startswith("2026-01-12T")
        assert isinstance(item["days"], int)
    fork = found["fork"]
    assert (fork["code"], fork["branch"], fork["decisions"][0]) == ("FORK", "KIT", "adopt")
    status, refused = run("decide", fork["id"], "adopt", "--reason", "both are cash")
    assert (status, refused["error"]["code"]) == (1, "SECOND_PERSON_NEEDED")
    second = tmp_path / "second"
    second.write_text(PASSWORD, encoding="utf-8")
    named = ("--second", "amina", "--second-passphrase-file", str(second))
    status, done = run("decide", fork["id"], "adopt", "--reason", "both are cash", *named)
    assert (status, done["family"], done["approved_by"]) == (0, "fork", "amina")
    status, left = run("decide", found["exception"]["id"], "leave", "--reason", "forged")
    assert (status, left["id"]) == (0, found["exception"]["id"])
    assert {item["family"] for item in run("exceptions")[1]["exceptions"]} == {"gap"}
    status, unknown = run("decide", found["gap"]["id"], "adopt", "--reason", "x")
    assert (status, unknown["error"]["code"]) == (1, "UNKNOWN_DECISION")
    assert "close" in unknown["error"]["message"]


def test_a_lost_laptop_is_retired(run: Run) -> None:
    """At its last entry; a place that is not there is refused."""
    status, done = run("retire", "--device", str(NAK))
    assert (status, done["device"], done["state"]) == (0, NAK, "retired")
    assert done["last_seq"] > 0
    status, refused = run("retire", "--device", str(NAK), "--at", "999")
    assert (status, refused["error"]["code"]) == (1, "UNKNOWN_PLACE")
    assert run("retire", "--device", "1")[1]["error"]["code"] == "DEVICE_STATE"


def test_deciding_wrongly_has_its_way_back(run: Run, tmp_path: Path) -> None:
    """A fork refused in haste is adopted after all: a newer decision counts, and the cash is there."""
    second = tmp_path / "second"
    second.write_text(PASSWORD, encoding="utf-8")
    named = ("--second", "amina", "--second-passphrase-file", str(second))

    def cash() -> str:
        rows = run("trial-balance", "--branch", "KIT")[1]["accounts"]
        return str(next(row["closing"] for row in rows if row["code"] == "1110"))

    before = cash()
    fork = next(item for item in run("exceptions")[1]["exceptions"] if item["family"] == "fork")
    assert run("decide", fork["id"], "refuse", "--reason", "in haste", *named)[0] == 0
    assert cash() == before
    assert run("decide", fork["id"], "adopt", "--reason", "both tills were counted")[0] == 1
    assert run("decide", fork["id"], "adopt", "--reason", "both tills were counted", *named)[0] == 0
    adopted = cash()
    assert Decimal(adopted) - Decimal(before) == Decimal(35)
    assert run("decide", fork["id"], "refuse", "--reason", "no, it was not", *named)[0] == 0
    assert cash() == before
