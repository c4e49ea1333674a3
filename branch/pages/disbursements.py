"""Paying a loan out: what the client gets is shown first, a second person confirms, a voucher is printed."""

from datetime import date
from typing import Final

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.acts.registry import Result
from banking.approval import SECOND_PERSON, find_limit
from banking.counter import get_owner, loan_sheet
from banking.lending_desk import Payout, charge_ids, preview_payout
from banking.loan_books import APPROVED
from banking.loan_vouchers import read_voucher, voucher_report
from banking.reports.paper import Letterhead, to_pdf
from banking.rows import get_row
from banking.users import log_look
from branch.pages import desk
from branch.pages.act_page import answer_act, fields_of_act
from console.act_forms import FormField
from ledger.errors import RuleError
from ledger.money import Money
from schema.accounts import LoanAccount
from schema.products import LoanProduct
from web import work
from web.filters import instant, plain_date
from web.forms import Typed
from web.guards import requires

disbursements = Blueprint("disbursements", __name__)

FIRST: Final = ("till", "on")
UNUSUAL: Final = (
    "payment_type",
    "savings",
    "first_due_on",
    "charge",
    "fees",
    "amount",
    "parts",
    "receipt",
    "note",
)
SHOWN: Final = ("on", "first_due_on", "charge", "fees", "amount")
"""Fields that change what the client gets or the schedule: the form is shown again before money goes out."""


@disbursements.get("/loans/<int:loan_id>/pay-out")
@requires("loans.disburse")
def new(loan_id: int) -> str:
    """Show what the client gets, and ask for the drawer."""
    with work.reading() as session:
        tills = desk.drawers(session)
    first = str(tills[0].number) if tills else ""
    return _page(loan_id, Typed.begin(on=plain_date(desk.find_open_day()), till=first))


@disbursements.post("/loans/<int:loan_id>/pay-out")
@requires("loans.disburse")
def create(loan_id: int) -> ResponseReturnValue:
    """Pay the loan out; figures that changed since they were shown are shown again first."""
    typed = Typed(request.form)
    if not typed.values.get("ask") and typed.values.get("shown", "") != _fingerprint(typed):
        typed.values.pop("second_password", None)
        return _page(loan_id, typed, changed=True)
    with work.reading() as session:
        loan = get_row(session, LoanAccount, loan_id, "loan")
        owner = get_owner(session, loan.client_id, loan.group_id)

    def lead(_session: Session, _result: Result) -> str:
        return url_for("disbursements.voucher", loan_id=loan_id)

    def page(again: Typed, refusal: RuleError | None) -> str:
        return _page(loan_id, again, refusal)

    return answer_act(
        "loan.disburse",
        typed,
        _fields(),
        fixed={"loan": loan.number},
        subject=_("Pay out loan %(number)s to %(name)s", number=loan.number, name=owner.name),
        amount=loan.principal,
        leads_to=lead,
        page=page,
    )


def _fields() -> list[FormField]:
    return fields_of_act("loan.disburse", (*FIRST, *UNUSUAL))


def _fingerprint(typed: Typed) -> str:
    return "|".join(typed.values.get(name, "").strip() for name in SHOWN)


def _page(loan_id: int, typed: Typed, refusal: RuleError | None = None, *, changed: bool = False) -> str:
    typed.values["shown"] = _fingerprint(typed)
    fields = {field.name: field for field in _fields()}
    with work.reading() as session:
        loan = get_row(session, LoanAccount, loan_id, "loan")
        payout, hindrance = _payout(session, loan_id, typed)
        limit = find_limit(session, SECOND_PERSON, desk.installation().place.office_id)
        return render_template(
            "disbursements/new.html",
            loan=loan,
            owner=get_owner(session, loan.client_id, loan.group_id),
            product=session.get_one(LoanProduct, loan.product_id),
            payout=payout,
            hindrance=hindrance,
            fields=fields,
            others=[fields[name] for name in UNUSUAL],
            first=FIRST,
            unusual=UNUSUAL,
            two_people=limit is not None and payout is not None and payout.amount >= limit,
            may_pay_out=loan.status == APPROVED,
            changed=changed,
            typed=typed,
            refusal=refusal,
        )


def _payout(session: Session, loan_id: int, typed: Typed) -> tuple[Payout | None, RuleError | None]:
    """Compute what would be paid out as the form stands; what cannot be read counts as not typed."""
    read = Typed(typed.values)
    on = read.day("on") if read.values.get("on") else desk.today()
    first_due = read.day("first_due_on") if read.values.get("first_due_on") else None
    amount = read.amount("amount") if read.values.get("amount") else None
    if read.errors:
        on, first_due, amount = desk.today(), None, None
    try:
        return _preview(session, loan_id, read, (on, first_due, amount)), None
    except RuleError as hindrance:
        return None, hindrance


def _preview(
    session: Session, loan_id: int, read: Typed, about: tuple[date, date | None, Money | None]
) -> Payout:
    on, first_due, amount = about
    return preview_payout(
        session,
        loan_id,
        on,
        digits=work.edition().currency.digits,
        first_due_on=first_due,
        charges=charge_ids(session, read.values.get("charge", "").split()),
        amount=amount,
        netted=read.values.get("fees", "") != "apart",
    )


# --- the voucher ----------------------------------------------------------------------------------


@disbursements.get("/loans/<int:loan_id>/voucher")
@requires("clients.see")
def voucher(loan_id: int) -> str:
    """Show the voucher and the schedule of a loan that was paid out, for paper."""
    with work.reading() as session:
        return render_template(
            "disbursements/voucher.html",
            voucher=read_voucher(session, loan_id),
            sheet=loan_sheet(session, loan_id, desk.today()),
        )


@disbursements.get("/loans/<int:loan_id>/voucher.pdf")
@requires("clients.see")
def paper(loan_id: int) -> Response:
    """Give voucher and schedule as a file; who printed it is written down."""
    edition, user, now = work.edition(), work.user(), work.now()
    with work.reading() as session:
        found = read_voucher(session, loan_id)
        sheet = loan_sheet(session, loan_id, desk.today())
    line = "______________________"
    signatures = _("Received: %(line)s    Cashier: %(line)s", line=line)
    report = voucher_report(found, sheet, desk.today(), signatures)
    with edition.database.writing() as session:
        log_look(session, now, user.id, "voucher.printed", found.number)
    head = Letterhead(
        institution=edition.institution,
        office=edition.office,
        currency=edition.currency.code,
        digits=edition.currency.digits,
        printed_at=instant(now),
        printed_by=user.full_name or user.username,
        made_at=now,
        translate=_,
    )
    answer = Response(to_pdf(report, head), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    return answer
