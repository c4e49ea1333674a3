"""Passbooks: the lines that are not in the book yet, printed where the book stands."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.counter import SavingsSheet, savings_sheet
from banking.passbooks import (
    LINES_ON_PAGE,
    PassbookPage,
    after_printing,
    get_place,
    keep_place,
    passbook_page,
)
from banking.prints import record_print
from branch.pages import papers
from branch.printing import printers
from branch.printing.statements import PASSBOOK, passbook_document
from ledger.errors import RuleError
from web import work
from web.forms import Typed
from web.guards import requires

passbooks = Blueprint("passbooks", __name__)


@passbooks.get("/savings/<int:savings_id>/passbook")
@requires("clients.see")
def show(savings_id: int) -> str:
    """Show what goes into the book, and on which line."""
    return _page(savings_id, Typed())


@passbooks.post("/savings/<int:savings_id>/passbook")
@requires("money.post")
def create(savings_id: int) -> ResponseReturnValue:
    """Print the lines; the book stands after them once the printer took them."""
    typed = Typed(request.form)
    again = request.form.get("again") == "yes"
    line_words = typed.text("line", required=False)
    try:
        if (line_words and not line_words.isascii()) or not (line_words or "1").isdigit():
            typed.errors["line"] = _("Type a line from 1 to %(last)d.", last=LINES_ON_PAGE)
        typed.require()
        with work.reading() as session:
            sheet = savings_sheet(session, savings_id)
            line = int(line_words) if line_words and not again else None
            page = passbook_page(session, savings_id, line=line, again=again)
    except RuleError as refusal:
        typed.errors.setdefault("line", _("Type a line from 1 to %(last)d.", last=LINES_ON_PAGE))
        return _page(savings_id, typed, refusal), 422
    return _print(sheet, page, again=again)


def _print(sheet: SavingsSheet, page: PassbookPage, *, again: bool) -> ResponseReturnValue:
    number, savings_id = sheet.account.number, sheet.account.id
    own_page = url_for("passbooks.show", savings_id=savings_id)
    if not page.lines:
        return redirect(own_page, code=303)

    def record(session: Session) -> str:
        record_print(session, work.now(), work.user().id, PASSBOOK, number)
        return own_page

    answer, is_new = work.note_once(record)
    if not is_new:
        return redirect(answer, code=303)
    printer = papers.printer_for(printers.PASSBOOK)
    if printer.prints:
        document = passbook_document(number, page, papers.letterhead(), printer.columns)
        if not papers.send(printer, document, number):
            return redirect(answer, code=303)
    with work.edition().database.writing() as session:
        place = get_place(session, savings_id)
        keep_place(session, savings_id, after_printing(place, page, again=again))
    if printer.prints:
        return redirect(answer, code=303)
    return render_template("passbooks/paper.html", sheet=sheet, page=page, above=range(1, page.line))


def _page(savings_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        sheet = savings_sheet(session, savings_id)
        place = get_place(session, savings_id)
        page = passbook_page(session, savings_id)
    typed.values.setdefault("line", str(place.line))
    printer = papers.printer_for(printers.PASSBOOK)
    return render_template(
        "passbooks/show.html",
        sheet=sheet,
        page=page,
        place=place,
        typed=typed,
        refusal=refusal,
        printer=printers.place_of(printer) if printer.prints else "",
    )
