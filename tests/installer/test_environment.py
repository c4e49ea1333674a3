"""The private environment: when it is ready, when it is made anew, what it is made of."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from installer import environment as environment_module
from installer.environment import STAMP, UNFINISHED, Environment, is_ready, made_from, set_up
from installer.terminal import SetupError
from tests.house.tree import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the parts that set-up reads, and locks that ask for nothing."""
    root = tmp_path / "a checkout"
    (root / "installer" / "locks").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", root)
    for name in ("runtime", "test"):
        (root / "installer" / "locks" / f"{name}.txt").write_text(f"# nothing for {name}\n")
    return root


def make_quickly(environment: Environment) -> None:
    """As the real one, in a tenth of a second: with a pip that is there and can do nothing."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment.folder], check=True)
    (environment.site_packages / "pip").mkdir()
    (environment.site_packages / "pip" / "__init__.py").touch()


@pytest.fixture
def pip_calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What pip would have been asked to do; it leaves the program satchel where pip would."""
    calls: list[list[str]] = []

    def note(environment: Environment, words: list[str], *, failed: str) -> None:
        assert failed
        calls.append(words)
        environment.program("satchel").touch()

    monkeypatch.setattr(environment_module, "_pip", note)
    monkeypatch.setattr(environment_module, "_make_folder", make_quickly)
    return calls


def test_second_set_up_finds_everything_ready(checkout: Path, pip_calls: list[list[str]]) -> None:
    """The first start makes the folder and asks pip twice; the second asks nothing."""
    environment = set_up(checkout, "runtime")
    assert environment.program("python").exists()
    assert len(pip_calls) == 2
    set_up(checkout, "runtime")
    assert len(pip_calls) == 2


def test_packages_are_held_to_hashes_and_the_checkout_needs_no_network(
    checkout: Path, pip_calls: list[list[str]]
) -> None:
    """What comes from the network is in the lock, with a hash; what is ours does not use it."""
    set_up(checkout, "runtime")
    locked, ours = pip_calls
    assert "--require-hashes" in locked
    assert locked[-1].endswith("runtime.txt")
    assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(ours)
    assert not any("index-" in word for word in locked), "the person's own choice of a registry stays"


def test_test_list_serves_for_work_as_well(checkout: Path, pip_calls: list[list[str]]) -> None:
    """Who has run the tests can start at once; who has started has to wait for the tests' packages once."""
    set_up(checkout, "test")
    set_up(checkout, "runtime")
    assert len(pip_calls) == 2


def test_work_list_does_not_serve_for_tests(checkout: Path, pip_calls: list[list[str]]) -> None:
    """The tests' packages are added to an environment that was made for work."""
    set_up(checkout, "runtime")
    assert not is_ready(Environment(checkout), "test")
    set_up(checkout, "test")
    assert len(pip_calls) == 4


@pytest.mark.parametrize("changed", ["installer/locks/runtime.txt", "pyproject.toml"])
def test_new_lock_or_dependency_is_noticed(checkout: Path, pip_calls: list[list[str]], changed: str) -> None:
    """After a pull that changes what is needed, the next start installs it."""
    set_up(checkout, "runtime")
    text = (checkout / changed).read_text(encoding="utf-8")
    (checkout / changed).write_text(text.replace("flask>=3", "flask>=4") + "# newer\n", encoding="utf-8")
    set_up(checkout, "runtime")
    assert len(pip_calls) == 4


def test_new_lint_rule_does_not_cost_a_set_up(checkout: Path, pip_calls: list[list[str]]) -> None:
    """Only what decides the environment is in its stamp."""
    set_up(checkout, "runtime")
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace("line-length = 110", "line-length = 109"))
    set_up(checkout, "runtime")
    assert len(pip_calls) == 2


