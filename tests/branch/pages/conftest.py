"""One branch, made once and copied for each test, and browsers logged in as each kind of user."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from branch.application import create_branch_application
from sync.installation import Installation
from tests.support.branch_home import PASSPHRASE, PASSWORD, Clock, Known, copy_homes, make_homes, opened

LogIn = Callable[[str], FlaskClient]


@pytest.fixture(scope="session")
def made_homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """The homes that each test gets a copy of."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_homes(folder)


@pytest.fixture
def known(made_homes: tuple[Path, Known]) -> Known:
    """Ids of what the branch begins with."""
    return made_homes[1]


@pytest.fixture
def homes(made_homes: tuple[Path, Known], tmp_path: Path) -> Path:
    """The folder of this test's own homes, ``hq`` and ``branch``."""
    return copy_homes(made_homes[0], tmp_path / "homes")


@pytest.fixture
def clock() -> Clock:
    """The clock of this test."""
    return Clock()


@pytest.fixture
def branch(homes: Path, clock: Clock) -> Iterator[Installation]:
    """The opened branch of this test."""
    with opened(homes / "branch", clock) as installation:
        yield installation


@pytest.fixture
def app(branch: Installation) -> Flask:
    """Its pages."""
    return create_branch_application(branch)


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    """Gives a browser logged in as clara (clerk), moses (manager), aisha (auditor) or admin."""

    def begin(username: str) -> FlaskClient:
        client = app.test_client()
        password = PASSPHRASE if username == "admin" else PASSWORD
        answer = client.post("/login", data={"username": username, "password": password})
        assert answer.status_code == 303, answer.text
        return client

    return begin


def tokens(client: FlaskClient, path: str) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    page = client.get(path).text.partition("<main")[2]
    return hidden(page)


def hidden(page: str) -> dict[str, str]:
    """The hidden tokens of the first form in a piece of a page."""
    return {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("csrf_token", "once")
    }
