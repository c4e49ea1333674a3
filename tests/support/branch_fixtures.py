"""The branch that tests of its pages and stories in a browser begin with; their conftests take these."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.installation import Installation
from tests.support.branch_home import Clock, Known, copy_homes, make_homes, opened


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
