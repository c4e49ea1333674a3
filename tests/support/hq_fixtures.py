"""The headquarters that tests of its pages and stories in a browser begin with, for their conftests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.installation import Installation
from tests.support.headquarters import SteadyClock, copy_headquarters, make_headquarters
from tests.support.institution import HQ, TestInstitution


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
def steady_clock(institution: TestInstitution) -> SteadyClock:
    """The clock of this test."""
    assert isinstance(institution.clock, SteadyClock)
    return institution.clock


@pytest.fixture
def hq(institution: TestInstitution) -> Iterator[Installation]:
    """Opened headquarters."""
    with institution.open(HQ) as installation:
        yield installation
