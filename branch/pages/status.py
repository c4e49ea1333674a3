"""Where the entries are: the line on every page, and the page behind it."""

from collections.abc import Sequence

from flask import Blueprint, g, render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from branch.decided_at_hq import decided_here
from branch.pages import desk
from branch.pages.decided_words import sentence
from branch.pages.words import HANDED
from branch.standing import LATE_DAYS, QUIET_DAYS, Standing, came_in, standing, written_bundles
from console.scheduler import planned
from sync.labels import label_number
from sync.signing import fingerprint20
from sync.status import branch_status
from web import work
from web.carriers import RUNS, VALUES
from web.edition import StatusItem, Tone
from web.filters import instant, show_date
from web.guards import requires

status = Blueprint("status", __name__)


@status.get("/status")
@requires("reports.see")
def show() -> str:
    """Show what is to send, written and acknowledged, and how this installation stands."""
    installation = desk.installation()
    with work.reading() as session:
        return render_template(
            "status/show.html",
            standing=_standing(),
            sent=branch_status(installation),
            written=written_bundles(session, installation.facts.device),
            came_in=came_in(session),
            decided=decided_here(session, installation.place.office_id),
            decided_words=sentence,
            device=installation.facts.device,
            fingerprint=fingerprint20(installation.signer.key.public, installation.recipient.encode()),
            read_only=installation.read_only_because,
            healed=installation.healed,
            plans=planned(installation),
            run_words=RUNS,
            value_words=VALUES,
            now=work.now(),
        )


@status.get("/status/restore")
@requires("reports.see")
def restore() -> str:
    """Say how a laptop goes on that may book nothing more."""
    return render_template("status/restore.html", read_only=desk.installation().read_only_because)


def _standing() -> Standing:
    if "standing" not in g:
        with work.reading() as session:
            g.standing = standing(session, desk.installation().facts.device)
    found: Standing = g.standing
    return found


def _on_its_way(now: Standing, tone: Tone, nothing: str) -> list[StatusItem]:
    """Say where the newest bundle is until headquarters has it: written, or handed over already."""
    bundle = now.written if now.waiting else None
    number = label_number(work.edition().code, bundle.number) if bundle else ""
    written = handed = nothing
    if bundle is not None and bundle.handed_at is None:
        written = _("%(number)s, %(at)s", number=number, at=instant(bundle.at))
    elif bundle is not None:
        handed = _(
            "%(number)s, %(how)s, %(at)s",
            number=number,
            how=_(HANDED[bundle.handed_how]),
            at=instant(bundle.handed_at),
        )
    return [
        StatusItem(_("Written"), written, tone if written != nothing else Tone.PLAIN, "status.show"),
        StatusItem(_("Handed over"), handed, tone if handed != nothing else Tone.PLAIN, "status.show"),
    ]


def status_line() -> Sequence[StatusItem]:
    """Give the line that stands on every page, in the words that clerks know."""
    now = _standing()
    waited = now.days_waiting(desk.today())
    tone = Tone.PLAIN
    if waited >= QUIET_DAYS:
        tone = Tone.REFUSED if waited >= LATE_DAYS else Tone.WAITING
    nothing = _("nothing")
    days = ngettext("%(num)d day", "%(num)d days", now.to_send_days)
    entries = ngettext("%(num)d entry", "%(num)d entries", now.to_send)
    items = [
        StatusItem(
            _("To send"),
            f"{days}, {entries}" if now.to_send else nothing,
            tone if now.to_send else Tone.PLAIN,
            "send.new" if work.may("bundles.send") else "",
        ),
        *_on_its_way(now, tone, nothing),
        StatusItem(
            _("HQ has it"),
            _("up to %(number)d, %(day)s", number=now.acknowledged, day=show_date(now.acknowledged_day))
            if now.acknowledged
            else nothing,
            Tone.GOOD if now.acknowledged else Tone.PLAIN,
            "status.show",
        ),
    ]
    stopped = desk.installation().read_only_because
    if stopped is not None:
        items.insert(0, StatusItem(_("Read only"), stopped.message, Tone.REFUSED))
    return items
