"""What tests/conftest.py promises."""

import socket
from pathlib import Path

import psycopg
import pytest

from tests.support.network import NetworkUseError


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_other_machines_cannot_be_reached(host: str) -> None:
    """No test depends on the net: the attempt is refused before a packet is sent."""
    with pytest.raises(NetworkUseError):
        socket.create_connection((host, 80), timeout=1)


def test_this_machine_can_be_reached() -> None:
    """Servers under test listen on loopback."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as connection,
    ):
        assert connection.getpeername() == server.getsockname()


def test_postgres_gives_each_test_an_empty_database(postgres_url: str) -> None:
    """A fresh PostgreSQL database answers, has UTF-8, and holds no table."""
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert tables == (0,)


def test_the_shared_folders_are_there(shared_cases: Path, shared_data: Path) -> None:
    """The cases and exports that other tests are held to stand beside the checkout."""
    assert (shared_cases / "loans-fineract.json").is_file()
    assert (shared_data / "mifos-branch").is_dir()


@pytest.mark.parametrize("workers", ["0", "2"])
def test_whatever_is_skipped_fails_the_run(pytester: pytest.Pytester, workers: str) -> None:
    """What was not tried is not known to work: the run ends with a failure, and names tests and files."""
    conftest = Path(__file__).parents[1] / "conftest.py"
    pytester.makeconftest(conftest.read_text(encoding="utf-8"))
    pytester.makepyfile(
        test_good="import pytest\n"
        "def test_one():\n    pass\n"
        "def test_two():\n    pytest.skip('tired')\n"
        "def test_three():\n    pytest.xfail('known')\n",
        test_shy="import pytest\npytest.importorskip('no_such_thing')\n",
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-n", workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*skipped, so this run has failed*"])
    told = result.stdout.str().partition("skipped, so this run has failed")[2]
    assert all(name in told for name in ("test_two", "test_three", "test_shy"))
    assert "test_one" not in told
