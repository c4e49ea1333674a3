"""What every test stands on: no network, no skips in silence, the shared cases, a PostgreSQL of our own."""

import functools
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask

from sync import keyslots
from tests.support.compiled_templates import CompiledTemplates
from tests.support.institution import servers
from tests.support.network import forbid_other_machines
from tests.support.postgres import Cluster, running_cluster

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
# Tests that may be skipped, each with its reason; a skip that is not named here fails the run.
MAY_BE_SKIPPED: dict[str, str] = {}

LONG_FILES = (
    "sync/test_order.py",
    "sync/test_kills.py",
    "e2e/hq/test_access.py",
    "e2e/test_access.py",
    "hq/api/test_description.py",
    "house/test_test_bed.py",
    "satchel/test_bad_input.py",
    "satchel/test_simulator.py",
    "branch/pages/test_hostile.py",
    "hq/pages/test_hostile.py",
    "banking/sheets/test_sheet_kills.py",
    "satchel/test_demo.py",
    "sync/test_every_order.py",
    "sync/test_side_by_side.py",
    "satchel/test_road_drills.py",
)
"""Files with few tests that take long: begun first, so that no process is left alone with one at the end."""

pytest_plugins = ["pytester"]

forbid_other_machines()

# A home or passphrase of the person who runs the tests must not reach the programs under test.
for name in [name for name in os.environ if name.startswith("SATCHEL_")]:
    del os.environ[name]

# Timing never decides a test; and the same examples are tried wherever the whole set runs unattended.
hypothesis.settings.register_profile("here", deadline=None, database=None)
hypothesis.settings.register_profile("ci", deadline=None, database=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

# Each test opens homes and makes pages anew: the same passphrase and salt give the same key, and a page
# compiles to the same code. Both are worked out once a run.
keyslots._stretch = functools.cache(keyslots._stretch)
Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}

_skipped = pytest.StashKey[list[tuple[str, str]]]()
_this_config: list[pytest.Config] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a developer put headquarters on a server in tests that do not ask where they lie."""
    parser.addoption(
        "--postgresql", action="store_true", help="headquarters of tests lie in PostgreSQL, not in a file"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin the list of skipped tests."""
    config.stash[_skipped] = []
    _this_config.append(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask for a page of a browser; long files come first, then those of many tests."""
    for item in items:
        if isinstance(item, pytest.Function) and {"page", "browser", "chromium"} & set(item.fixturenames):
            item.add_marker("browser")
    many = Counter(item.path for item in items)
    long = {ROOT / "tests" / name: number for number, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: (long.get(item.path, len(long)), -many[item.path], str(item.path)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write down each skipped test (and each that was expected to fail, and did)."""
    _note_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Write down each skipped file."""
    _note_skip(report)


def _note_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and report.nodeid not in MAY_BE_SKIPPED:
        _this_config[-1].stash[_skipped].append((report.nodeid, str(report.longrepr)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run with a skipped test has failed: what was not tried is not known to work."""
    if session.config.stash[_skipped] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the skipped tests."""
    skipped = config.stash[_skipped]
    if skipped:
        terminalreporter.section("skipped, so this run has failed", red=True)
        for name, reason in skipped:
            terminalreporter.write_line(f"{name}: {reason}")


def _shared_folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.fail(
            f"{folder} is missing. Put the folder shared/ beside the checkout: tests read their cases there."
        )
    return folder


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """The folder of loan cases and ratios that other programs computed."""
    return _shared_folder("cases")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real exports, charts, calendars and names."""
    return _shared_folder("data")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A running PostgreSQL for this run (one for each worker where several run)."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session", autouse=True)
def _headquarters_on_a_server(request: pytest.FixtureRequest) -> None:
    """With ``--postgresql``: what tests make of headquarters, they make on the server of this run."""
    if request.config.getoption("--postgresql"):
        servers.append(request.getfixturevalue("postgres_cluster"))


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for one test; removed afterwards."""
    url = postgres_cluster.new_database()
    yield url
    postgres_cluster.drop_database(url)
