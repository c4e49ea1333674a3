"""Branches: how far each one is here, what came in by week, what is missing, and asking for it."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from hq.books import get_office
from hq.branches import BranchSheet, branch_sheet
from hq.changesets import chain_lines
from hq.chasing import (
    asked_together,
    keep_note,
    last_asked,
    list_asked,
    list_chases,
    mail_note,
    text_of,
)
from hq.grid import (
    LATE_DAYS,
    MOST_WEEKS,
    WEEKS,
    bundles_of_week,
    grid,
    list_missing,
    page_of,
    week_from,
    weeks_until,
)
from hq.pages import desk
from hq.sending import newest_member
from hq.status import BranchStatus
from ledger.errors import NotFoundError, RuleError, TrustError
from sync.carriers.settings import Carriers
from sync.chain import HEAD, REFERENCE_CHAIN, watermark
from sync.phone_codes import PhoneCode, code_for
from web import work
from web.guards import requires

branches = Blueprint("branches", __name__)


@branches.get("/branches")
@requires("reports.see")
def show() -> str:
    """Show branches by weeks, what is behind first; below, how far each one is here."""
    weeks = MOST_WEEKS if request.args.get("weeks") == str(MOST_WEEKS) else WEEKS
    region, only = request.args.get("region", ""), request.args.get("only", "")
    wanted = request.args.get("page", 1, type=int)
    with work.reading() as session:
        rows = grid(session, desk.branches(), desk.today(), weeks)
        notes = last_asked(session)
    return render_template(
        "branches/show.html",
        found=page_of(rows, region=region, only_behind=only == "behind", page=wanted),
        weeks=weeks_until(desk.today(), weeks),
        most=MOST_WEEKS,
        asked=notes,
        chosen={"region": region, "only": only, "weeks": weeks},
        late_days=LATE_DAYS,
    )


@branches.get("/branches/<code>")
@requires("reports.see")
def one(code: str) -> str:
    """Show one branch: what to do next, what came in, what was written for it, its last entries."""
    return _sheet(code)


@branches.get("/branches/<code>/weeks/<monday>")
@requires("reports.see")
def week(code: str, monday: str) -> str:
    """Show what came from a branch in one week, and what is missing of it."""
    begins = week_from(monday)
    known = _known(code)
    with work.reading() as session:
        office = get_office(session, code)
        came = bundles_of_week(session, office.id, begins)
        missing = list_missing(session, office.id)
    return render_template("branches/week.html", known=known, monday=begins, came=came, missing=missing)


@branches.post("/branches/<code>/ask")
@requires("bundles.import")
def ask(code: str) -> ResponseReturnValue:
    """Ask a branch for what is missing: a note to print, or a mail."""
    is_mail = request.form.get("how") == "mail"
    try:
        return work.do_once(lambda: _asked(code, is_mail=is_mail))
    except (RuleError, TrustError) as refusal:
        if isinstance(refusal, NotFoundError):
            raise
        return _sheet(code, refusal), 422


@branches.post("/branches/ask")
@requires("bundles.import")
def ask_all() -> ResponseReturnValue:
    """Make the notes of all branches that are behind, in one print."""
    return work.do_once(lambda: _asked("", is_mail=False))


@branches.get("/branches/asked/<int:number>")
@requires("reports.see")
def asked(number: int) -> str:
    """Show a note as the branch gets it, with all that were made at the same time; made to be printed."""
    with work.reading() as session:
        notes = asked_together(session, number)
    return render_template("branches/asked.html", notes=notes)


def _asked(code: str, *, is_mail: bool) -> str:
    installation = desk.installation()
    with work.reading() as session:
        chases = list_chases(installation, session, code)
    texts = [text_of(chase, installation.place.institution, desk.today()) for chase in chases]
    sent_to = mail_note(installation, chases[0], texts[0]) if is_mail else ""
    number = 0
    with installation.exclusive() as session:
        for chase, text in zip(chases, texts, strict=True):
            number = keep_note(session, chase, text, work.now(), work.user().id, sent_to)
    return url_for("branches.asked", number=number) if number else url_for("branches.show")


def _known(code: str) -> BranchStatus:
    known = next((branch for branch in desk.branches() if branch.branch == code.upper()), None)
    if known is None:
        raise NotFoundError(kind="branch", key=code)
    return known


def _sheet(code: str, refusal: RuleError | TrustError | None = None) -> str:
    known = _known(code)
    with work.reading() as session:
        sheet = branch_sheet(session, get_office(session, code))
        entries = chain_lines(session, [device.number for device in sheet.devices])
        codes = _codes(session, sheet)
        missing = list_missing(session, sheet.office.id)
        notes = list_asked(session, sheet.office.id)
    carriers = Carriers.read(desk.installation())
    return render_template(
        "branches/one.html",
        known=known,
        sheet=sheet,
        entries=entries,
        codes=codes,
        missing=missing,
        notes=notes,
        late_days=LATE_DAYS,
        mail_to=carriers.text(f"mail.to.{sheet.office.code}"),
        refusal=refusal,
    )


def _codes(session: Session, sheet: BranchSheet) -> tuple[PhoneCode, PhoneCode] | None:
    """The codes that can be read out to the branch: it has arrived, and send it again."""
    installation = desk.installation()
    if not sheet.came_in:
        return None
    member = newest_member(installation, session, sheet.office.code)
    if watermark(session, member.device, REFERENCE_CHAIN, HEAD) is None:
        return None
    arrived = code_for(installation, session, member, again=False)
    return arrived, code_for(installation, session, member, again=True)
