"""Pages of reports, the same in both editions: the list, the question, the answer, and its files."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final, Protocol

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ledger.errors import RuleError
from web import work
from web.filters import plain_date, show_date
from web.forms import FormError, Typed
from web.guards import requires

SHELF: Final = "satchel.reports"
"""Where the application keeps the shelf."""

LINKS: Final = "satchel.report_links"
"""Where it keeps what its own pages open from a cell: by kind, a function that gives the address."""

BESIDE: Final = "satchel.report_pages"
"""Where it keeps its other pages of reports: endpoint, words, key and permission of each."""

Opener = Callable[[str, Mapping[str, str]], str]
"""Gives the address of what has a number or code; the question goes along: branch, sub_tree, days, up."""

ROWS_SHOWN: Final = 400
"""A page shows so many rows of a table; files have all of them."""

TEXTS: Final = ("account", "client", "group", "officer", "product", "exception", "limits")
FLAGS: Final = ("sub_tree", "late", "by_office")
KEPT: Final = ("closed", "difference")
COLUMNS: Final = ("offices", "regions", "consolidation")
COMPARED: Final = ("month", "year", "day")
"""What to compare with: the end of the month before, the same day a year before, or another day."""
MIME: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
"""The files of a report, in the order of their buttons."""


class Shelf(Protocol):
    """The reports that there are: what these pages ask of whoever knows them."""

    def rooms(self) -> Sequence[tuple[str, Sequence[Any]]]:
        """List the reports by room."""

    def find(self, name: str) -> Any | None:  # noqa: ANN401 - a definition of the catalogue
        """Give one report's definition."""

    def offices(self) -> Sequence[tuple[str, str]]:
        """List code and name of the offices to choose from."""

    def answer(self, name: str, about: Mapping[str, Any], *, office: str, kept: str) -> Any:  # noqa: ANN401 - a report
        """Answer a question."""

    def compared(self, wanted: str, as_of: date) -> date:
        """Give the day to compare with: ``month`` or ``year`` before the day asked about."""

    def leads_to(self, opens: str, key: str) -> tuple[str, dict[str, str]] | None:
        """Name the report that something opens, and its question."""

    def counted_days(self, definition: Any, asked: Any, *, compared: bool) -> dict[str, str]:  # noqa: ANN401 - of the catalogue
        """Give first and last day of what a figure counts, as addresses carry them."""

    def office_words(self, report: Any) -> str:  # noqa: ANN401 - a report
        """Name the offices that a report is of."""

    def hand_out(
        self,
        report: Any,  # noqa: ANN401 - a report
        form: str,
        *,
        kept: str,
        user_id: int,
        printed_by: str,
        translate: Callable[[str], str],
    ) -> tuple[str, bytes]:
        """Write a report as a file and keep it under a check code, which is given too."""

    def printed(self) -> Sequence[Any]:
        """List what was handed out, newest first."""

    def find_printed(self, code: str) -> Any:  # noqa: ANN401 - a report that was handed out
        """Give what was handed out under a check code, as it was."""

    def differences_today(self, printed: Any) -> Sequence[Any]:  # noqa: ANN401 - as above
        """Give the figures that the same question gives differently today."""

    def print_again(self, printed: Any, form: str) -> bytes:  # noqa: ANN401 - as above
        """Write a report as it was handed out."""

    def note_export(self, user_id: int, now: datetime, what: str) -> None:
        """Write into the log that somebody took a report away as a file."""

    def cell(self, column: Any, value: object) -> str:  # noqa: ANN401 - a column of a report
        """Write a value."""


reports = Blueprint("reports", __name__)


def _shelf() -> Shelf:
    found: Shelf = current_app.extensions[SHELF]
    return found


@reports.get("/reports")
@requires("reports.see")
def show() -> str:
    """List the reports by room."""
    return render_template(
        "reports/show.html", rooms=_shelf().rooms(), beside=current_app.extensions.get(BESIDE, ())
    )


@reports.get("/reports/<name>")
@requires("reports.see")
def one(name: str) -> ResponseReturnValue:
    """Ask one report, and show the answer once its question is whole."""
    shelf = _shelf()
    definition = shelf.find(name) or abort(404)
    if not work.may(definition.right):
        abort(403)
    typed = Typed(request.args)
    typed.values.setdefault("as_of", plain_date(_today()))
    report, refusal = None, None
    if all(typed.values.get(needed) for needed in definition.needs):
        try:
            report = _answer(typed, name)
        except RuleError as error:
            refusal = error
    page = render_template(
        "reports/one.html",
        definition=definition,
        report=report,
        typed=typed,
        refusal=refusal,
        offices=shelf.offices(),
        files=MIME,
        query={key: value for key, value in request.args.items() if value},
        office=shelf.office_words(report) if report else "",
        cell=shelf.cell,
        leads=partial(_leads, definition, report),
        headed=_headed,
        say=_,  # headings have percent signs, which the templates' own function takes for something else
        most=ROWS_SHOWN,
        span=_span(report) if report else "",
    )
    return (page, 422) if refusal else page


