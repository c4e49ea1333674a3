"""The business day: opened with the cash counted, closed over a list of what must be done before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.cash import create_till
from banking.cash_confirmation import confirmation
from banking.cash_counts import Counted, Weighed
from banking.day_blocks import Block, require_unblocked, what_blocks
from banking.days import close_day, get_day, last_closed_day, list_days, open_day, require_openable
from banking.till_sheets import branch_sheet, office_sheets
from banking.users import log_look
from branch.pages import desk
from branch.pages.counting import Sheet, read_count, require_counted, require_reason, sheet_of, weighed
from branch.printing.printers import RECEIPT, get_printer
from branch.standing import head_of
from ledger.errors import N_, RuleError
from ledger.money import ZERO
from web import work
from web.filters import plain_date, show_date
from web.forms import FormError, Typed
from web.guards import requires
from web.second import read_second

days = Blueprint("days", __name__)

_SHOWN: Final = 14
_OVER_WARNINGS: Final = "money.confirm"
"""Who may close a day over what only warns."""


class WarningsError(RuleError):
    """A day with warnings, closed by somebody who may not. Facts: count."""

    code = "DAY_WARNINGS"
    message = N_("{count} warnings stand below. Only a manager closes the day over them; nothing was closed.")


@days.get("/day")
def show() -> ResponseReturnValue:
    """Show the open day and what blocks its close, or the way to open one, and the days before."""
    return _page(Typed.begin(on=plain_date(desk.today())))


@days.post("/day")
@requires("day.open_close")
def create() -> ResponseReturnValue:
    """Open or close a day, as the form says: a page that was left open must not do the other."""
    typed = Typed(request.form)
    return _close(typed) if typed.values.get("act") == "close" else _open(typed)


# --- opening --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Opening:
    """A count to open a day with: what was counted in each till, beside the books."""

    on: date
    counted: Mapping[int, Counted]
    rows: Sequence[tuple[Sheet, Weighed]]
    first: bool


def _open(typed: Typed) -> ResponseReturnValue:
    """Show the sum of the count and ask once; then open the day. ``step`` is count, check or again."""
    if typed.values.get("step") == "again":
        return _page(typed)
    opening: _Opening | None = None
    try:
        opening = _weigh(typed)
        if typed.values.get("step") != "check":
            return _check(typed, opening)
        return _post(typed, opening)
    except RuleError as refusal:
        page = _page(typed, refusal) if opening is None else _check(typed, opening, refusal)
        return page, 422


def _weigh(typed: Typed) -> _Opening:
    """Read the count and set it beside the books; a day that cannot be opened is refused here already."""
    on = typed.day("on")
    with work.reading() as session:
        sheets = _sheets(session)
        counts = {sheet.number: read_count(typed, sheet) for sheet in sheets}
        if not any(counts.values()):
            require_counted(typed, sheets[0])
        typed.require()
        office = desk.installation().place.office_id
        last = require_openable(session, office, on, work.now())
        tills = {till.number: till for till in desk.drawers(session)}
        rows = []
        for sheet in sheets:
            found = counts[sheet.number]
            if found is None or found.amount is None:
                continue
            till = tills.get(sheet.number)
            rows.append(
                (
                    sheet,
                    Weighed(sheet.number, found.amount, ZERO, needs_second=False)
                    if till is None
                    else weighed(session, till, found),
                )
            )
    given = {number: found for number, found in counts.items() if found is not None}
    return _Opening(on, given, rows, last is None)


def _post(typed: Typed, opening: _Opening) -> ResponseReturnValue:
    if not opening.first:
        for sheet, found in opening.rows:
            require_reason(typed, sheet, found)
    second = read_second(typed)
    typed.require()

    def act(session: Session) -> str:
        if not desk.drawers(session):
            create_till(session)
        ids = {till.number: till.id for till in desk.drawers(session)}
        counted = {ids[number]: found for number, found in opening.counted.items()}
        open_day(session, opening.on, counted, seen_by_id=second)
        return url_for("today.show")

    return work.post_once("day.open", act)


def _sheets(session: Session) -> list[Sheet]:
    """Give a counting sheet for each till; before the first one there is one for the till to be made."""
    return [sheet_of(till) for till in desk.drawers(session)] or [Sheet(1, _("Till %(number)d", number=1))]


def _check(typed: Typed, opening: _Opening, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        sheets = _sheets(session)
    return render_template(
        "days/check.html", typed=typed, opening=opening, sheets=sheets, refusal=refusal, on=opening.on
    )


# --- closing --------------------------------------------------------------------------------------


def _close(typed: Typed) -> ResponseReturnValue:
    """Close the open day as its tills were counted, unless something blocks it."""
    try:
        on = desk.require_open_day()
        with work.reading() as session:
            found = _blocks(session, on)
        warnings = [block for block in found if not block.hard]
        if warnings and not work.may(_OVER_WARNINGS):
            raise WarningsError(count=len(warnings))
        if warnings and typed.values.get("over") != "yes":
            raise FormError

        def act(session: Session) -> str:
            office_id, has_printer = desk.installation().place.office_id, _has_printer(session)
            require_unblocked(session, office_id, on, has_printer=has_printer)
            close_day(session)
            return url_for("days.report", on=on.isoformat())

        answer = work.post_once("day.close", act)
        flash(_("%(day)s is closed. Now send it to headquarters: press 5.", day=show_date(on)))
        return answer
    except RuleError as refusal:
        return _page(typed, refusal), 422


def _blocks(session: Session, on: date) -> list[Block]:
    office_id = desk.installation().place.office_id
    return what_blocks(session, office_id, on, has_printer=_has_printer(session))


def _has_printer(session: Session) -> bool:
    """Whether receipts go to a printer of their own; without one nobody must print each of them."""
    return get_printer(session, RECEIPT).prints


@days.get("/day/<on>")
@requires("reports.see")
def report(on: str) -> str:
    """Show a day on paper: cash confirmation, tills, the head of the chain, and who signs."""
    place = desk.installation().place
    with work.reading() as session:
        day = get_day(session, place.office_id, on)
        tills = office_sheets(session, place.office_id, day.on)
        whole = branch_sheet(_("The whole branch"), day.on, tills)
        page = render_template(
            "days/report.html",
            reported=day,
            tills=tills,
            whole=whole,
            confirmed=confirmation(session, place.office_id, day.on, whole),
            head=head_of(session, desk.installation().facts.device, day.on),
        )
    with work.edition().database.writing() as session:
        log_look(session, work.now(), work.user().id, "day.report.view", day.on.isoformat())
    return page


def _page(typed: Typed, refusal: RuleError | None = None) -> str:
    day = desk.find_open_day()
    with work.reading() as session:
        blocks = _blocks(session, day) if day else []
        office = desk.installation().place.office_id
        return render_template(
            "days/show.html",
            day=day,
            blocks=[(block, _address(block)) for block in blocks],
            hard=any(block.hard for block in blocks),
            may_close_over=work.may(_OVER_WARNINGS),
            sheets=_sheets(session),
            first=last_closed_day(session, office) is None,
            past=list_days(session, office, limit=_SHOWN),
            typed=typed,
            refusal=refusal,
        )


def _address(block: Block) -> str:
    """Give the page that puts a finding right; the list itself where this branch does not have the page."""
    known = block.endpoint in current_app.view_functions
    return url_for(block.endpoint, **dict(block.values)) if known else url_for("days.show")  # type: ignore[arg-type]  # endpoints name their own values
