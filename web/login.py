"""Log in and out."""

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ledger.errors import RuleError
from web import work
from web.forms import Typed
from web.guards import open_to_all, safe_next
from web.languages import COOKIE, COOKIE_SECONDS, LANGUAGES
from web.sessions import begin_session, end_session

login = Blueprint("login", __name__)


@login.get("/login")
@open_to_all
def show() -> ResponseReturnValue:
    """Ask for user name and password."""
    if work.signed_in() is not None:
        return redirect(safe_next(request.args.get("next")), code=303)
    notices = {
        "yes": _("Your log-in has ended. Log in again to go on."),
        "kept": _("Your log-in has ended. Log in again: what you had typed is kept."),
    }
    return _form(Typed(), notice=notices.get(request.args.get("ended", ""), ""))


@login.post("/login")
@open_to_all
def create() -> ResponseReturnValue:
    """Check the password and begin a log-in."""
    edition = work.edition()
    typed = Typed(request.form)
    username, password = typed.text("username"), typed.secret("password")
    if typed.errors:
        return _form(typed), 422
    try:
        user = edition.authenticate(username, password, work.now())
    except RuleError as refusal:
        return _form(typed, refusal=refusal), 422
    old = request.cookies.get(edition.cookie, "")
    token = begin_session(edition.database, user, work.now(), old)
    session.clear()  # a token for forms that was seen before the log-in is worth nothing after it
    answer = redirect(safe_next(request.form.get("next")), code=303)
    _set_cookie(answer, token)
    return answer


@login.get("/language/<code>")
@open_to_all
def speak(code: str) -> ResponseReturnValue:
    """Choose the language of the log-in on this computer; whoever logs in may have a language of her own."""
    if code not in LANGUAGES:
        abort(404)
    answer = redirect(url_for("login.show"), code=303)
    answer.set_cookie(
        COOKIE, code, max_age=COOKIE_SECONDS, httponly=True, samesite="Strict", secure=request.is_secure
    )
    return answer


@login.post("/logout")
@open_to_all
def delete() -> ResponseReturnValue:
    """End the log-in."""
    edition = work.edition()
    end_session(edition.database, request.cookies.get(edition.cookie, ""), work.now())
    session.clear()
    answer = redirect(url_for("login.show"), code=303)
    answer.delete_cookie(edition.cookie, httponly=True, samesite="Strict")
    return answer


def _form(typed: Typed, *, notice: str = "", refusal: RuleError | None = None) -> str:
    target = request.values.get("next", "")
    return render_template(
        "login.html", typed=typed, notice=notice, refusal=refusal, next=target, languages=LANGUAGES
    )


def _set_cookie(answer: object, token: str) -> None:
    response = make_response(answer)
    assert isinstance(response, Response)
    response.set_cookie(
        work.edition().cookie, token, httponly=True, samesite="Strict", secure=request.is_secure
    )
