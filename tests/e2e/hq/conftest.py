"""Headquarters that is served, with sticks from its branches."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hq.application import create_hq_application
from sync.installation import Installation
from tests.e2e.conftest import begin_log_in, run_satchel
from tests.support.browser import go, serving
from tests.support.headquarters import PASSWORD
from tests.support.hq_fixtures import hq, institution, made, steady_clock, sticks
from tests.support.institution import HQ, passphrase_of

__all__ = ["hq", "institution", "made", "steady_clock", "sticks"]


@pytest.fixture
def address(hq: Installation) -> Iterator[str]:
    """Where headquarters' pages are served."""
    with serving(create_hq_application(hq)) as url:
        yield url


@dataclass(frozen=True, slots=True)
class HqCommandLine:
    """The command on this story's headquarters."""

    home: Path

    def __call__(self, *words: str) -> dict[str, Any]:
        """Run ``satchel hq …`` and give its JSON document."""
        return run_satchel(passphrase_of(HQ), "hq", *words, "--home", str(self.home))

    def closing(self, code: str, *words: str) -> str:
        """Give the closing balance of a GL account, debit-positive."""
        accounts = self("trial-balance", *words)["accounts"]
        return next((row["closing"] for row in accounts if row["code"] == code), "0.00")

    def branch(self, code: str) -> dict[str, Any]:
        """Give what is known of a branch."""
        found: dict[str, Any] = next(row for row in self("status")["branches"] if row["branch"] == code)
        return found


@pytest.fixture
def satchel_hq(sticks: Path) -> HqCommandLine:
    """The command line on this story's headquarters."""
    return HqCommandLine(sticks / HQ)


def log_in(page: Page, username: str) -> None:
    """Log in and show the inbox."""
    begin_log_in(page, username, password_of(username))


def type_log_in(page: Page, username: str) -> None:
    """Fill in the log-in form that is shown."""
    type_at(page, "username", username)
    page.keyboard.press("Tab")
    type_at(page, "password", password_of(username))
    go(page)


def password_of(username: str) -> str:
    """Give what a user of headquarters logs in with."""
    return passphrase_of(HQ) if username == "admin" else PASSWORD


def type_at(page: Page, field: str, text: str) -> None:
    """Type into the field that has the focus by itself; a slow browser sets it a moment after the page."""
    expect(page.locator(f"#{field}")).to_be_focused()
    page.keyboard.type(text)


def type_folder(page: Page, folder: object) -> None:
    """Go into the inbox's field by its key, and type."""
    page.keyboard.press("/")
    type_at(page, "folder", str(folder))


def press(page: Page, button: str) -> None:
    """Press Enter on the button that has the focus by itself, and wait for the next page."""
    expect(page.get_by_role("button", name=button)).to_be_focused()
    go(page)
