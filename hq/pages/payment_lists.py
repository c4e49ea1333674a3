"""A list of payments is brought in: chosen, looked at, taken."""

import json
from contextlib import AbstractContextManager
from dataclasses import replace

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from banking.bank_errors import StatementRowsError
from banking.bank_files import DATE_FORMS, MOST_BYTES
from banking.incoming_payments import ListFile, preview, read_file
from banking.incoming_payments_files import BANK, LAYOUTS, MOBILE, Layout
from banking.incoming_payments_rules import REASONS, RULES
from banking.incoming_payments_shown import list_files, money_accounts
from hq.inbox import tidy_name
from hq.pages import desk
from hq.payment_lists import count_found, drop_list, keep_list, kept_list
from ledger.errors import N_, RuleError
from schema.reference import GLAccount
from sync.chain import HEAD_OFFICE_CHAIN
from web import work
from web.forms import Typed, row_number
from web.guards import requires

payment_lists = Blueprint("payment_lists", __name__)

PERMISSION = "journal.post"
KIND = "incoming_payment.read"
COLUMNS = {
    "day": N_("Column of the days"),
    "amount": N_("Column of amounts with a sign"),
    "credit": N_("Column of what came in"),
    "debit": N_("Column of what went out"),
    "receipt": N_("Column of the bank's own number of the payment"),
    "account": N_("Column of the account as the payer wrote it"),
    "payer": N_("Column of the payer's name"),
    "phone": N_("Column of the payer's telephone"),
    "text": N_("Column of the words"),
}
"""The headings that a bank's list is read by."""
LAYOUT_WORDS = {MOBILE: N_("Mobile money"), BANK: N_("A bank's statement, with the columns below")}
CARRIED = ("kind", *COLUMNS, "form", "decimal", "gl_account", "name", "token")
_LONGEST_HEADING = 80
_SHOWN = 300
LONGEST_REASON = 300


@payment_lists.get("/payments/read")
@requires(PERMISSION)
def new() -> str:
    """Ask for the file, where its money lies, and how it is read: as the last time, to begin with."""
    with work.reading() as session:
        last = list_files(session, most=1)
        known = json.loads(last[0].layout) if last else {}
        code = session.get_one(GLAccount, last[0].gl_account_id).code if last else ""
    begun = {"kind": MOBILE, "form": "YYYY-MM-DD", "decimal": ".", "gl_account": code, **known}
    return _form(Typed.begin(**begun))


@payment_lists.post("/payments/read")
@requires(PERMISSION)
def read() -> ResponseReturnValue:
    """Show what a list holds; take it when that was seen (``step`` is take)."""
    typed = Typed(request.form)
    home = desk.installation().home
    try:
        layout, code = _read_layout(typed), typed.text("gl_account")
        if request.form.get("step") == "take":
            typed.require()
            return _take(typed, layout, code)
        file = request.files.get("file")
        typed.values["name"] = tidy_name(file.filename or "list") if file else "list"
        typed.require()
        content = file.stream.read(MOST_BYTES + 1) if file else b""
        typed.values["token"] = keep_list(home, content, work.now())
        return _look(typed, ListFile(name=typed.values["name"], content=content, layout=layout, gl_code=code))
    except StatementRowsError as refusal:
        return _form(typed, refusal, refusal), 422
    except RuleError as refusal:
        return _form(typed, refusal), 422


def _take(typed: Typed, layout: Layout, code: str) -> ResponseReturnValue:
    home, token = desk.installation().home, typed.values.get("token", "")
    another = request.form.getlist("another", type=row_number)
    reason = typed.text("reason", longest=LONGEST_REASON) if another else ""

    def wanted() -> ListFile:
        """Give the list that was looked at, with the rows that were ticked as other payments."""
        return ListFile(
            name=typed.values.get("name", "list"),
            content=kept_list(home, token),
            layout=layout,
            gl_code=code,
            another=another,
            reason=reason,
        )

    if typed.errors:
        return _look(typed, wanted()), 422

    def act(session: Session) -> str:
        done = read_file(session, wanted())
        count = len(done.payments)
        flash(ngettext("%(num)d payment is booked.", "%(num)d payments are booked.", count), "good")
        return url_for("payments.show")

    def opens() -> AbstractContextManager[Session]:
        return desk.installation().unit_of_work(KIND, work.user().id, reason, chain=HEAD_OFFICE_CHAIN)

    answer = work.post_once(KIND, act, opens=opens)
    drop_list(home, token)
    return answer


def _read_layout(typed: Typed) -> Layout:
    kind = typed.choice("kind", LAYOUTS)
    if kind == MOBILE:
        return Layout()
    named = {name: typed.text(name, required=False, longest=_LONGEST_HEADING) for name in COLUMNS}
    return Layout(
        kind=kind or BANK,
        form=typed.choice("form", DATE_FORMS),
        decimal=typed.choice("decimal", (".", ",")),
        **named,
    )


def _form(typed: Typed, refusal: RuleError | None = None, rows: StatementRowsError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "payments/new.html",
            typed=typed,
            refusal=refusal,
            faults=rows.faults[:_SHOWN] if rows else (),
            accounts=[
                (account.code, f"{account.code} {account.name}") for account in money_accounts(session)
            ],
            kinds=[(kind, _(words)) for kind, words in LAYOUT_WORDS.items()],
            columns=COLUMNS,
            forms_of_days=[(form, form) for form in DATE_FORMS],
        )


def _look(typed: Typed, wanted: ListFile) -> str:
    with work.reading() as session:
        digits = work.edition().currency.digits
        seen = preview(session, replace(wanted, another=()), digits=digits, today=desk.today())
    doubtful = [one for one in seen.came_before if not one.certain]
    return render_template(
        "payments/look.html",
        typed=typed,
        seen=seen,
        shown=seen.payments[:_SHOWN],
        doubtful=doubtful[:_SHOWN],
        ticked=set(wanted.another),
        found=count_found(seen),
        carried=CARRIED,
        rules=RULES,
        reasons=REASONS,
    )
