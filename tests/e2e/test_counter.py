"""At the counter: repayments, deposits, withdrawals, reversals. Keyboard only."""

from datetime import timedelta
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import CommandLine, log_in, type_log_in
from tests.support.branch_home import Clock, Known
from tests.support.browser import go, settle, take_picture


def _find_client(page: Page, letters: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(letters)
    go(page)


def test_a_repayment_from_the_first_letter_to_the_receipt(page: Page, satchel: CommandLine) -> None:
    """Found by three letters, refused once, shown before it is posted, and in the books to the cent."""
    before = satchel.closing("Loan portfolio")
    log_in(page, "clara")
    take_picture(page, "today")
    _find_client(page, "oko")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wanjirũ Ōkoth")
    take_picture(page, "client")
    go(page, "a")
    take_picture(page, "loan")
    go(page, "r")
    page.keyboard.type("0")
    go(page, "Control+Enter")
    expect(page.locator("#amount-complaint")).to_have_text("The amount is zero. Type what was paid.")
    expect(page.locator("#amount")).to_be_focused()
    take_picture(page, "repayment-refused")
    page.keyboard.press("Control+a")
    page.keyboard.type("875.38")
    go(page, "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Post KES 875.38?")
    take_picture(page, "repayment-preview")
    assert satchel.closing("Loan portfolio") == before
    go(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt KIT-1-000001")
    take_picture(page, "receipt")
    assert (before, satchel.closing("Loan portfolio")) == ("19600.00", "18800.00")
    assert satchel.closing("Cash in hand") == "10875.38"
    assert satchel("verify")["ok"] is True


def test_a_reload_after_posting_posts_nothing_more(page: Page, known: Known, satchel: CommandLine) -> None:
    """Ctrl+Enter twice, reload, the same form sent again by the browser, back: one deposit of 300.00."""
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    page.keyboard.type("300")
    with page.expect_request(lambda request: request.method == "POST") as sent, page.expect_navigation():
        page.keyboard.press("Control+Enter")
        page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt KIT-1-000001")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt KIT-1-000001")
    again = page.request.post(
        sent.value.url,
        data=sent.value.post_data or "",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        max_redirects=0,
    )
    assert (again.status, again.headers["location"]) == (303, urlsplit(page.url).path)
    page.go_back()
    expect(page.locator("#amount")).to_have_value("")
    assert satchel.closing("Voluntary savings") == "-2800.00"


def test_an_ended_log_in_loses_nothing_that_was_typed(
    page: Page, known: Known, clock: Clock, satchel: CommandLine
) -> None:
    """The clerk was away with a filled-in form: after the log-in it stands there as it was."""
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    page.keyboard.type("412.50")
    page.locator("#note").fill("brought by her sister")
    clock.move(timedelta(hours=1))
    go(page, "Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("what you had typed is kept")
    take_picture(page, "login-ended")
    assert satchel.closing("Voluntary savings") == "-2500.00"
    type_log_in(page, "clara")
    expect(page.locator("#amount")).to_have_value("412.50")
    expect(page.locator("#note")).to_have_value("brought by her sister")
    page.locator("#amount").focus()
    go(page, "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt")
    assert satchel.closing("Voluntary savings") == "-2912.50"


def test_a_withdrawal_above_the_balance_is_refused(page: Page, known: Known, satchel: CommandLine) -> None:
    """The sentence names what there is; a smaller amount goes through."""
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}")
    go(page, "w")
    page.keyboard.type("2500.01")
    go(page, "Control+Enter")
    expect(page.locator("#amount-complaint")).to_contain_text("KES 2,500.00")
    take_picture(page, "withdrawal-refused")
    page.keyboard.press("Control+a")
    page.keyboard.type("2500")
    go(page, "Control+Enter")
    expect(page.locator(".receipt-total")).to_contain_text("(2,500.00)")
    assert satchel.closing("Voluntary savings") == "0.00"


def test_a_wrong_entry_is_reversed_with_a_reason(page: Page, known: Known, satchel: CommandLine) -> None:
    """Without a reason it is refused; with one both entries stay visible, once."""
    log_in(page, "moses")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    page.keyboard.type("9000")
    go(page, "Control+Enter")
    go(page, "v")
    go(page)
    expect(page.locator("#reason-complaint")).to_be_visible()
    take_picture(page, "reversal")
    page.keyboard.type("900 was meant")
    go(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt KIT-1-000002")
    page.reload()
    go(page, "Escape")
    take_picture(page, "savings")
    expect(page.get_by_role("row")).to_have_count(4)
    expect(page.locator("main")).to_contain_text("900 was meant")
    assert satchel.closing("Voluntary savings") == "-2500.00"


def test_it_works_without_scripts(
    browser_without_scripts: BrowserContext, known: Known, satchel: CommandLine
) -> None:
    """Scripts are comfort: a deposit is posted and its receipt is shown without them."""
    page = browser_without_scripts.new_page()
    log_in(page, "clara")
    page.goto(f"/savings/{known.savings}/deposit")
    settle(page)
    page.keyboard.type("50")
    go(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt KIT-1-000001")
    page.get_by_role("button", name="Print").click()
    expect(page.get_by_text("To print, press Ctrl+P.")).to_be_visible()
    expect(page.locator(".receipt-mark").first).to_have_text("ORIGINAL")
    assert satchel.closing("Voluntary savings") == "-2550.00"
