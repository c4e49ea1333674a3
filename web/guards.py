"""Who gets in: the log-in that every page asks for, and the permission that some ask for besides."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from web import work
from web.headers import SAFE_METHODS
from web.sessions import SECRETS, Kept, find_signed_in, keep_typed

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)

_OPEN = "satchel.open_to_all"
_NEVER_KEPT = frozenset({"csrf_token", work.ONCE}) | SECRETS


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that needs no log-in."""
    setattr(view, _OPEN, True)
    return view


def requires(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view be used only by those whose role allows ``permission``, such as ``money.post``."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not work.may(permission):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return guard


def guard_all(app: Flask) -> None:
    """Ask for a log-in on every page that is not marked as open."""
    app.before_request(_find_user)
    app.before_request(_ask_for_login)


def safe_next(path: str | None) -> str:
    """Give ``path`` if it is a path on this server, else the first page: a log-in leads nowhere else."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable():
        return path
    return url_for(work.edition().home)


def _find_user() -> None:
    if request.endpoint == "static":
        return
    edition = work.edition()
    token = request.cookies.get(edition.cookie, "")
    g.signed_in = find_signed_in(edition.database, token, work.now())


def _ask_for_login() -> ResponseReturnValue | None:
    if work.signed_in() is not None or request.endpoint is None or request.endpoint == "static":
        return None
    if getattr(current_app.view_functions[request.endpoint], _OPEN, False):
        return None
    token = request.cookies.get(work.edition().cookie, "")
    if request.method not in SAFE_METHODS:
        fields = {name: value for name, value in request.form.items() if name not in _NEVER_KEPT}
        keep_typed(work.edition().database, token, Kept(request.path, fields), work.now())
        shown_at = request.path if _can_be_shown(request.path) else None
        return redirect(url_for("login.show", next=shown_at, ended="kept"), code=303)
    wanted = request.full_path if request.query_string else request.path
    return redirect(url_for("login.show", next=wanted, ended="yes" if token else None), code=303)


def _can_be_shown(path: str) -> bool:
    """Whether a path takes more than forms: the page to come back to after the log-in."""
    return current_app.url_map.bind_to_environ(request.environ).test(path, method="GET")
