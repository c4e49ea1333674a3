"""A cloned laptop, decided at headquarters: compared, rehearsed, taken with two people, all by keyboard."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hq.application import create_hq_application
from tests.e2e.hq.conftest import HqCommandLine, log_in
from tests.e2e.test_look import KEYS_TWICE, SIDEWAYS, SMALL_TEXT, UNLABELLED, UNNAMED
from tests.support.browser import go, serving, take_picture
from tests.support.doubts import make_doubts
from tests.support.institution import HQ, TestInstitution, passphrase_of


@pytest.fixture
def doubtful(made: TestInstitution, tmp_path: Path) -> TestInstitution:
    """Headquarters with a fork, a gap and an exception."""
    return make_doubts(made, tmp_path / "doubts")


@pytest.fixture
def address(doubtful: TestInstitution) -> Iterator[str]:
    """Where its pages are served."""
    with doubtful.open(HQ) as installation, serving(create_hq_application(installation)) as url:
        yield url


def _look(page: Page, name: str) -> None:
    """Measure a page as every page of headquarters is measured, and keep its picture."""
    take_picture(page, f"hq-{name}", whole=True)
    for measure in (SMALL_TEXT, UNLABELLED, UNNAMED, KEYS_TWICE):
        assert page.evaluate(measure) == [], name
    assert page.evaluate(SIDEWAYS) == 0, name


def test_a_fork_is_decided_by_keyboard(page: Page, doubtful: TestInstitution) -> None:
    """From the list by one key; the effect before the decision; reason and second person; all cash in."""
    satchel_hq = HqCommandLine(doubtful.root / HQ)
    before = satchel_hq.closing("1110", "--branch", "KIT")
    log_in(page, "amina")
    go(page, "4")
    expect(page.get_by_role("heading", level=1)).to_have_text("What waits for a person")
    _look(page, "waiting")
    go(page, "a")
    expect(page.get_by_role("heading", name="History 1")).to_be_visible()
    _look(page, "fork")
    page.keyboard.press("Space")
    go(page, "Control+Enter")
    expect(page.get_by_role("row", name="1110 Cash in hand").first).to_contain_text("35.00")
    _look(page, "fork-rehearsed")
    assert satchel_hq.closing("1110", "--branch", "KIT") == before
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("both tills were counted")
    page.keyboard.press("Enter")
    page.keyboard.type("admin")
    page.keyboard.press("Enter")
    page.keyboard.type(passphrase_of(HQ))
    go(page)
    expect(page.get_by_role("status").first).to_contain_text("Decided.")
    expect(page.get_by_text("different histories")).to_have_count(0)
    page.goto("/exceptions/decided")
    expect(page.get_by_role("row").filter(has_text="both tills were counted")).to_contain_text("admin")
    _look(page, "decided")
    after = satchel_hq.closing("1110", "--branch", "KIT")
    assert Decimal(after) - Decimal(before) == Decimal(35)
