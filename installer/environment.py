"""The private environment: ``.venv`` in the checkout, made from a locked, hashed list.

A stamp in the folder tells from what it was made, so that a second start takes no time. A mark lies there
while work goes on: where one is found at the start, the work was interrupted, and the folder is made anew.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from installer import debian
from installer.terminal import SetupError, run, say

ListName = Literal["runtime", "test"]

STAMP = "satchel-made-from.json"
UNFINISHED = "satchel-unfinished"
# settings of the person's own pip that would send packages past our environment
FOREIGN_PIP_SETTINGS = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_NO_DEPS", "PIP_CONSTRAINT")


@dataclass(frozen=True)
class Environment:
    """The private environment of one checkout."""

    root: Path
    on_windows: bool = os.name == "nt"

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.root / ".venv"

    def program(self, name: str) -> Path:
        """The path of an installed program, whether it is there or not."""
        if self.on_windows:
            return self.folder / "Scripts" / f"{name}.exe"
        return self.folder / "bin" / name

    @property
    def site_packages(self) -> Path:
        """Where the packages of the list lie."""
        if self.on_windows:
            return self.folder / "Lib" / "site-packages"
        return (
            self.folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
        )

    def lock(self, list_name: ListName) -> Path:
        """The file that names every package of a list, its version and its hashes."""
        return self.root / "installer" / "locks" / f"{list_name}.txt"


def set_up(root: Path, list_name: ListName) -> Environment:
    """Make the environment of the checkout at ``root``, or find that it is ready.

    list_name   "runtime" for work, "test" for everything that tests need too
    raises      SetupError; what is half done then is made anew at the next start
    """
    environment = Environment(root)
    if not environment.lock(list_name).is_file():
        message = (
            f"{environment.lock(list_name)} is missing: this is no checkout of Satchel. Nothing was changed."
        )
        raise SetupError(message)
    if is_ready(environment, list_name):
        say(f"The private environment {environment.folder} is ready.")
        return environment
    _begin(environment)
    if not environment.program("python").exists():
        _make_folder(environment)
    _install_list(environment, list_name)
    _install_checkout(environment)
    _finish(environment, list_name)
    say(f"The private environment {environment.folder} is ready.")
    return environment


def is_ready(environment: Environment, list_name: ListName) -> bool:
    """Whether all of a list is installed as the checkout asks today; the test list holds the other one."""
    if (environment.folder / UNFINISHED).exists() or not environment.program("satchel").exists():
        return False
    found = _read_stamp(environment)
    return found in (made_from(environment, list_name), made_from(environment, "test"))


def made_from(environment: Environment, list_name: ListName) -> dict[str, str]:
    """All that decides how the environment comes out."""
    project = tomllib.loads((environment.root / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [project["project"], project["build-system"], project["tool"]["hatch"]]
    return {
        "checkout": str(environment.root),  # the programs in the folder name it, so a moved one is made anew
        "python": f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}",
        "list": list_name,
        "lock": hashlib.sha256(environment.lock(list_name).read_bytes()).hexdigest(),
        "project": hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest(),
    }


def _read_stamp(environment: Environment) -> dict[str, str] | None:
    try:
        stamp: dict[str, str] = json.loads((environment.folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp


def _begin(environment: Environment) -> None:
    """Remove what cannot be built upon, and leave the mark that work goes on."""
    stamp = _read_stamp(environment)
    today = made_from(environment, "runtime")
    interrupted = (environment.folder / UNFINISHED).exists()
    moved = stamp is not None and any(stamp.get(key) != today[key] for key in ("checkout", "python"))
    if environment.folder.exists() and (interrupted or moved or not _works(environment)):
        say(
            f"The private environment {environment.folder} is unfinished or of another Python: making it anew"
        )
        shutil.rmtree(environment.folder)
    environment.folder.mkdir(exist_ok=True)
    (environment.folder / UNFINISHED).touch()


def _works(environment: Environment) -> bool:
    """Whether the Python in there runs, is of our version, and has pip."""
    ask = "import pip, sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [environment.program("python"), "-I", "-c", ask], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return answer.stdout.split() == [str(number) for number in sys.version_info[:2]]


def _make_folder(environment: Environment) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        # Debian keeps this part of Python in a package of its own
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        debian.install([package], reason="This Python cannot make private environments yet")
    say(f"Making the private environment {environment.folder} with Python {sys.version.split()[0]}")
    if run([sys.executable, "-I", "-m", "venv", environment.folder], folder=environment.root):
        message = f"{sys.executable} -m venv failed, as said above. Mend that, then start again."
        raise SetupError(message)


def _install_list(environment: Environment, list_name: ListName) -> None:
    lock = environment.lock(list_name)
    total = len(re.findall(r"^[A-Za-z0-9]", lock.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"Installing the {list_name} list: {total} packages, each held to its hash")
    _pip(
        environment,
        ["install", "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)],
        failed="Nothing unchecked was installed. Is the network there? Then start again.",
    )


def _install_checkout(environment: Environment) -> None:
    say("Installing the checkout itself, so that changes in it work at once")
    _pip(
        environment,
        ["install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(environment.root)],
        failed="The packages are there, the program satchel is not. Start again.",
    )


def _pip(environment: Environment, words: Sequence[str], *, failed: str) -> None:
    """Run the environment's pip, with one plain line for each package that it fetches.

    raises   SetupError with all that pip said, and ``failed``
    """
    command = [
        str(environment.program("python")),
        "-I",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command += [*words, "--progress-bar", "off", "--no-warn-script-location"]
    settings = {key: value for key, value in os.environ.items() if key not in FOREIGN_PIP_SETTINGS}
    settings |= {"PIP_ROOT_USER_ACTION": "ignore", "PIP_USER": "0"}
    heard: list[str] = []
    with subprocess.Popen(
        command,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            heard.append(line)
            fetched = re.match(r"Collecting ([^\s;]+)|Processing .*?([^/\\-]+-[^/\\-]+)-[^/\\]+\.whl", line)
            if fetched:
                say(f"  {fetched[1] or fetched[2]}")
            elif line.startswith("Installing collected packages") and "--editable" not in words:
                say("  all fetched and checked, unpacking")
    if pip.returncode:
        message = f"{''.join(heard)}\npip failed with status {pip.returncode}. {failed}"
        raise SetupError(message)


def _finish(environment: Environment, list_name: ListName) -> None:
    stamp = environment.folder / STAMP
    fresh = stamp.with_suffix(".new")
    fresh.write_text(json.dumps(made_from(environment, list_name), indent=1), encoding="utf-8")
    fresh.replace(stamp)
    (environment.folder / UNFINISHED).unlink()
