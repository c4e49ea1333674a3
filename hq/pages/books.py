"""The consolidated books: trial balance, opened to branch, account and entry."""

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.reports import trial_balance
from hq.books import Scope, account_sheet, entry_sheet, list_offices, scope_of
from hq.pages import desk
from hq.reports import Rests, resting
from web import work
from web.filters import plain_date
from web.forms import FormError, Typed
from web.guards import requires

books = Blueprint("books", __name__)

LAST_PAGE = 10_000


@books.get("/books")
@requires("reports.see")
def show() -> ResponseReturnValue:
    """Show the trial balance of all branches together, or of one."""
    typed = _asked()
    with work.reading() as session:
        scope, refusal = _scope(session, typed)
        page = render_template(
            "books/show.html",
            typed=typed,
            refusal=refusal,
            scope=scope,
            query=_query(scope),
            offices=list_offices(session),
            balance=trial_balance(
                session,
                office_id=scope.office.id if scope.office else None,
                as_of=scope.as_of,
                start=scope.start,
            ),
            rests_on=_rests_on(session, scope),
        )
    return (page, 422) if refusal else page


@books.get("/books/<code>")
@requires("reports.see")
def account(code: str) -> str:
    """Show one account: what each branch has on it, and its lines."""
    with work.reading() as session:
        scope, _refusal = _scope(session, _asked())
        sheet = account_sheet(session, code, scope, _page_number())
        return render_template(
            "books/account.html",
            sheet=sheet,
            scope=scope,
            query=_query(scope),
            rests_on=_rests_on(session, scope),
            up=_up(),
            own=request.full_path,
        )


@books.get("/entries/<int:entry_id>")
@requires("reports.see")
def entry(entry_id: int) -> str:
    """Show one entry: its lines, the movement behind it, and the changeset that brought it."""
    with work.reading() as session:
        return render_template("books/entry.html", sheet=entry_sheet(session, entry_id), up=_up())


def _asked() -> Typed:
    """The question stands in the address, so that a page can be printed, kept and compared."""
    return Typed(request.args)


def _scope(session: Session, typed: Typed) -> tuple[Scope, FormError | None]:
    code = typed.text("branch", required=False, longest=8)
    start, as_of = _day(typed, "start"), _day(typed, "as_of")
    refusal = FormError() if typed.errors else None
    days = (None, None) if refusal else (start, as_of)
    scope = scope_of(session, code, *days, sub_tree=bool(typed.values.get("sub_tree")))
    if not refusal:
        typed.values |= {"start": plain_date(start), "as_of": plain_date(as_of)}
    return scope, refusal


def _day(typed: Typed, name: str) -> date | None:
    if not typed.values.get(name, "").strip():
        return None
    return typed.day(name)


def _query(scope: Scope) -> dict[str, str]:
    """The question as links carry it on."""
    asked = {
        "branch": scope.office.code if scope.office else "",
        "start": scope.start.isoformat() if scope.start else "",
        "as_of": scope.as_of.isoformat() if scope.as_of else "",
        "sub_tree": "1" if scope.sub_tree else "",
    }
    return {name: value for name, value in asked.items() if value}


def _up() -> str:
    """The page above, where the address says which: a report, or an account; never another machine's."""
    up = request.args.get("up", "")
    return up if up.startswith(("/reports/", "/books/")) else ""


def _page_number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


def _rests_on(session: Session, scope: Scope) -> Rests:
    """The bundles that the figures rest on."""
    return resting(desk.installation(), session, scope.offices)
