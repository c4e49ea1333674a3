"""Homes for acts: headquarters and a branch, worked through the command line."""

from pathlib import Path

import pytest

from tests.support.branch_home import Known, copy_homes, make_homes
from tests.support.pair import Pair, with_clock


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """Homes that each test gets a copy of: a branch with an open day and 10,000.00 in its till."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_homes(folder)


@pytest.fixture
def pair(
    made: tuple[Path, Known],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Pair:
    return Pair(copy_homes(made[0], tmp_path / "homes"), capsys, with_clock(monkeypatch))
