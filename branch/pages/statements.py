"""Statements of one account for a period: on the screen, on paper of every width, as PDF."""

from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.account_statements import LOAN, SAVINGS, Statement, account_statement
from banking.prints import record_print
from branch.pages import desk, papers
from branch.printing import printers
from branch.printing.setting import A4, to_pdf
from branch.printing.statements import STATEMENT, closing_words, opening_words, statement_document
from branch.printing.text import COLUMNS
from ledger.errors import RuleError
from web import work
from web.filters import plain_date
from web.forms import Typed
from web.guards import requires

statements = Blueprint("statements", __name__)


@statements.get("/statements/<kind>/<int:account_id>")
@requires("clients.see")
def show(kind: str, account_id: int) -> ResponseReturnValue:
    """Show the statement of a loan or a savings account; the period is asked above it."""
    return _page(kind, account_id, Typed(request.args))


@statements.post("/statements/<kind>/<int:account_id>")
@requires("clients.see")
def create(kind: str, account_id: int) -> ResponseReturnValue:
    """Print a statement: on the printer that is set up, else with the browser; as PDF where that is asked."""
    typed = Typed(request.form)
    statement = _read(kind, account_id, typed)
    typed.require()
    printer = papers.printer_for(printers.STATEMENT)
    as_file = request.form.get("form") == "pdf"

    def record(session: Session) -> str:
        record_print(session, work.now(), work.user().id, STATEMENT, statement.number)
        return url_for(
            "statements.show",
            kind=kind,
            account_id=account_id,
            start=plain_date(statement.start),
            until=plain_date(statement.until),
        )

    answer, is_new = work.note_once(record)
    if not is_new:
        return redirect(answer, code=303)
    if as_file:
        made = statement_document(statement, papers.letterhead(), COLUMNS)
        return papers.pdf(
            to_pdf(made, A4, papers.footer(), work.now()), f"{statement.number}-{statement.until}"
        )
    if printer.prints:
        made = statement_document(statement, papers.letterhead(), printer.columns)
        papers.send(printer, made, statement.number)
        return redirect(answer, code=303)
    return _page(kind, account_id, typed, prints=True)


def _read(kind: str, account_id: int, typed: Typed) -> Statement:
    """Read the period and give its statement; a date that is wrong shows everything until today."""
    if kind not in {LOAN, SAVINGS}:
        abort(404)
    typed.values.setdefault("until", plain_date(desk.today()))
    until = typed.day("until") if typed.values["until"].strip() else desk.today()
    start = typed.day("start") if typed.values.get("start", "").strip() else None
    if typed.errors:
        until, start = desk.today(), None
    with work.reading() as session:
        try:
            return account_statement(session, kind, account_id, until, start)
        except RuleError as refusal:
            if refusal.code == "NOT_FOUND":
                raise
            typed.note("start", refusal)
            return account_statement(session, kind, account_id, desk.today())


def _page(kind: str, account_id: int, typed: Typed, *, prints: bool = False) -> ResponseReturnValue:
    statement = _read(kind, account_id, typed)
    printer = papers.printer_for(printers.STATEMENT)
    page = render_template(
        "statements/show.html",
        statement=statement,
        typed=typed,
        prints=prints,
        period={"start": _typed(statement.start), "until": _typed(statement.until)},
        opening=opening_words(kind),
        closing=closing_words(kind),
        printer=printers.place_of(printer) if printer.prints else "",
    )
    return (page, 422) if typed.errors else page


def _typed(day: date) -> str:
    return plain_date(day)
