"""What a page does its work with: who is logged in, a session to read, and posting exactly once."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import cast

from flask import abort, current_app, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ledger.calendars import Calendar
from schema.people import User
from web.edition import Edition, Habits
from web.sessions import SignedIn, find_answer, use_form

ONCE = "once"
"""Name of the field that carries a form's one-time token."""

_TOKEN_BYTES = 18
_TOKEN_LENGTHS = range(20, 65)


class AlreadyPostedError(Exception):
    """The form has been posted before; ``answer`` is the path that it led to."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


def edition() -> Edition:
    """Give the edition that this application serves."""
    return cast("Edition", current_app.extensions["satchel.edition"])


def signed_in() -> SignedIn | None:
    """Give the log-in of this request, None on pages that are open to all."""
    return cast("SignedIn | None", g.get("signed_in"))


def user() -> User:
    """Give the user of this request; only for pages behind a log-in."""
    found = signed_in()
    if found is None:
        abort(403)
    return found.user


def log_in() -> bytes:
    """Give the hash of the token of this request's log-in; empty without one."""
    found = signed_in()
    return b"" if found is None else found.token_hash


def may(permission: str) -> bool:
    """Whether the user of this request may do something; an empty name means any user."""
    found = signed_in()
    return found is not None and (not permission or edition().may(found.user, permission))


def now() -> datetime:
    """Give the instant of this request (UTC), the same however often it is asked."""
    if "now" not in g:
        g.now = edition().clock()
    return cast("datetime", g.now)


def business_day() -> date | None:
    """Give the open business day, or None."""
    return edition().business_day()


def habits() -> Habits:
    """Give how the office writes dates and words; asked once a request."""
    if "habits" not in g:
        g.habits = edition().habits()
    return cast("Habits", g.habits)


def calendar() -> Calendar:
    """Give the calendar in which the office types and reads dates; stored are ISO dates."""
    return habits().calendar


def reading() -> AbstractContextManager[Session]:
    """Open a session that sees one moment of the books and cannot change them."""
    return edition().database.reading()


def new_form_token() -> str:
    """Give a token for one form: what is posted with it is done once, however often it is sent."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def post_once(
    kind: str,
    act: Callable[[Session], str],
    note: str = "",
    *,
    opens: Callable[[], AbstractContextManager[Session]] | None = None,
) -> Response:
    """Do ``act`` in one unit of work and lead to the path that it returns.

    A form that was posted before (reload, double click, back and again) changes nothing and leads to the
    same path. The token is used up in the transaction of the act itself: a crash leaves both or neither.

    kind     what is done, such as ``loan.repay``
    act      gets the session, writes, and returns the path of the page that shows what was done
    note     the reason, where one was asked
    opens    another unit of work than the edition's own, such as one of another chain
    raises   what ``act`` raises; then nothing was written and the token is still good
    """
    token, who, instant = _form_token(), user(), now()
    with reading() as session:
        answer = find_answer(session, token, who.id)
    if answer is None:
        try:
            with opens() if opens else edition().unit_of_work(kind, actor_id=who.id, note=note) as session:
                earlier = find_answer(session, token, who.id)
                if earlier is not None:  # the other half of a double click was faster
                    raise AlreadyPostedError(earlier)
                answer = act(session)
                use_form(session, token, who.id, instant, answer)
        except AlreadyPostedError as already:
            answer = already.answer
    return redirect(answer, code=303)


def find_answered() -> Response | None:
    """Find what a form led to that was sent before; None for one that is new.

    For pages that ask something before they post: a form that was posted is past all questions.
    """
    token, who = _form_token(), user()
    with reading() as session:
        answer = find_answer(session, token, who.id)
    return None if answer is None else redirect(answer, code=303)


def do_once(act: Callable[[], str]) -> Response:
    """Do what records nothing in the chain (an export, an import) once, and lead to the path it returns.

    As ``post_once``, but the token is used up after the act: a crash in between repeats it, harmlessly.
    """
    token, who, instant = _form_token(), user(), now()
    with reading() as session:
        answer = find_answer(session, token, who.id)
    if answer is None:
        answer = act()
        with edition().database.writing() as session:
            if find_answer(session, token, who.id) is None:
                use_form(session, token, who.id, instant, answer)
    return redirect(answer, code=303)


def note_once(act: Callable[[Session], str]) -> tuple[str, bool]:
    """Write what stays on this computer (a print, a setting) once; nothing of it goes into the chain.

    As ``post_once``: the token is used up in the transaction of the act.

    act      gets a session that may write the home's own tables, and returns the path to lead to
    returns  that path, and whether the act was done now (not at an earlier sending of the same form)
    """
    token, who, instant = _form_token(), user(), now()
    with edition().database.writing() as session:
        earlier = find_answer(session, token, who.id)
        if earlier is not None:
            return earlier, False
        answer = act(session)
        use_form(session, token, who.id, instant, answer)
        return answer, True


def _form_token() -> str:
    token = request.form.get(ONCE, "")
    if len(token) not in _TOKEN_LENGTHS or not token.isascii():
        abort(400)
    return token


def lead_to(endpoint: str, **values: object) -> Response:
    """Answer a form by sending the browser to another page."""
    return redirect(url_for(endpoint, **values), code=303)  # type: ignore[arg-type]  # endpoints name their own values
