"""Headquarters with tokens, and callers that use them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from hq.api.scopes import SCOPES
from hq.api.tokens import Wanted, make_token
from hq.application import create_hq_application
from schema.reference import Office
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.headquarters import FIRST, LATER, admin_of, copy_headquarters
from tests.support.institution import HQ, TestInstitution


@dataclass
class Caller:
    """A program with a token."""

    client: FlaskClient
    token: str

    def ask(self, path: str, **headers: str) -> tuple[int, Any]:
        """Ask; gives the status and the document."""
        answer = self.client.get(
            f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"} | headers
        )
        return answer.status_code, answer.get_json()

    def send(self, path: str, key: str, body: dict[str, str]) -> tuple[int, Any]:
        """Post a document under a key."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        answer = self.client.post(f"/api/v1{path}", headers=headers, json=body)
        return answer.status_code, answer.get_json()

    def walk(self, path: str) -> Iterator[dict[str, Any]]:
        """Give every item, page after page."""
        while path:
            status, document = self.ask(path.removeprefix("/api/v1"))
            assert status == 200, document
            yield from document["items"]
            path = document["next"]


MakeCaller = Callable[..., Caller]


def make_caller(installation: Installation, client: FlaskClient, *scopes: str, office: str = "") -> Caller:
    """Make a token with some scopes (none named: all of them), bound to an office where one is named."""
    with installation.database.writing() as session:
        rows = session.query(Office.code, Office.id).all()
        office_id = {str(code): int(number) for code, number in rows}[office] if office else None
        wanted = Wanted("a test", scopes or tuple(SCOPES), office_id)
        _, token = make_token(session, wanted, admin_of(installation), installation.clock())
    return Caller(client, token)


@pytest.fixture(scope="module")
def still_hq(made: TestInstitution, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Headquarters for the questions of one file."""
    institution = copy_headquarters(made, tmp_path_factory.mktemp("api") / "institution")
    with institution.open(HQ) as installation:
        import_paths(installation, [institution.root / FIRST, institution.root / LATER])
        yield installation


@pytest.fixture(scope="module")
def asker(still_hq: Installation) -> MakeCaller:
    """Makes programs that ask it."""
    client = create_hq_application(still_hq).test_client()
    return lambda *scopes, office="": make_caller(still_hq, client, *scopes, office=office)


@pytest.fixture
def caller(hq: Installation, sticks: Path) -> Caller:
    """A program that may do everything at headquarters of this test alone; the first bundles are here."""
    import_paths(hq, [sticks / FIRST])
    return make_caller(hq, create_hq_application(hq).test_client())
