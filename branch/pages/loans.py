"""A loan: what is owed, row by row, and what moved on it."""

from flask import Blueprint, render_template

from banking.counter import loan_sheet
from banking.receipts import loan_movements
from branch.pages import desk
from web import work
from web.guards import requires

loans = Blueprint("loans", __name__)


@loans.get("/loans/<int:loan_id>")
@requires("clients.see")
def show(loan_id: int) -> str:
    """Show a loan with its schedule and its movements."""
    with work.reading() as session:
        return render_template(
            "loans/show.html",
            sheet=loan_sheet(session, loan_id, desk.today()),
            movements=loan_movements(session, loan_id),
        )
