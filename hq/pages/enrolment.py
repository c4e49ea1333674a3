"""Enrolment: a branch is registered, and gets a kit that sets up its laptop in one trip."""

import secrets
from pathlib import Path

from flask import Blueprint, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from hq.books import get_office
from hq.branches import branch_sheet
from hq.founding import enrol
from hq.pages import desk
from ledger.errors import NotFoundError, RuleError, TrustError
from sync.home import write_durably
from web import work
from web.forms import Typed
from web.guards import requires

enrolment = Blueprint("enrolment", __name__)

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another on the telephone
CODE_PARTS = (4, 4, 4)


@enrolment.get("/enrol")
@requires("reference.write")
def new() -> ResponseReturnValue:
    """Ask for the branch; a code is proposed, and may be typed over."""
    known = {"code": request.args.get("code", ""), "name": request.args.get("name", "")}
    return _page(Typed.begin(**known, kit_code=propose_code()))


@enrolment.post("/enrol")
@requires("reference.write")
def create() -> ResponseReturnValue:
    """Register the branch and write its kit into the outbox."""
    typed = Typed(request.form)
    try:
        code, name = typed.text("code", longest=8), typed.text("name")
        kit_code = typed.text("kit_code", longest=60)
        typed.require()

        def act() -> str:
            kit, sealed = enrol(desk.installation(), code, name, kit_code, work.user().id)
            write_durably(kit_path(kit.office_code), sealed)
            return url_for("enrolment.show", code=kit.office_code)

        return work.do_once(act)
    except TrustError as refusal:
        if refusal.code == "WEAK_CODE":
            typed.errors["kit_code"] = refusal.message
        return _page(typed, refusal), 422
    except RuleError as refusal:
        return _page(typed, refusal), 422


@enrolment.get("/enrol/<code>")
@requires("reference.write")
def show(code: str) -> str:
    """Show the kit that was written, and what is done with it."""
    with work.reading() as session:
        sheet = branch_sheet(session, get_office(session, code))
    path = kit_path(sheet.office.code)
    return render_template("enrolment/show.html", sheet=sheet, path=path if path.exists() else None)


@enrolment.get("/enrol/<code>/kit")
@requires("reference.write")
def kit(code: str) -> ResponseReturnValue:
    """Give the kit's file to the browser; it is sealed under its code."""
    with work.reading() as session:
        office = get_office(session, code)
    path = kit_path(office.code)
    if not path.exists():
        raise NotFoundError(kind="kit", key=office.code)
    return send_file(path, "application/octet-stream", as_attachment=True, download_name=path.name)


def kit_path(code: str) -> Path:
    """Where the kit of a branch lies: the code is one that the books know, so it names no other folder."""
    return desk.installation().home.outbox / f"{code.lower()}-kit.satchel"


def propose_code() -> str:
    """Give a code that is easily told by telephone: three groups of four, 60 bits."""
    return "-".join("".join(secrets.choice(CODE_LETTERS) for _ in range(part)) for part in CODE_PARTS)


def _page(typed: Typed, refusal: RuleError | TrustError | None = None) -> str:
    return render_template("enrolment/new.html", typed=typed, refusal=refusal)
