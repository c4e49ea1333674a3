"""Fees and penalties on a running loan: paid at once, or owed with the instalment of the day."""

from collections.abc import Sequence
from functools import partial

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.counter import loan_sheet
from banking.doubts import doubts_about_day
from banking.loan_charges import put_amount, put_charge
from banking.repayments import charge_fee_and_pay
from banking.ways_to_pay import listed_charges
from branch.pages import counter, desk
from ledger.errors import RuleError
from schema.products import ChargeDefinition
from web import work
from web.filters import money
from web.forms import Typed
from web.guards import requires

fees = Blueprint("fees", __name__)

NOW, LATER = "now", "later"
FREE = ""
"""A fee that is not on the list of headquarters."""


@fees.get("/loans/<int:loan_id>/fee")
@requires("money.post")
def new(loan_id: int) -> ResponseReturnValue:
    """Ask which fee, how much, and whether it is paid now."""
    return _page(loan_id, counter.begin(charge=FREE, when=NOW))


@fees.post("/loans/<int:loan_id>/fee")
@requires("money.post")
def create(loan_id: int) -> ResponseReturnValue:
    """Charge a fee: with a receipt when it is paid now, else on the schedule."""
    typed = Typed(request.form)
    return counter.answer(typed, lambda: _post(loan_id, typed), partial(_page, loan_id, typed))


def _post(loan_id: int, typed: Typed) -> ResponseReturnValue:
    entered = counter.read(typed)
    with work.reading() as session:
        listed = {str(charge.id): charge for charge in listed_charges(session)}
        sheet = loan_sheet(session, loan_id, desk.today())
    charge = listed.get(typed.choice("charge", [FREE, *listed])) if listed else None
    when = typed.choice("when", (NOW, LATER))
    name = entered.note or (charge.name if charge is not None else "")
    if not name:
        typed.errors["note"] = _("Write what the fee is for: the client reads it on the receipt.")
    typed.require()
    doubts = doubts_about_day(entered.posting)
    if counter.needs_asking(typed, entered, doubts):
        heading = _("Charge %(amount)s?", amount=counter.in_currency(entered.amount))
        back = url_for("loans.show", loan_id=loan_id)
        return counter.ask(typed, counter.Question(heading, sheet.owner, sheet.loan.number, back), doubts)
    if when == LATER:
        return _put_on(loan_id, entered, charge, name)

    def act(session: Session) -> tuple[str, int]:
        done = charge_fee_and_pay(
            session,
            loan_id,
            entered.amount,
            entered.on,
            till_id=entered.till_id,
            payment_type_id=entered.payment_type_id,
            note=name,
        )
        return "loan", done.id

    return counter.post("loan.fee", act, entered.till_id)


def _put_on(
    loan_id: int, entered: counter.Entered, charge: ChargeDefinition | None, name: str
) -> ResponseReturnValue:
    """Put the fee on the schedule; no money moves, so there is no receipt."""

    def act(session: Session) -> str:
        if charge is not None:
            put_charge(session, loan_id, charge.id, entered.on, amount=entered.amount, note=entered.note)
        else:
            put_amount(session, loan_id, entered.amount, entered.on, name=name)
        return url_for("loans.show", loan_id=loan_id)

    answer = work.post_once("loan.charge", act)
    flash(_("The fee stands on the schedule. It is paid with the instalment."), "good")
    return answer


def _page(loan_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "fees/new.html",
            sheet=loan_sheet(session, loan_id, desk.today()),
            charges=_choices(listed_charges(session)),
            whens=[(NOW, _("now, with a receipt")), (LATER, _("with the instalment"))],
            tills=desk.drawers(session),
            ways=counter.way_options(session),
            typed=typed,
            refusal=refusal,
        )


def _choices(charges: Sequence[ChargeDefinition]) -> list[tuple[str, str]]:
    """List what can be charged; nothing where headquarters listed nothing, so that nobody is asked."""
    if not charges:
        return []
    shown = [
        (str(charge.id), f"{charge.name} {money(charge.amount)}" if charge.amount else charge.name)
        for charge in charges
    ]
    return [*shown, (FREE, _("another fee"))]
