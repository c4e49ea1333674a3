"""Asking a branch to take an entry back: from the entry's page, with a reason and a second person."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from hq.decisions import PERMISSION, somebody_else
from hq.voids import find_movement, void
from ledger.errors import NotFoundError, RuleError
from web import work
from web.forms import Typed
from web.guards import requires
from web.second import read_second

voids = Blueprint("voids", __name__)

KIND = "exception.decide"
LONGEST_REASON = 500
LONGEST_RECEIPT = 60


@voids.post("/voids")
@requires(PERMISSION)
def create() -> ResponseReturnValue:
    """Ask for the reason; write the message and the decision when it was given (``step`` is do)."""
    typed = Typed(request.form)
    receipt = typed.text("receipt", longest=LONGEST_RECEIPT)
    if request.form.get("step") != "do":
        return _page(typed, receipt)
    try:
        second_id = read_second(typed)
        reason = typed.text("reason", longest=LONGEST_REASON)
        typed.require()

        def post(session: Session) -> str:
            void(session, receipt, reason, second_id)
            flash(_("Asked. The branch finds it with the next return bundle, and books it back."))
            return url_for("exceptions.decided")

        return work.post_once(KIND, post)
    except RuleError as refusal:
        return _page(typed, receipt, refusal), 422


def _page(typed: Typed, receipt: str, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        movement = find_movement(session, receipt)
        if movement is None or not receipt:
            raise NotFoundError(kind="receipt", key=receipt)
        return render_template(
            "cases/void.html",
            typed=typed,
            receipt=receipt,
            movement=movement,
            asks_two=bool(somebody_else(session, work.user().id)),
            refusal=refusal,
        )
