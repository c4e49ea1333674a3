"""Asking branches on the command line: in their language, on paper, by mail; and the grid of branches."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from hq.chasing import list_chases, text_of
from hq.grid import grid, list_missing
from hq.status import hq_status
from satchel.cli import main
from sync.carriers.settings import change
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.headquarters import FIRST, LATER, SteadyClock
from tests.support.hq_fixtures import hq, institution, made, on_both, steady_clock, sticks
from tests.support.institution import HQ, passphrase_of
from tests.support.postoffice import free_port

Chase = Callable[..., "_Chased"]

__all__ = ["hq", "institution", "made", "steady_clock", "sticks"]


class _Letters:
    """Takes every mail and keeps it."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Keep one."""
        self.taken.append(envelope)
        return "250 OK"


@dataclass(frozen=True)
class _Chased:
    """How the command ended, and its document."""

    status: int
    document: dict[str, Any]


@pytest.fixture
def chase(sticks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Chase:
    """Runs ``satchel hq chase`` on this test's headquarters."""
    monkeypatch.setenv("SATCHEL_PASSPHRASE", passphrase_of(HQ))

    def run(*words: str) -> _Chased:
        status = main(["hq", "chase", "--home", str(sticks / HQ), "--json", *words])
        return _Chased(status, json.loads(capsys.readouterr().out))

    return run


@on_both
def test_notes_are_written_and_mailed_by_the_command(
    hq: Installation, sticks: Path, tmp_path: Path, chase: Chase
) -> None:
    """A file for the printer, a plain mail that names the bundle; one without address holds up no other."""
    import_paths(hq, [sticks / FIRST, sticks / LATER])
    letters = _Letters()
    server = Controller(letters, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        smtp = {"smtp.server": "127.0.0.1", "smtp.port": str(server.port), "smtp.tls": "none"}
        change(hq, {**smtp, "mail.from": "hq@example.org", "mail.to.ELW": "elw@example.org"})
        hq.close()
        printed = chase("--branch", "elw", "--out", str(tmp_path / "notes.txt"))
        mailed = chase("--mail")
    finally:
        server.stop()
    assert (printed.status, mailed.status) == (0, 1)
    (note,) = printed.document["notes"]
    assert (note["branch"], note["labels"]) == ("ELW", ["ELW-0002"])
    assert "ELW-0002" in (tmp_path / "notes.txt").read_text()
    assert {row["branch"]: row["sent_to"] for row in mailed.document["notes"]} == {
        "ELW": "elw@example.org",
        "KIT": "",
    }
    (envelope,) = letters.taken
    mail = message_from_bytes(envelope.original_content or b"", policy=default)
    assert (envelope.rcpt_tos, mail["Subject"]) == (["elw@example.org"], "Satchel ELW-0002")
    assert "with the entries 7 to 7" in " ".join(mail.get_content().split())


def test_nothing_to_ask_is_said(hq: Installation, sticks: Path, chase: Chase) -> None:
    """A branch of which all is here is refused by name; one that does not exist too."""
    import_paths(hq, [sticks / FIRST])
    for code, refusal in (("NAK", "NOTHING_MISSING"), ("XYZ", "NOT_FOUND")):
        answer = chase("--branch", code)
        assert (answer.status, answer.document["error"]["code"]) == (1, refusal)


@pytest.mark.parametrize("language", ["en", "sw", "ur", "xx"])
def test_a_note_is_written_in_the_branch_s_language(hq: Installation, sticks: Path, language: str) -> None:
    """Whatever is translated, numbers and labels stand in it; an unknown language falls back to English."""
    import_paths(hq, [sticks / FIRST, sticks / LATER])
    with hq.database.reading() as session:
        (chase,) = (one for one in list_chases(hq, session) if one.office.code == "ELW")
        session.expunge(chase.office)
        chase.office.language = language
        text = text_of(chase, "Test bank", hq.clock().date())
    assert text.count("ELW-0002") >= 2
    assert "{" not in text


def test_a_gap_stands_in_the_grid_until_it_is_closed(
    hq: Installation, sticks: Path, steady_clock: SteadyClock
) -> None:
    """The missing number is named; what is behind stands first; when it came it is gone."""
    import_paths(hq, [sticks / FIRST, sticks / LATER])
    steady_clock.move(timedelta(days=3))
    with hq.database.reading() as session:
        branches = hq_status(hq, session)
        rows = grid(session, branches, hq.clock().date(), 13)
        assert [row.status.branch for row in rows if row.is_behind] == ["ELW", "KIT"]
        assert len(rows[0].cells) == 13
        (missing,) = list_missing(session)
        assert (missing.labels, missing.first, missing.last) == (("ELW-0002",), 7, 7)
    import_paths(hq, [sticks / "lost"])
    with hq.database.reading() as session:
        assert list_missing(session) == []
        assert not any(
            cell.missing for row in grid(session, branches, hq.clock().date()) for cell in row.cells
        )
