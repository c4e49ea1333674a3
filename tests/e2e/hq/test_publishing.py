"""Headquarters publishes: asked for, reviewed, followed, and a wrong product taken back."""

from playwright.sync_api import Page, expect

from tests.e2e.hq.conftest import HqCommandLine, log_in, type_at
from tests.support.browser import go, take_picture


def _press(page: Page, button: str) -> None:
    """Press Enter on a button, wherever it stands among the fields, and wait for the next page."""
    page.get_by_role("button", name=button).focus()
    go(page)


def test_a_product_is_published_and_the_version_before_is_offered_again(
    page: Page, satchel_hq: HqCommandLine
) -> None:
    """One asks, another sees before and after and approves; a key leads to the version before."""
    log_in(page, "admin")
    page.goto("/acts/loan_product.define")
    type_at(page, "code", "WEEKLY")
    page.locator("summary").first.click()
    page.locator("#annual_rate").fill("99")
    _press(page, "See what it does")
    expect(page.locator("main")).to_contain_text("Not done yet")
    take_picture(page, "hq-publish-look")
    _press(page, "Ask for approval")
    expect(page.locator("main")).to_contain_text("waits for a second person")
    asked = page.url
    page.context.clear_cookies()
    log_in(page, "amina")
    page.goto(asked)
    expect(page.locator("main")).to_contain_text("annual rate")
    take_picture(page, "hq-publish-review")
    _press(page, "Approve")
    page.context.clear_cookies()
    log_in(page, "admin")
    page.goto("/publishing")
    expect(page.locator("main")).to_contain_text("loan product WEEKLY (2)")
    take_picture(page, "hq-publishing")
    page.goto("/publishing/number/1")
    take_picture(page, "hq-publication")
    go(page, "p")
    expect(page.locator("#code")).to_have_value("WEEKLY")
