"""Messages to the keepers of accounts: what is to be sent on, what waits, what came back."""

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from banking.elsewhere import LONGEST_NUMBER
from banking.message_words import STATES, reason_of
from banking.messages import (
    BOUNCED,
    VOID,
    Forwarded,
    forward,
    forward_to,
    list_messages,
    not_sent,
    readdress,
    to_forward,
)
from hq.books import list_offices
from ledger.errors import RuleError
from schema.messages import PaymentElsewhere
from web import work
from web.forms import Typed
from web.guards import requires

messages = Blueprint("messages", __name__)

SHOWN = 200
"""So many of the newest messages stand on the page."""


@messages.get("/messages")
@requires("reports.see")
def show() -> str:
    """Show what waits to be sent on, what no message can carry, and what became of each message."""
    return _list()


def _list(refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        left = not_sent(session)
        known = {one.payment.id for one in left}
        sent = list_messages(session)
        return render_template(
            "messages/show.html",
            ready=[one for one in to_forward(session) if one.id not in known],
            left=left,
            sent=sent[:SHOWN],
            offices=dict(_offices(session)),
            bounced=BOUNCED,
            void=VOID,
            states=STATES,
            reason_of=reason_of,
            refusal=refusal,
        )


def _offices(session: Session) -> list[tuple[int, str]]:
    return [(office.id, f"{office.code} {office.name}") for office in list_offices(session)]


@messages.get("/messages/late")
@requires("reports.see")
def late() -> ResponseReturnValue:
    """Lead to the queue of what came after its period was closed."""
    return work.lead_to("periods.late")


@messages.post("/messages/forward")
@requires("exceptions.decide")
def send_on() -> ResponseReturnValue:
    """Send on everything that branches took for others."""
    done: list[Forwarded] = []

    def act(session: Session) -> str:
        done.append(forward(session))
        return url_for("messages.show")

    answer = work.post_once("account_message.forward", act)
    if done:
        count = len(done[0].sent)
        flash(
            ngettext(
                "%(num)d payment is sent on. It goes with the next bundle to its branch.",
                "%(num)d payments are sent on. They go with the next bundles to their branches.",
                count,
            ),
            "good",
        )
    return answer


@messages.post("/messages/<int:message_id>/again")
@requires("exceptions.decide")
def again(message_id: int) -> ResponseReturnValue:
    """Address a message that came back to where its account moved."""

    def act(session: Session) -> str:
        readdress(session, message_id)
        return url_for("messages.show")

    try:
        answer = work.post_once("account_message.readdress", act)
    except RuleError as refusal:
        return _list(refusal), 422
    flash(_("It is addressed again. It goes with the next bundle to its new branch."), "good")
    return answer


@messages.route("/messages/<what>/<int:row_id>/account", methods=["GET", "POST"])
@requires("exceptions.decide")
def choose(what: str, row_id: int) -> ResponseReturnValue:
    """Name the account that is meant, for a payment that has none or for a message that came back."""
    if what not in {"payment", "message"}:
        abort(404)
    with work.reading() as session:
        offices = [(str(value), name) for value, name in _offices(session)]
        key, number, office_id = _meant(session, what, row_id)
    typed = Typed.begin(office=str(office_id)) if request.method == "GET" else Typed(request.form)
    refused: RuleError | None = None
    if request.method == "POST":
        try:
            chosen = int(typed.choice("office", [value for value, _name in offices]) or 0)
            account, why = typed.text("account", longest=LONGEST_NUMBER), typed.text("reason")
            typed.require()

            def act(session: Session) -> str:
                if what == "payment":
                    forward_to(session, row_id, chosen, account, reason=why)
                else:
                    readdress(session, row_id, office_id=chosen, number=account, reason=why)
                return url_for("messages.show")

            answer = work.post_once(f"account_message.{what}", act, note=why)
            flash(_("%(key)s is sent on. It goes with the next bundle to its branch.", key=key), "good")
            return answer
        except RuleError as refusal:
            refused = refusal
    page = render_template(
        "messages/choose.html", typed=typed, refusal=refused, offices=offices, key=key, number=number
    )
    return page, 422 if refused else 200


def _meant(session: Session, what: str, row_id: int) -> tuple[str, str, int]:
    """Give key, account number and office of what a person is to put right."""
    if what == "payment":
        payment = session.get(PaymentElsewhere, row_id) or abort(404)
        return payment.key, payment.account_number, payment.other_office_id
    found = next((one.message for one in list_messages(session) if one.message.id == row_id), None)
    if found is None:
        abort(404)
    return found.key, found.account_number, found.office_id
