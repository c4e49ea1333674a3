"""What the documents tell people to type exists, and where they point there is something."""

import re
from pathlib import Path

import click
import pytest

from satchel.cli import satchel

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
COMMAND = re.compile(r"(?:^|`)satchel ([a-z][^`#\n]*)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def _commands() -> list[tuple[str, str]]:
    return [
        (path.relative_to(ROOT).as_posix(), found.group(1).strip())
        for path in DOCUMENTS
        for found in COMMAND.finditer(path.read_text(encoding="utf-8"))
    ]


def test_documents_show_commands() -> None:
    """The pattern finds them: an empty list would prove nothing."""
    assert len(_commands()) > 10


@pytest.mark.parametrize(("path", "line"), _commands())
def test_commands_in_documents_exist_with_their_options(path: str, line: str) -> None:
    """Each group, command and option that a document names is one of the program's."""
    words = line.split()
    command: click.Command = satchel
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        name = words.pop(0)
        assert name in command.commands, f"{path}: satchel {line}"
        command = command.commands[name]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    named = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert named <= options, f"{path}: satchel {line}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    """A link inside the documents leads to a file that is there."""
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []
