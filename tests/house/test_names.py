"""Our top-level names are generic (``schema``, ``web``), so others could take them. They must not."""

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import BESIDES, ROOMS, ROOT, Source, sources, sources_of

# Alembic loads the first by path, by their numbers; what lies in the second is run by itself
NO_PACKAGES = {"migrations/versions", "docs"}
# says nothing, or another thing than it does
EMPTY_WORDS = {"manager", "helper", "helpers", "util", "utils", "info", "handle", "handler", "batch"}
EMPTY_NAMES = {"data", "process", "sync_data", "account", "transaction", "misc", "common"}


@pytest.mark.parametrize("name", ROOMS)
def test_import_finds_our_package_and_no_other(name: str, tmp_path: Path) -> None:
    """From any folder, ``import schema`` gets this checkout's schema and not another package of that name."""
    ask = f"import importlib.util; print(importlib.util.find_spec({name!r}).origin)"
    answer = subprocess.run(
        [sys.executable, "-I", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(answer.stdout.strip()) == ROOT / name / "__init__.py"


def test_no_dependency_brings_a_package_of_our_names() -> None:
    """A dependency that installs ``tests`` or ``schema`` would win or lose by chance; there is none."""
    brought_by = importlib.metadata.packages_distributions()
    foreign = {name: set(brought_by.get(name, [])) - {"satchel"} for name in (*ROOMS, *BESIDES)}
    assert {name: others for name, others in foreign.items() if others} == {}


def test_our_names_are_not_python_s_own() -> None:
    """No top-level package hides a module of the standard library."""
    assert set(ROOMS) & sys.stdlib_module_names == set()


def test_every_folder_that_is_imported_is_a_package() -> None:
    """A folder without ``__init__.py`` loses against an installed package of its name."""
    folders = {str(Path(source.path).parent) for source in sources() if "/" in source.path}
    with_file = {
        str(Path(source.path).parent) for source in sources() if source.path.endswith("/__init__.py")
    }
    assert folders - with_file - NO_PACKAGES == set()


def _defined_names(source: Source) -> list[str]:
    """The module, and what it defines at its top; a method has its class to tell more."""
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [Path(source.path).stem] + [node.name for node in source.tree.body if isinstance(node, named)]


def test_names_say_what_a_thing_is() -> None:
    """Modules, classes and functions are not called by words that fit anything."""
    empty = [
        f"{source.path}: {name}"
        for source in sources_of(*ROOMS, "benchmarks")
        for name in _defined_names(source)
        if (
            name.lower() in EMPTY_NAMES and "/pages/" not in source.path
        )  # a view has its address to tell more
        or EMPTY_WORDS & set(name.lower().split("_"))
    ]
    assert empty == []
