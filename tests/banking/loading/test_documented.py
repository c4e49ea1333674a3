"""docs/loading.md says what can come out of a load."""

import ast
import re
from pathlib import Path

import banking.loading
from banking.loading.sheets import KINDS, SHEETS
from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "loading.md").read_text(encoding="utf-8")
NO_CODES = {"WEEKLY", "MONTHLY", "FALSE", "TRUE", "SAVE", "MUST"}


def constants() -> set[str]:
    """Every text in the sources that is written like a code."""
    found: set[str] = set()
    for path in Path(banking.loading.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if re.fullmatch(r"[A-Z][A-Z_]{3,}", node.value) else set()
    return found - NO_CODES


def test_every_code_is_documented() -> None:
    """A clerk or a program that meets a code finds it in the document."""
    assert {code for code in constants() if f"`{code}`" not in DOCUMENT} == set()
    assert {"ENCODING", "UNKNOWN_CLIENT", "RATE_DIGITS", "BAD_SCHEDULE"} <= constants()


def test_every_column_and_kind_is_documented() -> None:
    words = set(re.findall(r"\w+", DOCUMENT))
    columns = {column.name for sheet in SHEETS for column in sheet.columns}
    assert columns | set(KINDS) <= words
