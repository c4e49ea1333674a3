"""A real headless Chromium, and pages served to it as they are served to clerks."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import waitress
from flask import Flask
from playwright.sync_api import Browser, Error, Page, ViewportSize, expect, sync_playwright
from waitress import wasyncore

from web.server import THREADS

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"
VIEWPORT = ViewportSize(width=1366, height=768)
PATIENCE_MS = 60_000
"""A busy machine may be slow; only what never comes is wrong."""

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def find_chromium() -> str:
    """Where the system's Chromium is; nothing is downloaded for tests."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    message = "There is no Chromium, and the tests need it. Install it (on Debian: apt-get install chromium)."
    raise FileNotFoundError(message)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless Chromium."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application on loopback; gives its address."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=THREADS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # closed by the thread that waits on its sockets: closed by another, they vanish under its feet
        server.trigger.pull_trigger(partial(wasyncore.close_all, server._map))
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()


def take_picture(page: Page, name: str, *, whole: bool = False) -> Path:
    """Keep a picture of the page for people to look at; gives the file."""
    ARTEFACTS.mkdir(exist_ok=True)
    path = ARTEFACTS / f"{name}.png"
    try:
        page.screenshot(path=path, full_page=whole)
    except Error as fault:  # a page that is busy may give no picture; that is no fault of the story
        if "captur" not in str(fault):
            raise
    return path


def go(page: Page, key: str = "Enter") -> None:
    """Press a key that leads to another page, and wait for it."""
    with page.expect_navigation():
        page.keyboard.press(key)
    settle(page)


def settle(page: Page) -> None:
    """Wait until what is to have the focus has it: a slow browser sets it a moment late."""
    first = page.locator("[autofocus]")
    if first.count():
        expect(first.first).to_be_focused()