@reports.get("/reports/<name>/<form>")
@requires("reports.see")
def file(name: str, form: str) -> Response:
    """Give a report as a file."""
    shelf = _shelf()
    definition = shelf.find(name)
    if definition is None or form not in MIME:
        abort(404)
    if not work.may(definition.right):
        abort(403)
    typed = Typed(request.args)
    report = _answer(typed, name)
    user = work.user()
    code, document = shelf.hand_out(
        report,
        form,
        kept=_kept(typed),
        user_id=user.id,
        printed_by=user.full_name or user.username,
        translate=_,
    )
    shelf.note_export(user.id, work.now(), f"{name}.{form} {code}")
    return attachment(document, form, f"{name}-{report.question.until}-{code}")


def attachment(document: bytes, form: str, name: str) -> Response:
    """Give a file to keep; its name has the check code, which a table of values cannot say itself."""
    answer = Response(document, mimetype=None, content_type=MIME[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _kept(typed: Typed) -> str:
    kept = typed.values.get("kept", "")
    return kept if kept in KEPT else ""


def _today() -> date:
    return work.business_day() or work.now().astimezone().date()


def _answer(typed: Typed, name: str) -> Any:  # noqa: ANN401 - a report
    """Read the question from the address, where it can be kept and compared, and answer it."""
    about: dict[str, Any] = {field: typed.text(field, required=False) for field in TEXTS}
    about |= {flag: bool(typed.values.get(flag)) for flag in FLAGS}
    about["start"] = typed.day("start") if typed.values.get("start", "").strip() else None
    about["as_of"] = typed.day("as_of") if typed.values.get("as_of", "").strip() else _today()
    columns = typed.values.get("columns", "")
    about["columns"] = columns if columns in COLUMNS else ""
    about["compare"] = _compared(typed, about["as_of"])
    office = typed.text("office", required=False)
    if typed.errors:
        raise FormError
    return _shelf().answer(name, about, office=office, kept=_kept(typed))


def _leads(definition: Any, report: Any, table: Any, column: Any, row: Sequence[Any]) -> str:  # noqa: ANN401 - of a report
    """Give the address that a cell opens; empty where it opens nothing."""
    link = column.link
    if link is None:
        return ""
    cells = dict(zip((one.name for one in table.columns), row, strict=True))
    key = str(cells[link.key or column.name] or "")
    if not key or cells[column.name] in (None, "", 0):
        return ""
    asked = _shelf().counted_days(definition, report.question, compared=link.compared)
    opener = current_app.extensions.get(LINKS, {}).get(link.opens)
    if opener is None:
        told = _shelf().leads_to(link.opens, key)
        if told is None:
            return ""
        name, about = told
        given: dict[str, Any] = {"name": name, "as_of": asked["as_of"], **about}
        return url_for("reports.one", **given)
    asked |= {
        "branch": link.office or request.args.get("office", ""),
        "sub_tree": "1" if link.sub_tree or (not link.office and report.question.sub_tree) else "",
        "up": request.full_path,
    }
    address: str = opener(key, {name: value for name, value in asked.items() if value})
    return address


def _headed(table: Any, row: Sequence[Any]) -> bool:  # noqa: ANN401 - of a report
    """Tell whether a row of a statement is a heading, which holds the sum of what stands below it."""
    return any(
        column.name == "usage" and value == "header" for column, value in zip(table.columns, row, strict=True)
    )


def _compared(typed: Typed, as_of: Any) -> Any:  # noqa: ANN401 - a day or None, as typed
    wanted = typed.values.get("compare", "")
    if wanted == "day":
        return typed.day("compare_on")
    if as_of is None or wanted not in COMPARED:
        return None
    return _shelf().compared(wanted, as_of)


def _span(report: Any) -> str:  # noqa: ANN401 - a report
    asked = report.question
    if asked.start is None:
        return str(_("as at %(day)s", day=show_date(asked.as_of)))
    return str(_("from %(start)s until %(day)s", start=show_date(asked.start), day=show_date(asked.as_of)))
