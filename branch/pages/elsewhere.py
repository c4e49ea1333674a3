"""Other branches: money taken for their accounts, and what headquarters sends for ours."""

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from banking import elsewhere as payments
from banking.elsewhere import LONGEST_NUMBER, ElsewherePayment
from banking.errors import BadSecondPersonError, SecondPersonNeededError
from banking.message_answers import Answered, apply_messages, newest_answers, waiting
from banking.message_words import STATES, reason_of
from banking.messages import BOOKED, BOUNCED, VOID, WAITING
from branch.pages import desk
from ledger.errors import RuleError
from schema.accounting import JournalEntry
from schema.messages import PaymentElsewhere
from schema.reference import Office
from sync.lookup import find_origin
from web import work
from web.forms import Typed
from web.guards import requires
from web.second import read_second

elsewhere = Blueprint("elsewhere", __name__)


@elsewhere.get("/elsewhere")
@requires("clients.see")
def show() -> str:
    """Show what headquarters sent for accounts here, and what was taken for accounts of others."""
    return _list()


def _list(refusal: RuleError | None = None) -> str:
    office_id = desk.installation().place.office_id
    with work.reading() as session:
        return render_template(
            "elsewhere/show.html",
            messages=waiting(session, office_id),
            answers=newest_answers(session),
            taken=payments.list_taken(session),
            ask_second=refusal is not None or request.args.get("second") == "yes",
            void=VOID,
            states=STATES,
            reason_of=reason_of,
            typed=Typed(request.form) if refusal else Typed.begin(),
            refusal=refusal,
        )


@elsewhere.post("/elsewhere/book")
@requires("money.post")
def book() -> ResponseReturnValue:
    """Book everything that waits; what cannot be booked goes back with its reason."""
    done: list[Answered] = []
    try:
        desk.require_open_day()
        typed = Typed(request.form)
        second = read_second(typed)
        typed.require()

        def act(session: Session) -> str:
            done.extend(apply_messages(session, second_id=second))
            needs = any(isinstance(one.refusal, SecondPersonNeededError) for one in done)
            return url_for("elsewhere.show", second="yes" if needs else None)

        answer = work.post_once("account_message.apply", act)
    except RuleError as refusal:
        return _list(refusal), 422
    _tell(done)
    return answer


def _tell(done: list[Answered]) -> None:
    booked, bounced = (len([one for one in done if one.outcome == what]) for what in (BOOKED, BOUNCED))
    if booked:
        flash(ngettext("%(num)d message is booked.", "%(num)d messages are booked.", booked), "good")
    if bounced:
        flash(
            ngettext(
                "%(num)d message goes back to headquarters. The reason stands below.",
                "%(num)d messages go back to headquarters. The reasons stand below.",
                bounced,
            )
        )
    for one in done:
        if one.outcome == WAITING and isinstance(one.refusal, SecondPersonNeededError | BadSecondPersonError):
            flash(
                _("%(key)s needs a second person. Type the name below, then book again.", key=one.message.key)
            )
        elif one.outcome == WAITING:
            flash(_("%(key)s cannot be booked now. It goes on waiting.", key=one.message.key))


@elsewhere.route("/elsewhere/new", methods=["GET", "POST"])
@requires("money.post")
def new() -> ResponseReturnValue:
    """Take money for an account of another branch."""
    with work.reading() as session:
        offices, tills = _offices(session), desk.drawers(session)
    first = str(tills[0].id) if tills else ""
    typed = Typed.begin(till=first) if request.method == "GET" else Typed(request.form)
    refused: RuleError | None = None
    if request.method == "POST":
        try:
            on = desk.require_open_day()
            office = typed.choice("office", [value for value, _name in offices])
            wanted = ElsewherePayment(
                other_office_id=int(office or 0),
                account_number=typed.text("account", longest=LONGEST_NUMBER),
                amount=typed.amount("amount"),
                till_id=desk.read_till(typed, tills),
                note=typed.text("note", required=False),
            )
            second = read_second(typed)
            typed.require()

            def act(session: Session) -> str:
                taken = payments.take(session, wanted, on, approved_by_id=second)
                return url_for("elsewhere.one", payment_id=taken.id)

            answer = work.post_once("payment_elsewhere.take", act)
            desk.warn_if_full(wanted.till_id)
            return answer
        except RuleError as refusal:
            refused = refusal
    page = render_template("elsewhere/new.html", typed=typed, refusal=refused, offices=offices, tills=tills)
    return page, 422 if refused else 200


def _offices(session: Session) -> list[tuple[str, str]]:
    """List the other branches, as the choices of a form."""
    found = payments.other_branches(session, desk.installation().place.office_id)
    return [(str(office.id), f"{office.code} {office.name}") for office in found]


@elsewhere.get("/elsewhere/<int:payment_id>")
@requires("clients.see")
def one(payment_id: int) -> str:
    """Show the receipt of a payment that was taken for another branch, to be printed."""
    with work.reading() as session:
        payment = session.get(PaymentElsewhere, payment_id) or abort(404)
        entry = session.get_one(JournalEntry, payment.journal_entry_id)
        return render_template(
            "elsewhere/one.html",
            payment=payment,
            office=session.get_one(Office, payment.other_office_id),
            recorded_at=entry.recorded_at,
            taken_back=payment.id in payments.taken_back(session),
            origin=find_origin(session, "payment_elsewhere", payment.id, entry.recorded_at),
        )
