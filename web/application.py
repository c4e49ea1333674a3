"""Builds the application that serves an edition's pages."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request, url_for
from flask_babel import Babel, get_locale
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.routing import IntegerConverter, Map

from web import filters, guards, headers, work
from web.calendars import example_day, month_table
from web.edition import BODY_LIMIT_BYTES, Edition
from web.failures import answer_failures
from web.forms import LARGEST_ROW_NUMBER
from web.languages import LANGUAGES, select_locale
from web.login import create as log_in
from web.login import login
from web.sessions import cookie_secret

HERE = Path(__file__).parent


def create_application(edition: Edition) -> Flask:
    """Build the pages of ``edition``: every page asks for a log-in but ``/login`` and ``/healthz``."""
    app = Flask("web", static_folder=str(HERE / "static"), static_url_path="/static", template_folder=None)
    app.extensions["satchel.edition"] = edition
    app.url_map.converters["int"] = _RowNumber
    _configure(app, edition)
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(edition.templates), FileSystemLoader(HERE / "templates")]
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(
        app,
        default_locale=LANGUAGES["en"].locale,
        default_translation_directories=str(HERE / "translations"),
        locale_selector=select_locale,
    )
    app.before_request(_limit_plain_forms)
    headers.protect(app)
    CSRFProtect(app).exempt(log_in)  # guarded by the browser's own word instead: see web.headers
    guards.guard_all(app)
    filters.add_filters(app)
    answer_failures(app)
    app.context_processor(_frame)
    app.jinja_env.globals |= {
        "asset": _asset,
        "currency": edition.currency,
        "day_example": example_day,
        "form_token": work.new_form_token,
        "may": work.may,
    }
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.register_blueprint(login)
    for blueprint in edition.blueprints:
        app.register_blueprint(blueprint)
    return app


class _RowNumber(IntegerConverter):
    """A number in an address: one that no table can hold leads to no page."""

    def __init__(self, url_map: Map, fixed_digits: int = 0, low: int | None = None) -> None:
        super().__init__(url_map, fixed_digits, low, LARGEST_ROW_NUMBER)


def _configure(app: Flask, edition: Edition) -> None:
    app.config.update(
        SECRET_KEY=cookie_secret(edition.database),
        SESSION_COOKIE_NAME=f"{edition.cookie}-form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the log-in, which has its own limit
        WTF_CSRF_SSL_STRICT=False,  # Origin is checked for every form, with and without TLS
        MAX_CONTENT_LENGTH=edition.body_limit_bytes,
        MAX_FORM_MEMORY_SIZE=min(edition.body_limit_bytes, BODY_LIMIT_BYTES),  # files go to the disk
        PROPAGATE_EXCEPTIONS=False,
    )


def _limit_plain_forms() -> None:
    """Only forms with files may be larger: any other body is read into memory at once, before the log-in."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = min(work.edition().body_limit_bytes, BODY_LIMIT_BYTES)


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]


def _asset(name: str) -> str:
    """Give the address of a static file; it changes with the content, so browsers may keep the file."""
    return url_for("static", filename=name, v=_fingerprint(name))


@guards.open_to_all
def _healthz() -> Response:
    return jsonify(ok=True)


def _frame() -> dict[str, Any]:
    """What the layout of every page needs; read only when the page shows it."""
    edition = work.edition()
    locale = get_locale()
    return {
        "edition": edition,
        "signed_in": work.signed_in(),
        "business_day": edition.business_day,
        "status_line": edition.status_line,
        "menu": [
            (entry.digit or str(place), entry)
            for place, entry in enumerate(edition.menu, 1)
            if work.may(entry.permission)
        ],
        "lang": str(locale).replace("_", "-"),
        "dir": locale.text_direction if locale is not None else "ltr",
        "printed_at": work.now(),
        "month_table": month_table,
    }
