"""A replacement laptop: a kit with the books of its branch, under a code that is shown once."""

from pathlib import Path

from flask import Blueprint, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.users import log_look
from hq.decision_errors import NotCarriedOnError
from hq.device_sheets import DeviceSheet, device_sheet
from hq.devices import PERMISSION
from hq.pages import desk
from hq.replacements import KIT_DAYS, NewNumber, begin_reseeding, kit_with_books, seal_reseeding
from ledger.errors import NotFoundError, RuleError, TrustError
from sync.home import write_durably
from sync.reserve import grouped, new_code
from web import work
from web.forms import Typed
from web.guards import requires

reseeding = Blueprint("reseeding", __name__)

KITS = "reference.write"
"""What it takes to write a kit, as for a new branch; whoever replaces a laptop also ends one."""
KIND = "device.reseed"
MADE, FETCHED = "kit.with_books", "kit.with_books.fetched"
LONGEST_REASON = 500


@reseeding.get("/devices/<int:number>/replace")
@requires(KITS)
def ask(number: int) -> str:
    """Tell what will happen, and ask why."""
    return _page(_sheet(number), Typed.begin())


@reseeding.post("/devices/<int:number>/replace")
@requires(KITS)
def create(number: int) -> ResponseReturnValue:
    """Write the kit and show its code, this once; the same form sent again leads to the new laptop."""
    sheet, typed = _sheet(number), Typed(request.form)
    code = sheet.row.office.code
    made: list[NewNumber] = []

    def act(session: Session) -> str:
        begun = begin_reseeding(desk.installation(), session, code)
        log_look(session, work.now(), work.user().id, MADE, f"{code} {begun.row.device}")
        made.append(begun)
        return url_for("devices.one", number=begun.row.device)

    if not sheet.is_carried_on:
        return work.find_answered() or (_page(sheet, typed), 422)
    try:
        reason = typed.text("reason", longest=LONGEST_REASON)
        typed.require()
        answer = work.post_once(KIND, act, note=reason)
    except (RuleError, TrustError) as refusal:
        return _page(sheet, typed, refusal), 422
    if not made:
        return answer
    done = kit_with_books(desk.installation(), made[0])
    kit_code = grouped(new_code())
    path = kit_path(done.device)
    write_durably(path, seal_reseeding(done, kit_code))
    return render_template(
        "devices/replaced.html", sheet=sheet, done=done, reason=reason, code=kit_code, path=path
    )


@reseeding.get("/devices/<int:number>/kit")
@requires(KITS)
def kit(number: int) -> ResponseReturnValue:
    """Give the kit's file to the browser; it is sealed under its code."""
    code, path = _sheet(number).row.office.code, kit_path(number)
    if not path.exists():
        raise NotFoundError(kind="kit", key=number)
    with work.edition().database.writing() as session:
        log_look(session, work.now(), work.user().id, FETCHED, f"{code} {number}")
    return send_file(path, "application/octet-stream", as_attachment=True, download_name=path.name)


def kit_path(number: int) -> Path:
    """Where the kit of a replacement laptop lies."""
    return desk.installation().home.outbox / f"laptop-{number}-kit.satchel"


def _sheet(number: int) -> DeviceSheet:
    if not work.may(PERMISSION):
        abort(403)
    with work.reading() as session:
        return device_sheet(desk.installation(), session, number)


def _page(sheet: DeviceSheet, typed: Typed, refusal: RuleError | TrustError | None = None) -> str:
    if not sheet.is_carried_on:
        refusal = NotCarriedOnError(device=sheet.row.device.number)
    return render_template("devices/replace.html", sheet=sheet, typed=typed, refusal=refusal, days=KIT_DAYS)
