"""What the menu has no digit for: pressed as 0 and a digit, two deep."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, render_template

from web import work
from web.edition import MenuEntry

more = Blueprint("more", __name__)

ENTRIES: Final[Sequence[MenuEntry]] = ()
"""The digits are learnt by heart: an entry keeps its digit for ever."""


@more.get("/more")
def show() -> str:
    """List the pages behind 0, each with its digit."""
    return render_template(
        "more/show.html", entries=[entry for entry in ENTRIES if work.may(entry.permission)]
    )
