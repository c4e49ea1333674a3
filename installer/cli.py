"""The commands of ``python3 -m installer``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from installer import needs
from installer.checks import PARTS, WITH_SYSTEM_PROGRAMS, run_parts
from installer.environment import set_up
from installer.locking import lock
from installer.terminal import SetupError, become, say

ROOT = Path(__file__).resolve().parent.parent
DEMO_HOME = "demo-home"
STOPPED_BY_KEY = 130


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    try:
        return _main(sys.argv[1:] if words is None else list(words))
    except SetupError as refusal:
        print(f"installer: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("installer: stopped. The same command takes it up again.", file=sys.stderr)
        return STOPPED_BY_KEY


def _main(words: list[str]) -> int:
    parser = _parser()
    asked, others = parser.parse_known_args(words)
    others = [word for word in others if word != "--"]
    if asked.command == "run":
        return _run_demo(others)
    if asked.command == "test":
        return _test(asked, others)
    if others:
        parser.error(f"unknown: {' '.join(others)}")
    if asked.command == "lock":
        lock(ROOT, upgrade=asked.upgrade)
    else:
        set_up(ROOT, "test" if asked.tests else "runtime")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m installer", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    setup = commands.add_parser("setup", help="make the private environment in .venv, and nothing else")
    setup.add_argument("--tests", action="store_true", help="with all that the tests need of Python")
    commands.add_parser(
        "run",
        allow_abbrev=False,
        help=f"set up, then build a demonstration bank in {DEMO_HOME}/ and serve it; "
        "further words go to `satchel demo`",
    )
    test = commands.add_parser(
        "test", allow_abbrev=False, help="set up with all that tests need, then run all checks and tests"
    )
    test.add_argument(
        "--only",
        action="append",
        choices=[part.name for part in PARTS],
        help="this part alone; may be given more than once",
    )
    test.add_argument("--keep-going", action="store_true", help="go on with the next part after a failed one")
    test.epilog = "Further words go to pytest, for example:  test --only tests -k allocation"
    relock = commands.add_parser("lock", help="write installer/locks/ anew from pyproject.toml (needs uv)")
    relock.add_argument("--upgrade", action="store_true", help="take the newest versions that agree")
    return parser


def _run_demo(words: list[str]) -> int:
    environment = set_up(ROOT, "runtime")
    if not any(word == "--home" or word.startswith("--home=") for word in words):
        words = ["--home", str(ROOT / DEMO_HOME), *words]
    say("Starting the demonstration; end it with Ctrl-C.")
    return become([environment.program("satchel"), "demo", *words])


def _test(asked: argparse.Namespace, pytest_words: list[str]) -> int:
    names = asked.only or [part.name for part in PARTS if part.by_default]
    if WITH_SYSTEM_PROGRAMS & set(names):
        needs.meet()
    environment = set_up(ROOT, "test")
    good = run_parts(environment, names, keep_going=asked.keep_going, pytest_words=pytest_words)
    return 0 if good else 1
