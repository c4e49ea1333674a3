"""Headers that every answer carries, and the check that a form was sent by a page of ours."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_STATIC_SECONDS = 24 * 60 * 60


NAMES = "SATCHEL_NAMES"
"""Setting: the only names of hosts that the pages answer under; None for any."""


def protect(app: Flask) -> None:
    """Add the headers to every answer, and refuse what another site's page has sent or made to lead here."""
    app.config.setdefault(NAMES, None)
    app.before_request(refuse_other_names)
    app.before_request(refuse_other_sites)
    app.before_request(refuse_nul)
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Nothing is stored by browsers or proxies, framed, sniffed, told to other sites or fetched from them."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    response.headers.pop("Server", None)
    if request.endpoint == "static":
        response.headers["Cache-Control"] = f"private, max-age={_STATIC_SECONDS}"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def refuse_other_names() -> None:
    """Refuse a name that somebody else made to lead to this computer (DNS rebinding)."""
    names = current_app.config[NAMES]
    if names is not None and urlsplit(f"//{request.host}").hostname not in names:
        abort(403)


def refuse_nul() -> None:
    """Answer an address with a NUL as one that leads nowhere: no text of a database may hold it.

    The doors for programs say what is wrong with it, as with any other character that they do not take.
    """
    if request.path.startswith("/api/"):
        return
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        abort(404)


def refuse_other_sites() -> None:
    """Refuse a posted form whose browser says that it comes from elsewhere.

    Browsers have sent ``Origin`` with every form for years; programs send neither header. This protects the
    log-in form too, which has no session yet to tie a token to.
    """
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)
