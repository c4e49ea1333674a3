"""Months and years of every office: what keeps each open, closing them, opening one again, what came late."""

from datetime import date

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from banking.closing.closing_periods import close_offices
from banking.period_errors import SecondPersonAlwaysError
from banking.periods import MONTH, PERMISSION, reopen_period
from banking.text import LONGEST_NOTE
from hq.late_desk import late_queue
from hq.month_desk import OfficePeriod, kept_reports, office_periods, period_grid, state_of, version_lines
from hq.pages import desk
from hq.pages.period_words import STATES, check_lines
from ledger.errors import NotFoundError, RuleError
from web import work
from web.forms import FormError, Typed
from web.guards import requires
from web.second import read_second

periods = Blueprint("periods", __name__)

_CLOSE, _REOPEN = "period.close", "period.reopen"


@periods.get("/periods")
@requires("reports.see")
def show() -> str:
    """Show a year: a row for each office, a column for each month, and the year itself."""
    with work.reading() as session:
        grid = period_grid(session, _today(), request.args.get("year", ""))
    return render_template("periods/show.html", grid=grid, states=STATES)


@periods.get("/periods/late")
@requires("reports.see")
def late() -> str:
    """List what came for a closed period, with what can be done about each entry."""
    branch = request.args.get("branch", "").upper()
    with work.reading() as session:
        queue = late_queue(session, office=branch)
    return render_template("periods/late.html", queue=queue, branch=branch, branches=desk.branches())


@periods.get("/periods/<name>")
@requires("reports.see")
def month(name: str) -> str:
    """Show one month or year of every office: who is ready, and what keeps the others open."""
    return _month(name)


@periods.post("/periods/<name>")
@requires(PERMISSION)
def close_ready(name: str) -> ResponseReturnValue:
    """Close it for every office that was shown as ready; one that is not any more refuses all of it."""
    codes = request.form.getlist("office")
    with work.reading() as session:
        ids = [one.office.id for one in office_periods(session, name, _today()) if one.office.code in codes]

    def act(session: Session) -> str:
        close_offices(session, name, ids)
        return url_for("periods.month", name=name)

    if not ids:
        return _month(name), 422
    try:
        answer = work.post_once(_CLOSE, act)
    except RuleError as refusal:
        return _month(name, refusal), 422
    flash(
        ngettext(
            "%(name)s is closed for %(num)d office. Branches learn it with the next bundle.",
            "%(name)s is closed for %(num)d offices. Branches learn it with the next bundle.",
            len(ids),
            name=name,
        ),
        "good",
    )
    return answer


@periods.get("/periods/<name>/<code>")
@requires("reports.see")
def one(name: str, code: str) -> str:
    """Show one office's month or year: its checklist, its history, what came late, what was kept."""
    return _one(name, code, Typed.begin())


@periods.post("/periods/<name>/<code>")
@requires(PERMISSION)
def change(name: str, code: str) -> ResponseReturnValue:
    """Close it, or open it again with a reason and a second person (``step`` says which)."""
    typed = Typed(request.form)
    try:
        return (
            _close(name, code, typed) if request.form.get("step") == "close" else _reopen(name, code, typed)
        )
    except RuleError as refusal:
        return _one(name, code, typed, refusal), 422


def _close(name: str, code: str, typed: Typed) -> ResponseReturnValue:
    reason = typed.text("reason", required=False, longest=LONGEST_NOTE)
    typed.require()
    with work.reading() as session:
        found = _find(session, name, code)

    def act(session: Session) -> str:
        close_offices(session, name, [found.office.id], reason)
        return url_for("periods.one", name=name, code=code)

    answer = work.post_once(_CLOSE, act, note=reason)
    flash(_("%(name)s is closed. The branch learns it with the next bundle.", name=name), "good")
    return answer


def _reopen(name: str, code: str, typed: Typed) -> ResponseReturnValue:
    second_id = read_second(typed)
    reason = typed.text("reason", longest=LONGEST_NOTE)
    typed.require()
    with work.reading() as session:
        found = _find(session, name, code)
    office_id = None if found.period.for_all else found.office.id

    def act(session: Session) -> str:
        reopen_period(session, name, office_id, reason=reason, approved_by_id=second_id)
        return url_for("periods.one", name=name, code=code)

    answer = work.post_once(_REOPEN, act, note=reason)
    flash(_("%(name)s is open again. What came late counts on its own day now.", name=name), "good")
    return answer


def _month(name: str, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        found = office_periods(session, name, _today())
    lines = [
        (one, [line for line in check_lines(one.checks, one.office, name) if not line.ok]) for one in found
    ]
    return render_template(
        "periods/month.html",
        name=name,
        period=found[0].period,
        lines=lines,
        ready=[one.office.code for one in found if one.is_ready],
        states=STATES,
        state_of=lambda period: state_of(period, _today()),
        refusal=refusal,
    )


def _one(name: str, code: str, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        found = _find(session, name, code)
        period = found.period
        versions = version_lines(session, name, found.office.id)
        kept = kept_reports(session, found.office.id, period.ends_on)
        queue = late_queue(session, office=code, since=period.starts_on, until=period.ends_on)
    return render_template(
        "periods/one.html",
        name=name,
        found=found,
        period=period,
        checks=check_lines(found.checks, found.office, name),
        versions=versions,
        kept=kept,
        queue=queue if period.kind == MONTH else None,
        states=STATES,
        state=state_of(period, _today()),
        typed=typed,
        refusal=None if isinstance(refusal, FormError) else refusal,
        two_missing=isinstance(refusal, SecondPersonAlwaysError),
    )


def _find(session: Session, name: str, code: str) -> OfficePeriod:
    found = office_periods(session, name, _today(), code)
    if not found:
        raise NotFoundError(kind="office", key=code[:40])
    return found[0]


def _today() -> date:
    """Give the day as the acts know it: that of the instant, in UTC."""
    return work.now().date()
