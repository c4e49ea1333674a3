"""Tests say what they promise."""

import ast

from tests.house.tree import Function, sources_of

# test_dates_rise is none, test_due_dates_rise is one
WORDS_OF_A_SENTENCE = 3


def test_every_test_says_what_is_promised() -> None:
    """By a docstring, or by a name that is a sentence."""
    silent = [
        f"{source.at(node)} {node.name}"
        for source in sources_of("tests")
        for node in source.nodes()
        if isinstance(node, Function) and node.name.startswith("test_")
        if not ast.get_docstring(node) and len(node.name.split("_")) - 1 < WORDS_OF_A_SENTENCE
    ]
    assert silent == []


def test_test_files_are_found_by_pytest() -> None:
    """A test in a file that pytest does not collect would never run."""
    lost = [
        source.at(node)
        for source in sources_of("tests")
        for node in source.tree.body
        if isinstance(node, Function) and node.name.startswith("test_")
        if not source.path.rpartition("/")[2].startswith("test_")
    ]
    assert lost == []
