"""The line that stands on every page of headquarters: what is here, what is missing, what waits."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from hq.pages import desk
from web.edition import StatusItem, Tone

LATE_DAYS = 7
"""A branch that is further behind shows in amber."""


def status_line() -> Sequence[StatusItem]:
    """Give the line: branches not more than a week behind, ranges that are missing, what waits."""
    branches = desk.branches()
    current = [b for b in branches if b.days_behind is not None and b.days_behind <= LATE_DAYS]
    missing = len([gap for branch in branches for gap in branch.gaps])
    unconfirmed = [b for b in branches if b.state == "unconfirmed"]
    doubtful = [b for b in branches if b.exceptions or b.quarantined or b.totals_agree is False]
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
    if unconfirmed:
        items.append(
            StatusItem(
                _("Not confirmed"),
                ngettext("%(num)d laptop", "%(num)d laptops", len(unconfirmed)),
                Tone.WAITING,
                "branches.show",
            )
        )
    stopped = desk.installation().read_only_because
    if stopped is not None:
        items.insert(0, StatusItem(_("Read only"), stopped.message, Tone.REFUSED))
    return items
