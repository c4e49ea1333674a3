"""What was printed: reports as they were handed out, found by the check code that stands on them."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ledger.errors import RuleError
from web.forms import Typed
from web.guards import requires
from web.reports import MIME, ROWS_SHOWN, SHELF, Shelf, attachment

printed = Blueprint("printed", __name__)


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
        report=found.report,
        differences=differences,
        refusal=refusal,
        cell=shelf.cell,
        say=_,
        most=ROWS_SHOWN,
        files=MIME,
    )
