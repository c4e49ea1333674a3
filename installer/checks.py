"""All checks and tests of a checkout, one after the other, with a heading each and a table at the end."""

import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from installer.environment import Environment
from installer.simulation import live_seeds
from installer.terminal import run, say
from installer.wheel import check_wheel

TYPED = (
    "ledger", "schema", "banking", "sync", "web", "console", "satchel", "branch", "hq", "installer",
    "migrations", "tests", "benchmarks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one part came out, in tests (a check counts as one test)."""

    passed: int
    failed: int
    seconds: float = 0.0

    @property
    def word(self) -> str:
        """For the table."""
        return "ok" if self.passed and not self.failed else "FAILED"


@dataclass(frozen=True, slots=True)
class Part:
    """One check or set of tests that can be asked for by name."""

    name: str
    heading: str
    work: Callable[[Environment, Sequence[str]], Outcome]
    by_default: bool = True


def _check(*words: str) -> Callable[[Environment, Sequence[str]], Outcome]:
    """A program of the environment whose exit status says all."""

    def work(environment: Environment, _pytest_words: Sequence[str]) -> Outcome:
        status = run([environment.program(words[0]), *words[1:]], folder=environment.root)
        return Outcome(passed=int(status == 0), failed=int(status != 0))

    return work


def _wheel(environment: Environment, _pytest_words: Sequence[str]) -> Outcome:
    good = check_wheel(environment)
    return Outcome(passed=int(good), failed=int(not good))


def _simulation(environment: Environment, _pytest_words: Sequence[str]) -> Outcome:
    """Each seed counts as one test."""
    passed, failed = live_seeds(environment)
    return Outcome(passed, failed)


def _tests(*chosen: str) -> Callable[[Environment, Sequence[str]], Outcome]:
    """Pytest, with ``chosen`` words before those of the command line."""

    def work(environment: Environment, pytest_words: Sequence[str]) -> Outcome:
        # tests start our programs hundreds of times, also where Python may not keep what it has compiled
        run([environment.program("python"), "-m", "compileall", "-q", *TYPED], folder=environment.root)
        with tempfile.TemporaryDirectory(prefix="satchel-tests-") as folder:
            report = Path(folder) / "report.xml"
            command: list[str | Path] = [
                environment.program("python"),
                "-m",
                "pytest",
                f"--junitxml={report}",
                *chosen,
                *pytest_words,
            ]
            status = run(command, folder=environment.root)
            return count_tests(report, status)

    return work


def count_tests(report: Path, status: int) -> Outcome:
    """Count what pytest's XML ``report`` says.

    status    pytest's own; where it is not 0, at least one failure is counted, and skipped tests are failures
    """
    tests = bad = skipped = 0
    if report.is_file():
        for suite in ET.parse(report).iter("testsuite"):  # noqa: S314 - pytest wrote it a moment ago
            tests += int(suite.get("tests", "0"))
            bad += int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
            skipped += int(suite.get("skipped", "0"))
    passed = max(tests - bad - skipped, 0)
    return Outcome(passed, failed=bad if status == 0 else max(bad + skipped, 1))


# one more than the cores of a laptop: tests wait for a disk, a browser and one another
_SOME_AT_ONCE = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "--durations=10")

PARTS = (
    Part("lint", "ruff check", _check("ruff", "check", "--no-cache", ".")),
    Part("format", "ruff format", _check("ruff", "format", "--no-cache", "--check", ".")),
    Part("types", "mypy --strict", _check("mypy", "--strict", *TYPED)),
    Part("imports", "import-linter: the stairs", _check("lint-imports", "--no-cache")),
    Part("wheel", "the wheel, outside the checkout", _wheel),
    Part("simulation", "satchel simulate: the road and all that can happen on it", _simulation),
    Part("tests", "pytest: all tests", _tests(*_SOME_AT_ONCE)),
    Part(
        "unit",
        "pytest: all tests but those with a browser",
        _tests(*_SOME_AT_ONCE, "-m", "not browser"),
        by_default=False,
    ),
    Part("browser", "pytest: tests with a browser", _tests("-m", "browser"), by_default=False),
)
# these start programs of the system
WITH_SYSTEM_PROGRAMS = {"tests", "unit", "browser"}


def run_parts(
    environment: Environment, names: Sequence[str], *, keep_going: bool, pytest_words: Sequence[str]
) -> bool:
    """Run the named parts in order; returns whether all of them passed.

    keep_going     whether the parts after a failed one run as well
    pytest_words   words for pytest, such as ``-k`` and what follows it
    """
    outcomes: dict[str, Outcome] = {}
    for part in PARTS:
        if part.name not in names:
            continue
        say(f"\n===== {part.name}: {part.heading} =====")
        began = time.monotonic()
        counted = part.work(environment, pytest_words)
        outcomes[part.name] = Outcome(counted.passed, counted.failed, time.monotonic() - began)
        if outcomes[part.name].word != "ok" and not keep_going:
            break
    _print_table(names, outcomes)
    return all(name in outcomes and outcomes[name].word == "ok" for name in names)


def _print_table(names: Sequence[str], outcomes: dict[str, Outcome]) -> None:
    say(f"\n{'part':10} {'result':8} {'passed':>7} {'failed':>7} {'seconds':>8}")
    for name in names:
        outcome = outcomes.get(name)
        if outcome is None:
            say(f"{name:10} not run")
        else:
            say(f"{name:10} {outcome.word:8} {outcome.passed:7} {outcome.failed:7} {outcome.seconds:8.1f}")
    passed = sum(outcome.passed for outcome in outcomes.values())
    failed = sum(outcome.failed for outcome in outcomes.values())
    # alone on the last line, for whoever counts tests by reading this
    say(f"\n{passed} passed, {failed} failed")
