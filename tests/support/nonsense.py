"""Asks every page of an application with nonsense: in its path, in its query, and with HEAD."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import quote_plus

from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, Rule

FAULT = 500
NUMBERS = (0, 2**63 - 1)
WORDS = ("\u202e", "a" * 3000, "\x00", "2026-99-99", "9999-12-31", "0001-01-01")
QUERY = (
    "q", "on", "first", "last", "officer", "age", "kind", "place_id", "group_id", "client_id", "client",
    "group", "center", "state", "folder", "page", "next", "number", "sheet", "paper", "member", "way",
    "name", "nothing", "replaces", "hash", "upload", "code", "ended", "office", "product", "from", "to",
    "as_at", "until", "month", "loan", "savings", "amount", "who", "what", "user", "till", "account",
    "subject", "period", "currency", "days", "basis", "year",
)  # fmt: skip
"""The names that pages read from addresses; one that a page does not read does no harm."""
TYPED = (
    "", "\x00", "1" * 10_000, str(2**63), "0001-01-01", "9999-12-31", "%ED%A0%BD", "<b>'\"&",
)  # fmt: skip


def pages(app: Flask) -> list[Rule]:
    """Give every address that can be opened, files aside."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and rule.endpoint != "static"
    ]


def addresses(app: Flask, rule: Rule, known: Mapping[str, Sequence[object]]) -> Iterator[str]:
    """Give addresses of a page: of what there is (``known``, by the name in the address) and of nonsense.

    Every place is wrong at least once while the others are right, and all are right at least once.
    """
    names = sorted(rule.arguments)
    right = {name: _right(rule, name, known) for name in names}
    wrong = {name: NUMBERS if name not in _words(rule) else WORDS for name in names}
    with app.test_request_context():
        for chosen in product(*right.values()):
            yield _address(rule, dict(zip(names, chosen, strict=True)))
        for name in names:
            if isinstance(rule._converters[name], AnyConverter):
                continue
            first = {other: values[0] for other, values in right.items()}
            for value in wrong[name]:
                yield _address(rule, {**first, name: value})


def _address(rule: Rule, values: Mapping[str, Any]) -> str:
    return url_for(rule.endpoint, **values)


def _right(rule: Rule, name: str, known: Mapping[str, Sequence[object]]) -> Sequence[object]:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)
    return known.get(name, ("1",) if name not in _words(rule) else ("nothing",))


def _words(rule: Rule) -> set[str]:
    return {name for name, converter in rule._converters.items() if not hasattr(converter, "num_convert")}


def faults(
    client: FlaskClient, known: Mapping[str, Sequence[object]], typed: Sequence[str] = TYPED
) -> list[str]:
    """Open every page, then ask it with nonsense; list the addresses that lead to a fault."""
    app = client.application
    return [
        path[:160]
        for rule in pages(app)
        for method, path in _asked(app, rule, known, typed)
        if not _is_answered(client, method, path)
    ]


def _asked(
    app: Flask, rule: Rule, known: Mapping[str, Sequence[object]], typed: Sequence[str]
) -> Iterator[tuple[str, str]]:
    first = ""
    for path in addresses(app, rule, known):
        first = first or path
        yield "GET", path
    yield "HEAD", first
    for text in typed:
        value = text if text.startswith("%") else quote_plus(text)
        yield "GET", f"{first}?" + "&".join(f"{name}={value}" for name in QUERY)


def _is_answered(client: FlaskClient, method: str, path: str) -> bool:
    answer = client.open(path, method=method)
    answer.close()
    return answer.status_code < FAULT
