"""Files and functions that a reader can hold in mind (style: 300 and 40 lines are long)."""

import ast

from tests.house.exceptions import LONG
from tests.house.tree import Function, Source, sources

FILE_LINES = 400
FUNCTION_LINES = 60
# A migration is a frozen list of tables in their order; cut up, it would be harder to compare with them.
LISTS = "migrations/versions/"


def _long_places(source: Source) -> dict[str, int]:
    """Files and functions above the bounds, with their lines."""
    lengths = {source.path: source.text.count("\n")} if source.text.count("\n") > FILE_LINES else {}
    for node in source.nodes():
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                lengths[f"{source.path}::{node.name}"] = lines
    return lengths


def _all_long_places() -> dict[str, int]:
    return {
        place: lines
        for source in sources()
        if not source.is_below(LISTS)
        for place, lines in _long_places(source).items()
    }


def test_files_and_functions_are_short() -> None:
    """No file above 400 lines and no function above 60, but for those in the list of exceptions."""
    assert {place: lines for place, lines in _all_long_places().items() if place not in LONG} == {}


def test_exceptions_are_still_needed() -> None:
    """What has become short again leaves the list."""
    assert set(LONG) - set(_all_long_places()) == set()


def test_a_long_function_is_seen() -> None:
    """The measure itself works: 61 lines are found, 60 are not."""
    body = "\n".join(f"    x = {number}" for number in range(FUNCTION_LINES - 1))
    assert _long_places(Source("a.py", f"def good():\n{body}\n")) == {}
    assert _long_places(Source("a.py", f"def bad():\n{body}\n    x = 1\n")) == {"a.py::bad": 61}
    assert isinstance(ast.parse("async def f(): ...").body[0], Function)
