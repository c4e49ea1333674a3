"""What cells of reports open at headquarters: accounts and figures, entries, branches."""

from collections.abc import Mapping
from typing import Any, Final

from flask import url_for

from hq.pages import desk
from ledger.errors import N_
from web.reports import Opener


def _account(code: str, asked: Mapping[str, str]) -> str:
    given: dict[str, Any] = {"code": code, **asked}
    return url_for("books.account", **given)


def _entry(entry_id: str, asked: Mapping[str, str]) -> str:
    return url_for("books.entry", entry_id=int(entry_id), up=asked.get("up", ""))


def _office(code: str, asked: Mapping[str, str]) -> str:  # noqa: ARG001 - as all openers are called
    """The head office has no page among the branches."""
    return "" if code == desk.installation().place.office_code else url_for("branches.one", code=code)


OPENERS: Final[Mapping[str, Opener]] = {
    "account": _account,
    "figure": _account,
    "entry": _entry,
    "office": _office,
}

BESIDE: Final = (
    ("inter_branch.show", N_("Between branches"), "B", "reports.see"),
    ("printed.show", N_("What was printed"), "W", "audit.see"),
    ("audit.show", N_("For the auditor"), "A", "audit.see"),
    ("proof.show", N_("Proving the books"), "V", "audit.see"),
)
"""Pages beside the reports of the catalogue."""
