"""Practice: started from a page as a process of its own, says what it is, and leaves nothing behind."""

import re
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest
from flask import Flask

from branch.application import create_branch_application
from branch.practising import READY, STARTING, PracticeServer
from schema.replication import StoredChangeset
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, hidden, tokens
from tests.support.branch_home import PASSWORD

PATIENCE_SECONDS = 240


def folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("satchel-practice-*"))


def test_practice_is_started_and_ended_from_its_page(log_in: LogIn, app: Flask, branch: Installation) -> None:
    """Its pages answer at an address of their own; then its folder is gone, and our books are as before."""
    clara = log_in("clara")
    before = folders()
    with branch.database.reading() as session:
        entries = session.query(StoredChangeset).count()
    assert clara.post("/practice", data=tokens(clara, "/practice")).status_code == 303
    server = app.extensions["satchel.practice"]
    assert isinstance(server, PracticeServer)
    try:
        starting = clara.get("/practice")
        assert server.state() in {STARTING, READY}
        if server.state() == STARTING:
            assert starting.headers["Refresh"]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while server.state() == STARTING and time.monotonic() < deadline:
            time.sleep(0.2)
        ready = server.ready()
        assert ready is not None, server.state()
        page = clara.get("/practice").text
        assert ready.address in page
        with urllib.request.urlopen(f"{ready.address}/login") as answer:  # noqa: S310 - of this computer
            assert "PRACTICE: nothing here is real" in answer.read().decode()
        assert len(folders() - before) == 1
        stop = hidden(page.partition('action="/practice/stop"')[2])
        assert clara.post("/practice/stop", data=stop).status_code == 303
    finally:
        server.stop()
    assert folders() == before
    assert "Start practice" in clara.get("/practice").text
    with branch.database.reading() as session:
        assert session.query(StoredChangeset).count() == entries


def test_every_page_of_a_practice_branch_says_so(branch: Installation) -> None:
    """Also the page about practice, which starts no second one."""
    client = create_branch_application(branch, practice=True).test_client()
    client.post("/login", data={"username": "clara", "password": PASSWORD})
    for path in ("/day", "/cash", "/clients", "/practice"):
        assert re.search('class="practice-bar"[^>]*>PRACTICE: nothing here is real', client.get(path).text), (
            path
        )
    refused = client.post("/practice", data=tokens(client, "/send"))
    assert refused.status_code == 422


@pytest.mark.parametrize("address", ["192.168.1.5", "10.0.0.9"])
def test_practice_is_not_started_from_another_computer(log_in: LogIn, app: Flask, address: str) -> None:
    clara = log_in("clara")
    form = tokens(clara, "/practice")
    refused = clara.post("/practice", data=form, environ_base={"REMOTE_ADDR": address})
    assert refused.status_code == 422
    assert "at the computer of the branch itself" in refused.text
    assert app.extensions["satchel.practice"].state() == "off"
