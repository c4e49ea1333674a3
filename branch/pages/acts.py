"""Everything else: a form for each act that can be done by name at a branch."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.acts import ACTS
from banking.acts.registry import Act, Place, Result
from branch.pages import asking, desk
from console.act_choices import with_choices
from console.act_forms import (
    FormField,
    Rehearsal,
    acts_of,
    form_fields,
    place_reasons,
    read_form,
    shown,
)
from ledger.errors import RuleError
from ledger.money import Money, parse_major
from web import work
from web.forms import Typed
from web.second import read_second

acts = Blueprint("acts", __name__)


@acts.get("/acts")
def show() -> str:
    """List what this user may do, by subject."""
    return render_template("acts/show.html", rooms=acts_of((Place.BRANCH,), work.may))


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
        asked = asking.ask_instead(name, given, wanted.meaning, _amount(given))
        if asked is not None:
            return asked
        if request.form.get("step") != "do":
            seen = asking.rehearse(name, given, second_id)
            return _page(wanted, typed, seen=seen)
        results: list[Result] = []

        def post(session: Session) -> str:
            results.append(asking.do_act(session, name, given, second_id))
            return url_for("acts.new", name=name)

        answer = work.post_once(name, post)
        return _done(wanted, results[0]) if results else answer
    except RuleError as refusal:
        return _page(wanted, typed, refusal=place_reasons(typed, refusal, fields)), 422


def _find(name: str) -> Act:
    wanted = ACTS.get(name) or abort(404)
    if Place.BRANCH not in wanted.at:
        abort(404)
    if not work.may(wanted.permission):
        abort(403)
    return wanted


def _fields(wanted: Act) -> list[FormField]:
    with work.reading() as session:
        return with_choices(session, form_fields(wanted.fields), desk.installation().place.office_id)


def _amount(given: dict[str, object]) -> Money | None:
    text = given.get("amount")
    return parse_major(text, work.edition().currency.digits) if isinstance(text, str) else None


def _page(
    wanted: Act, typed: Typed, *, seen: Rehearsal | None = None, refusal: RuleError | None = None
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
    )


def _done(wanted: Act, result: Result) -> str:
    return render_template("acts/done.html", wanted=wanted, **shown(result))
