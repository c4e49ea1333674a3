"""Headquarters, made once and copied for each test, and browsers logged in as each kind of user."""

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hq.application import create_hq_application
from sync.installation import Installation
from tests.support.headquarters import PASSWORD, SteadyClock, copy_headquarters, make_headquarters
from tests.support.institution import HQ, TestInstitution, passphrase_of

LogIn = Callable[[str], FlaskClient]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """The institution that each test gets a copy of."""
    return make_headquarters(tmp_path_factory.mktemp("institution"))


@pytest.fixture
def institution(made: TestInstitution, tmp_path: Path) -> TestInstitution:
    """The homes and sticks of this test."""
    return copy_headquarters(made, tmp_path / "institution")


@pytest.fixture
def sticks(institution: TestInstitution) -> Path:
    """The folder with the sticks ``first``, ``lost`` and ``later``."""
    return institution.root


@pytest.fixture
def clock(institution: TestInstitution) -> SteadyClock:
    """The clock of this test."""
    assert isinstance(institution.clock, SteadyClock)
    return institution.clock


@pytest.fixture
def hq(institution: TestInstitution) -> Iterator[Installation]:
    """Opened headquarters."""
    with institution.open(HQ) as installation:
        yield installation


@pytest.fixture
def app(hq: Installation) -> Flask:
    """Its pages."""
    return create_hq_application(hq)


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    """Gives a browser logged in as amina (accountant), aisha (auditor), clara (clerk) or admin."""

    def begin(username: str) -> FlaskClient:
        client = app.test_client()
        password = passphrase_of(HQ) if username == "admin" else PASSWORD
        answer = client.post("/login", data={"username": username, "password": password})
        assert answer.status_code == 303, answer.text
        return client

    return begin


@pytest.fixture
def amina(log_in: LogIn) -> FlaskClient:
    """A browser of the accountant."""
    return log_in("amina")


def tokens(client: FlaskClient, path: str) -> dict[str, str]:
    """The hidden tokens of the first form on a page."""
    page = client.get(path).text.partition("<main")[2]
    return {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("csrf_token", "once")
    }


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
