"""Help: F1 leads from a page to what is written about it; sheets for the wall are printed from here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from flask import Blueprint, abort, current_app, render_template, request, url_for

from web import work

TOPICS: Final = "satchel.help"
"""Where the application keeps its topics, by name."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What is written about one piece of work. Sentences are marked with N_, so translators have them.

    title   the work, as the clerk calls it
    steps   what to do, one short sentence each, in order
    pages   endpoints of the pages that this is about; a blueprint's name stands for all of its pages
    notes   what may go wrong, and what then
    sheet   to be ticked off on paper: printed with a box before each step
    """

    title: str
    steps: Sequence[str]
    pages: Sequence[str] = ()
    notes: Sequence[str] = ()
    sheet: bool = False


help_pages = Blueprint("help", __name__)


def topic_of(topics: Mapping[str, Topic], endpoint: str) -> str | None:
    """Give the name of the topic about a page: one that names the page itself, else one for its subject."""
    for wanted in (endpoint, endpoint.partition(".")[0]):
        for name, topic in topics.items():
            if wanted in topic.pages:
                return name
    return None


def _topics() -> Mapping[str, Topic]:
    return cast("Mapping[str, Topic]", current_app.extensions.get(TOPICS, {}))


def _links(topics: Mapping[str, Topic], *, sheets: bool) -> Iterator[tuple[str, Topic]]:
    return ((name, topic) for name, topic in topics.items() if topic.sheet == sheets)


@help_pages.get("/help")
def show() -> str:
    """Show the help for the page that F1 was pressed on, and the list of all topics."""
    topics = _topics()
    endpoint = request.args.get("page", "")
    name = topic_of(topics, endpoint)
    practice = "practice.show" if "practice.show" in current_app.view_functions else ""
    return render_template(
        "help/show.html",
        topic=topics[name] if name else None,
        topics=list(_links(topics, sheets=False)),
        sheets=list(_links(topics, sheets=True)),
        practice=practice,
        back=_way_back(),
    )


@help_pages.get("/help/<name>")
def topic(name: str) -> str:
    """Show one topic."""
    found = _topics().get(name) or abort(404)
    return render_template("help/topic.html", topic=found)


@help_pages.get("/help/keys")
def card() -> str:
    """Show the card of keys that is printed and pinned on the wall."""
    menu = [
        (entry.digit or str(place), entry)
        for place, entry in enumerate(work.edition().menu, 1)
        if work.may(entry.permission)
    ]
    return render_template("help/card.html", card=menu)


def _way_back() -> str:
    """Give the page that the reader came from, when it is one of ours."""
    came_from = request.referrer or ""
    return came_from if came_from.startswith(request.host_url) else url_for(work.edition().home)
