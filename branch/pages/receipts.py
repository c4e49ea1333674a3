"""Receipts: on a strip of 80 mm or on A4; every paper of one is counted and says what it is."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.prints import copies_of, record_print
from banking.receipts import receipt_sheet
from banking.ways_to_pay import name_of_way
from branch.pages import papers
from branch.printing.documents import RECEIPT, copy_words
from branch.printing.printers import place_of
from branch.printing.setting import A4, to_pdf
from web import work
from web.guards import requires

receipts = Blueprint("receipts", __name__)


@receipts.get("/receipts/<kind>/<int:transaction_id>")
@requires("clients.see")
def show(kind: str, transaction_id: int) -> str:
    """Show the receipt of one movement; looking at it is no print."""
    with work.reading() as session:
        sheet = receipt_sheet(session, kind, transaction_id)
        origin = papers.origin_of(session, kind, sheet)
        printed = copies_of(session, RECEIPT, papers.receipt_number_of(sheet))
        way = name_of_way(session, sheet.payment_type_id)
    asked = papers.take_paper(kind, transaction_id)
    printer = papers.printer_for(RECEIPT)
    return render_template(
        "receipts/show.html",
        sheet=sheet,
        origin=origin,
        way=way,
        paper="a4" if request.args.get("paper") == "a4" else "strip",
        printed=printed,
        mark=copy_words(asked, papers.letterhead().say) if asked else "",
        printer=place_of(printer) if printer.prints else "",
    )


@receipts.post("/receipts/<kind>/<int:transaction_id>/print")
@requires("clients.see")
def create(kind: str, transaction_id: int) -> ResponseReturnValue:
    """Print a receipt: on the printer that is set up, else with the browser. Each paper is counted first."""
    printer = papers.printer_for(RECEIPT)
    answer, number, copy = _count_once(kind, transaction_id)
    if copy and printer.prints:
        papers.send(printer, papers.receipt_paper(kind, transaction_id, copy), number)
    elif copy:
        papers.remember_paper(kind, transaction_id, copy)
    return redirect(answer, code=303)


@receipts.post("/receipts/<kind>/<int:transaction_id>/pdf")
@requires("clients.see")
def file(kind: str, transaction_id: int) -> ResponseReturnValue:
    """Give a receipt as PDF: a paper like any other, so it is counted."""
    answer, number, copy = _count_once(kind, transaction_id)
    if not copy:
        return redirect(answer, code=303)
    paper = A4 if request.form.get("paper") == A4 else 80
    made = to_pdf(papers.receipt_paper(kind, transaction_id, copy), paper, papers.footer(), work.now())
    return papers.pdf(made, number)


def _count_once(kind: str, transaction_id: int) -> tuple[str, str, int]:
    """Count one paper: where its form leads to, the receipt's number, which paper (0: counted before)."""
    number, copy = "", 0

    def record(session: Session) -> str:
        nonlocal number, copy
        number = _number_to_print(session, kind, transaction_id)
        copy = record_print(session, work.now(), work.user().id, RECEIPT, number)
        return _own_page(kind, transaction_id)

    answer, _is_new = work.note_once(record)
    return answer, number, copy


def _number_to_print(session: Session, kind: str, transaction_id: int) -> str:
    """Give the number that a print is counted under; the original is printed by who may take money only."""
    number = papers.receipt_number_of(receipt_sheet(session, kind, transaction_id))
    if not work.may("money.post") and not copies_of(session, RECEIPT, number):
        abort(403)
    return number


def _own_page(kind: str, transaction_id: int) -> str:
    paper = "a4" if request.form.get("paper") == A4 else None
    return url_for("receipts.show", kind=kind, transaction_id=transaction_id, paper=paper)
