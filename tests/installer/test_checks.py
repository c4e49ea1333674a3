"""The run of all checks: order, table, exit status, counts."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from installer import checks, cli, needs
from installer.checks import Outcome, Part, count_tests, run_parts
from installer.environment import Environment
from installer.needs import Need
from installer.terminal import SetupError
from installer.wheel import wheel_packages
from tests.house.tree import ROOMS, ROOT

HERE = Environment(ROOT)


def _part(name: str, outcome: Outcome, done: list[str]) -> Part:
    def work(_environment: Environment, words: Sequence[str]) -> Outcome:
        done.append(" ".join([name, *words]))
        return outcome

    return Part(name, f"the part {name}", work)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Parts a, b (fails), c instead of the real ones; returns the list of what was run."""
    ran: list[str] = []
    parts = (
        _part("a", Outcome(passed=1, failed=0), ran),
        _part("b", Outcome(passed=3, failed=2), ran),
        _part("c", Outcome(passed=70, failed=0), ran),
    )
    monkeypatch.setattr(checks, "PARTS", parts)
    return ran


def test_run_stops_at_the_first_failed_part(done: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The table shows what failed and what was not run, and the last line counts."""
    assert not run_parts(HERE, ["a", "b", "c"], keep_going=False, pytest_words=[])
    assert done == ["a", "b"]
    lines = capsys.readouterr().out.splitlines()
    assert "===== b: the part b =====" in lines
    assert "c          not run" in lines
    assert lines[-1] == "4 passed, 2 failed"


def test_keep_going_runs_the_rest_and_still_fails(
    done: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A failure is not forgotten over what passed after it."""
    assert not run_parts(HERE, ["a", "b", "c"], keep_going=True, pytest_words=["-x"])
    assert done == ["a -x", "b -x", "c -x"]
    assert capsys.readouterr().out.splitlines()[-1] == "74 passed, 2 failed"


def test_good_parts_make_a_good_run(done: list[str]) -> None:
    """Only the parts that are named run."""
    assert run_parts(HERE, ["a", "c"], keep_going=False, pytest_words=[])
    assert done == ["a", "c"]


def test_part_that_ran_nothing_has_failed() -> None:
    """No test is no proof."""
    assert Outcome(passed=0, failed=0).word == "FAILED"


@pytest.mark.parametrize(
    ("suite", "status", "expected"),
    [
        ('tests="5" failures="0" errors="0" skipped="0"', 0, (5, 0)),
        ('tests="5" failures="1" errors="1" skipped="0"', 1, (3, 2)),
        ('tests="5" failures="0" errors="0" skipped="1"', 1, (4, 1)),  # the skip is why it failed
        ('tests="5" failures="0" errors="0" skipped="1"', 0, (4, 0)),  # the skip was on the list
        ('tests="5" failures="0" errors="0" skipped="0"', 3, (5, 1)),  # pytest itself broke
    ],
)
def test_counts_are_those_of_pytest(
    tmp_path: Path, suite: str, status: int, expected: tuple[int, int]
) -> None:
    """Counted from pytest's own report; a bad exit is never counted as good."""
    report = tmp_path / "report.xml"
    report.write_text(f"<testsuites><testsuite {suite}/></testsuites>")
    outcome = count_tests(report, status)
    assert (outcome.passed, outcome.failed) == expected


def test_missing_report_is_a_failure(tmp_path: Path) -> None:
    """Pytest that was killed writes none."""
    assert count_tests(tmp_path / "report.xml", -9) == Outcome(passed=0, failed=1)


def test_types_are_checked_and_wheels_built_of_every_room() -> None:
    """A new room that is in one list and not in the others would go unchecked."""
    assert set(wheel_packages(ROOT)) == set(ROOMS)
    assert set(checks.TYPED) == {*ROOMS, "tests", "benchmarks"}


def test_missing_programs_are_named_with_their_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not install them reads which, why, and the command."""
    monkeypatch.setattr("installer.debian.os.geteuid", lambda: 1000)
    there = {"apt-get", "git"}
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in there else None)
    lacking = [Need("age", "bundles are opened without us", ("age",)), Need("git", "", ("git",))]
    with pytest.raises(SetupError, match=r"age \(bundles are opened without us\).*sudo apt-get install age "):
        needs.meet(lacking)


def test_all_needs_are_met_where_tests_run() -> None:
    """Set-up has brought every program that tests start."""
    assert needs.missing() == []


@pytest.mark.parametrize(
    ("words", "wrong"), [(["setup", "now"], "unknown: now"), (["test", "--only", "x"], "x"), ([], "")]
)
def test_wrong_usage_is_status_2(words: list[str], wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As the other commands do."""
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    assert end.value.code == 2
    assert wrong in capsys.readouterr().err


def test_run_passes_words_on_and_knows_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration gets a home that version control ignores, unless the person names one."""
    started: list[list[str]] = []
    monkeypatch.setattr(cli, "set_up", lambda _root, _list: HERE)

    def note(command: Sequence[object]) -> int:
        started.append([str(word) for word in command])
        return 0

    monkeypatch.setattr(cli, "become", note)
    assert cli.main(["run", "--port", "9000"]) == 0
    assert cli.main(["run", "--home", "elsewhere"]) == 0
    satchel = str(HERE.program("satchel"))
    assert started == [
        [satchel, "demo", "--home", str(ROOT / "demo-home"), "--port", "9000"],
        [satchel, "demo", "--home", "elsewhere"],
    ]
    assert "/demo-home/" in (ROOT / ".gitignore").read_text().splitlines()


def test_refusal_is_one_message_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback for what the person can mend."""

    def refuse(*_: object) -> None:
        message = "Is the network there?"
        raise SetupError(message)

    monkeypatch.setattr(cli, "set_up", refuse)
    assert cli.main(["setup"]) == 1
    assert capsys.readouterr().err == "installer: Is the network there?\n"
