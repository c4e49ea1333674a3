"""The wheel as others get it: built, compared with the checkout, imported where that is out of sight."""

import os
import tempfile
import tomllib
import zipfile
from pathlib import Path

from installer.environment import Environment
from installer.terminal import run, say


def check_wheel(environment: Environment) -> bool:
    """Build the wheel; returns whether it holds all files, and every module of it can be imported."""
    packages = wheel_packages(environment.root)
    with tempfile.TemporaryDirectory(prefix="satchel-wheel-") as folder_name:
        folder = Path(folder_name).resolve()
        command: list[str | Path] = [
            environment.program("python"),
            "-I",
            "-m",
            "hatchling",
            "build",
            "-t",
            "wheel",
            "-d",
            folder,
        ]
        if run(command, folder=environment.root):
            return False
        [wheel] = folder.glob("*.whl")
        unpacked, elsewhere = folder / "unpacked", folder / "elsewhere"
        elsewhere.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        lacking = files_of(environment.root, packages) - files_of(unpacked, packages)
        for path in sorted(lacking):
            say(f"not in the wheel: {path}")
        return not lacking and _imports(environment, unpacked, elsewhere, packages)


def wheel_packages(root: Path) -> list[str]:
    """The top-level packages that the wheel is made of, as pyproject.toml lists them."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    packages: list[str] = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return packages


def files_of(folder: Path, packages: list[str]) -> set[str]:
    """The paths of all files of ``packages`` below ``folder``, but for what Python writes there itself."""
    return {
        path.relative_to(folder).as_posix()
        for package in packages
        for path in (folder / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _imports(environment: Environment, unpacked: Path, elsewhere: Path, packages: list[str]) -> bool:
    """Import all modules from the wheel; -S keeps the editable checkout off the path, -P this folder."""
    settings = os.environ | {"PYTHONPATH": os.pathsep.join([str(unpacked), str(environment.site_packages)])}
    script = Path(__file__).with_name("import_all.py")
    command: list[str | Path] = [
        environment.program("python"),
        "-S",
        "-P",
        "-W",
        "error",
        script,
        unpacked,
        *packages,
    ]
    return run(command, folder=elsewhere, environment=settings) == 0
