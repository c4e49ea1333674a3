"""The line that stands on every page of headquarters: what is here, what is missing, what waits."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from banking.messages import count_to_do
from banking.reports.late_entries import late_sum
from hq.grid import LATE_DAYS
from hq.pages import desk
from ledger.money import total
from web import work
from web.edition import StatusItem, Tone
from web.filters import money


def status_line() -> Sequence[StatusItem]:
    """Give the line: branches not more than a week behind, ranges that are missing, what waits."""
    branches = desk.branches()
    current = [b for b in branches if b.days_behind is not None and b.days_behind <= LATE_DAYS]
    missing = len([gap for branch in branches for gap in branch.gaps])
    unconfirmed = [b for b in branches if b.state == "unconfirmed"]
    doubtful = [
        b for b in branches if b.exceptions or b.quarantined or b.totals_agree is False or b.is_disputed
    ]
    items = [
        StatusItem(
            _("Up to date"),
            _("%(here)d of %(all)d branches", here=len(current), all=len(branches)),
            Tone.GOOD if len(current) == len(branches) and branches else Tone.WAITING,
            "branches.show",
        ),
        StatusItem(
            _("Missing"),
            ngettext("%(num)d range of entries", "%(num)d ranges of entries", missing)
            if missing
            else _("nothing"),
            Tone.WAITING if missing else Tone.PLAIN,
            "branches.show",
        ),
        StatusItem(
            _("For a person"),
            ngettext("%(num)d branch", "%(num)d branches", len(doubtful)) if doubtful else _("nothing"),
            Tone.REFUSED if doubtful else Tone.PLAIN,
            "exceptions.show",
        ),
    ]
    disputed = [b for b in branches if b.is_disputed]
    if disputed:
        items.append(
            StatusItem(
                _("Disputed"),
                _(
                    "%(branches)s: %(amount)s",
                    branches=", ".join(b.branch for b in disputed),
                    amount=money(total(b.disputed for b in disputed)),
                ),
                Tone.REFUSED,
                "exceptions.show",
            )
        )
    if unconfirmed:
        items.append(
            StatusItem(
                _("Not confirmed"),
                ngettext("%(num)d laptop", "%(num)d laptops", len(unconfirmed)),
                Tone.WAITING,
                "branches.show",
            )
        )
    items += _of_books()
    stopped = desk.installation().read_only_because
    if stopped is not None:
        items.insert(0, StatusItem(_("Read only"), stopped.message, Tone.REFUSED))
    return items


def _of_books() -> list[StatusItem]:
    """Tell what branches took for others and nobody sent on, and what came after its period was closed."""
    with work.reading() as session:
        to_send, late = count_to_do(session), late_sum(session)
    told = (
        ngettext("%(num)d payment to send", "%(num)d payments to send", to_send) if to_send else _("nothing")
    )
    tone = Tone.WAITING if to_send else Tone.PLAIN
    items = [StatusItem(_("Messages"), told, tone, "messages.show")]
    if late.count:
        told = ngettext(
            "%(num)d late entry, %(amount)s",
            "%(num)d late entries, %(amount)s",
            late.count,
            amount=money(late.amount),
        )
        items.append(StatusItem(_("After the close"), told, Tone.PLAIN, "messages.late"))
    return items
