"""What the menu has no digit for: pressed as 0 and a digit, two deep."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, render_template

from ledger.errors import N_
from web import work
from web.edition import MenuEntry

more = Blueprint("more", __name__)

ENTRIES: Final[Sequence[MenuEntry]] = (
    MenuEntry(N_("Lending"), "lending.show", "clients.see", digit="1"),
    MenuEntry(N_("Approvals"), "approvals.show", "clients.see", digit="2"),
    MenuEntry(N_("Groups and centers"), "groups.find", "clients.see", digit="3"),
    MenuEntry(N_("Notices"), "notices.show", "clients.see", digit="4"),
    MenuEntry(N_("Everything else"), "acts.show", digit="8"),
    MenuEntry(N_("Pictures"), "pictures.show", "reports.see", digit="5"),
    MenuEntry(N_("Tills and vault"), "tills.show", "reports.see", digit="6"),
    MenuEntry(N_("People"), "people.show", also=("looks",), digit="7"),
    MenuEntry(N_("Settings and printers"), "printers.show", "reports.see", digit="9"),
    MenuEntry(N_("Other branches"), "elsewhere.show", "clients.see", digit="0"),
)
"""The digits are learnt by heart: an entry keeps its digit for ever."""


@more.get("/more")
def show() -> str:
    """List the pages behind 0, each with its digit."""
    return render_template(
        "more/show.html", entries=[entry for entry in ENTRIES if work.may(entry.permission)]
    )
