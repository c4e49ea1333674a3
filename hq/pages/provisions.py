"""Provisions of all branches beside what they booked, down to the loans, and the head office's entry."""

from datetime import date

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from banking.closing.provision_review import (
    OfficeProvision,
    Review,
    account_names,
    loans_behind,
    review_provisions,
)
from banking.closing.provisions import tables_in_force
from banking.closing.targets import moved_in_all
from hq.pages import approvals, desk
from ledger.errors import N_, RuleError
from web import work
from web.forms import FormError, Typed
from web.guards import requires

provisions = Blueprint("provisions", __name__)

_ACT = "provisions.correct"
_SUBJECT = N_("Set aside at the head office what branches lack")


@provisions.get("/provisions")
@requires("reports.see")
def show() -> ResponseReturnValue:
    """Show of each branch what the tables ask for and what it booked, and the entry for the difference."""
    typed = Typed(request.args)
    on = _day(typed)
    return _page(typed, on), 422 if typed.errors else 200


@provisions.post("/provisions")
@requires("journal.post")
def ask() -> ResponseReturnValue:
    """Put the head office's entry before a second person; it is reckoned anew when that one approves."""
    typed = Typed(request.form)
    on = _day(typed)
    try:
        typed.require()
        with work.reading() as session:
            journal = review_provisions(session, on).journal
        if not journal:
            return _page(typed, on), 422
        return approvals.ask(_ACT, {"on": on.isoformat()}, _SUBJECT, moved_in_all(list(journal)))
    except RuleError as refusal:
        return _page(typed, on, refusal), 422


@provisions.get("/provisions/<code>")
@requires("reports.see")
def one(code: str) -> str:
    """Show a branch's loans by product and age: base, rate, provision."""
    typed = Typed(request.args)
    on = _day(typed)
    with work.reading() as session:
        office = _office(review_provisions(session, on), code)
    return render_template("provisions/one.html", office=office, on=on)


@provisions.get("/provisions/<code>/<product>/<from_days>")
@requires("reports.see")
def loans(code: str, product: str, from_days: str) -> str:
    """Show the loans behind one figure."""
    on = _day(Typed(request.args))
    if not from_days.removeprefix("-").isdecimal() or len(from_days) > len("-99999"):
        abort(404)
    with work.reading() as session:
        office = _office(review_provisions(session, on), code)
        row = next(
            (one for one in office.rows if one.product == product and one.from_days == int(from_days)), None
        )
        if row is None:
            abort(404)
        found = loans_behind(session, on, office.office_id, product, row.from_days)
    return render_template("provisions/loans.html", office=office, row=row, loans=found, on=on)


def _page(typed: Typed, on: date, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        review = review_provisions(session, on)
        return render_template(
            "provisions/show.html",
            review=review,
            tables_in_force=tables_in_force(session, on).values(),
            accounts=account_names(session),
            on=on,
            typed=typed,
            refusal=None if isinstance(refusal, FormError) else refusal,
            back=url_for("periods.show"),
        )


def _office(review: Review, code: str) -> OfficeProvision:
    return next((one for one in review.offices if one.code == code), None) or abort(404)


def _day(typed: Typed) -> date:
    """Read the day, the day of the request where none was given or none can be read."""
    if not typed.values.get("on", "").strip():
        return desk.today()
    found = typed.day("on")
    return desk.today() if "on" in typed.errors else found
