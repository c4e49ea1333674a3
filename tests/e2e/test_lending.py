"""The lending desk by keyboard: applied for, approved, paid out, asked for; keys are counted."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from ledger.money import Money
from schema.products import Limit
from schema.writing import insert
from sync.installation import Installation
from tests.e2e.conftest import log_in
from tests.support.branch_home import PASSWORD, Known
from tests.support.browser import go, take_picture

LIMIT = Money(100_000)


class Keys:
    """Presses keys and counts them; letters of names, passwords and amounts are counted apart."""

    def __init__(self, page: Page) -> None:
        """Begin at none."""
        self.page, self.pressed, self.typed = page, 0, 0

    def go(self, key: str = "Enter") -> None:
        """Press a key that leads to another page."""
        self.pressed += 1
        go(self.page, key)

    def press(self, key: str) -> None:
        """Press a key that stays on the page."""
        self.pressed += 1
        self.page.keyboard.press(key)

    def type(self, letters: str) -> None:
        """Type what is different each time."""
        self.typed += len(letters)
        self.page.keyboard.type(letters)


@pytest.fixture
def two_people(branch: Installation) -> None:
    """Two people from 1,000.00 on, as headquarters would say."""
    with branch.unit_of_work("limit.set", 0) as session:
        insert(session, Limit(name="second_person", amount=LIMIT))


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def as_somebody_else(page: Page, context: BrowserContext, name: str) -> Page:
    """Give a page on which somebody else is logged in."""
    context.clear_cookies()
    log_in(page, name)
    return page


def apply_for(page: Page, amount: str) -> Keys:
    """Write an application down, from the first page on."""
    keys = Keys(page)
    keys.go("0")
    keys.go("1")
    take_picture(page, "lending")
    keys.go("n")
    keys.type("KIT-C-000001")
    keys.press("Tab")
    keys.type("W")
    keys.press("Tab")
    keys.type(amount)
    take_picture(page, "application-new")
    keys.go("Control+Enter")
    heading(page, "Application")
    return keys


def test_from_the_application_to_the_voucher_by_keyboard(
    page: Page, context: BrowserContext, two_people: None
) -> None:
    """Applied for by a clerk, approved with one key by a manager, paid out by both in at most 20 keys."""
    log_in(page, "clara")
    applied = apply_for(page, "5000")
    assert applied.pressed <= 8
    take_picture(page, "application")
    as_somebody_else(page, context, "moses")
    approval = Keys(page)
    approval.go("0")
    approval.go("2")
    take_picture(page, "approvals")
    approval.go("a")
    approval.go("y")
    expect(page.get_by_role("status").first).to_contain_text("Approved")
    assert approval.pressed == 4
    as_somebody_else(page, context, "clara")
    payout = Keys(page)
    payout.go("0")
    payout.go("1")
    payout.go("p")
    payout.go("a")
    payout.go("d")
    expect(page.get_by_text("The client gets")).to_be_visible()
    take_picture(page, "payout")
    payout.type("moses")
    payout.press("Tab")
    payout.type(PASSWORD)
    payout.go("Control+Enter")
    heading(page, "Loan voucher")
    take_picture(page, "voucher")
    expect(page.locator("main")).to_contain_text("Moses Wanyama")
    assert payout.pressed + len("moses") <= 20, payout.pressed


def test_a_payout_waits_for_somebody_else_and_is_approved_with_one_key(
    page: Page, context: BrowserContext, two_people: None
) -> None:
    """Asked for at the counter; the manager sees all of it, and Y does it."""
    log_in(page, "clara")
    apply_for(page, "4000")
    path = page.url
    as_somebody_else(page, context, "moses")
    page.goto(path)
    go(page, "y")
    as_somebody_else(page, context, "clara")
    for key in ("0", "1", "p", "a", "d"):
        go(page, key)
    page.locator("#till").focus()
    with page.expect_navigation():
        page.locator("button[name=ask]").press("Enter")
    expect(page.locator("main")).to_contain_text("somebody else decides")
    as_somebody_else(page, context, "moses")
    keys = Keys(page)
    keys.go("0")
    keys.go("2")
    take_picture(page, "approvals-waiting")
    keys.go("a")
    expect(page.get_by_text("What it would do today")).to_be_visible()
    take_picture(page, "approval")
    keys.go("y")
    expect(page.get_by_role("status").first).to_contain_text("Approved and done")
    assert keys.pressed == 4


def test_arrears_are_three_keys_away(page: Page, known: Known) -> None:
    """From the first page: who is late, how to reach them, and one letter to everybody."""
    log_in(page, "clara")
    keys = Keys(page)
    keys.go("0")
    keys.go("1")
    keys.go("l")
    heading(page, "Arrears")
    expect(page.locator("main")).to_contain_text("+254 700 123 456")
    assert keys.pressed <= 3
    take_picture(page, "arrears")


def test_a_loan_is_changed_from_its_page(page: Page, known: Known) -> None:
    """A reschedule is shown before it is done; the page of everything else does the rest."""
    log_in(page, "moses")
    page.goto(f"/loans/{known.loan}")
    take_picture(page, "loan-desk", whole=True)
    go(page, "t")
    page.keyboard.type("29 11 2026")
    page.locator("#extra_rows").fill("2")
    page.locator("#reason").fill("drought")
    go(page, "Control+Enter")
    expect(page.get_by_role("status").first).to_contain_text("Not done yet")
    take_picture(page, "reschedule", whole=True)
    go(page)
    expect(page.get_by_role("status").first).to_contain_text("Done")
    expect(page.locator("main")).to_contain_text("drought")


def test_everything_else_is_done_from_a_form(page: Page, known: Known) -> None:
    """An act without a page of its own: listed, asked for, shown before it is done, done."""
    log_in(page, "moses")
    go(page, "0")
    go(page, "8")
    take_picture(page, "acts")
    page.goto("/acts/center.create")
    page.locator("#name").fill("Kapsara Center")
    go(page, "Control+Enter")
    expect(page.get_by_role("status").first).to_contain_text("Not done yet")
    take_picture(page, "act")
    go(page)
    expect(page.get_by_role("status").first).to_contain_text("Done")
