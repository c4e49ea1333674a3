"""Started with ``-S -P`` in an empty folder: imports every module of packages that must lie in one folder."""

import importlib
import pkgutil
import sys
from pathlib import Path


def import_all(home: Path, packages: list[str]) -> list[str]:
    """Import ``packages`` and all their modules; returns what was imported from elsewhere than ``home``."""
    names = list(packages)
    for package in packages:
        # Alembic loads its own files by path, in a setting that only it can make
        if package != "migrations":
            found = importlib.import_module(package)
            names += [module.name for module in pkgutil.walk_packages(found.__path__, f"{package}.")]
    strangers = []
    for name in names:
        if not name.endswith("__main__"):
            origin = importlib.import_module(name).__file__
            if origin is None or not Path(origin).is_relative_to(home):
                strangers.append(f"{name} comes from {origin}, not from the wheel")
    return strangers


if __name__ == "__main__":
    faults = import_all(Path(sys.argv[1]), sys.argv[2:])
    print(*faults, sep="\n")
    sys.exit(bool(faults))
