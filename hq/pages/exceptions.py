"""What waits for a person: the list by families, and what was decided."""

from itertools import groupby

from flask import Blueprint, render_template, request

from hq.arrivals import arrivals
from hq.decided import decided_list
from hq.pages import desk
from hq.pages.waiting_words import next_words, sentence, word_of
from hq.stakes import at_stake
from hq.waiting import FAMILIES, waiting_list
from web import work
from web.guards import requires

exceptions = Blueprint("exceptions", __name__)

SHOWN = 25
"""Of each family, until one is asked for alone."""
SHOWN_ALONE = 200


@exceptions.get("/exceptions")
@requires("reports.see")
def show() -> str:
    """Show what waits by families, each in a line with the next step; of one branch or of all."""
    branch, family = request.args.get("branch", ""), request.args.get("family", "")
    code = request.args.get("code", "")
    with work.reading() as session:
        found = waiting_list(session, branch)
        codes = sorted({item.code for item in found if item.code})
        counts = {name: len([item for item in found if item.family == name]) for name in FAMILIES}
        came = arrivals(session, found, work.now())
        found.sort(key=lambda item: (FAMILIES.index(item.family), -came[item.key].days))
        groups = []
        for name, items in groupby(found, key=lambda item: item.family):
            wanted = [item for item in items if not code or item.code == code]
            listed = wanted[: SHOWN_ALONE if family or code else SHOWN]
            if listed and (not family or name == family):
                groups.append((name, [(item, at_stake(session, item)) for item in listed]))
    return render_template(
        "exceptions/show.html",
        groups=groups,
        counts=counts,
        branches=desk.branches(),
        branch=branch.upper(),
        family=family,
        code=code,
        codes=codes,
        came=came,
        sentence=sentence,
        next_words=next_words,
    )


@exceptions.get("/exceptions/decided")
@requires("reports.see")
def decided() -> str:
    """Show what was decided, the newest first, with who, why, and the changeset that carries it."""
    with work.reading() as session:
        lines = decided_list(session)
    return render_template("exceptions/decided.html", lines=lines, word_of=word_of)
