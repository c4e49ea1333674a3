"""The branch with a center of forty members, for tests of sheets; a test module takes these as its own."""

from pathlib import Path

import pytest

from tests.support.branch_home import Known, copy_homes
from tests.support.center_home import CenterHomes, CenterKnown, make_center_homes


@pytest.fixture(scope="session")
def center_homes(made_homes: tuple[Path, Known], tmp_path_factory: pytest.TempPathFactory) -> CenterHomes:
    """The homes with the center, made once."""
    return make_center_homes(made_homes, tmp_path_factory.mktemp("center") / "homes")


@pytest.fixture
def center(center_homes: CenterHomes) -> CenterKnown:
    """Ids of the center."""
    return center_homes.center


@pytest.fixture
def homes(center_homes: CenterHomes, tmp_path: Path) -> Path:
    """The folder of this test's own homes, with the center."""
    return copy_homes(center_homes.folder, tmp_path / "homes")
