"""What else can be done with a loan: each a short form, what it would do, and one key to do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.acts import ACTS
from banking.acts.registry import Result
from banking.charge_reversals import live_charges
from banking.counter import get_owner
from banking.rows import get_row
from banking.security import list_collateral, list_guarantors
from branch.pages import asking, desk
from branch.pages.act_page import answer_act, fields_of_act
from console.act_forms import FormField, Kind, Rehearsal, facts_of, place_reasons, read_form, tables_of
from ledger.errors import N_, RuleError
from ledger.money import Money
from schema.accounts import LoanAccount
from web import work
from web.filters import plain_date
from web.forms import Typed
from web.second import read_second

loan_changes = Blueprint("loan_changes", __name__)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that can be done with a loan.

    fields    of its act, in the order of the page; ``preview`` another act that shows the rows it would have
    states    of loans that it is offered for
    key       the letter on the loan's page
    """

    act: str
    title: str
    fields: tuple[str, ...]
    states: tuple[str, ...]
    key: str = ""
    preview: str = ""


_MONEY: Final = ("amount", "till", "payment_type", "savings", "on", "note")
_RUNNING: Final = ("active",)
_APPLIED: Final = ("applied", "approved")
_ANY: Final = ("applied", "approved", "active", "written_off")

CHANGES: Final[Mapping[str, Change]] = {
    "charge": Change(
        "loan.charge",
        N_("Put a charge on the loan"),
        ("charge", "amount", "name", "penalty", "on", "note"),
        _RUNNING,
    ),
    "reschedule": Change(
        "loan.reschedule",
        N_("Change the terms from a row on"),
        (
            "from_date",
            "new_date",
            "extra_rows",
            "new_rate",
            "grace_principal",
            "grace_interest",
            "on",
            "reason",
        ),
        _RUNNING,
        "T",
        "loan.preview_reschedule",
    ),
    "tranche": Change(
        "loan.disburse_tranche",
        N_("Pay a further part out"),
        ("amount", "till", "payment_type", "parts", "on", "note"),
        _RUNNING,
    ),
    "waive": Change(
        "loan.waive",
        N_("Let penalties, fees or interest go"),
        ("amount", "component", "on", "note"),
        _RUNNING,
        "W",
    ),
    "waive-charge": Change("loan.waive_charge", N_("Let a charge go"), ("id", "on", "note"), _RUNNING),
    "take-charge-back": Change(
        "loan.take_charge_back", N_("Take a charge back"), ("id", "reason", "on"), _RUNNING
    ),
    "write-off": Change("loan.write_off", N_("Write the loan off"), ("amount", "on", "note"), _RUNNING, "X"),
    "charge-off": Change(
        "loan.charge_off",
        N_("Take the principal out of the portfolio as an expense"),
        ("on", "note"),
        _RUNNING,
        "E",
    ),
    "recover": Change("loan.recover", N_("Money on a loan written off"), _MONEY, ("written_off",), "M"),
    "undo": Change("loan.undo_disbursement", N_("Take the payout back"), ("reason", "on"), _RUNNING, "U"),
    "undo-tranche": Change("loan.undo_tranche", N_("Take the newest part back"), ("reason", "on"), _RUNNING),
    "guarantor": Change(
        "guarantor.add",
        N_("Add a guarantor"),
        ("amount", "client", "name", "phone", "savings", "on"),
        _ANY,
        "G",
    ),
    "release": Change("guarantor.release", N_("Let a guarantor go"), ("guarantor", "on", "reason"), _ANY),
    "collateral": Change(
        "collateral.add", N_("Write down collateral"), ("kind", "value", "description"), _ANY, "C"
    ),
    "collateral-end": Change(
        "collateral.end", N_("Give collateral back, or sold"), ("collateral", "state", "reason"), _ANY
    ),
    "officer": Change(
        "officer.assign", N_("Give the loan to another officer"), ("officer", "from", "reason"), _ANY, "O"
    ),
    "members": Change("loan.members", N_("What each member has of it"), ("members", "joint"), _APPLIED),
}
"""By the word in the address; the letters are learnt by heart."""

_WITHOUT_LOAN: Final = ("guarantor.release", "collateral.end", "loan.waive_charge", "loan.take_charge_back")


def offered(status: str) -> list[tuple[str, Change]]:
    """List what can be done with a loan in a state by the user of this request."""
    return [
        (word, one)
        for word, one in CHANGES.items()
        if status in one.states and work.may(ACTS[one.act].permission)
    ]


