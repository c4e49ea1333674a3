"""A list of mobile money: brought in, sent by one key, booked by the branch, and seen to be booked."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hq.application import create_hq_application
from sync.installation import Installation
from tests.e2e.hq.conftest import log_in
from tests.e2e.test_access import faults_of
from tests.support.browser import go, serving, settle, take_picture
from tests.support.institution import HQ
from tests.support.payments import mobile_list
from tests.support.road import Road


@pytest.fixture
def road(tmp_path: Path) -> Road:
    """Two branches with accounts, on the day after they began."""
    made = Road(tmp_path / "bank")
    made.all.clock.now += timedelta(days=1)
    return made


@pytest.fixture
def headquarters(road: Road) -> Iterator[Installation]:
    """Headquarters of the story, opened."""
    with road.all.open(HQ) as opened:
        yield opened


@pytest.fixture
def address(headquarters: Installation) -> Iterator[str]:
    """Where its pages are served."""
    with serving(create_hq_application(headquarters)) as url:
        yield url


def test_a_list_becomes_bookings_of_the_branch(page: Page, road: Road, tmp_path: Path) -> None:
    """One payment names its loan; of the other a person finds the account by the client's name."""
    file = tmp_path / "paybill.csv"
    rows = [("N1", "440.00", "", road.loan), ("U1", "1,250.00", "254711222333", "school fees")]
    file.write_bytes(mobile_list(rows))
    log_in(page, "admin")
    page.goto("/payments")
    go(page, "l")
    take_picture(page, "hq-payments-new", whole=True)
    page.locator("#file").set_input_files(str(file))
    page.locator("#gl_account").select_option("1130")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Take this list?")
    take_picture(page, "hq-payments-look")
    settle(page)
    go(page)
    expect(page.get_by_role("status")).to_contain_text("2 payments are booked.")
    page.get_by_role("link", name="1130-U1").click()
    page.keyboard.press("/")
    page.keyboard.type("wanjiku")
    go(page)
    go(page, "a")
    expect(page.locator("#account")).to_have_value(road.savings)
    page.locator("#reason").fill("she rang")
    take_picture(page, "hq-payments-one", whole=True)
    faults = faults_of(page)
    go(page)
    take_picture(page, "hq-payments-queue")
    faults += faults_of(page)
    go(page, "s")
    expect(page.get_by_role("status")).to_contain_text("2 payments are sent.")
    road.all.answer("ELW")
    assert sorted(road.apply("ELW")) == [("1130-N1", "booked", ""), ("1130-U1", "booked", "")]
    road.up("ELW")
    page.reload()
    for key in ("1130-N1", "1130-U1"):
        expect(page.get_by_role("row").filter(has_text=key)).to_contain_text("booked")
    take_picture(page, "hq-payments-done")
    assert faults == []
