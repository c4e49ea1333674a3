"""Applications for loans: written down, looked at with their schedule, approved, refused, taken back."""

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.acts.registry import Result
from banking.counter import Owner, get_owner
from banking.lending_desk import Payout, preview_payout, products_on_offer
from banking.loan_books import APPLIED, APPROVED
from banking.loan_decisions import decision_on, needs_decision
from banking.loans import get_loan
from banking.rows import get_row
from banking.security import list_collateral, list_guarantors
from branch.own_entries import require_not_own, who_applied
from branch.pages import asking, desk
from branch.pages.act_page import answer_act, fields_of_act
from console.act_forms import FormField
from ledger.errors import RuleError
from ledger.money import Money
from schema.accounts import LoanAccount
from schema.people import Staff
from schema.products import LoanProduct
from web import work
from web.filters import plain_date
from web.forms import Typed, row_number
from web.guards import requires

applications = Blueprint("applications", __name__)

FIRST: Final = ("client", "product", "principal", "purpose", "officer")
"""What every application says."""
UNUSUAL: Final = (
    "group",
    "installments",
    "annual_rate",
    "on",
    "first_due_on",
    "grace_principal",
    "grace_interest_payment",
    "grace_interest_charged",
    "tranches",
    "savings",
    "replaces",
    "number",
)
"""What most applications leave to the product."""


@applications.get("/applications/new")
@requires("loans.apply")
def new() -> str:
    """Ask for an application; whose it is may be named in the address, by number or by row."""
    given = {name: request.args[name] for name in ("client", "group", "replaces") if name in request.args}
    client_id, group_id = (
        request.args.get("client_id", type=row_number),
        request.args.get("group_id", type=row_number),
    )
    with work.reading() as session:
        if client_id is not None:
            given["client"] = get_owner(session, client_id, None).number
        if group_id is not None:
            given["group"] = get_owner(session, None, group_id).number
    return _form(Typed.begin(on=plain_date(desk.today()), **given))


@applications.post("/applications/new")
@requires("loans.apply")
def create() -> ResponseReturnValue:
    """Write an application down."""
    typed = Typed(request.form)
    fields = _fields()

    def lead(session: Session, result: Result) -> str:
        return url_for("applications.show", loan_id=get_loan(session, str(result["loan"])).id)

    return answer_act(
        "loan.apply",
        typed,
        fields,
        fixed={},
        subject=_("Application for a loan"),
        amount=None,
        leads_to=lead,
        page=_form,
    )


def _fields() -> list[FormField]:
    return fields_of_act("loan.apply", (*FIRST, *UNUSUAL))


def _form(typed: Typed, refusal: RuleError | None = None) -> str:
    if refusal is not None and refusal.code == "LIMIT":
        _place_limit(typed, refusal)
    fields = {field.name: field for field in _fields()}
    with work.reading() as session:
        return render_template(
            "applications/new.html",
            typed=typed,
            fields=fields,
            others=[fields[name] for name in UNUSUAL if name != "on"],
            first=FIRST,
            unusual=UNUSUAL,
            allowed=products_on_offer(session),
            refusal=refusal,
        )


def _place_limit(typed: Typed, refusal: RuleError) -> None:
    """Put a limit beside the field that it is of: an amount, a number of rows, or a rate."""
    given = refusal.facts["amount"]
    typed.note(
        "principal"
        if isinstance(given, Money)
        else "installments"
        if isinstance(given, int)
        else "annual_rate",
        refusal,
    )


# --- one application ------------------------------------------------------------------------------


@applications.get("/applications/<int:loan_id>")
@requires("clients.see")
def show(loan_id: int) -> ResponseReturnValue:
    """Show an application in full; one that was paid out is a loan."""
    with work.reading() as session:
        if get_row(session, LoanAccount, loan_id, "loan").disbursed_on is not None:
            return redirect(url_for("loans.show", loan_id=loan_id), code=303)
    return _page(loan_id, Typed.begin())


@applications.post("/applications/<int:loan_id>")
@requires("clients.see")
def decide(loan_id: int) -> ResponseReturnValue:
    """Approve, refuse or take back (``step``)."""
    typed, step = Typed(request.form), request.form.get("step", "")
    name = {"approve": "loan.approve", "reject": "loan.reject"}.get(step, "loan.withdraw")
    said = {
        "loan.approve": _("Approved."),
        "loan.reject": _("Refused."),
        "loan.withdraw": _("Taken back."),
    }[name]
    try:
        number = _number(loan_id)
        given = {"loan": number}
        if name == "loan.approve":
            with work.reading() as session:
                require_not_own(session, get_row(session, LoanAccount, loan_id, "loan"), work.user().id)
        else:
            given["reason"] = typed.text("reason")
            typed.require()

        def post(session: Session) -> str:
            asking.do_act(session, name, given)
            return url_for("applications.show", loan_id=loan_id)

        answer = work.post_once(name, post)
    except RuleError as refusal:
        return _page(loan_id, typed, refusal), 422
    flash(said, "good")
    return answer


def _number(loan_id: int) -> str:
    with work.reading() as session:
        return get_row(session, LoanAccount, loan_id, "loan").number


def _page(loan_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        loan = get_row(session, LoanAccount, loan_id, "loan")
        payout, hindrance = _payout(session, loan)
        return render_template(
            "applications/show.html",
            loan=loan,
            owner=_owner(session, loan),
            product=session.get_one(LoanProduct, loan.product_id),
            officer=session.get(Staff, loan.officer_id) if loan.officer_id is not None else None,
            payout=payout,
            hindrance=hindrance,
            guarantors=list_guarantors(session, loan_id),
            collateral=list_collateral(session, loan_id),
            decision=decision_on(session, loan_id),
            limit=needs_decision(session, loan) if loan.status == APPLIED else None,
            is_own=loan.status == APPLIED and who_applied(session, loan_id) == work.user().id,
            is_open=loan.status in {APPLIED, APPROVED},
            typed=typed,
            refusal=refusal,
        )


def _payout(session: Session, loan: LoanAccount) -> tuple[Payout | None, RuleError | None]:
    try:
        return preview_payout(session, loan.id, desk.today(), digits=work.edition().currency.digits), None
    except RuleError as hindrance:
        return None, hindrance


def _owner(session: Session, loan: LoanAccount) -> Owner:
    return get_owner(session, loan.client_id, loan.group_id)
