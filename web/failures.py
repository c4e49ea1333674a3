"""Pages for what went wrong: what happened, what was kept, what to press; nothing internal."""

import logging
import secrets
import traceback

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ledger.errors import NotFoundError, RuleError, TrustError
from web.filters import told

log = logging.getLogger("satchel.web")

_REFUSED = 422
_FAULT = 500
_NOT_FOUND = 404


def answer_failures(app: Flask) -> None:
    """Give every failure a page in plain words."""
    app.register_error_handler(CSRFError, _old_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RuleError, _rule)
    app.register_error_handler(TrustError, _trust)
    app.register_error_handler(Exception, _fault)


def _page(code: int, heading: str, sentence: str, next_step: str, incident: str = "") -> ResponseReturnValue:
    try:
        page = render_template(
            "failure.html",
            heading=heading,
            sentence=sentence,
            next_step=next_step,
            incident=incident,
            framed=code != _FAULT,  # after a fault nothing is read that might fail again
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the reader gets an answer
        log.error("no page for %d: %s", code, type(error).__name__)  # noqa: TRY400 - see _fault
        page = " ".join(part for part in (heading, sentence, next_step, incident) if part)
        return Response(f"{page}\n", mimetype="text/plain"), code
    return page, code


def _old_form(_error: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        _("This form is too old"),
        _("It was opened before the last log-in, or cookies are switched off. Nothing was changed."),
        _("Go back, load the page again, and send the form once more."),
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or _FAULT
    if code >= _FAULT:
        return _fault(error)
    told_by_code = {
        400: (
            _("This form could not be read"),
            _("Something in it is missing or damaged. Nothing was changed."),
            _("Go back, load the page again, and fill in the form once more."),
        ),
        403: (
            _("You may not do this"),
            _("Your role does not allow it. Nothing was changed."),
            _("Ask the branch manager, or log in as somebody who may."),
        ),
        404: (
            _("There is no such page"),
            _("Nothing is kept under this address."),
            _("Go to the first page and begin from there."),
        ),
        405: (
            _("This page cannot be opened so"),
            _("It only takes forms. Nothing was changed."),
            _("Go to the first page and begin from there."),
        ),
        413: (
            _("This is too large"),
            _("More was sent than this page takes. Nothing was changed."),
            _("Choose a smaller file, or put it into a folder and give the folder's name."),
        ),
    }
    heading, sentence, next_step = told_by_code.get(code, told_by_code[400])
    return _page(code, heading, sentence, next_step)


def _rule(refusal: RuleError) -> ResponseReturnValue:
    code = _NOT_FOUND if isinstance(refusal, NotFoundError) else _REFUSED
    return _page(code, _("This was not done"), told(refusal), _("Go back and try again."))


def _trust(refusal: TrustError) -> ResponseReturnValue:
    sentence = f"{refusal.message} ({refusal.code})"
    return _page(_REFUSED, _("This was refused"), sentence, refusal.next_step or _("Nothing was changed."))


def _fault(error: Exception) -> ResponseReturnValue:
    """Log where it happened, never with what: messages of faults can hold names and amounts."""
    incident = secrets.token_hex(4).upper()
    places = " < ".join(
        f"{frame.name} {frame.filename.rpartition('/')[2]}:{frame.lineno}"
        for frame in reversed(traceback.extract_tb(error.__traceback__))
    )
    log.error("incident %s %s %s: %s", incident, request.endpoint, type(error).__name__, places)
    return _page(
        _FAULT,
        _("Something went wrong in the program"),
        _("What you last sent was done wholly or not at all. Look whether it was before you repeat it."),
        _("Go to the first page. If this comes again, tell whoever looks after the computer this number."),
        incident,
    )
