"""The queue of what waits for a second person at headquarters, whatever act it is, and asking for one.

A page that does an act calls ``ask_instead`` first: where the button “Ask for approval” was pressed, what was
typed waits in the queue, and nothing is done. Requests stand in the head office's own chain; what is approved
is sealed into the chain that its act belongs to (``banking.approvals``).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Final

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from banking.approval import CONFIRM, SECOND_PERSON, find_limit
from banking.approvals import (
    WAITING,
    list_decided,
    list_waiting,
    refuse_request,
    request_approval,
    withdraw_request,
)
from banking.publishing import newest_number
from banking.rows import get_row
from console.act_forms import facts_of, tables_of
from console.approval_sheets import (
    EffectChangedError,
    approve_as_shown,
    asked_fields,
    effect_today,
    mark_of,
    meaning_of,
)
from hq.overtaken import overtaken
from hq.pages import desk
from ledger.errors import RuleError
from ledger.money import Money
from schema.approvals import ApprovalRequest
from schema.people import User
from sync.chain import HEAD_OFFICE_CHAIN
from web import work
from web.forms import Typed
from web.guards import requires

approvals = Blueprint("approvals", __name__)

ASK: Final = "ask"
"""The button that asks instead of doing."""
_DECIDED_SHOWN: Final = 20


def ask_instead(
    name: str, fields: Mapping[str, object], subject: str, amount: Money | None = None, reason: str = ""
) -> Response | None:
    """Put what was typed before somebody else, if that was asked for; else give None and do nothing.

    name     the act, as ``banking.acts`` knows it, of reference data or of the head office's books
    fields   as the act takes them: texts, lists, rows; never a password
    subject  in a line what it is about
    raises   as ``banking.approvals.request_approval``
    """
    if ASK not in request.form:
        return None
    return ask(name, fields, subject, amount, reason)


def ask(
    name: str, fields: Mapping[str, object], subject: str, amount: Money | None = None, reason: str = ""
) -> Response:
    """Put an act before somebody else, as ``ask_instead`` does, whatever button was pressed."""

    def store(session: Session) -> str:
        made = request_approval(session, name, fields, subject, amount, reason)
        return url_for("approvals.one", request_id=made.id)

    answer = work.post_once("approval.ask", store, note=reason, opens=_opens("approval.ask", reason))
    flash(
        _("“%(subject)s” waits for a second person. Nothing was posted yet.", subject=_(subject)), "waiting"
    )
    return answer


@approvals.get("/approvals")
@requires("reports.see")
def show() -> str:
    """List what waits, each with a letter that opens it, and what was decided last."""
    with work.reading() as session:
        own = desk.installation().place.office_id
        return render_template(
            "approvals/show.html",
            waiting=list_waiting(session, own),
            decided=list_decided(session, own, _DECIDED_SHOWN),
            own_id=work.user().id,
        )


@approvals.get("/approvals/<int:request_id>")
@requires("reports.see")
def one(request_id: int) -> str:
    """Show what was asked for in full, and what it would do now."""
    return _page(request_id, Typed.begin())


@approvals.post("/approvals/<int:request_id>")
@requires("reports.see")
def decide(request_id: int) -> ResponseReturnValue:
    """Approve, refuse or withdraw (``step``)."""
    typed, step = Typed(request.form), request.form.get("step", "")
    try:
        reason = typed.text("reason") if step == "refuse" else ""
        typed.require()
        kind = step if step in {"approve", "refuse"} else "withdraw"
        return _decide(request_id, kind, reason)
    except RuleError as refusal:
        return _page(request_id, typed, refusal), 422


def _decide(request_id: int, kind: str, reason: str) -> Response:
    said: list[str] = []

    def post(session: Session) -> str:
        if kind == "approve":
            mark, asked = (
                request.form.get("shown", ""),
                get_row(session, ApprovalRequest, request_id, "request"),
            )
            newest, digits = newest_number(session), work.edition().currency.digits
            done = approve_as_shown(session, request_id, mark)
            if not mark and overtaken(session, asked, done.result, digits, newest):
                raise EffectChangedError
            answered = done.request.answer
            said.append(
                _("Approved and done: %(name)s.", name=answered) if answered else _("Approved and done.")
            )
        elif kind == "refuse":
            refuse_request(session, request_id, reason)
            said.append(_("Refused. Nothing was posted."))
        else:
            withdraw_request(session, request_id)
            said.append(_("Taken back. Nothing was posted."))
        return url_for("approvals.show")

    answer = work.post_once(f"approval.{kind}", post, opens=_opens(f"approval.{kind}", reason))
    for words in said:
        flash(words, "good")
    return answer


def _opens(kind: str, note: str) -> Callable[[], AbstractContextManager[Session]]:
    """Give what opens a unit of work in the head office's own chain, where requests stand."""
    return lambda: desk.installation().unit_of_work(kind, work.user().id, note, chain=HEAD_OFFICE_CHAIN)


def _page(request_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    user, own = work.user(), desk.installation().place.office_id
    with work.reading() as session:
        asked = get_row(session, ApprovalRequest, request_id, "request")
        people = {
            user_id: session.get_one(User, user_id)
            for user_id in (asked.asked_by_id, asked.decided_by_id)
            if user_id is not None
        }
        limit = find_limit(session, SECOND_PERSON, own)
    is_own = asked.asked_by_id == user.id
    may_decide = asked.state == WAITING and not is_own and asked.origin_office_id == own and work.may(CONFIRM)
    seen, hindrance = (
        effect_today(desk.installation(), request_id, user.id, chain=HEAD_OFFICE_CHAIN)
        if may_decide and (refusal is None or isinstance(refusal, EffectChangedError))
        else (None, None)
    )
    with work.reading() as session:
        digits = work.edition().currency.digits
        since = overtaken(session, asked, seen.result, digits) if seen else []
    return render_template(
        "approvals/one.html",
        overtaken=since,
        asked=asked,
        people=people,
        limit=limit,
        meaning=meaning_of(asked),
        fields=asked_fields(asked),
        may_decide=may_decide,
        is_own=is_own,
        facts=facts_of(seen.result) if seen else [],
        lists=tables_of(seen.result) if seen else [],
        hindrance=hindrance,
        mark=mark_of(seen),
        typed=typed,
        refusal=refusal,
    )
