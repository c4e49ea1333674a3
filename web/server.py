"""Serve an application to browsers of this computer, or of the branch's own network."""

import ctypes
import gc
import logging
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import waitress
from flask import Flask

from web.headers import NAMES

if TYPE_CHECKING:
    from cheroot.wsgi import Server

THREADS = 4
THIS_COMPUTER = frozenset({"127.0.0.1", "localhost", "::1"})


def secure_server(app: Flask, host: str, port: int, certificate: Path, key: Path) -> "Server":
    """Make a server that speaks TLS, for a network without a proxy in front; ``start`` serves until ``stop``.

    certificate, key  PEM files: the certificate with those that lead to its root, and its secret key
    """
    # a branch never speaks TLS, and has little memory
    from cheroot.ssl.builtin import BuiltinSSLAdapter  # noqa: PLC0415 - as said above
    from cheroot.wsgi import Server  # noqa: PLC0415 - as said above

    server = Server((host, port), app, numthreads=THREADS, max=4 * THREADS, timeout=60)
    server.max_request_body_size = app.config["MAX_CONTENT_LENGTH"]
    server.ssl_adapter = BuiltinSSLAdapter(str(certificate), str(key))
    app.config["SESSION_COOKIE_SECURE"] = True
    return server


def serve_securely(app: Flask, host: str, port: int, certificate: Path, key: Path) -> None:
    """Serve over TLS until the process is ended."""
    server = secure_server(app, host, port, certificate, key)
    _give_memory_back()
    try:
        server.start()
    finally:
        server.stop()


def serve(
    app: Flask, host: str = "127.0.0.1", port: int = 8620, *, bound: socket.socket | None = None
) -> None:
    """Serve until the process is ended; by default only this computer can connect.

    Served to this computer only, the pages also answer under its own names only.

    bound   a socket that listens already, instead of ``host`` and ``port``
    """
    if (host if bound is None else bound.getsockname()[0]) in THIS_COMPUTER:
        app.config[NAMES] = THIS_COMPUTER
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
    _give_memory_back()
    place: dict[str, Any] = {"host": host, "port": port} if bound is None else {"sockets": [bound]}
    waitress.serve(
        app,
        **place,
        threads=THREADS,
        ident=None,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        clear_untrusted_proxy_headers=True,
    )


def _give_memory_back() -> None:
    """Give the system what only the start needed: unlocking a key takes 16 MB, which glibc would keep."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
