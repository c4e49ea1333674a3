"""An auditor's morning at headquarters: exceptions, a sample, letters, and the log of all that."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sync.inbox import import_paths
from sync.installation import Installation
from tests.e2e.hq.conftest import log_in
from tests.e2e.test_look import KEYS_TWICE, SIDEWAYS, SMALL_TEXT, UNLABELLED, UNNAMED
from tests.support.browser import go, take_picture
from tests.support.headquarters import FIRST


@pytest.fixture
def imported(hq: Installation, sticks: Path) -> Installation:
    """Headquarters with the first bundles of two branches."""
    import_paths(hq, [sticks / FIRST])
    return hq


def _look(page: Page, name: str) -> None:
    """Measure a page as every page of headquarters is measured, and keep its picture."""
    take_picture(page, f"hq-{name}", whole=True)
    for measure in (SMALL_TEXT, UNLABELLED, UNNAMED, KEYS_TWICE):
        assert page.evaluate(measure) == [], name
    assert page.evaluate(SIDEWAYS) == 0, name


@pytest.mark.usefixtures("imported")
def test_an_auditor_finds_draws_prints_and_looks_back(page: Page) -> None:
    """From the menu to the counts; a sample with a seed; its letters; and all of it is in the log."""
    log_in(page, "aisha")
    go(page, "6")
    go(page, "a")
    expect(page.get_by_role("heading", level=1)).to_have_text("Exceptions for the auditor")
    _look(page, "audit")
    row = page.get_by_role("row", name="Dated before its entry")
    expect(row).to_be_visible()
    go(page, "s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Samples")
    _look(page, "samples")
    page.get_by_label("How many").fill("2")
    page.get_by_label("Seed").fill("autumn 2026")
    page.get_by_role("button", name="Draw the sample").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sample 1")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_text("autumn 2026")).to_be_visible()
    _look(page, "sample")
    with page.expect_download() as letters:
        page.get_by_role("link", name="Print confirmation letters").click()
    assert Path(letters.value.path()).read_bytes().startswith(b"%PDF")
    with page.expect_download() as paper:
        page.get_by_role("link", name="PDF").click()
    assert Path(paper.value.path()).read_bytes().startswith(b"%PDF")
    go(page, "Escape")
    go(page, "Escape")
    go(page, "w")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who saw and printed what")
    expect(page.get_by_role("cell", name="letters.printed")).to_be_visible()
    expect(page.get_by_role("cell", name="sample.drawn")).to_be_visible()
    _look(page, "access-log")
