"""The headquarters that tests of its pages and stories in a browser begin with, for their conftests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.installation import Installation
from tests.support.headquarters import SteadyClock, copy_headquarters, make_headquarters
from tests.support.institution import HQ, TestInstitution
from tests.support.postgres import Cluster

FILE, SERVER = "file", "server"
on_both = pytest.mark.parametrize("institution", [FILE, SERVER], indirect=True)
"""Marks a test of headquarters that is run twice: its database is a file, and lies on a server."""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """The institution that each test gets a copy of."""
    return make_headquarters(tmp_path_factory.mktemp("institution"))


@pytest.fixture(scope="session")
def made_on_server(tmp_path_factory: pytest.TempPathFactory, postgres_cluster: Cluster) -> TestInstitution:
    """The same with headquarters on a server, for tests that are run on both."""
    root = tmp_path_factory.mktemp("institution-on-server")
    return make_headquarters(root, database=postgres_cluster.new_database())


@pytest.fixture
def institution(request: pytest.FixtureRequest, tmp_path: Path) -> TestInstitution:
    """The homes and sticks of this test."""
    source = "made_on_server" if getattr(request, "param", FILE) == SERVER else "made"
    return copy_headquarters(request.getfixturevalue(source), tmp_path / "institution")


@pytest.fixture
def sticks(institution: TestInstitution) -> Path:
    """The folder with the sticks ``first``, ``lost`` and ``later``."""
    return institution.root


@pytest.fixture
def steady_clock(institution: TestInstitution) -> SteadyClock:
    """The clock of this test."""
    assert isinstance(institution.clock, SteadyClock)
    return institution.clock


@pytest.fixture
def hq(institution: TestInstitution) -> Iterator[Installation]:
    """Opened headquarters."""
    with institution.open(HQ) as installation:
        yield installation
