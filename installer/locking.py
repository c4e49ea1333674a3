"""Writing the locked lists anew, for all systems and Pythons that we serve at once."""

import shutil
from pathlib import Path

from installer.environment import Environment, ListName
from installer.terminal import SetupError, run, say

# what each list is made of: the project's own dependencies and these groups of pyproject.toml
GROUPS: dict[ListName, tuple[str, ...]] = {"runtime": ("build",), "test": ("build", "test")}


def lock(root: Path, *, upgrade: bool) -> None:
    """Write ``installer/locks/`` from ``pyproject.toml``; versions stay unless ``upgrade``.

    raises   SetupError when uv is missing or cannot find versions that agree
    """
    environment = Environment(root)
    uv = environment.program("uv") if environment.program("uv").exists() else shutil.which("uv")
    if uv is None:
        message = f"Locks are written by uv. Run:  {environment.program('pip')} install uv  and start again."
        raise SetupError(message)
    for list_name, groups in GROUPS.items():
        # --universal: the markers of Windows' packages stay in, with the hashes of all files of a release
        command = [uv, "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url", "--quiet"]
        for group in groups:
            command += ["--group", group]
        if list_name == "test":
            command += ["--constraint", environment.lock("runtime").relative_to(root)]
        if upgrade:
            command += ["--upgrade"]
        command += ["--output-file", environment.lock(list_name).relative_to(root)]
        if run(command, folder=root):
            message = (
                f"uv could not write {environment.lock(list_name)}, as said above; the file is as it was."
            )
            raise SetupError(message)
        say(f"{environment.lock(list_name).relative_to(root)} is written.")
