"""The queue of what waits for a second person: requests, and applications for loans."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.approval import SECOND_PERSON, find_limit
from banking.approvals import (
    WAITING,
    list_waiting,
    refuse_request,
    withdraw_request,
)
from banking.lending_desk import list_applications
from banking.loan_books import APPLIED
from banking.rows import get_row
from branch.pages import desk
from console.act_forms import facts_of, tables_of
from console.approval_sheets import (
    EffectChangedError,
    approve_as_shown,
    asked_fields,
    effect_today,
    mark_of,
    meaning_of,
)
from ledger.errors import RuleError
from schema.approvals import ApprovalRequest
from schema.people import User
from web import work
from web.forms import Typed
from web.guards import requires

approvals = Blueprint("approvals", __name__)


@approvals.get("/approvals")
@requires("clients.see")
def show() -> str:
    """List what waits, each with a letter that opens it."""
    office_id = desk.installation().place.office_id
    with work.reading() as session:
        return render_template(
            "approvals/show.html",
            waiting=list_waiting(session, office_id),
            applications=list_applications(session, APPLIED, office_id),
            own_id=work.user().id,
        )


@approvals.get("/approvals/<int:request_id>")
@requires("clients.see")
def one(request_id: int) -> str:
    """Show what was asked for in full, and what it would do today."""
    return _page(request_id, Typed.begin())


@approvals.post("/approvals/<int:request_id>")
@requires("clients.see")
def decide(request_id: int) -> ResponseReturnValue:
    """Approve, refuse or withdraw (``step``)."""
    typed = Typed(request.form)
    step = request.form.get("step", "")
    try:
        if step == "approve":
            return _approve(request_id)
        if step == "refuse":
            reason = typed.text("reason")
            typed.require()
            return _refuse(request_id, reason)
        return _withdraw(request_id)
    except RuleError as refusal:
        return _page(request_id, typed, refusal), 422


def _approve(request_id: int) -> ResponseReturnValue:
    said: list[str] = []

    def post(session: Session) -> str:
        done = approve_as_shown(session, request_id, request.form.get("shown", ""))
        said.append(done.request.answer)
        return url_for("approvals.show")

    answer = work.post_once("approval.approve", post)
    for name in said:
        flash(_("Approved and done: %(name)s.", name=name) if name else _("Approved and done."), "good")
    return answer


def _refuse(request_id: int, reason: str) -> ResponseReturnValue:
    def post(session: Session) -> str:
        refuse_request(session, request_id, reason)
        return url_for("approvals.show")

    answer = work.post_once("approval.refuse", post, note=reason)
    flash(_("Refused. Nothing was posted."), "good")
    return answer


def _withdraw(request_id: int) -> ResponseReturnValue:
    def post(session: Session) -> str:
        withdraw_request(session, request_id)
        return url_for("approvals.show")

    answer = work.post_once("approval.withdraw", post)
    flash(_("Taken back. Nothing was posted."), "good")
    return answer


def _page(request_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    user = work.user()
    with work.reading() as session:
        asked = get_row(session, ApprovalRequest, request_id, "request")
        people = {asked.asked_by_id: session.get_one(User, asked.asked_by_id)}
        if asked.decided_by_id is not None:
            people[asked.decided_by_id] = session.get_one(User, asked.decided_by_id)
        limit = find_limit(session, SECOND_PERSON, desk.installation().place.office_id)
    may_decide = asked.state == WAITING and asked.asked_by_id != user.id and work.may("money.confirm")
    seen, hindrance = (
        effect_today(desk.installation(), request_id, user.id)
        if may_decide and (refusal is None or isinstance(refusal, EffectChangedError))
        else (None, None)
    )
    return render_template(
        "approvals/one.html",
        asked=asked,
        people=people,
        limit=limit,
        meaning=meaning_of(asked),
        fields=asked_fields(asked),
        may_decide=may_decide,
        is_own=asked.asked_by_id == user.id,
        facts=facts_of(seen.result) if seen else [],
        lists=tables_of(seen.result) if seen else [],
        hindrance=hindrance,
        mark=mark_of(seen),
        typed=typed,
        refusal=refusal,
    )
