"""The files that are kept, as the house rules look at them."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "ledger", "schema", "banking", "sync", "web", "console", "satchel", "branch", "hq", "migrations",
    "installer",
)  # fmt: skip
BESIDES = ("benchmarks", "tests")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: its path below the root, with slashes, and what it says."""

    path: str
    text: str

    @property
    def room(self) -> str:
        """The top-level folder."""
        return self.path.partition("/")[0]

    @property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return _parsed(self)

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of its syntax."""
        return ast.walk(self.tree)

    def at(self, node: ast.expr | ast.stmt | ast.arg) -> str:
        """Where a node stands, as an editor opens it."""
        return f"{self.path}:{node.lineno}"

    def is_below(self, *starts: str) -> bool:
        """Whether the path begins with one of these."""
        return self.path.startswith(starts)


@cache
def _parsed(source: Source) -> ast.Module:
    return ast.parse(source.text, filename=source.path)


@cache
def kept_files() -> tuple[str, ...]:
    """The paths of all files in version control that are still there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return tuple(path for path in listed if path and (ROOT / path).is_file())


@cache
def sources() -> tuple[Source, ...]:
    """All Python files that are kept."""
    return tuple(
        Source(path, (ROOT / path).read_text(encoding="utf-8"))
        for path in kept_files()
        if path.endswith(".py")
    )


def sources_of(*rooms: str) -> Iterator[Source]:
    """The Python files of some top-level folders."""
    return (source for source in sources() if source.room in rooms)


def imported(source: Source) -> Iterator[tuple[str, ast.stmt]]:
    """Full names that a file imports (``package.module.name`` for ``from package.module import name``)."""
    for node in source.nodes():
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node


def dotted(node: ast.AST) -> str:
    """``a.b.c`` for a name or an attribute of names; else empty."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