@pytest.mark.parametrize("step", [1, 2])
def test_interrupted_set_up_heals_itself(
    checkout: Path, pip_calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Wherever it was cut off, the half-made folder is thrown away and the next start makes a whole one."""
    left = step

    def cut_off(environment: Environment, _words: list[str], *, failed: str) -> None:
        nonlocal left
        left -= 1
        (environment.folder / "half a package").touch()
        if not left:
            raise KeyboardInterrupt(failed)

    with monkeypatch.context() as patch:
        patch.setattr(environment_module, "_pip", cut_off)
        with pytest.raises(KeyboardInterrupt):
            set_up(checkout, "runtime")
    environment = Environment(checkout)
    assert not is_ready(environment, "runtime")
    set_up(checkout, "runtime")
    assert is_ready(environment, "runtime")
    assert not (environment.folder / "half a package").exists()
    assert not (environment.folder / UNFINISHED).exists()
    assert len(pip_calls) == 2


def test_folder_without_a_python_is_made_anew(checkout: Path, pip_calls: list[list[str]]) -> None:
    """Cut off while the folder itself was made, or its Python was removed by an upgrade of the system."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    set_up(checkout, "runtime")
    assert Environment(checkout).program("python").exists()
    assert len(pip_calls) == 2


@pytest.mark.parametrize("key", ["checkout", "python"])
def test_moved_checkout_or_other_python_makes_it_anew(
    checkout: Path, pip_calls: list[list[str]], key: str
) -> None:
    """The programs in the folder name the folder and the Python, so they would not start any more."""
    environment = set_up(checkout, "runtime")
    (environment.folder / "old").touch()
    stamp = json.loads((environment.folder / STAMP).read_text())
    (environment.folder / STAMP).write_text(json.dumps(stamp | {key: "another"}))
    set_up(checkout, "runtime")
    assert not (environment.folder / "old").exists()
    assert len(pip_calls) == 4


def test_folder_that_is_no_checkout_is_left_alone(tmp_path: Path) -> None:
    """The installer in an installed wheel has nothing to set up, and says so."""
    with pytest.raises(SetupError, match="no checkout"):
        set_up(tmp_path, "runtime")
    assert list(tmp_path.iterdir()) == []


def test_refusal_of_pip_is_shown_whole(checkout: Path) -> None:
    """When a package cannot be had, what pip said is shown with what to do; nothing counts as ready."""
    (checkout / "installer" / "locks" / "runtime.txt").write_text("flask==3.1.3\n")
    with pytest.raises(SetupError, match=r"(?s)hash.*Is the network there"):
        set_up(checkout, "runtime")
    assert not is_ready(Environment(checkout), "runtime")


def test_python_without_venv_is_helped_or_told(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian keeps a part of venv in a package; who may not install it is told its name and the command."""
    monkeypatch.setattr("installer.environment.importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr("installer.debian.os.geteuid", lambda: 1000)
    monkeypatch.setattr("installer.debian.shutil.which", lambda _name: "/usr/bin/apt-get")
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    with pytest.raises(SetupError, match=f"sudo apt-get install {package}"):
        set_up(checkout, "runtime")


def test_programs_have_other_names_on_windows() -> None:
    """There they lie in Scripts and end in .exe, and packages lie in Lib."""
    environment = Environment(Path("C"), on_windows=True)
    assert environment.program("satchel").parts == ("C", ".venv", "Scripts", "satchel.exe")
    assert environment.site_packages.parts == ("C", ".venv", "Lib", "site-packages")


def _pins(list_name: str) -> dict[str, set[str]]:
    """Each pinned package of a lock, with its marker, and its hashes."""
    pins: dict[str, set[str]] = {}
    name = ""
    for line in (ROOT / "installer" / "locks" / f"{list_name}.txt").read_text().splitlines():
        if not line.startswith(" "):
            name = line.removesuffix(" \\").partition(" ;")[0]
            pins[name] = set()
        pins[name] |= set(re.findall(r"sha256:([0-9a-f]{64})", line))
    return pins


def test_both_lists_pin_the_same_versions() -> None:
    """What is tested is what is used: the test list holds the runtime list, hash by hash."""
    runtime, test = _pins("runtime"), _pins("test")
    assert {name: test.get(name) for name in runtime} == runtime
    assert all(runtime.values())


def test_locks_answer_the_dependencies_of_the_project() -> None:
    """A dependency that was added to pyproject.toml and not locked would be missing on every machine."""
    stamp = made_from(Environment(ROOT), "runtime")
    assert stamp["lock"] != made_from(Environment(ROOT), "test")["lock"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {"runtime": project["project"]["dependencies"] + groups["build"], "test": groups["test"]}
    for list_name, requirements in wanted.items():
        names = {re.split(r"[\[>=<!~; ]", requirement)[0] for requirement in requirements}
        assert names - {pin.partition("==")[0] for pin in _pins(list_name)} == set()


def test_windows_gets_its_time_zones() -> None:
    """Windows has no time zones of its own; psycopg and zoneinfo need the package there."""
    assert "tzdata==" in (ROOT / "installer" / "locks" / "runtime.txt").read_text()


def test_installer_starts_without_any_package(tmp_path: Path) -> None:
    """Standard library only, no site-packages: the help of every command is shown."""
    for command in ([], ["setup"], ["run"], ["test"], ["lock"]):
        done = subprocess.run(
            [sys.executable, "-S", "-m", "installer", *command, "--help"],
            cwd=ROOT,
            env={"PYTHONPYCACHEPREFIX": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "usage: python3 -m installer" in done.stdout
