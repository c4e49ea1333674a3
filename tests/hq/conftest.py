"""Headquarters, made once and copied for each test, and browsers logged in as each kind of user."""

import html
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hq.application import create_hq_application
from hq.import_desk import ImportDesk
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.audited import Bank, make_bank
from tests.support.doubts import make_doubts
from tests.support.forms import tokens
from tests.support.headquarters import FIRST, LATER, PASSWORD, copy_headquarters
from tests.support.hq_fixtures import hq, institution, made, made_on_server, steady_clock, sticks
from tests.support.institution import HQ, TestInstitution, passphrase_of

__all__ = ["hq", "institution", "made", "made_on_server", "steady_clock", "sticks", "tokens"]

LogIn = Callable[[str], FlaskClient]


@pytest.fixture(scope="session")
def full_hq(made: TestInstitution, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Headquarters for tests that only read: KIT is here whole, ELW with a gap, NAK never sent."""
    institution = copy_headquarters(made, tmp_path_factory.mktemp("full") / "institution")
    with institution.open(HQ) as installation:
        import_paths(installation, [institution.root / FIRST, institution.root / LATER])
        yield installation


@pytest.fixture(scope="session")
def doubts(made: TestInstitution, tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Headquarters with something of everything that waits for a person; each test copies it."""
    return make_doubts(made, tmp_path_factory.mktemp("doubts") / "bank")


@pytest.fixture(scope="session")
def bank(made: TestInstitution, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """An institution with its audit pack; tests change copies of the pack alone."""
    return make_bank(made, tmp_path_factory.mktemp("audited") / "bank")


@pytest.fixture(scope="session")
def read_as(full_hq: Installation) -> LogIn:
    """Gives a browser on it, logged in as amina, aisha, clara or admin: one each for all tests."""
    app = create_hq_application(full_hq)
    return cache(lambda username: _logged_in(app, username))


@pytest.fixture(scope="session")
def reader(read_as: LogIn) -> FlaskClient:
    """The accountant's browser on it."""
    return read_as("amina")


@pytest.fixture
def app(hq: Installation) -> Flask:
    """Its pages; an answer waits for the end of an import, however slow the machine is."""
    return create_hq_application(hq, ImportDesk(hq, wait_seconds=300))


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    """Gives a browser logged in as amina (accountant), aisha (auditor), clara (clerk) or admin."""
    return lambda username: _logged_in(app, username)


def _logged_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    password = passphrase_of(HQ) if username == "admin" else PASSWORD
    answer = client.post("/login", data={"username": username, "password": password})
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture
def amina(log_in: LogIn) -> FlaskClient:
    """A browser of the accountant."""
    return log_in("amina")


def import_by_page(client: FlaskClient, folder: Path) -> str:
    """Import a folder as a person does: choose, look, import; gives the page that it leads to."""
    chosen = client.post("/", data={**tokens(client, "/"), "folder": str(folder), "from": "folder"})
    assert chosen.status_code == 303, chosen.text
    form = {**tokens(client, chosen.location), "folder": str(folder)}
    taken = client.post("/inbox/look", data=form)
    assert taken.status_code == 303, taken.text
    return client.get(taken.location).text


def words_of(page: str) -> str:
    """The words of a page's main part, without tags and with single blanks."""
    main = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())
