"""Take the pictures of README from a running demonstration: ``python docs/take_pictures.py [CHROMIUM]``.

Start ``satchel demo`` first, at its usual ports. Needs playwright and a Chromium, as the tests do.
"""
# ruff: noqa: INP001 - a script beside the documents, imported by nobody

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from satchel.demo_month import PASSWORD
from satchel.demo_towns import KITALE

HQ, BRANCH = "http://127.0.0.1:8621", "http://127.0.0.1:8620"
PICTURES = Path(__file__).with_name("pictures")


def _logged_in(browser: Browser, address: str, username: str) -> Page:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{address}/login")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/login"))
    return page


def _take(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png")


def _headquarters(browser: Browser) -> None:
    page = _logged_in(browser, HQ, "admin")
    page.goto(f"{HQ}/books")
    _take(page, "hq-trial-balance")
    page.goto(f"{HQ}/branches")
    _take(page, "hq-branches")


def _branch(browser: Browser) -> None:
    page = _logged_in(browser, BRANCH, KITALE.clerk.username)
    page.goto(f"{BRANCH}/clients?q=wanjiru")
    page.locator("main a[href^='/clients/']").first.click()
    page.locator("main a[href^='/loans/'][href$='/repay']").first.click()
    page.fill("[name=amount]", "1200")
    page.keyboard.press("Enter")
    page.locator("button", has_text="Post").wait_for()
    _take(page, "branch-repayment")


if __name__ == "__main__":
    chromium = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium")
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _headquarters(started)
        _branch(started)
        started.close()
