"""Letters on their way to a printer."""

import pytest

from branch.printing.letters import ENCODINGS, encoded


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_name_is_a_command_to_the_printer(encoding: str) -> None:
    """Opening the drawer (ESC p), cutting, feeding: what is in a text stays text."""
    assert encoded("Ja\x1bp\x00\x19ne\x1dV\x00\n\x85", encoding) == b"JapneV"
