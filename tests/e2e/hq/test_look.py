"""The look of headquarters' pages: what can be measured of it, on the screen of an old laptop."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.hq.conftest import log_in
from tests.e2e.test_look import KEYS_TWICE, NAVIGATIONS, SIDEWAYS, SMALL_TEXT, UNLABELLED, UNNAMED
from tests.support.browser import take_picture
from tests.support.headquarters import FIRST, LATER
from tests.support.institution import TestInstitution

PATHS = {
    "inbox": "/",
    "branches": "/branches",
    "branch-unconfirmed": "/branches/ELW",
    "branch-idle": "/branches/NAK",
    "confirm": "/devices/2/confirm",
    "enrol": "/enrol",
    "enrolled": "/enrol/NAK",
    "answer": "/branches/KIT/return",
    "books": "/books",
    "books-of-one": "/books?branch=KIT&start=2026-01-01&as_of=2026-01-31",
    "account-lines": "/books/1110",
    "changeset-long": "/changesets/1/0/1",
    "changeset-waiting": "/changesets/5/0/8",
    "exceptions": "/exceptions",
    "decided": "/exceptions/decided",
    "devices": "/devices",
    "device": "/devices/2",
    "device-history": "/devices/history",
    "device-replace": "/devices/2/replace",
    "rules": "/rules",
    "nowhere": "/nowhere",
}


@pytest.fixture
def filled(page: Page, institution: TestInstitution, hq: object) -> Page:
    """The administrator's page, after two sticks."""
    institution.receive(institution.root / FIRST, institution.root / LATER)
    log_in(page, "admin")
    return page


def test_every_page_can_be_read_and_reached(filled: Page, address: str, sticks: Path) -> None:
    """Text of 15 pixels, labels, names, one heading, nothing sideways, nothing from elsewhere."""
    asked: list[str] = []
    filled.on("request", lambda request: asked.append(request.url))
    for name, path in {**PATHS, "preview": f"/inbox/look?folder={sticks / LATER}"}.items():
        filled.goto(path)
        take_picture(filled, f"hq-{name}")
        assert filled.evaluate(SMALL_TEXT) == [], path
        assert filled.evaluate(UNLABELLED) == [], path
        assert filled.evaluate(UNNAMED) == [], path
        assert filled.evaluate(KEYS_TWICE) == [], path
        assert filled.evaluate(SIDEWAYS) == 0, path
        expect(filled.locator("h1")).to_have_count(1)
        for landmark in ("banner", "main"):
            expect(filled.get_by_role(landmark)).to_have_count(1)
        names = filled.evaluate(NAVIGATIONS)
        assert "Menu" in names, path
        assert len(names) == len(set(names)), path
    assert {url for url in asked if not url.startswith(address)} == set()


@pytest.mark.parametrize("width", [683, 390])
def test_pages_can_be_magnified(filled: Page, width: int) -> None:
    """At twice the size (half the width) and on a narrow screen nothing but wide tables scrolls sideways."""
    filled.set_viewport_size({"width": width, "height": 700})
    for path in PATHS.values():
        filled.goto(path)
        assert filled.evaluate(SIDEWAYS) == 0, path


def test_figures_are_printed_without_the_frame(filled: Page) -> None:
    """On paper: the table, what it rests on, who printed it and when; no menu, no buttons, no question."""
    filled.goto("/books")
    filled.emulate_media(media="print")
    for gone in (".bar", ".status", ".menu", ".buttons", ".asked"):
        for element in filled.locator(gone).all():
            expect(element).to_be_hidden()
    expect(filled.locator(".rests")).to_be_visible()
    expect(filled.locator(".foot")).to_contain_text("by admin")
