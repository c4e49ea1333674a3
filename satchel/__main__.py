"""``python -m satchel``: the same as the installed command."""

from satchel.cli import run

run()
