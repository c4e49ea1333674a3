"""Everything else: a form for each act that can be done by name at headquarters."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.acts import ACTS
from banking.acts.registry import Act, Place, Result
from banking.acts.running import Who
from banking.loan_decisions import list_undecided
from banking.publishing import ReviewNeededError, is_published, reviewers
from console.act_choices import with_choices
from console.act_forms import (
    FormField,
    Rehearsal,
    acts_of,
    do_act,
    form_fields,
    place_reasons,
    read_form,
    rehearse,
    shown,
)
from hq.pages import approvals, desk
from ledger.errors import RuleError
from ledger.money import Money, parse_major, total
from schema.reference import Office
from sync.chain import HEAD_OFFICE_CHAIN
from web import work
from web.forms import Typed
from web.guards import requires
from web.second import read_second

acts = Blueprint("acts", __name__)

PLACES = (Place.HQ, Place.HEAD_OFFICE)


@acts.get("/acts")
def show() -> str:
    """List what this user may do, by subject."""
    return render_template("acts/show.html", rooms=acts_of(PLACES, work.may))


@acts.get("/decisions")
@requires("reports.see")
def decisions() -> str:
    """List the applications that wait for headquarters; each opens its decision."""
    with work.reading() as session:
        waiting = list_undecided(session)
        offices = {
            loan.origin_office_id: session.get_one(Office, loan.origin_office_id).name for loan in waiting
        }
        return render_template("acts/decisions.html", waiting=waiting, offices=offices)


@acts.get("/acts/<name>")
def new(name: str) -> str:
    """Ask for the fields of an act; some may be named in the address."""
    wanted = _find(name)
    known = {field.name for field in wanted.fields}
    return _page(wanted, Typed.begin(**{key: request.args[key] for key in request.args if key in known}))


@acts.post("/acts/<name>")
def create(name: str) -> ResponseReturnValue:
    """Rehearse an act and show what it would do; do it when that was seen (``step`` is do)."""
    wanted, typed = _find(name), Typed(request.form)
    fields = _fields(wanted)
    try:
        second_id = read_second(typed)
        given = read_form(typed, fields, work.edition().currency)
        typed.require()
        asked = approvals.ask_instead(name, given, wanted.meaning, _amount(given), _why(given))
        if asked is not None:
            return asked
        places, chain = _where(wanted)
        who, user_id = Who(work.user().role, places, second_id), work.user().id
        alone = second_id is None and _has_reviewer(wanted)
        if request.form.get("step") != "do":
            seen = rehearse(desk.installation(), name, given, who, user_id, chain=chain)
            return _page(wanted, typed, seen=seen, needs_review=alone and seen.writes)
        if alone:
            raise ReviewNeededError
        results: list[Result] = []

        def post(session: Session) -> str:
            results.append(do_act(session, name, given, who))
            return url_for("acts.new", name=name)

        def opens() -> AbstractContextManager[Session]:
            return desk.installation().unit_of_work(name, user_id, chain=chain)

        answer = work.post_once(name, post, opens=opens)
        return _done(wanted, results[0]) if results else answer
    except RuleError as refusal:
        return _page(wanted, typed, refusal=place_reasons(typed, refusal, fields)), 422


def _find(name: str) -> Act:
    wanted = ACTS.get(name) or abort(404)
    if not set(PLACES) & set(wanted.at):
        abort(404)
    if not work.may(wanted.permission):
        abort(403)
    return wanted


def _where(wanted: Act) -> tuple[tuple[Place, ...], int]:
    """Give the books that an act is written in: the head office's own are a chain of their own."""
    if Place.HEAD_OFFICE in wanted.at:
        return (Place.HEAD_OFFICE,), HEAD_OFFICE_CHAIN
    return (Place.HQ,), 0


def _fields(wanted: Act) -> list[FormField]:
    with work.reading() as session:
        return with_choices(session, form_fields(wanted.fields), desk.installation().place.office_id)


def _amount(given: Mapping[str, object]) -> Money | None:
    """Give the amount that an approver looks at first: the act's own, or what an entry debits."""
    digits = work.edition().currency.digits
    text = given.get("amount")
    if isinstance(text, str):
        return parse_major(text, digits)
    debits = given.get("debit")
    try:
        return (
            total(
                parse_major(line.rpartition(":")[2].strip(), digits)
                for line in (debits if isinstance(debits, list) else ())
            )
            or None
        )
    except RuleError:
        return None


def _why(given: Mapping[str, object]) -> str:
    """Give the reason that was typed with an act."""
    return str(given.get("reason") or given.get("note") or "")


def _has_reviewer(wanted: Act) -> bool:
    """Tell whether an act is published, and somebody else is there who may review it."""
    if not is_published(wanted.name, wanted.permission):
        return False
    with work.reading() as session:
        return bool(reviewers(session, work.user().id))


def _page(
    wanted: Act,
    typed: Typed,
    *,
    seen: Rehearsal | None = None,
    refusal: RuleError | None = None,
    needs_review: bool = False,
) -> str:
    return render_template(
        "acts/one.html",
        wanted=wanted,
        fields=_fields(wanted),
        typed=typed,
        seen=seen,
        **shown(seen.result if seen else None),
        refusal=refusal,
        can_ask=True,
        needs_review=needs_review,
    )


def _done(wanted: Act, result: Result) -> str:
    return render_template("acts/done.html", wanted=wanted, **shown(result))