@loan_changes.get("/loans/<int:loan_id>/<any({words}):change>".format(words=",".join(map(repr, CHANGES))))
def new(loan_id: int, change: str) -> str:
    """Ask what it needs."""
    wanted = _allowed(change)
    with work.reading() as session:
        tills = desk.drawers(session)
    defaults = {"till": str(tills[0].number)} if tills and "till" in wanted.fields else {}
    if "on" in wanted.fields:
        defaults["on"] = plain_date(desk.find_open_day())
    return _page(loan_id, change, Typed.begin(**defaults))


@loan_changes.post("/loans/<int:loan_id>/<any({words}):change>".format(words=",".join(map(repr, CHANGES))))
def create(loan_id: int, change: str) -> ResponseReturnValue:
    """Show what it would do; do it when that was seen (``step`` is do), or put it before a second person."""
    wanted, typed = _allowed(change), Typed(request.form)
    with work.reading() as session:
        loan = get_row(session, LoanAccount, loan_id, "loan")
        owner = get_owner(session, loan.client_id, loan.group_id)
    fields = _fields(wanted, loan_id)
    fixed = {} if wanted.act in _WITHOUT_LOAN else {"loan": loan.number}
    if typed.values.get("step") != "do" and not typed.values.get(asking.ASK):
        return _look(loan_id, change, typed, fields, fixed)

    def lead(_session: Session, _result: Result) -> str:
        place = "applications.show" if loan.disbursed_on is None else "loans.show"
        return url_for(place, loan_id=loan_id)

    def page(again: Typed, refusal: RuleError | None) -> str:
        return _page(loan_id, change, again, refusal=refusal)

    answer = answer_act(
        wanted.act,
        typed,
        fields,
        fixed=fixed,
        subject=_(
            "%(what)s: loan %(number)s of %(name)s", what=_(wanted.title), number=loan.number, name=owner.name
        ),
        amount=_amount(typed, loan),
        leads_to=lead,
        page=page,
    )
    if not isinstance(answer, tuple) and not typed.values.get(asking.ASK):
        flash(_("Done: %(what)s.", what=_(wanted.title)), "good")
    return answer


def _look(
    loan_id: int, change: str, typed: Typed, fields: list[FormField], fixed: Mapping[str, object]
) -> ResponseReturnValue:
    """Rehearse the act and show what it would do."""
    wanted = CHANGES[change]
    try:
        second_id = read_second(typed)
        given = {**read_form(typed, fields, work.edition().currency), **fixed}
        typed.require()
        seen = asking.rehearse(wanted.act, given, second_id)
        if wanted.preview:
            shown = {field.name for field in ACTS[wanted.preview].fields}
            rows = {name: value for name, value in given.items() if name in shown}
            seen = asking.rehearse(wanted.preview, rows)
    except RuleError as refusal:
        return _page(loan_id, change, typed, refusal=place_reasons(typed, refusal, fields)), 422
    return _page(loan_id, change, typed, seen=seen)


def _allowed(change: str) -> Change:
    wanted = CHANGES[change]
    if not work.may(ACTS[wanted.act].permission):
        abort(403)
    return wanted


def _amount(typed: Typed, loan: LoanAccount) -> Money:
    text = typed.values.get("amount", "")
    read = Typed({"amount": text})
    return read.amount("amount") if text.strip() else loan.principal


def _fields(wanted: Change, loan_id: int) -> list[FormField]:
    fields = fields_of_act(wanted.act, wanted.fields)
    with work.reading() as session:
        lists = {
            "guarantor": [(str(row.id), row.name) for row in list_guarantors(session, loan_id)],
            "collateral": [
                (str(row.id), f"{row.kind} {row.description}") for row in list_collateral(session, loan_id)
            ],
            "id": [(str(row.id), row.name) for row in live_charges(session, loan_id)],
        }
    return [_chosen_from(field, lists.get(field.name)) for field in fields]


def _chosen_from(field: FormField, options: list[tuple[str, str]] | None) -> FormField:
    if not options or not field.typed_as.startswith("id of"):
        return field
    return FormField(field.name, field.label, Kind.CHOICE, field.typed_as, field.required, tuple(options))


def _page(
    loan_id: int,
    change: str,
    typed: Typed,
    *,
    seen: Rehearsal | None = None,
    refusal: RuleError | None = None,
) -> str:
    wanted = CHANGES[change]
    with work.reading() as session:
        loan = get_row(session, LoanAccount, loan_id, "loan")
        owner = get_owner(session, loan.client_id, loan.group_id)
    return render_template(
        "loan_changes/one.html",
        loan=loan,
        owner=owner,
        wanted=wanted,
        fields=_fields(wanted, loan_id),
        typed=typed,
        seen=seen,
        facts=facts_of(seen.result) if seen else [],
        tables=tables_of(seen.result) if seen else [],
        refusal=refusal,
    )
