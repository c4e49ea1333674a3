"""Receipts: on a strip of 80 mm or on A4, with eight characters of the changeset that made the entry."""

from flask import Blueprint, render_template, request

from banking.receipts import receipt_sheet
from sync.lookup import find_origin
from web import work
from web.guards import requires

receipts = Blueprint("receipts", __name__)

TABLES = {"loan": "loan_transaction", "savings": "savings_transaction"}


@receipts.get("/receipts/<kind>/<int:transaction_id>")
@requires("clients.see")
def show(kind: str, transaction_id: int) -> str:
    """Show the receipt of one movement, ready to be printed."""
    with work.reading() as session:
        sheet = receipt_sheet(session, kind, transaction_id)
        origin = find_origin(session, TABLES[kind], transaction_id, sheet.movement.recorded_at)
    paper = "a4" if request.args.get("paper") == "a4" else "strip"
    return render_template("receipts/show.html", sheet=sheet, origin=origin, paper=paper)
