"""The description holds: Schemathesis asks the running server what it allows, and what it forbids."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import waitress
from waitress.server import MultiSocketServer, TcpWSGIServer

from hq.api.scopes import SCOPES
from hq.application import create_hq_application
from hq.pages.api import OPERATIONS
from sync.installation import Installation
from tests.hq.api.conftest import Caller, make_caller

EXAMPLES = 2
MANY = 1_000
SEED = 20_260_131


@pytest.fixture(scope="module")
def served(still_hq: Installation) -> Iterator[tuple[str, Caller]]:
    """Address of headquarters as they are served, and a program with a token."""
    app = create_hq_application(still_hq)
    server = waitress.create_server(
        app, host="127.0.0.1", port=0, threads=4, max_request_body_size=app.config["MAX_CONTENT_LENGTH"]
    )
    assert isinstance(server, TcpWSGIServer | MultiSocketServer)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}", make_caller(still_hq, app.test_client())
    server.close()
    thread.join(10)


def test_the_server_keeps_to_its_description(served: tuple[str, Caller], tmp_path: Path) -> None:
    """All checks of Schemathesis on every operation; the same questions in every run."""
    url, caller = served
    command = [
        str(Path(sys.executable).with_name("st")),
        "run",
        f"{url}/api/v1/openapi.json",
        "--url",
        f"{url}/api/v1",
        "--header",
        f"Authorization: Bearer {caller.token}",
        "--checks",
        "all",
        "--phases",
        "coverage,fuzzing",
        "--max-examples",
        str(EXAMPLES),
        "--seed",
        str(SEED),
        "--continue-on-failure",
        "--no-color",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=560)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    tried = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert tried is not None, done.stdout[-2000:]
    assert int(tried[1]) == int(tried[2]) > MANY


def test_the_description_tells_every_path_and_asks_for_no_token(served: tuple[str, Caller]) -> None:
    _, caller = served
    told = caller.client.get("/api/v1/openapi.json").get_json()
    for one in OPERATIONS:
        there = told["paths"][one.path][one.method.lower()]
        assert {str(status) for status in one.statuses} < there["responses"].keys()
    rules = {
        str(rule).removeprefix("/api/v1").replace("<", "{").replace(">", "}").replace("int:", "")
        for rule in caller.client.application.url_map.iter_rules()
        if str(rule).startswith("/api/v1/")
    }
    assert {rule.replace("bundle:", "") for rule in rules} == set(told["paths"])
    assert {one.scope for one in OPERATIONS} - {""} <= SCOPES.keys()
