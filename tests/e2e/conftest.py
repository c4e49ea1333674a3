"""A branch that is served, a browser, and somebody at the keyboard."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from branch.application import create_branch_application
from satchel.cli import satchel as satchel_command
from sync.installation import Installation
from tests.support.branch_fixtures import branch, clock, homes, known, made_homes
from tests.support.branch_home import PASSPHRASE, PASSWORD
from tests.support.browser import PATIENCE_MS, VIEWPORT, chromium, go, serving, settle

__all__ = ["branch", "clock", "homes", "known", "made_homes"]

LOGGED_IN = 303


@pytest.fixture
def address(branch: Installation) -> Iterator[str]:
    """Where the branch's pages are served."""
    with serving(create_branch_application(branch)) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all stories."""
    with chromium() as started:
        yield started


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser without cookies, on the screen of an old laptop; it knows the branch's address."""
    opened_context = browser.new_context(viewport=VIEWPORT, base_url=address, locale="en-GB")
    yield opened_context
    opened_context.close()


@pytest.fixture
def browser_without_scripts(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser in which scripts are switched off."""
    opened_context = browser.new_context(viewport=VIEWPORT, base_url=address, java_script_enabled=False)
    yield opened_context
    opened_context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page of that browser; whatever it complains of on its console fails the test."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    opened_page = context.new_page()
    opened_page.set_default_timeout(PATIENCE_MS)
    opened_page.on("console", listen)
    opened_page.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened_page
    # a refused form is an answer with status 422, which Chromium writes to its console
    assert [text for text in complaints if "status of 4" not in text] == []


def log_in(page: Page, username: str) -> None:
    """Log in and show Today; the form itself is typed into where a story is about it (``type_log_in``)."""
    begin_log_in(page, username, PASSPHRASE if username == "admin" else PASSWORD)


def begin_log_in(page: Page, username: str, password: str) -> None:
    """Send what the log-in form sends, which is quicker than to type; show the first page."""
    answer = page.request.post("/login", form={"username": username, "password": password}, max_redirects=0)
    assert answer.status == LOGGED_IN
    page.goto("/")
    settle(page)


def type_log_in(page: Page, username: str) -> None:
    """Fill in the log-in form that is shown."""
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSPHRASE if username == "admin" else PASSWORD)
    go(page)


def run_satchel(passphrase: str, *words: str) -> dict[str, Any]:
    """Run ``satchel … --json`` and give its document; in this process, which is quick."""
    done = CliRunner(env={"SATCHEL_PASSPHRASE": passphrase}).invoke(satchel_command, [*words, "--json"])
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The command on this test's branch."""

    home: Path

    def __call__(self, *words: str) -> dict[str, Any]:
        """Run ``satchel branch …`` and give its JSON document."""
        return run_satchel(PASSPHRASE, "branch", *words, "--home", str(self.home))

    def closing(self, name: str) -> str:
        """Give the closing balance of a GL account, debit-positive."""
        accounts = self("trial-balance")["accounts"]
        return next((row["closing"] for row in accounts if row["name"] == name), "0.00")


@pytest.fixture
def satchel(homes: Path) -> Callable[..., Any]:
    """The command line on this test's branch."""
    return CommandLine(homes / "branch")
