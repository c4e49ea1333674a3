"""One branch, made once and copied for each test, and browsers logged in as each kind of user."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from branch.application import create_branch_application
from sync.installation import Installation
from tests.support.branch_fixtures import branch, clock, homes, known, made_homes
from tests.support.branch_home import PASSPHRASE, PASSWORD
from tests.support.forms import hidden, tokens

__all__ = ["branch", "clock", "hidden", "homes", "known", "made_homes", "tokens"]

LogIn = Callable[[str], FlaskClient]


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
