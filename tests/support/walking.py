"""Finds the pages of an application by following its links: a new page is looked at without a list."""

from collections import deque
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

MOST_PAGES = 400
"""More links than this are not followed: one page of each kind is enough."""

EACH = 3
"""So many pages of one kind are opened, for links that only some of them have."""
FAULT = 500


class BrokenPageError(Exception):
    """A link leads to a fault of the program."""


class _Links(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.found.append(target)


def endpoints(app: Flask) -> set[str]:
    """Name every page that can be opened."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}


def walk(client: FlaskClient, starts: Iterable[str]) -> dict[str, str]:
    """Give one address for each endpoint that leads to a page of ours, reached by links from ``starts``."""
    app = client.application
    reached: dict[str, str] = {}
    opened: dict[str, int] = {}
    waiting, known = deque(starts), set(starts)
    while waiting and sum(opened.values()) < MOST_PAGES:
        path = waiting.popleft()
        endpoint = _endpoint(app, path)
        if endpoint is None or opened.get(endpoint, 0) >= EACH:
            continue
        opened[endpoint] = opened.get(endpoint, 0) + 1
        answer = client.get(path)
        if answer.status_code >= FAULT:
            raise BrokenPageError(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        reached.setdefault(endpoint, path)
        for target in _targets(answer.text, path):
            if target not in known:
                known.add(target)
                waiting.append(target)
    return reached


def _targets(page: str, path: str) -> Iterator[str]:
    links = _Links()
    links.feed(page)
    for target in links.found:
        parts = urlsplit(target)
        if not parts.netloc and not target.startswith("#"):
            own = parts.path or urlsplit(path).path
            yield f"{own}?{parts.query}" if parts.query else own


def _endpoint(app: Flask, path: str) -> str | None:
    try:
        endpoint, _ = app.url_map.bind("localhost").match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return str(endpoint)
