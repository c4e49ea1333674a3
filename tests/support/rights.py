"""Asks every address of an application as somebody who may not, and as nobody."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from banking.users import may

LOGGED_IN: Final = ""
"""Anybody who is logged in: about oneself, or by a permission of what is asked for."""
EVERYBODY: Final = "open to all"
"""No log-in is asked for: who asks is known by a signature or a token, or need not be."""
REFUSED: Final = 403
TO_LOG_IN: Final = 303
_SILENT: Final = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Door:
    """One address and one method of it; ``name`` is the endpoint, with the method where it only looks."""

    endpoint: str
    method: str
    path: str

    @property
    def name(self) -> str:
        """Give what a table calls it."""
        return self.endpoint if self.method != "GET" else f"GET {self.endpoint}"


def doors(app: Flask, given: Mapping[str, object]) -> list[Door]:
    """Give every address with every method, files of the pages aside.

    given   what stands at the places of addresses, by their names; elsewhere a 1
    """
    return [
        Door(rule.endpoint, method, _path(rule, given))
        for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.endpoint)
        if rule.endpoint != "static"
        for method in sorted((rule.methods or set()) - _SILENT)
    ]


def _path(rule: Rule, given: Mapping[str, object]) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda one: str(given.get(one[1], 1)), str(rule))


def wrongly_open(
    browser: FlaskClient, found: list[Door], table: Mapping[str, str], role: str
) -> Iterator[str]:
    """List what is not refused though the table says so; ``role`` is empty for who is not logged in.

    Addresses that are open to all are left alone, and so are forms that somebody may send.
    """
    for door in found:
        asked = table[door.name]
        if asked == EVERYBODY or (role and (asked == LOGGED_IN or may(role, asked))):
            continue
        answer = browser.open(door.path, method=door.method)
        answer.close()
        led = answer.status_code == TO_LOG_IN and answer.location.startswith("/login")
        if not (answer.status_code == REFUSED if role else led):
            yield f"{door.name} {answer.status_code}"


def wrongly_shut(
    browser: FlaskClient, found: list[Door], table: Mapping[str, str], role: str
) -> Iterator[str]:
    """List what only looks and is refused though the table says that the role may."""
    for door in found:
        asked = table[door.name]
        if door.method == "GET" and asked != EVERYBODY and (asked == LOGGED_IN or may(role, asked)):
            answer = browser.get(door.path)
            answer.close()
            if answer.status_code in {REFUSED, 500}:
                yield f"{door.name} {answer.status_code}"
