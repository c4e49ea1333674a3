"""A loan: what is owed, row by row, what moved on it, and a key for everything that can be done with it."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from banking.charge_reversals import live_charges
from banking.counter import loan_sheet
from banking.lending_desk import notes_on
from banking.loan_states import state_of
from banking.receipts import loan_movements
from banking.rows import get_row
from banking.security import list_collateral, list_guarantors
from branch.pages import desk
from branch.pages.loan_changes import offered
from schema.accounts import LoanAccount
from schema.people import Staff
from web import work
from web.guards import requires

loans = Blueprint("loans", __name__)


@loans.get("/loans/<int:loan_id>")
@requires("clients.see")
def show(loan_id: int) -> ResponseReturnValue:
    """Show a loan with its schedule and its movements; one that was not paid out yet is an application."""
    with work.reading() as session:
        loan = get_row(session, LoanAccount, loan_id, "loan")
        if loan.disbursed_on is None:
            return redirect(url_for("applications.show", loan_id=loan_id), code=303)
        return render_template(
            "loans/show.html",
            sheet=loan_sheet(session, loan_id, desk.today()),
            state=state_of(session, loan_id, desk.today()),
            movements=loan_movements(session, loan_id),
            officer=session.get(Staff, loan.officer_id) if loan.officer_id is not None else None,
            charges=live_charges(session, loan_id),
            guarantors=list_guarantors(session, loan_id),
            collateral=list_collateral(session, loan_id),
            notes=notes_on(session, loan),
            offered=offered(loan.status),
        )
