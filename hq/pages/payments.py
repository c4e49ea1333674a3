"""Payments from outside: lists brought in, whose they are, sent to their branches, and what came back."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from banking.incoming_payments import (
    MATCHED,
    QUEUED,
    RETURNED,
    SENT,
    SET_ASIDE,
    UNMATCHED,
    match_all,
    match_by_person,
    set_aside,
    unmatch,
)
from banking.incoming_payments_rules import REASONS, RULES
from banking.incoming_payments_sent import return_to_payer, send, take_back
from banking.incoming_payments_shown import (
    Fate,
    fates,
    list_bounced,
    list_payments,
    possible_accounts,
    search_accounts,
    standing,
)
from banking.message_words import STATES as MESSAGE_STATES
from banking.message_words import reason_of
from banking.numbers import LONGEST_NUMBER
from banking.profiles import masked
from hq.pages import desk
from ledger.errors import N_, NotFoundError, RuleError
from schema.payments import IncomingPayment
from sync.chain import HEAD_OFFICE_CHAIN
from web import work
from web.forms import FormError, Typed
from web.guards import requires
from web.second import read_second

payments = Blueprint("payments", __name__)

PERMISSION = "journal.post"
ACCOUNT, ASIDE, BACK, GIVE, OPEN = "account", "aside", "back", "give", "open"
WORDS = {
    ACCOUNT: N_("It is for the account below"),
    ASIDE: N_("Set it aside until somebody decides"),
    GIVE: N_("It was given back to the payer"),
    OPEN: N_("Back into the queue, without an account"),
    BACK: N_("Its branch sent it back: into the queue again"),
}
"""What can be done with one payment."""
STATE_WORDS = {
    UNMATCHED: (N_("no account found"), "waiting"),
    MATCHED: (N_("account found"), "plain"),
    SET_ASIDE: (N_("set aside"), "waiting"),
    RETURNED: (N_("given back"), "plain"),
    **MESSAGE_STATES,
}


@payments.get("/payments")
@requires("reports.see")
def show() -> str:
    """Show the queue, what came back, and what was sent."""
    return _show(Typed(request.args))


def _show(typed: Typed, refusal: RuleError | None = None) -> str:
    words = typed.text("q", required=False)
    with work.reading() as session:
        return render_template(
            "payments/show.html",
            typed=typed,
            refusal=refusal,
            standing=standing(session),
            queues=[
                (state, list_payments(session, (state,), words=words))
                for state in (MATCHED, UNMATCHED, SET_ASIDE)
            ],
            bounced=list_bounced(session),
            done=list_payments(session, (SENT, RETURNED), words=words),
            **_words(),
        )


def _words() -> dict[str, object]:
    return {"states": STATE_WORDS, "rules": RULES, "why": _why, "reason_of": reason_of, "matched": MATCHED}


def _why(fate: Fate) -> str:
    """Say why a payment stands where it stands: the rules' words, the branch's, or a person's."""
    if fate.why:
        return str(_(reason_of(fate.why)))
    reason = fate.payment.reason
    return str(_(REASONS[reason])) if reason in REASONS else reason


def _opens(kind: str) -> AbstractContextManager[Session]:
    """Open a unit of work in the head office's own books."""
    return desk.installation().unit_of_work(kind, work.user().id, chain=HEAD_OFFICE_CHAIN)


@payments.post("/payments/send")
@requires(PERMISSION)
def send_all() -> ResponseReturnValue:
    """Send every payment whose account is found."""
    typed, sent = Typed(request.form), []

    def act(session: Session) -> str:
        sent.extend(send(session, approved_by_id=second_id))
        return url_for("payments.show")

    try:
        second_id = read_second(typed)
        typed.require()
        answer = work.post_once("incoming_payment.send", act, opens=lambda: _opens("incoming_payment.send"))
    except RuleError as refusal:
        return _show(typed, refusal), 422
    if sent:
        told = ngettext(
            "%(num)d payment is sent. It goes with the next bundle to its branch.",
            "%(num)d payments are sent. They go with the next bundles to their branches.",
            len(sent),
        )
        flash(told, "good")
    return answer


@payments.post("/payments/match")
@requires(PERMISSION)
def match() -> ResponseReturnValue:
    """Ask the rules again about everything that has no account: new clients may be here since."""

    def act(session: Session) -> str:
        found = len(match_all(session))
        flash(ngettext("%(num)d account is found.", "%(num)d accounts are found.", found))
        return url_for("payments.show")

    return work.post_once("incoming_payment.match", act, opens=lambda: _opens("incoming_payment.match"))


@payments.get("/payments/<int:payment_id>")
@requires("reports.see")
def one(payment_id: int) -> str:
    """Show one payment, the accounts that it may be for, and what can be done."""
    return _one(payment_id, Typed(request.args))


@payments.post("/payments/<int:payment_id>")
@requires(PERMISSION)
def decide(payment_id: int) -> ResponseReturnValue:
    """Do with one payment what a person chose."""
    typed = Typed(request.form)
    try:
        word = typed.choice("word", WORDS)
        reason = typed.text("reason", longest=500)
        second_id = read_second(typed)
        number = typed.text("account", required=word == ACCOUNT, longest=LONGEST_NUMBER)
        typed.require()

        def act(session: Session) -> str:
            if word == ACCOUNT:
                match_by_person(session, payment_id, number, reason=reason)
            elif word == ASIDE:
                set_aside(session, payment_id, reason=reason)
            elif word == OPEN:
                unmatch(session, payment_id, reason=reason)
            elif word == BACK:
                take_back(session, payment_id, reason=reason, approved_by_id=second_id)
            else:
                return_to_payer(session, payment_id, reason=reason, approved_by_id=second_id)
            return url_for("payments.show")

        kind = f"incoming_payment.{word}"
        return work.post_once(kind, act, note=reason, opens=lambda: _opens(kind))
    except RuleError as refusal:
        return _one(payment_id, typed, refusal), 422


def _one(payment_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        payment = session.get(IncomingPayment, payment_id)
        if payment is None:
            raise NotFoundError(kind="payment", key=payment_id)
        [fate] = fates(session, [payment])
        words = typed.text("q", required=False)
        found = []
        if words:
            found = search_accounts(session, words, desk.today())
        elif payment.state in QUEUED:
            found = possible_accounts(session, payment, desk.today())
        if not typed.values.get("account") and len(found) == 1:
            typed.values["account"] = found[0].account.number
        return render_template(
            "payments/one.html",
            typed=typed,
            refusal=refusal if not isinstance(refusal, FormError) else None,
            fate=fate,
            phone=payment.phone if work.may("clients.see_private") else masked(payment.phone),
            found=found,
            options=[(word, _(WORDS[word])) for word in _open_to(fate)],
            **_words(),
        )


def _open_to(fate: Fate) -> Sequence[str]:
    """Say what can be done with a payment as it stands."""
    state = fate.payment.state
    if state in QUEUED:
        beside = {UNMATCHED: (ASIDE,), MATCHED: (ASIDE, OPEN), SET_ASIDE: (OPEN,)}[state]
        return (ACCOUNT, *beside, GIVE)
    return (BACK,) if fate.state == "bounced" else ()
