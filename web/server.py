"""Serve an application to browsers of this computer, or of the branch's own network."""

import logging

import waitress
from flask import Flask

THREADS = 4


def serve(app: Flask, host: str = "127.0.0.1", port: int = 8620) -> None:
    """Serve until the process is ended; by default only this computer can connect."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
    waitress.serve(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        clear_untrusted_proxy_headers=True,
    )
