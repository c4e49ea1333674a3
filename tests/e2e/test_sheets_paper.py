"""Collection sheets on paper: printed for an officer by a few keys, and what the browser puts on A4."""

import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import log_in
from tests.support.browser import take_picture
from tests.support.center_fixtures import center, center_homes, homes
from tests.support.keyboard import CountingKeyboard

__all__ = ["center", "center_homes", "homes"]

MOST_KEYS = 5


def test_sheets_of_an_officer_are_printed_in_at_most_5_keys(page: Page, tmp_path: Path) -> None:
    """C15: the menu, the officer's letter, Print; on A4 with 30 members a page, headed and signed."""
    log_in(page, "clara")
    keys = CountingKeyboard(page)
    with page.expect_navigation():
        keys.press("9")
    take_picture(page, "sheets")
    with page.expect_navigation():
        keys.press("a")
    expect(page.locator("[data-print]")).to_have_attribute("data-key", "p")
    assert keys.count + 1 <= MOST_KEYS
    take_picture(page, "sheet-paper")
    file = tmp_path / "paper.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    text = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) == 4  # two meetings within a week, two pages each
    for number, paper in enumerate(pages):
        assert f"KIT-SH-00000{number // 2 + 1}" in paper
        assert f"Page {number % 2 + 1} of 2" in paper
        assert "Weekly loan" in paper
        assert ("Center leader" in paper) is (number % 2 == 1)
    assert (pages[0].count("438.46"), pages[1].count("438.46")) == (30, 10)
    assert "Log out" not in text
