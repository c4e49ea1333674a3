"""Packages of Debian: installed where we may, named where we may not."""

import os
import shutil
import subprocess
from collections.abc import Sequence

from installer.terminal import SetupError, say

# another apt may be at work, as on a machine that has just been switched on
APT_LOCK_SECONDS = 300


def install(packages: Sequence[str], *, reason: str) -> None:
    """Install Debian ``packages`` with apt.

    reason   what they are needed for, for the person at the terminal
    raises   SetupError where this is not Debian, we are not root, or apt fails
    """
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        message = (
            f"{reason}: missing {names} (Debian's names). Install these for your system, then start again."
        )
        raise SetupError(message)
    if os.geteuid() != 0:
        message = f"{reason}: missing {names}. Run:  sudo apt-get install {names}  and start again."
        raise SetupError(message)
    say(f"{reason}: installing {names} with apt")
    _apt("update", "-qq")
    _apt("install", "-y", "-qq", "--no-install-recommends", *packages)


def _apt(*words: str) -> None:
    command = ["apt-get", "-o", f"DPkg::Lock::Timeout={APT_LOCK_SECONDS}", *words]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        message = (
            f"{done.stdout}\n{' '.join(command)} ended with {done.returncode}. Mend that, then start again."
        )
        raise SetupError(message)
