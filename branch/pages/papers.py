"""What pages print: which printer, whose letterhead, and what becomes of a printer that fails.

A paper is counted before it is sent: a crash in between makes the next one a copy, never a second original.
"""

from flask import Response, flash, session
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from banking.prints import record_failed_print, record_print
from banking.receipts import ReceiptSheet, receipt_sheet
from banking.ways_to_pay import name_of_way
from branch.printing.delivery import deliver
from branch.printing.documents import RECEIPT, Letterhead, Mark, receipt_document
from branch.printing.parts import Document
from branch.printing.printers import Printer, get_printer
from ledger.errors import RuleError
from sync.lookup import Origin, find_origin
from web import work
from web.filters import instant, money, show_date, told

TABLES = {"loan": "loan_transaction", "savings": "savings_transaction"}
_SHOWN_PAPER = "paper"


def letterhead() -> Letterhead:
    """Give whose paper it is and how it is written, for the user of this request."""
    edition, user, locale = work.edition(), work.user(), get_locale()
    return Letterhead(
        institution=edition.institution,
        office=edition.office,
        currency=edition.currency.code,
        printed_by=user.full_name or user.username,
        printed_at=work.now(),
        say=gettext,
        money=money,
        day=show_date,
        instant=instant,
        language=locale.language if locale is not None else "en",
        mirrored=locale is not None and locale.text_direction == "rtl",
    )


def printer_for(purpose: str) -> Printer:
    """Give the printer that is set up for a purpose."""
    with work.reading() as reading:
        return get_printer(reading, purpose)


def receipt_number_of(sheet: ReceiptSheet) -> str:
    """Give what a receipt's prints are counted under; an entry without receipt goes by its row."""
    move = sheet.movement
    return move.receipt or f"{move.account_kind}-{move.id}"


def origin_of(reading: Session, kind: str, sheet: ReceiptSheet) -> Origin | None:
    """Find the changeset that made the entry."""
    return find_origin(reading, TABLES[kind], sheet.movement.id, sheet.movement.recorded_at)


def receipt_paper(kind: str, transaction_id: int, copy: int) -> Document:
    """Give the paper of a receipt: ``copy`` 1 is the original."""
    with work.reading() as reading:
        sheet = receipt_sheet(reading, kind, transaction_id)
        origin = origin_of(reading, kind, sheet)
        way = name_of_way(reading, sheet.payment_type_id)
    mark = Mark(origin.printed, f"{origin.device}-{origin.seq}") if origin is not None else None
    return receipt_document(sheet, letterhead(), copy, mark, way)


def print_at_once(kind: str, transaction_id: int) -> None:
    """Print the receipt of what was just posted, where the printer is set to; a failure is told, no more."""
    printer = printer_for(RECEIPT)
    if not (printer.prints and printer.at_once):
        return
    with work.reading() as reading:
        number = receipt_sheet(reading, kind, transaction_id).movement.receipt
    if not number:
        return
    with work.edition().database.writing() as writing:
        copy = record_print(writing, work.now(), work.user().id, RECEIPT, number)
    send(printer, receipt_paper(kind, transaction_id, copy), number)


def send(printer: Printer, document: Document, number: str) -> bool:
    """Bring a paper that was counted to its printer; tells the user how it went, gives whether it did.

    number   what its prints are counted under
    """
    try:
        deliver(printer.bytes_of(document), printer.target)
    except RuleError as refusal:
        with work.edition().database.writing() as writing:
            record_failed_print(writing, work.now(), work.user().id, document.kind, number)
        flash(told(refusal), "refused")
        return False
    flash(gettext("Printed."), "good")
    return True


def send_uncounted(printer: Printer, document: Document) -> bool:
    """Bring a paper that is no document (a test) to its printer; tells the user how it went."""
    try:
        deliver(printer.bytes_of(document), printer.target)
    except RuleError as refusal:
        flash(told(refusal), "refused")
        return False
    flash(gettext("Printed."), "good")
    return True


def remember_paper(kind: str, transaction_id: int, copy: int) -> None:
    """Keep which paper the next page shows to be printed by the browser."""
    session[_SHOWN_PAPER] = [kind, transaction_id, copy]


def take_paper(kind: str, transaction_id: int) -> int | None:
    """Give which paper of this receipt was asked for just now, once; None when it is only looked at."""
    asked = session.pop(_SHOWN_PAPER, None)
    if asked is None or asked[:2] != [kind, transaction_id]:
        return None
    return int(asked[2])


def footer() -> str:
    """Give what stands at the foot of a sheet: whose it is, when it was printed and by whom."""
    head = letterhead()
    printed = gettext("printed %(at)s by %(who)s", at=head.instant(head.printed_at), who=head.printed_by)
    return f"{head.institution} · {head.office} · {printed}"


def pdf(made: bytes, name: str) -> Response:
    """Answer with a PDF file."""
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer
