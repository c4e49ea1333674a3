"""The look of every page: what can be measured of it, on the screen of an old laptop."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import log_in
from tests.support.branch_home import Known
from tests.support.browser import go, settle, take_picture

SMALL_TEXT = """() => [...document.querySelectorAll('body *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 15)
  .map(e => e.outerHTML.slice(0, 80))"""
UNLABELLED = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
  .filter(e => !e.labels.length).map(e => e.outerHTML)"""
UNNAMED = """() => [...document.querySelectorAll('a, button')]
  .filter(e => !e.textContent.trim() && !e.hidden).map(e => e.outerHTML)"""
NAVIGATIONS = "() => [...document.querySelectorAll('nav')].map(e => e.getAttribute('aria-label'))"
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
KEYS_TWICE = """() => {
  const keys = where => [...document.querySelectorAll(where)].map(e => e.dataset.key.toLowerCase());
  const twice = keys => keys.filter((key, at) => keys.indexOf(key) !== at);
  return [...twice(keys('main [data-key]')), ...twice(keys('header [data-key], nav [data-key]'))] }"""


def _paths(known: Known) -> dict[str, str]:
    return {
        "look-today": "/",
        "look-find": "/clients?q=kit-c",
        "look-nobody": "/clients?q=zzz",
        "look-client": f"/clients/{known.client}",
        "look-group": f"/groups/{known.group}",
        "look-loan": f"/loans/{known.loan}",
        "look-late-loan": f"/loans/{known.late_loan}",
        "look-repay": f"/loans/{known.loan}/repay",
        "look-savings": f"/savings/{known.savings}",
        "look-deposit": f"/savings/{known.savings}/deposit",
        "look-cash": "/cash",
        "look-day": "/day",
        "look-send": "/send",
        "look-bring": "/bring",
        "look-status": "/status",
        "look-reports": "/reports",
        "look-report": "/reports/portfolio-at-risk",
        "look-active-loans": "/reports/active-loans",
        "look-missing": "/nowhere",
    }


def test_every_page_can_be_read_and_reached(page: Page, known: Known, address: str) -> None:
    """Text of 15 pixels, labels, names, one heading, nothing sideways, nothing from elsewhere."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    log_in(page, "admin")
    for name, path in _paths(known).items():
        page.goto(path)
        take_picture(page, name, whole=name == "look-loan")
        assert page.evaluate(SMALL_TEXT) == [], path
        assert page.evaluate(UNLABELLED) == [], path
        assert page.evaluate(UNNAMED) == [], path
        assert page.evaluate(KEYS_TWICE) == [], path
        assert page.evaluate(SIDEWAYS) == 0, path
        expect(page.locator("h1")).to_have_count(1)
        for landmark in ("banner", "main"):
            expect(page.get_by_role(landmark)).to_have_count(1)
        names = page.evaluate(NAVIGATIONS)
        assert "Menu" in names, path
        assert len(names) == len(set(names)), path
    elsewhere = {url for url in asked if not url.startswith(address)}
    assert elsewhere == set()


@pytest.mark.parametrize("width", [683, 390])
def test_pages_can_be_magnified(page: Page, known: Known, width: int) -> None:
    """At twice the size (half the width) and on a narrow screen nothing but wide tables scrolls sideways."""
    log_in(page, "admin")
    page.set_viewport_size({"width": width, "height": 700})
    for path in (
        "/",
        f"/clients/{known.client}",
        f"/savings/{known.savings}/deposit",
        f"/loans/{known.loan}/repay",
    ):
        page.goto(path)
        assert page.evaluate(SIDEWAYS) == 0, path
    take_picture(page, f"narrow-{width}")


def test_keys_lead_everywhere_and_back(page: Page, known: Known) -> None:
    """Digits choose from the menu, Esc goes back, the first Tab offers to skip the menu, focus is seen."""
    log_in(page, "admin")
    for digit, heading in (
        ("2", "Clients"),
        ("Shift+Tab", None),
        ("3", "Cash"),
        ("4", "Close 22 Nov 2026"),
        ("5", "Send to headquarters"),
        ("Escape", "Today"),
        ("7", "Status"),
        ("8", "Reports"),
        ("1", "Today"),
    ):
        if heading is None:  # back out of the search box, which has the focus, to the menu
            page.keyboard.press("Shift+Tab")
            continue
        go(page, digit)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.goto(f"/loans/{known.loan}")
    page.keyboard.press("Tab")
    expect(page.get_by_text("To the page")).to_be_focused()
    page.keyboard.press("Tab")
    outline = "() => getComputedStyle(document.activeElement).outlineWidth"
    assert page.evaluate(outline) == "3px"


def test_paper_carries_only_what_belongs_on_it(page: Page, known: Known) -> None:
    """Printed pages have no menu, buttons or status line; the receipt is a strip of 80 millimetres."""
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    page.keyboard.type("20")
    go(page, "Control+Enter")
    assert urlsplit(page.url).path.startswith("/receipts/savings/")
    page.emulate_media(media="print")
    for gone in (".bar", ".status", ".menu", ".buttons", ".notice"):
        for element in page.locator(gone).all():
            expect(element).to_be_hidden()
    expect(page.locator(".receipt")).to_be_visible()
    strip = page.pdf(prefer_css_page_size=True)
    assert b"MediaBox [0 0 226.77" in strip or b"MediaBox [0 0 227" in strip
    page.goto(f"{page.url}?paper=a4")
    assert b"MediaBox [0 0 595" in page.pdf(prefer_css_page_size=True).replace(b"594.9", b"595")
