"""Transfers between branches of which the two sides do not agree: by pair, by age, with what to do."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from banking.inter_branch_matching import AGES, Unmatched, pairs_of, unmatched
from hq.pages import desk
from ledger.errors import N_
from ledger.money import total
from web import work
from web.filters import plain_date, show_date
from web.forms import FormError, Typed
from web.guards import requires

inter_branch = Blueprint("inter_branch", __name__)

OLDEST_DAYS: Final = 7
"""What is older than this at a close is a warning."""

NEXT: Final[Mapping[str, str]] = {
    "unanswered": N_("%(other)s books what it received under this key."),
    "unannounced": N_("%(office)s took money under a key that %(other)s did not send: it corrects the key."),
    "differs": N_("The sides booked different amounts: one of them takes its side back and books it again."),
    "missing": N_("The books of %(other)s are here up to %(day)s: ask for its next bundle."),
}
"""What to do about a transfer, by what is wrong with it."""


@inter_branch.get("/reports/between-branches")
@requires("reports.see")
def show() -> ResponseReturnValue:
    """Show the pairs by age, and the transfers of all of them or of one pair, the oldest first."""
    typed = Typed(request.args)
    typed.values.setdefault("as_of", plain_date(desk.today()))
    as_of = typed.day("as_of") if typed.values["as_of"].strip() else desk.today()
    refusal = FormError() if typed.errors else None
    with work.reading() as session:
        every = [] if typed.errors else unmatched(session, as_of)
    pair = typed.values.get("pair", "")
    rows = [row for row in every if not pair or pair == "-".join(sorted((row.office, row.other)))]
    pairs = pairs_of(every)
    until = {one.branch: one.last_date for one in desk.branches()}
    page = render_template(
        "inter_branch/show.html",
        typed=typed,
        refusal=refusal,
        ages=AGES,
        pairs=pairs,
        sums=[total(ages) for ages in zip(*(one.ages for one in pairs), strict=True)],
        rows=rows,
        open=total(row.open for row in rows),
        pair=pair,
        next_words=lambda row: _next(row, until),
        oldest=OLDEST_DAYS,
        old=[row for row in every if row.days > OLDEST_DAYS],
        as_of=as_of,
    )
    return (page, 422) if refusal else page


def _next(row: Unmatched, until: Mapping[str, date | None]) -> str:
    """Say what to do; the other side may only be missing because its books are not here that far."""
    last = until.get(row.other)
    if row.why == "unanswered" and last is not None and last < row.since:
        return str(_(NEXT["missing"], other=row.other, day=show_date(last)))
    return str(_(NEXT[row.why], office=row.office, other=row.other))
