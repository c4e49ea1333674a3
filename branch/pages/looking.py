"""Who looked at a person's page: written down after the answer has gone; no clerk waits for the disk."""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final, TypeAlias

from flask import Response, after_this_request, current_app

from banking.users import log_look
from web import work
from web.edition import Edition

EXTENSION: Final = "satchel.looks"

SAME_LOOK: Final = timedelta(minutes=10)
"""The same person at the same page again within this time is one look."""

Look: TypeAlias = tuple[int, str, str]

_lock = Lock()


def note_look(what: str, subject: str) -> None:
    """Write down that the user of this request sees something, once the answer has gone out.

    what     such as ``client.seen``
    subject  the number by which people know it
    """
    edition, who, instant = work.edition(), work.user().id, work.now()
    if not _is_new((who, what, subject), instant):
        return

    @after_this_request
    def then(response: Response) -> Response:
        response.call_on_close(lambda: _write(edition, instant, who, what, subject))
        return response


def note_print(what: str, subject: str) -> None:
    """Write down at once that something leaves the screen for paper: each time is written."""
    _write(work.edition(), work.now(), work.user().id, what, subject)


def _write(edition: Edition, instant: datetime, who: int, what: str, subject: str) -> None:
    with edition.database.writing() as session:
        log_look(session, instant, who, what, subject)


def _is_new(look: Look, instant: datetime) -> bool:
    lately: dict[Look, datetime] = current_app.extensions.setdefault(EXTENSION, {})
    with _lock:
        for old in [one for one, seen in lately.items() if instant - seen >= SAME_LOOK]:
            del lately[old]
        return lately.setdefault(look, instant) is instant
