"""Settings of printers: which one prints receipts, passbook lines and statements, and a test of each."""

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from branch.pages import desk, papers
from branch.printing.documents import sample_document
from branch.printing.errors import NoPrinterError, PrinterFileError, PrinterTargetError
from branch.printing.escpos import COLUMNS
from branch.printing.letters import ENCODINGS
from branch.printing.printers import KINDS, PURPOSES, Printer, get_printer, set_printer
from ledger.errors import RuleError
from web import work
from web.forms import Typed
from web.guards import requires

printers = Blueprint("printers", __name__)


@printers.get("/printers")
@requires("reports.see")
def show() -> str:
    """List what is printed where."""
    with work.reading() as session:
        rows = [(purpose, words, get_printer(session, purpose)) for purpose, words in PURPOSES.items()]
    return render_template("printers/show.html", rows=rows, kinds_of_printer=KINDS)


@printers.get("/printers/<purpose>")
@requires("cash.assign")
def edit(purpose: str) -> ResponseReturnValue:
    """Ask which printer prints a purpose's papers."""
    if purpose not in PURPOSES:
        abort(404)
    with work.reading() as session:
        kept = get_printer(session, purpose)
    typed = Typed.begin(
        kind=kept.kind,
        target=kept.target,
        width=str(kept.width),
        encoding=kept.encoding,
        at_once="yes" if kept.at_once else "no",
    )
    return _page(purpose, typed)


@printers.post("/printers/<purpose>")
@requires("cash.assign")
def update(purpose: str) -> ResponseReturnValue:
    """Keep which printer prints a purpose's papers."""
    if purpose not in PURPOSES:
        abort(404)
    typed = Typed(request.form)
    try:
        wanted = Printer(
            kind=typed.choice("kind", KINDS),
            target=typed.text("target", required=typed.values.get("kind") != "none"),
            width=int(typed.choice("width", [str(width) for width in COLUMNS]) or 0),
            encoding=typed.choice("encoding", ENCODINGS),
            at_once=typed.choice("at_once", ("yes", "no")) == "yes",
        )
        typed.require()

        def act(session: Session) -> str:
            set_printer(session, purpose, wanted, home=desk.installation().home.root)
            return url_for("printers.show")

        answer, is_new = work.note_once(act)
    except (PrinterFileError, PrinterTargetError) as refusal:
        typed.note("target", refusal)
        return _page(purpose, typed), 422
    except RuleError as refusal:
        return _page(purpose, typed, refusal), 422
    if is_new:
        flash(_("Kept. Press T to print a test."), "good")
    return redirect(answer, code=303)


@printers.post("/printers/<purpose>/test")
@requires("reports.see")
def test(purpose: str) -> ResponseReturnValue:
    """Print a test: the letters of the house, a line of figures, the width of the paper."""
    if purpose not in PURPOSES:
        abort(404)
    printer = papers.printer_for(purpose)
    if not printer.prints:
        raise NoPrinterError(purpose=_(PURPOSES[purpose]))
    document = sample_document(papers.letterhead(), printer.columns)
    papers.send_uncounted(printer, replace(document, kind=purpose))
    return work.lead_to("printers.show")


def _page(purpose: str, typed: Typed, refusal: RuleError | None = None) -> str:
    return render_template(
        "printers/edit.html",
        purpose=purpose,
        words=PURPOSES[purpose],
        typed=typed,
        refusal=refusal,
        kinds_of_printer=[(kind, _(label)) for kind, label in KINDS.items()],
        widths=[(str(width), _("%(mm)d mm", mm=width)) for width in COLUMNS],
        encodings=[(name, name.upper()) for name in ENCODINGS],
    )
