"""One thing that waits: shown in full, rehearsed, decided."""

from flask import Blueprint, Response, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.scans import JPEG, get_scan
from hq.arrivals import arrivals
from hq.case_sheets import case_sheet
from hq.decisions import PERMISSION, decide, find_item, needs_second, rehearse_decision, somebody_else
from hq.pages import desk
from hq.pages.waiting_words import effect_of, next_words, sentence, word_of
from hq.rehearsal import Effects
from hq.waiting import WaitingItem
from ledger.errors import NotFoundError, RuleError
from web import work
from web.forms import FormError, Typed
from web.guards import requires
from web.second import read_second

cases = Blueprint("cases", __name__)

LONGEST_REASON = 500
KIND = "exception.decide"


@cases.get("/exceptions/<key>")
@requires("reports.see")
def show(key: str) -> str:
    """Show one thing that waits, or that was decided, with what can be decided about it."""
    return _page(key, Typed.begin())


@cases.post("/exceptions/<key>")
@requires(PERMISSION)
def create(key: str) -> ResponseReturnValue:
    """Rehearse a decision and show what it would do to the books; take it when that was seen."""
    typed = Typed(request.form)
    try:
        with work.reading() as session:
            item = find_item(session, key)
        decision = typed.choice("decision", _offered(typed, item.choices))
        typed.require()
        if request.form.get("step") != "do":
            seen = rehearse_decision(desk.installation(), key, decision, work.user().id)
            return _page(key, typed, seen=seen)
        second_id = read_second(typed)
        reason = typed.text("reason", longest=LONGEST_REASON)
        typed.require()

        def post(session: Session) -> str:
            decide(desk.installation(), session, key, decision, reason, second_id)
            flash(_("Decided. It goes to the branch with the next return bundle."))
            return url_for("exceptions.show")

        return work.post_once(KIND, post)
    except FormError as refusal:
        return _page(key, typed, refusal=refusal, seen=_rehearsed(key, typed)), 422
    except RuleError as refusal:
        return _page(key, typed, refusal=refusal), 422


@cases.get("/exceptions/<key>/photo/<int:client_id>")
@requires("clients.see")
def photo(key: str, client_id: int) -> ResponseReturnValue:
    """Show the photo of one of the clients that a case is about, and of nobody else."""
    with work.reading() as session:
        sheet = case_sheet(desk.installation(), session, _find(session, key))
        shown = next((one for one in sheet.people if one.client.id == client_id and one.photo_id), None)
        if shown is None or shown.photo_id is None:
            abort(404)
        scan = get_scan(session, shown.photo_id)
        return Response(scan.content, mimetype=JPEG)  # whatever a branch says that it is


def _offered(typed: Typed, choices: tuple[str, ...]) -> list[str]:
    """Give what may be chosen: a tail is believed up to any of its places."""
    chosen = typed.values.get("decision", "")
    return [*choices, *([chosen] if chosen.startswith("release:") and "release" in choices else [])]


def _rehearsed(key: str, typed: Typed) -> Effects | None:
    """Show again what was seen when only the reason or the second person has to be put right."""
    decision = typed.values.get("decision", "")
    if request.form.get("step") != "do" or "decision" in typed.errors:
        return None
    return rehearse_decision(desk.installation(), key, decision, work.user().id)


def _page(key: str, typed: Typed, *, refusal: RuleError | None = None, seen: Effects | None = None) -> str:
    with work.reading() as session:
        item = _find(session, key)
        sheet = case_sheet(desk.installation(), session, item)
        decision = typed.values.get("decision", "")
        two = bool(somebody_else(session, work.user().id)) and needs_second(
            item.family, decision.partition(":")[0]
        )
        return render_template(
            "cases/one.html",
            item=item,
            sheet=sheet,
            typed=typed,
            refusal=refusal,
            seen=seen,
            asks_two=two,
            arrival=arrivals(session, [item], work.now())[item.key],
            sentence=sentence(item),
            next_words=next_words(item),
            word_of=word_of,
            effect_of=effect_of,
        )


def _find(session: Session, key: str) -> WaitingItem:
    try:
        return find_item(session, key)
    except RuleError as refusal:
        raise NotFoundError(kind="case", key=key[:20]) from refusal
