"""What was printed: reports as they were handed out, found by the check code that stands on them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ledger.errors import N_, RuleError
from web.filters import show_date
from web.forms import Typed
from web.guards import requires
from web.reports import MIME, ROWS_SHOWN, SHELF, Shelf, attachment

printed = Blueprint("printed", __name__)

DAYS: Final = ("as_of", "start", "compare")
QUESTION: Final[Mapping[str, str]] = {
    "start": N_("From"),
    "as_of": N_("As at"),
    "sub_tree": N_("and all below it"),
    "columns": N_("Side by side"),
    "by_office": N_("a column for each office"),
    "compare": N_("Compare with"),
    "late": N_("with late entries"),
    "account": N_("Account"),
    "client": N_("Client's number"),
    "group": N_("Group"),
    "officer": N_("Officer"),
    "product": N_("Product"),
}
"""What was asked, in words; the office stands apart."""


def _shelf() -> Shelf:
    found: Shelf = current_app.extensions[SHELF]
    return found


@printed.get("/reports/printed")
@requires("audit.see")
def show() -> ResponseReturnValue:
    """List what was handed out, newest first; with a check code, what was printed under it."""
    typed = Typed(request.args)
    found, refusal = None, None
    if typed.values.get("code", "").strip():
        try:
            found = _shelf().find_printed(typed.values["code"].strip())
        except RuleError as error:
            refusal = error
    if found is not None:
        return _one(found)
    page = render_template("printed/show.html", typed=typed, refusal=refusal, lines=_shelf().printed())
    return (page, 422) if refusal else page


@printed.get("/reports/printed/<code>/<form>")
@requires("audit.see")
def file(code: str, form: str) -> Response:
    """Give a report once more as the file that was handed out."""
    if form not in MIME:
        abort(404)
    shelf = _shelf()
    found = shelf.find_printed(code)
    return attachment(shelf.print_again(found, form), form, f"{found.report.name}-{found.code}")


def _asked(question: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what was asked in words: days as people read them, what was only ticked as yes."""
    for name, said in question.items():
        if name not in QUESTION:
            continue
        value = show_date(date.fromisoformat(said)) if name in DAYS else said
        yield str(_(QUESTION[name])), str(_("yes")) if said is True else str(value)


def _one(found: Any) -> str:  # noqa: ANN401 - a report that was handed out
    shelf = _shelf()
    differences, refusal = [], None
    try:
        differences = list(shelf.differences_today(found))
    except RuleError as error:  # what it asked about is no longer there
        refusal = error
    return render_template(
        "printed/one.html",
        found=found,
        asked=_asked(found.question),
        report=found.report,
        differences=differences,
        refusal=refusal,
        cell=shelf.cell,
        say=_,
        most=ROWS_SHOWN,
        files=MIME,
    )
